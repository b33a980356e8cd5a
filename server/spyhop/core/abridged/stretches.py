"""An abridged answer and its original, cut at the lines whose place is certain.

Between two such lines stand, on one side, a placeholder and perhaps new lines, on the other the
original's lines that the answer does not show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final, TypeAlias

from spyhop.core.abridged.alignment import Place, align
from spyhop.core.abridged.kinship import is_definition
from spyhop.core.abridged.outline import Entry, outline
from spyhop.core.lines import is_blank

# More lines than these, missing at an end, were left out rather than deleted.
_MOST_TRIMMED: Final = 3

_Anchor: TypeAlias = tuple[int, int]
"""A line of the answer, and the line of the original that it is; both 0-based."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What stands between two certain lines: in the answer, and in the original."""

    lines: Sequence[str]
    hidden: Sequence[int]
    """The placeholders among the lines, 0-based there."""
    parent: str | None
    """The new line in whose block the first placeholder is; None where it is in an old one's."""
    old: Sequence[str]
    old_start: int
    """The 0-based line of the original."""
    is_certain: bool
    """Whether the lines are surely new, and not code that was moved."""
    is_left_out: bool
    """Whether so many lines are missing at an end that they were left out without a word."""
    above: str
    """The certain line above; empty at the answer's start."""
    below: str
    """The certain line below, as the answer has it; empty at its end."""
    old_above: str
    old_below: str
    """The certain lines as the original has them."""


def cut(
    answer: Sequence[str], original: Sequence[str], placeholders: frozenset[int]
) -> list[Stretch] | None:
    """Return the stretches of ``answer`` in order; None where it shows nothing, or is too long."""
    short, whole = outline(answer, placeholders), outline(original)
    if all(entry.number in placeholders for entry in short):
        return None
    places = align(short, whole, placeholders)
    if places is None:
        return None
    cutter = _Cutter(answer, original, placeholders, short, whole, places)
    anchors = cutter.anchors()
    copied = cutter.copied()
    return [cutter.stretch(above, below, copied) for above, below in pairwise(anchors)]


@dataclass(frozen=True, slots=True)
class _Cutter:
    answer: Sequence[str]
    original: Sequence[str]
    hidden: frozenset[int]
    short: Sequence[Entry]
    whole: Sequence[Entry]
    places: Sequence[Place]

    def anchors(self) -> list[_Anchor]:
        """Return where to cut; both begin at line -1 and end behind the last."""
        inner = [
            (entry.number, self.whole[place.at].number)
            for entry, place in zip(self.short, self.places, strict=True)
            if place.at is not None
            and place.is_certain
            and entry.depth == self.whole[place.at].depth
        ]
        anchors = [(-1, -1), *inner, (len(self.answer), len(self.original))]
        downward = self._doubtful(anchors)
        upward = {len(anchors) - 1 - at for at in self._doubtful(anchors[::-1])}
        ends = {0, len(anchors) - 1}
        return [
            anchor for at, anchor in enumerate(anchors) if at in ends or at not in downward | upward
        ]

    def _doubtful(self, anchors: Sequence[_Anchor]) -> set[int]:
        """Return the anchors that may be new lines, or moved ones, from one end to the other.

        Lines of the original passed over in silence may as well be what the next placeholder
        stands for; the lines between are then new. One line between is not enough to tell, and
        none is where the placeholder would stand for nothing.
        """
        telling = {entry.number for entry in self.short if entry.tells}
        doubtful: set[int] = set()
        since: list[int] | None = None
        for at, (one, other) in enumerate(pairwise(anchors), 1):
            new, is_hidden, old = self._between(min(one, other), max(one, other))
            if is_hidden:
                if since and (sum(anchors[it][0] in telling for it in since) <= 1 or not old):
                    doubtful |= set(since)
                since = None
            elif old and not new:
                since = []
            if since is not None:
                since.append(at)
        return doubtful

    def _between(self, above: _Anchor, below: _Anchor) -> tuple[bool, bool, bool]:
        """Tell whether there are new lines, a placeholder, and lines of the original between."""
        rows = range(above[0] + 1, below[0])
        return (
            any(at not in self.hidden and not is_blank(self.answer[at]) for at in rows),
            any(at in self.hidden for at in rows),
            any(not is_blank(line) for line in self.original[above[1] + 1 : below[1]]),
        )

    def copied(self) -> set[int]:
        """Return the lines of the original that new lines repeat, as moved code does.

        A single line in a new definition may be the same by chance.
        """
        where: dict[str, list[int]] = {}
        for entry in self.whole:
            if entry.tells:
                where.setdefault(entry.text, []).append(entry.number)
        copied: set[int] = set()
        rows = zip(self.short, self.places, strict=True)
        for is_new, group in groupby(rows, lambda row: self._is_new(*row)):
            entries = [entry for entry, _ in group if is_new and entry.tells]
            same = [entry.text in where for entry in entries]
            many = 2 * sum(same) > len(same) or any(a and b for a, b in pairwise(same))
            for entry in entries:
                if many or not any(map(is_definition, entry.parents[:2])):
                    copied.update(where.get(entry.text, ()))
        return copied

    def _is_new(self, entry: Entry, place: Place) -> bool:
        return place.at is None and entry.number not in self.hidden

    def stretch(self, above: _Anchor, below: _Anchor, copied: set[int]) -> Stretch:
        start, end = above[0] + 1, below[0]
        is_first, is_last = not start, end == len(self.answer)
        old_start = above[1] + 1
        inside = [
            (entry, place)
            for entry, place in zip(self.short, self.places, strict=True)
            if start <= entry.number < end
        ]
        shown = [(entry, place) for entry, place in inside if entry.number not in self.hidden]
        is_new = all(place.is_certain and place.at is None for _, place in shown)
        old = self.original[old_start : below[1]]
        missing = sum(not is_blank(line) for line in old)
        return Stretch(
            lines=self.answer[start:end],
            hidden=[at - start for at in range(start, end) if at in self.hidden],
            parent=self._parent([entry for entry, _ in inside]),
            old=old,
            old_start=old_start,
            is_certain=is_new and copied.isdisjoint(range(old_start, below[1])),
            is_left_out=(is_first or is_last) and not inside and missing > _MOST_TRIMMED,
            above="" if is_first else self.answer[above[0]],
            below="" if is_last else self.answer[end],
            old_above="" if is_first else self.original[above[1]],
            old_below="" if is_last else self.original[below[1]],
        )

    def _parent(self, entries: Sequence[Entry]) -> str | None:
        """Return the new line in whose block the first placeholder is; None when there is none."""
        first = next((at for at, it in enumerate(entries) if it.number in self.hidden), 0)
        above = (it for it in reversed(entries[:first]) if it.depth < entries[first].depth)
        parent = next(above, None)
        return None if parent is None else self.answer[parent.number]
