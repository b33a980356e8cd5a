"""Typographic quotes that a model put where code needs ASCII ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_TYPOGRAPHIC: Final = re.compile(r"[“”‘’]")
# What keeps its quotes on one line: strings, comments; a quote that does not close on its line
# takes the rest of it.
_KEPT: Final = re.compile(
    r"""(?P<block>\"{3}|'{3}|/\*|<!--)"""
    r"""|"(?:\\.|[^"\\])*(?:"|$)|'(?:\\.|[^'\\])*(?:'|$)|`(?:\\.|[^`\\])*(?:`|$)"""
    r"""|(?:(?<=\s)|^)(?:\#|//|--\s).*""",
    re.DOTALL,
)
_BLOCK_ENDS: Final = {'"""': '"""', "'''": "'''", "/*": "*/", "<!--": "-->"}
# A quoted piece in a place where only a string literal can stand: behind an operator or an opening
# bracket, and before a closing one, a separator or the line's end.
_LITERAL: Final = re.compile(
    r"(?:(?<=[=(\[{,:+\s])|^)(?:[“”](?P<double>[^“”\"]*)[“”]|[‘’](?P<single>[^‘’']*)[‘’])"
    r"(?=\s*(?:[)\]},:;+.%]|$))"
)


def straighten_quotes(code: Sequence[str], original: Sequence[str]) -> list[str]:
    """Return ``code`` with typographic quotes around literals made ASCII ones.

    Nothing changes when the original has such quotes itself; in comments and inside ASCII quotes
    they are text.
    """
    if any(_TYPOGRAPHIC.search(line) for line in original):
        return list(code)
    lines: list[str] = []
    block = ""
    for line in code:
        straight, block = _straight(line, block)
        lines.append(straight)
    return lines


def _straight(line: str, block: str) -> tuple[str, str]:
    """Return ``line`` straightened, and the end of the block that is open behind it, if one is."""
    done: list[str] = []
    at = 0
    while at < len(line):
        if block:
            end = line.find(block, at)
            behind = end + len(block) if end >= 0 else len(line)
            block = "" if end >= 0 else block
        elif literal := _LITERAL.match(line, at):
            done.append(_ascii(literal))
            at = behind = literal.end()
        elif kept := _KEPT.match(line, at):
            block = _BLOCK_ENDS.get(kept["block"] or "", "")
            behind = kept.end()
        else:
            behind = at + 1
        done.append(line[at:behind])
        at = behind
    return "".join(done), block


def _ascii(literal: re.Match[str]) -> str:
    if literal["single"] is not None:
        return f"'{literal['single']}'"
    return f'"{literal["double"]}"'
