"""Closing brackets and quotes that an editor adds by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

CLOSERS: Final = frozenset(")]}\"'`")
_QUOTES: Final = frozenset("\"'`")
# Strings are passed over; a quote with no other one on its line is an apostrophe.
_TOKEN: Final = re.compile(
    r"""
    "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | `(?:\\.|[^`\\])*`
    | (?P<opener>[(\[{]) | (?P<closer>[)\]}])
    """,
    re.VERBOSE,
)
_STRING_ENDS: Final = {quote: re.compile(rf"(?:\\.|[^{quote}\\])*{quote}") for quote in _QUOTES}


def is_closers(text: str) -> bool:
    """Tell whether ``text`` is made of closing brackets, quotes and white space only."""
    return all(character in CLOSERS or character.isspace() for character in text)


def closed_at(text: str, closers: str) -> int | None:
    """Return where ``text`` closes what stands open before it, by the same ``closers``.

    The offset is that of the first one of them. None when ``text`` does not close all of them in
    this order: they are not its own.
    """
    wanted = "".join(closers.split())
    found = [place for _, place in zip(wanted, _unmatched(text, wanted[:1]), strict=False)]
    if not wanted or "".join(text[place] for place in found) != wanted:
        return None
    return found[0]


def _unmatched(text: str, first: str) -> Iterator[int]:
    """Yield where ``text`` closes what was open before it; it begins in a string of ``first``."""
    start, depth = 0, 0
    if first in _QUOTES:
        end = _STRING_ENDS[first].match(text)
        if end is None:
            return
        start = end.end()
        yield start - 1
    for token in _TOKEN.finditer(text, start):
        if token["opener"]:
            depth += 1
        elif token["closer"] and depth:
            depth -= 1
        elif token["closer"]:
            yield token.start()
