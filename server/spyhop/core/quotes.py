"""Typographic quotes that a model put where code needs ASCII ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

# A quoted piece in a place where only a string literal can stand: behind an operator or an opening
# bracket, and before a closing one, a separator or the line's end.
_DOUBLE: Final = re.compile(r"(?<=[=(\[{,:+\s])[“”]([^“”\"]*)[“”](?=\s*(?:[)\]},:;+.%]|$))")
_SINGLE: Final = re.compile(r"(?<=[=(\[{,:+\s])[‘’]([^‘’']*)[‘’](?=\s*(?:[)\]},:;+.%]|$))")
_TYPOGRAPHIC: Final = re.compile(r"[“”‘’]")
_COMMENT: Final = re.compile(r"^\s*(?:#|//|/\*|\*|--|<!--)|\s(?:#|//)\s")


def straighten_quotes(code: Sequence[str], original: Sequence[str]) -> list[str]:
    """Return ``code`` with typographic quotes around literals made ASCII ones.

    Nothing changes when the original has such quotes itself, on lines that hold a comment, or
    on lines with ASCII quotes, inside which they may be text.
    """
    if any(_TYPOGRAPHIC.search(line) for line in original):
        return list(code)
    return [line if _keeps(line) else _straight(line) for line in code]


def _keeps(line: str) -> bool:
    typographic = _TYPOGRAPHIC.search(line)
    return not typographic or bool(_COMMENT.search(line)) or '"' in line or "'" in line


def _straight(line: str) -> str:
    return _SINGLE.sub(r"'\1'", _DOUBLE.sub(r'"\1"', line))
