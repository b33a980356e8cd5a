"""The syntax errors that an edit adds.

An error counts when it stands in the new document and not in the old one. Grammars also report
errors in valid code that they do not know yet; those stand in both. Where the old document had an
error at the selection already, nothing is said: what the edit adds to it cannot be told apart.

Python's grammar is blind to indentation, so Python code is also compiled. The compiler's word
counts alone where it accepts the new document; where it accepts the old one only, its word counts
unless it may be too old for the syntax that it refuses.
"""

from __future__ import annotations

import warnings
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Literal, NamedTuple

from tree_sitter import Node

from spyhop.core.lines import is_blank, split_lines
from spyhop.syntax.grammars import encoded, parse

_TEXT: Final = 160
# Newer Pythons accept some of what is refused in these words.
_UNSURE: Final = ("expected '", "f-string", "invalid syntax", "multiple exception types")


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """A syntax error of the new document."""

    line: int
    """0-based."""
    text: str
    """The line, trimmed; at most 160 characters."""
    kind: Literal["error", "missing"]
    missing: str = ""
    """What is missing, in the grammar's words: ``}`` or ``identifier``."""


def added_errors(language: str, old: str, new: str, first: int, old_last: int) -> list[SyntaxFault]:
    """Return the errors that stand in ``new`` and not in ``old``, by line, one a line.

    The lines ``first`` to ``old_last`` of the old document were edited, 0-based and both included;
    an insertion has ``old_last = first - 1``. An error that the grammar sees above the edit is
    told at the edit's first line. Without a grammar there are none.
    """
    if old == new:
        return []
    lines = split_lines(new)
    if language == "python":
        verdict = _compiled(new)
        if verdict is True:
            return []
        if verdict and _is_sure(verdict) and _compiled(old) is True:
            line = _within(lines, max((verdict.lineno or 0) - 1, first))
            return [SyntaxFault(line, _excerpt(lines, line), "error")]
    faults = _faults(language, new)
    before = _faults(language, old) if faults else []
    old_lines = split_lines(old)
    above, below = _visible_lines_around(old_lines, first, old_last)
    if any(it.line <= below and it.last >= above for it in before):
        return []
    growth = len(lines) - len(old_lines)
    standing = {it.line if it.line < first else it.line + growth for it in before}
    added: dict[int, SyntaxFault] = {}
    # What is told at its own line goes before what is told at the edit's first for want of one.
    for it in sorted(faults, key=lambda it: (it.line < first, it.line)):
        is_in_edit = it.line <= old_last + growth and it.last >= first
        if is_in_edit or it.line not in standing:
            line = _within(lines, max(it.line, first))
            added.setdefault(line, SyntaxFault(line, _excerpt(lines, line), it.kind, it.missing))
    return [added[line] for line in sorted(added)]


class _Fault(NamedTuple):
    line: int
    last: int
    kind: Literal["error", "missing"]
    missing: str


def _faults(language: str, text: str) -> list[_Fault]:
    tree = parse(language, text)
    if tree is None or not tree.root_node.has_error:
        return []
    starts = [0, *accumulate(len(encoded(line)) for line in split_lines(text))]
    data = encoded(text)
    return [_fault(node, data, starts) for node in _wrong_nodes(tree.root_node)]


def _fault(node: Node, data: bytes, starts: Sequence[int]) -> _Fault:
    text = data[node.start_byte : node.end_byte]
    start = node.start_byte + len(text) - len(text.lstrip())
    line = bisect_right(starts, start) - 1
    last = max(line, bisect_right(starts, max(start, node.end_byte - 1)) - 1)
    if node.is_missing:
        return _Fault(line, last, "missing", node.type)
    return _Fault(line, last, "error", "")


def _wrong_nodes(root: Node) -> Iterator[Node]:
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if node.is_error or node.is_missing:
            yield node
        nodes += [child for child in node.children if child.has_error or child.is_missing]


def _compiled(text: str) -> SyntaxError | bool:
    """Return whether Python's compiler accepts ``text``, or why not; False: it does not know."""
    code = encoded(text).decode().removeprefix("\ufeff")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(code, "<document>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error
    except (MemoryError, OverflowError, RecursionError, ValueError):
        return False
    return True


def _is_sure(error: SyntaxError) -> bool:
    return isinstance(error, IndentationError) or not error.msg.startswith(_UNSURE)


def _visible_lines_around(lines: Sequence[str], first: int, last: int) -> tuple[int, int]:
    """Return the lines next to ``first`` to ``last`` that are not blank.

    What is missing is missed behind blank lines and comments too.
    """
    above, below = min(first, len(lines)) - 1, max(last, -1) + 1
    while above >= 0 and is_blank(lines[above]):
        above -= 1
    while below < len(lines) and is_blank(lines[below]):
        below += 1
    return above, below


def _within(lines: Sequence[str], line: int) -> int:
    return max(0, min(line, len(lines) - 1))


def _excerpt(lines: Sequence[str], line: int) -> str:
    return lines[line].strip()[:_TEXT] if lines else ""
