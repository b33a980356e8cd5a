"""Unified diffs as ``diff -u`` and Git write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from spyhop.core.diff import Hunk, diff_lines, patch

_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")


def unified_diff(
    path: str, old: Sequence[str], hunks: Sequence[Hunk], context: int = 3
) -> Iterator[str]:
    r"""Yield the lines, without their final ``\n``, of the diff that puts ``hunks`` into ``old``.

    ``context`` is the number of unchanged lines around a hunk; hunks whose context meets share one
    header. A line of the text that has no terminator is marked as Git marks it. In a unified diff
    nothing but ``\n`` ends a line: the ``\r`` of ``\r\n`` stays, and so does a lone one.
    """
    if not hunks:
        return
    # Behind a tab there may be a date; without one a name ends at its first space.
    tab = "\t" if " " in path else ""
    yield f"--- a/{path}{tab}"
    yield f"+++ b/{path}{tab}"
    new = patch(old, hunks)
    if any(line.endswith("\r") for lines in (old, new) for line in lines):
        old = _LINE.findall("".join(old))
        hunks = diff_lines(old, _LINE.findall("".join(new)))
    growth = 0
    for group in _groups(hunks, context):
        start = max(0, group[0].old_start - context)
        end = min(len(old), group[-1].old_end + context)
        added = sum(len(hunk.new) - len(hunk.old) for hunk in group)
        old_range = _range(start, end - start)
        new_range = _range(start + growth, end - start + added)
        yield f"@@ -{old_range} +{new_range} @@"
        yield from _body(old, group, start, end)
        growth += added


def hunk_lines(hunk: Hunk) -> Iterator[str]:
    """Yield the deleted and the inserted lines of ``hunk``, marked, as in a unified diff."""
    for sign, lines in (("-", hunk.old), ("+", hunk.new)):
        for line in lines:
            yield from _marked(sign, line)


def _groups(hunks: Sequence[Hunk], context: int) -> Iterator[list[Hunk]]:
    group = [hunks[0]]
    for hunk in hunks[1:]:
        if hunk.old_start - group[-1].old_end > 2 * context:
            yield group
            group = []
        group.append(hunk)
    yield group


def _body(old: Sequence[str], group: Sequence[Hunk], start: int, end: int) -> Iterator[str]:
    done = start
    for hunk in group:
        for line in old[done : hunk.old_start]:
            yield from _marked(" ", line)
        yield from hunk_lines(hunk)
        done = hunk.old_end
    for line in old[done:end]:
        yield from _marked(" ", line)


def _marked(sign: str, line: str) -> Iterator[str]:
    yield sign + line.removesuffix("\n")
    if not line.endswith("\n"):
        yield r"\ No newline at end of file"


def _range(start: int, length: int) -> str:
    """Return a 1-based range; an empty one names the line before it, as POSIX diff does."""
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"
