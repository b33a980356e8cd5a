"""The models that a server lists, and which of them to use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import TypeAdapter

from spyhop.models.errors import ModelUnavailable
from spyhop.models.wire import Wire
from spyhop.models.words import names_text
from spyhop.prompting import r1

_NO_ANSWER: Final = re.compile(r"embed|rerank", re.IGNORECASE)
_SIZE: Final = re.compile(r"(?<![a-z0-9.])(\d+(?:\.\d+)?)b(?![a-z])", re.IGNORECASE)


class Entry(Wire):
    """A model as ``/models`` lists it."""

    id: str
    owned_by: Any = None
    max_model_len: Any = None
    context_length: Any = None
    meta: Any = None

    @property
    def context_tokens(self) -> int | None:
        """The model's context: vLLM's, OpenRouter's and llama.cpp's names for it."""
        meta = self.meta if isinstance(self.meta, Mapping) else {}
        told = (self.max_model_len, self.context_length, meta.get("n_ctx"))
        return next((it for it in told if isinstance(it, int) and it > 0), None)


class _Listing(Wire):
    data: list[Entry]


_Listings: Final = TypeAdapter[_Listing | list[Entry]](_Listing | list[Entry])


def parse(body: bytes) -> list[Entry]:
    """Return the models that a body lists; some gateways send the bare list.

    Raises:
        pydantic.ValidationError: it lists none.
    """
    listing = _Listings.validate_json(body)
    return listing if isinstance(listing, list) else listing.data


def chosen(names: Sequence[str], url: str) -> str:
    """Return the largest DeepSeek-R1, or the only model.

    Raises:
        ModelUnavailable: there are several others, or none.
    """
    candidates = [name for name in names if not _NO_ANSWER.search(name)]
    if r1s := [name for name in candidates if r1.is_r1(name, "")]:
        return max(r1s, key=_size)
    if len(candidates) == 1:
        return candidates[0]
    raise ModelUnavailable("openai-which", url=url, known=names_text(names, "deepseek-r1"))


def _size(name: str) -> float:
    """Return how many billions of parameters a name tells; without any it is the whole R1."""
    found = _SIZE.findall(name)
    return float(found[-1]) if found else float("inf")
