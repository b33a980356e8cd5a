"""What someone meant who wrote a name that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

_BOUNDARY: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\W_]+")


def nearest(written: str, known: Iterable[str]) -> str | None:
    """Return the one of ``known`` that ``written`` is most like; None where it is like none.

    Case and the signs between words do not count: ``contextTokens`` is ``context-tokens``.
    """
    # With more typing errors than one in four letters, it was rarely meant.
    errors = (len(_words(written)) + 1) // 4
    found = process.extractOne(
        written, sorted(known), scorer=OSA.distance, processor=_words, score_cutoff=errors
    )
    return found[0] if found else None


def _words(name: str) -> str:
    return _BOUNDARY.sub(" ", name).lower().strip()
