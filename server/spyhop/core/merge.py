"""Three-way merge of lines: the model's hunks on what the user has made of the text meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spyhop.core.diff import Hunk, diff_lines


@dataclass(frozen=True, slots=True)
class Merge:
    """Two changes of one text, brought together."""

    hunks: tuple[Hunk, ...]
    """The model's hunks on the user's text, in order."""
    conflicts: tuple[Hunk, ...]
    """The model's hunks, on the base text, whose lines the user has changed otherwise."""


def merge(base: Sequence[str], theirs: Sequence[str], model: Sequence[str]) -> Merge:
    """Bring the change from ``base`` to ``model`` onto ``theirs``, the user's text.

    Hunks conflict when they share a line or insert at the same place, unless both make the same
    change: that one is done already.
    """
    user = diff_lines(base, theirs)
    hunks: list[Hunk] = []
    conflicts: list[Hunk] = []
    growth = 0
    for hunk in diff_lines(base, model):
        rivals = [other for other in user if _touch(hunk, other)]
        if all(_same(hunk, rival) for rival in rivals):
            if rivals:
                continue
            before = [other for other in user if other.old_end <= hunk.old_start]
            start = hunk.old_start + sum(map(_growth, before))
            hunks.append(Hunk(start, hunk.old, start + growth, hunk.new))
            growth += _growth(hunk)
        else:
            conflicts.append(hunk)
    return Merge(tuple(hunks), tuple(conflicts))


def _growth(hunk: Hunk) -> int:
    return len(hunk.new) - len(hunk.old)


def _same(one: Hunk, other: Hunk) -> bool:
    return (one.old_start, one.old, one.new) == (other.old_start, other.old, other.new)


def _touch(one: Hunk, other: Hunk) -> bool:
    if not one.old or not other.old:
        return one.old_start <= other.old_end and other.old_start <= one.old_end
    return one.old_start < other.old_end and other.old_start < one.old_end
