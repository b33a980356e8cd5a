"""Indentation of an answer, set to that of the lines it replaces.

Models move code to the margin, trim the first line, or write spaces where the file has tabs. Only
leading white space is changed, and only by rules that keep the answer's own nesting.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from spyhop.core.lines import is_blank

_LEADING: Final = re.compile(r"[ \t]*")
_OPENS_BLOCK: Final = re.compile(r"[:{(\[]\s*(?:#.*|//.*)?$|\b(?:do|then|else|begin)\s*$")
_WIDEST_UNIT: Final = 8
_TAB_WIDTH: Final = 4


def indent_of(line: str) -> str:
    """Return the leading spaces and tabs of ``line``."""
    found = _LEADING.match(line)
    return found.group() if found else ""


def common_indent(lines: Sequence[str]) -> str:
    """Return the white space that all lines but the blank ones begin with."""
    indents = [indent_of(line) for line in lines if not is_blank(line)]
    if not indents:
        return ""
    low, high = min(indents), max(indents)
    length = next((i for i in range(min(len(low), len(high))) if low[i] != high[i]), None)
    return low[: min(len(low), len(high)) if length is None else length]


def unit_of(lines: Sequence[str]) -> str:
    r"""Return one step of indentation in ``lines``: a tab or some spaces; empty when unknown."""
    indents = [indent for line in lines if not is_blank(line) and (indent := indent_of(line))]
    tabs = sum(indent.startswith("\t") for indent in indents)
    if 2 * tabs > len(indents):
        return "\t"
    widths = [0, *(len(line) for line in indents if "\t" not in line)]
    steps = Counter(abs(b - a) for a, b in pairwise(widths) if a != b)
    if not steps:
        return ""
    step, _ = max(steps.items(), key=lambda item: (item[1], -item[0]))
    return " " * step if 1 < step <= _WIDEST_UNIT else ""


def set_indentation(
    code: Sequence[str], original: Sequence[str], document: Sequence[str] = ()
) -> list[str]:
    """Return the lines ``code`` at the depth and in the style of the lines ``original``.

    The style, tabs or spaces, is the document's where the original shows none. Lines that already
    stand in the original as they are show that nothing needs to move.
    """
    if all(is_blank(line) for line in code):
        return list(code)
    own = {line.rstrip() for line in original if indent_of(line) and not is_blank(line)}
    if any(line.rstrip() in own for line in code):
        return _first_line_restored(list(code), original, unit_of(original))
    unit = unit_of(original) or unit_of(document)
    lines = _first_line_restored(_in_style(code, unit), original, unit)
    base, target = common_indent(lines), common_indent(original) or _blank_indent(original)
    return [line if is_blank(line) else target + line[len(base) :] for line in lines]


def _blank_indent(original: Sequence[str]) -> str:
    """Return the depth that a selection of blank lines asks for."""
    if not all(is_blank(line) for line in original):
        return ""
    return max((indent_of(line) for line in original), key=len, default="")


def _in_style(code: Sequence[str], unit: str) -> list[str]:
    """Return ``code`` with its steps of indentation as ``unit`` has them."""
    own = unit_of(code)
    if not unit or not own or own == unit:
        return list(code)
    return [_restyled(line, own, unit) for line in code]


def _restyled(line: str, own: str, unit: str) -> str:
    indent = indent_of(line)
    own_width = _TAB_WIDTH if own == "\t" else len(own)
    width = len(indent.expandtabs(own_width))
    steps, rest = divmod(width, own_width)
    return unit * steps + " " * rest + line[len(indent) :]


def _first_line_restored(lines: list[str], original: Sequence[str], unit: str) -> list[str]:
    """Return ``lines`` with the first line's indentation put back where it was trimmed away.

    It was, when the first line is at the margin and what stands below tells that it belongs where
    the original begins: one step above a block that it opens, else level with the rest.
    """
    first = next(number for number, line in enumerate(lines) if not is_blank(line))
    below = [line for line in lines[first + 1 :] if not is_blank(line)]
    if indent_of(lines[first]) or not below:
        return lines
    rest = common_indent(below)
    opens = _OPENS_BLOCK.search(lines[first].rstrip()) and not below[-1].lstrip().startswith("}")
    expected = rest.removesuffix(unit) if opens else rest
    if not expected or expected != next(map(indent_of, filter(str.strip, original)), ""):
        return lines
    return [*lines[:first], expected + lines[first], *lines[first + 1 :]]
