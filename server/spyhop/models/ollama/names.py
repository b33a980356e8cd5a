"""Names of models: which installed one is meant, which ones are near, what a library calls one.

A name is ``[host/][namespace/]model[:tag]``. Left out, they are Ollama's own library and the tag
``latest``; case does not count.

Source: types/model/name.go and getExistingName in server/routes.go of ollama/ollama.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

_HOST: Final = "registry.ollama.ai"
_NAMESPACE: Final = "library"
_TAG: Final = "latest"
_NAME: Final = re.compile(
    r"(?:https?://)?"
    r"(?:(?:(?P<host>\w[\w.:-]{0,349})/)?(?P<namespace>\w[\w-]{0,79})/)?"
    r"(?P<model>\w[\w.-]{0,79})"
    r"(?::(?P<tag>\w[\w.-]{0,79}))?",
    re.ASCII,
)

R1: Final = "deepseek-r1"
SIZES: Final = ("1.5b", "7b", "8b", "14b", "32b", "70b", "671b")
LIBRARY: Final = tuple(f"{R1}:{size}" for size in SIZES)
"""The R1s of Ollama's library, by size."""
DEFAULT: Final = f"{R1}:7b"
"""The one to get where nobody has named any: it fits into what most machines have."""
# The library's 8b is a Qwen since R1-0528; the distilled Llama has kept a tag of its own.
_LLAMA: Final = f"{R1}:8b-llama-distill-q4_K_M"

_COMMAND: Final = re.compile(r"^(?:ollama|spyhop)\s+(?:run|pull)\s+")
_PAGE: Final = re.compile(
    r"(?:https?://)?(?:www\.)?"
    r"(?P<site>ollama\.com/library|ollama\.com|huggingface\.co|hf\.co|modelscope\.cn)/(?:models/)?"
    r"(?P<path>[\w.:-]+(?:/[\w.:-]+)?)"
    r"(?:/.*|[?#].*)?",
    re.ASCII,
)
_QUANTISATION: Final = re.compile(
    r"(?<![a-z0-9])(?:i?q\d(?:_[a-z0-9]+)*|b?f(?:p?16|32))(?![a-z0-9])"
)
_WORDS: Final = re.compile(r"[a-z0-9]+(?:\.[0-9]+[a-z]*)*")
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)b")
_BASES: Final = re.compile(r"qwen(?:\d+(?:\.\d+)?)?|llama(?:\d+(?:\.\d+)?)?")
_FILLERS: Final = frozenset({"distill", "distilled", "gguf", "latest", "ai", "model", "0528"})
_SPELLINGS: Final = frozenset({"deepseek", "deepseekr1"})
_TYPOS: Final = 2
_NEAR: Final = 75.0


@dataclass(frozen=True, slots=True)
class Name:
    """A model's name in full."""

    host: str
    namespace: str
    model: str
    tag: str

    @classmethod
    def parse(cls, text: str) -> Name | None:
        """Return the name that ``text`` is; None where it is none."""
        found = _NAME.fullmatch(text)
        if found is None:
            return None
        host, namespace, model, tag = found.group("host", "namespace", "model", "tag")
        return cls(host or _HOST, namespace or _NAMESPACE, model, tag or _TAG)

    def __str__(self) -> str:
        """Return the name as Ollama lists it: short, but for the tag."""
        place = [self.host, self.namespace]
        if self.host.casefold() == _HOST:
            place = place[1:]
            if self.namespace.casefold() == _NAMESPACE:
                place = []
        return "/".join([*place, f"{self.model}:{self.tag}"])

    @property
    def key(self) -> str:
        """What is equal for two spellings of one name, and for no others."""
        return f"{self.host}/{self.namespace}/{self.model}:{self.tag}".casefold()


def exact(wanted: str, installed: Iterable[str]) -> str | None:
    """Return which of the ``installed`` names Ollama takes ``wanted`` for; None where for none."""
    names = list(installed)
    if wanted in names:
        return wanted
    name = Name.parse(wanted)
    if name is None:
        return None
    keys = {other.key: text for text in reversed(names) if (other := Name.parse(text))}
    return keys.get(name.key)


def near(wanted: str, names: Iterable[str], limit: int = 3) -> list[str]:
    """Return which of ``names`` may have been meant, the nearest first, at most ``limit``.

    Near are those of the same family, however it is spelt; of those, the ones of a like size.
    """
    traits = _Traits.of(wanted)
    ranked: list[tuple[float, float, float, int, str]] = []
    for order, name in enumerate(names):
        other = _Traits.of(name)
        likeness = ratio(traits.family, other.family)
        if traits.family and likeness >= _NEAR:
            whole = ratio(wanted.casefold(), name.casefold())
            ranked.append((-likeness, traits.distance(other), -whole, order, name))
    return [name for *_, name in sorted(ranked)[:limit]]


def to_pull(wanted: str) -> str:
    """Return the name by which a library has what a person calls ``wanted``.

    A command, a web page and a free spelling of R1 are understood; any other text is returned as
    it is, without the white space around it.
    """
    text = _COMMAND.sub("", wanted.strip())
    if page := _PAGE.fullmatch(text):
        return _of_page(page["site"], page["path"])
    name = Name.parse(text)
    if name is not None and name.host.casefold() != _HOST:
        return text
    return _of_r1(text, name) or text


def _of_page(site: str, path: str) -> str:
    """Return the name under which Ollama gets what the page at ``path`` of ``site`` shows."""
    match site:
        case "ollama.com/library":
            return path.partition("/")[0]
        case "ollama.com":
            return path
        case "huggingface.co":
            return f"hf.co/{path}"
        case _:
            return f"{site}/{path}"


def _of_r1(text: str, name: Name | None) -> str | None:
    """Return the library's name of the R1 that ``text`` is a spelling of; None where of none."""
    traits = _Traits.of(text)
    if traits.family != R1:
        return None
    if name is not None and name.namespace.casefold() not in {_NAMESPACE, "deepseek-ai"}:
        return None
    # A tag says more than a size, but for one that is written without its b.
    if name is not None and name.tag not in {_TAG, (traits.size or "")[:-1]}:
        is_size = name.tag.casefold() == traits.size
        return f"{R1}:{traits.size if is_size else name.tag}"
    if traits.size is None:
        return R1
    if traits.size == "8b" and traits.is_llama:
        return _LLAMA
    return f"{R1}:{traits.size}"


@dataclass(frozen=True, slots=True)
class _Traits:
    """What a name tells of its model, however it is written."""

    family: str
    size: str | None
    """``7b``"""
    is_llama: bool

    @classmethod
    def of(cls, text: str) -> _Traits:
        name = Name.parse(text)
        told = f"{name.model} {name.tag}" if name else text
        words = _WORDS.findall(_QUANTISATION.sub(" ", told.casefold()))
        size = next((word for word in words if _SIZE.fullmatch(word)), None)
        rest = [word for word in words if word != size and word not in _FILLERS]
        family = [word for word in rest if not _BASES.fullmatch(word)]
        if size is None:
            size = next((f"{word}b" for word in family if f"{word}b" in SIZES), None)
            family = [word for word in family if f"{word}b" != size]
        if family and all(word == "r1" or _is_deepseek(word) for word in family):
            return cls(R1, size, any(word.startswith("llama") for word in rest))
        return cls(" ".join(rest), size, is_llama=False)

    def distance(self, other: _Traits) -> float:
        """Return how far apart the sizes are; one that is not told is far from any."""
        if self.size == other.size:
            return 0.0
        if self.size is None or other.size is None:
            return math.inf
        return abs(math.log(_billions(self.size) / _billions(other.size)))


def _billions(size: str) -> float:
    return max(float(size[:-1]), 1e-3)


def _is_deepseek(word: str) -> bool:
    return any(
        OSA.distance(word, spelling, score_cutoff=_TYPOS) <= _TYPOS for spelling in _SPELLINGS
    )
