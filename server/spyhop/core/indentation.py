r"""Indentation of an answer, set to that of the lines it replaces.

Models move code to the margin, trim the first line, or write spaces where the file has tabs. Only
leading white space is changed, and only by rules that keep the answer's own nesting.

The first line is the measure: it belongs where the original begins. The shallowest line is none,
for an answer may go on outside the block that it begins in ("    a()\n  else:\n    b()"); nor is a
line that stands in both, for it may have been wrapped in a new block.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from spyhop.core.lines import is_blank

_LEADING: Final = re.compile(r"[ \t]*")
# Not before " * …" in a block comment, which stands a space behind the code's depth.
_BEFORE_CODE: Final = re.compile(r"[ \t]*+(?=\s*+[^\s*])")
_OPENS_BLOCK: Final = re.compile(
    r"(?:[:{(\[=,\\]|&&|\|\|)\s*(?:#.*|//.*)?$|\b(?:do|then|else|begin)\s*$"
)
_CONTINUES: Final = re.compile(r"\.\w|\?|&&|\|\|")
_WIDEST_UNIT: Final = 8
_TAB_WIDTH: Final = 4
# How many lines on either side show how a document is indented.
_REACH: Final = 400


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
    # The lines around a caret come by here at each completion.
    indents = [found.group() for found in map(_BEFORE_CODE.match, lines) if found]
    indented = [indent for indent in indents if indent]
    if 2 * sum(indent[0] == "\t" for indent in indented) > len(indented):
        return "\t"
    widths = [len(indent) for indent in indents if "\t" not in indent]
    steps = Counter(abs(b - a) for a, b in pairwise(widths) if a != b)
    if not steps:
        return ""
    step, _ = max(steps.items(), key=lambda item: (item[1], -item[0]))
    return " " * step if 1 < step <= _WIDEST_UNIT else ""


def set_indentation(
    code: Sequence[str],
    original: Sequence[str],
    before: Sequence[str] = (),
    after: Sequence[str] = (),
) -> list[str]:
    """Return the lines ``code`` at the depth and in the style of the lines ``original``.

    The style, tabs or spaces, is that of the lines around where the original shows none. An
    original of empty lines belongs to the block that the lines ``before`` and ``after`` are in.
    """
    if all(is_blank(line) for line in code):
        return list(code)
    around = [*before[-_REACH:], *original, *after[:_REACH]]
    unit = unit_of(original) or unit_of(around)
    step = unit or unit_of(code)
    target = _depth_of(original)
    if target is None:
        target = _depth_between(before, after, step, indent_of(_first_of(code)))
    # A first line that lost its indentation would show a step that there is none of.
    restored = _first_line_restored(list(code), target, step)
    candidates = [
        _placed(lines, original, target, step) for lines in (_in_style(restored, unit), restored)
    ]
    # Where it was right as it was, more lines are the original's own.
    own = {line.rstrip() for line in original if indent_of(line) and not is_blank(line)}
    return max(candidates, key=lambda lines: sum(line.rstrip() in own for line in lines))


def _placed(code: list[str], original: Sequence[str], target: str, unit: str) -> list[str]:
    """Return ``code`` moved to the depth ``target``; what stood at the margin stays there."""
    lines = _first_line_restored(code, target, unit)
    margin = {line.strip() for line in original if not indent_of(line)} if target else set()
    moved = _moved(lines, indent_of(_first_of(lines)), target)
    return [
        line if not indent_of(line) and line.strip() in margin else new
        for line, new in zip(lines, moved, strict=True)
    ]


def _depth_of(original: Sequence[str]) -> str | None:
    """Return the indentation that ``original`` begins with; None where it shows none."""
    if any(not is_blank(line) for line in original):
        return indent_of(_first_of(original))
    return max((indent_of(line) for line in original), key=len, default="") or None


def _depth_between(before: Sequence[str], after: Sequence[str], unit: str, own: str) -> str:
    """Return the depth for new lines between others, where lines at depth ``own`` are offered."""
    above = next((line for line in reversed(before) if not is_blank(line)), None)
    below = next((line for line in after if not is_blank(line)), None)
    depths = [] if below is None else [indent_of(below)]
    if above is not None:
        opens = bool(_OPENS_BLOCK.search(above.rstrip()))
        depths.insert(0, indent_of(above) + (unit if opens else ""))
        if below is None and not opens:
            depths.append("")
    return own if own in depths or not depths else depths[0]


def _first_of(lines: Sequence[str]) -> str:
    """Return the first line that is not blank; there is one."""
    return next(line for line in lines if not is_blank(line))


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


def _first_line_restored(lines: list[str], target: str, unit: str) -> list[str]:
    """Return ``lines`` with the first line's indentation put back where it was trimmed away.

    It was, when the first line is at the margin and what stands below tells that it belongs at
    ``target``: one step above a block that it opens, else level with the rest.
    """
    first = next(number for number, line in enumerate(lines) if not is_blank(line))
    below = [line for line in lines[first + 1 :] if not is_blank(line)]
    if indent_of(lines[first]) or not below or not target:
        return lines
    rest = common_indent(below)
    opens = _OPENS_BLOCK.search(lines[first].rstrip()) or _CONTINUES.match(below[0].lstrip())
    # A block's first line is its shallowest: what comes back out of it is level with its head.
    heads = opens and indent_of(below[0]) == rest
    expected = rest.removesuffix(unit) if heads else rest
    if expected != target:
        return lines
    return [*lines[:first], target + lines[first], *lines[first + 1 :]]


def _moved(lines: list[str], origin: str, target: str) -> list[str]:
    """Return ``lines`` moved by as much as leads from the depth ``origin`` to ``target``."""
    if origin == target:
        return lines
    deeper, less = target.removeprefix(origin), origin.removeprefix(target)
    moved: list[str] = []
    for line in lines:
        indent = indent_of(line)
        if is_blank(line):
            moved.append(line)
        elif indent.startswith(origin):
            moved.append(target + line[len(origin) :])
        elif target.startswith(origin):
            moved.append(deeper + line)
        elif origin.startswith(target) and indent.startswith(less):
            moved.append(line[len(less) :])
        else:
            # Shallower than there is room for: the shallowest line goes where the first was to.
            return _moved(lines, common_indent(lines), target)
    return moved
