"""Where the lines of an abridged text stand in the whole one.

The alignment that explains the abridged text best is found as in dynamic programming for
sequences: a line found again scores, a line of the whole that is passed over in silence costs,
unless a placeholder stands there. A line's place is certain when every alignment that puts it
elsewhere, or nowhere, is worse by a margin.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

from spyhop.core.abridged.kinship import is_same_block, may_be_same, names_same
from spyhop.core.abridged.outline import Entry

_UNIQUE: Final = 16
_TELLING: Final = 10
_MOVED_BLOCK: Final = 6
_CLOSING: Final = 3
_CHANGED: Final = 8
_DOUBTFUL: Final = 1
_SAME_DEPTH: Final = 2
_ADDED: Final = 1
_PASSED_OVER: Final = 9
_EACH: Final = 1
_MARGIN: Final = 4
# About a second's work.
_MOST_PAIRS: Final = 1 << 19
_NEVER: Final = -(1 << 40)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line of the abridged text stands in the whole one."""

    at: int | None
    """The index in the whole; None for a line that is new."""
    is_certain: bool


def align(
    short: Sequence[Entry], whole: Sequence[Entry], placeholders: Container[int]
) -> list[Place] | None:
    """Return the place of each entry of ``short`` in ``whole``; None where that takes too long.

    A placeholder's own place is None.
    """
    if (len(short) + 1) * (len(whole) + 1) > _MOST_PAIRS:
        return None
    hidden = [entry.number in placeholders for entry in short]
    return _Grid(_scores(short, whole, hidden), hidden, len(whole)).places()


def _scores(
    short: Sequence[Entry], whole: Sequence[Entry], hidden: Sequence[bool]
) -> list[dict[int, int]]:
    """Return for each entry of ``short`` which ones of ``whole`` it may be, and their scores."""
    visible = [entry for entry, is_hidden in zip(short, hidden, strict=True) if not is_hidden]
    shown = Counter(entry.text for entry in visible)
    where: defaultdict[str, list[int]] = defaultdict(list)
    for index, entry in enumerate(whole):
        where[entry.text].append(index)
    scores: list[dict[int, int]] = [{} for _ in short]
    changed: list[int] = []
    for row, entry in enumerate(short):
        if hidden[row]:
            continue
        if entry.text in where:
            same = where[entry.text]
            is_unique = shown[entry.text] == len(same) == 1
            found = {at: _score(entry, whole[at], is_unique=is_unique) for at in same}
            scores[row] = {at: score for at, score in found.items() if score}
        elif entry.tells:
            changed.append(row)
    unseen = [index for index, entry in enumerate(whole) if entry.text not in shown]
    _score_changed(scores, changed, short, whole, unseen)
    return scores


def _score_changed(
    scores: list[dict[int, int]],
    changed: Sequence[int],
    short: Sequence[Entry],
    whole: Sequence[Entry],
    unseen: Sequence[int],
) -> None:
    """Add the scores of lines that are not in the whole as they are."""
    for row in changed:
        scores[row] = {
            at: _DOUBTFUL
            for at in unseen
            if _kin(short[row], whole[at]) == _NESTED_ALIKE
            and may_be_same(short[row].text, whole[at].text)
        }
    rivals = Counter(at for row in changed for at in scores[row])
    for row in changed:
        for at in scores[row]:
            is_only = len(scores[row]) == rivals[at] == 1
            if is_only and names_same(short[row].text, whole[at].text):
                scores[row][at] = _CHANGED


def _score(one: Entry, other: Entry, *, is_unique: bool) -> int:
    kin = _kin(one, other)
    if not kin or (kin == _NESTED_OTHERWISE and not one.tells):
        return 0
    if not one.tells:
        score = _CLOSING
    elif kin == _NESTED_OTHERWISE:
        score = _MOVED_BLOCK
    else:
        score = _UNIQUE if is_unique else _TELLING
    return score + (_SAME_DEPTH if one.depth == other.depth else 0)


_NESTED_OTHERWISE: Final = 1
_NESTED_ALIKE: Final = 2


def _kin(one: Entry, other: Entry) -> int:
    """Return how well the blocks that both lines are in go together; 0: not at all.

    A line may have been wrapped in a new block, or taken out of one.
    """
    if any(not it.is_rooted and not it.parents for it in (one, other)):
        return _NESTED_ALIKE
    if not one.parents and not other.parents:
        return _NESTED_ALIKE
    if one.parents and other.parents and is_same_block(one.parents[0], other.parents[0]):
        return _NESTED_ALIKE
    if not one.parents or not other.parents:
        return _NESTED_OTHERWISE
    inner, outer = one.parents[0], other.parents[0]
    if inner in other.parents or outer in one.parents:
        return _NESTED_OTHERWISE
    return 0


class _Grid:
    """The best scores of all beginnings and of all ends, one for each pair of a row and a column.

    A row is how many entries of the abridged text are done, a column how many of the whole one.
    """

    def __init__(
        self, scores: Sequence[dict[int, int]], hidden: Sequence[bool], columns: int
    ) -> None:
        self._scores = scores
        self._hidden = hidden
        self._columns = columns
        self._ends = self._backward()
        self._beginnings = self._forward()

    def places(self) -> list[Place]:
        places: list[Place] = []
        column = 0
        for row, scores in enumerate(self._scores):
            new = self._as_new(row)
            totals = {at: self._total(row, at, score) for at, score in scores.items()}
            if self._hidden[row]:
                places.append(Place(None, is_certain=True))
                continue
            ranking = sorted([new, *totals.values()], reverse=True)
            is_certain = len(ranking) == 1 or ranking[0] - ranking[1] >= _MARGIN
            best = [at for at, total in totals.items() if total == ranking[0] and at >= column]
            at = None if new == ranking[0] or not best else min(best)
            if at is not None:
                column = at + 1
            places.append(Place(at, is_certain))
        return places

    def _total(self, row: int, at: int, score: int) -> int:
        return self._beginnings[row][at] + score + self._ends[row + 1][at + 1]

    def _as_new(self, row: int) -> int:
        pairs = zip(self._beginnings[row], self._ends[row + 1], strict=True)
        return max(map(sum, pairs)) - _ADDED

    def _forward(self) -> list[list[int]]:
        rows: list[list[int]] = []
        arrived = [0, *[_NEVER] * self._columns]
        for row in range(len(self._scores) + 1):
            best = self._passing(arrived, is_free=row > 0 and self._hidden[row - 1])
            rows.append(best)
            if row < len(self._scores):
                cost = 0 if self._hidden[row] else _ADDED
                arrived = [score - cost for score in best]
                for at, score in self._scores[row].items():
                    arrived[at + 1] = max(arrived[at + 1], best[at] + score)
        return rows

    def _backward(self) -> list[list[int]]:
        rows: list[list[int]] = []
        arrived = [*[_NEVER] * self._columns, 0]
        for row in range(len(self._scores), -1, -1):
            is_free = row > 0 and self._hidden[row - 1]
            best = self._passing(arrived[::-1], is_free=is_free)[::-1]
            rows.append(best)
            if row:
                cost = 0 if self._hidden[row - 1] else _ADDED
                arrived = [score - cost for score in best]
                for at, score in self._scores[row - 1].items():
                    arrived[at] = max(arrived[at], best[at + 1] + score)
        return rows[::-1]

    @staticmethod
    def _passing(arrived: Sequence[int], *, is_free: bool) -> list[int]:
        """Return the best scores when lines of the whole may be passed over before going on."""
        first, each = (0, 0) if is_free else (_PASSED_OVER, _EACH)
        best: list[int] = []
        passing = _NEVER
        for score in arrived:
            best.append(max(score, passing))
            passing = max(passing, score - first) - each
        return best
