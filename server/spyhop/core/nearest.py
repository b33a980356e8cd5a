"""What someone meant who wrote a name that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from rapidfuzz import fuzz, process, utils

# Of 100; below it, what is nearest is rarely what was meant.
_LEAST: Final = 75.0
_BOUNDARY: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def nearest(written: str, known: Iterable[str]) -> str | None:
    """Return the one of ``known`` that ``written`` is most like; None where it is like none.

    Case and the signs between words do not count: ``contextTokens`` is ``context-tokens``.
    """
    found = process.extractOne(
        written, sorted(known), scorer=fuzz.ratio, processor=_words, score_cutoff=_LEAST
    )
    return found[0] if found else None


def _words(name: str) -> str:
    return utils.default_process(_BOUNDARY.sub(" ", name).replace("_", " "))
