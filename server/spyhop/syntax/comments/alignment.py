"""Which line of the original a line of the answer stands for.

Whole lines are aligned first, then the tokens of what is left between them, so that a bracket here
is not taken for a bracket there. A line has a counterpart only where most of it is found again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from rapidfuzz.distance import Indel

from spyhop.core.diff import Hunk, diff_lines
from spyhop.syntax.comments.rows import Row
from spyhop.syntax.comments.tokens import Token

# What a word and a sign count.
_WORD: Final = 4
_SIGN: Final = 1
_ENOUGH: Final = 0.5
_NEARLY_ALL: Final = 0.9
# From this part of what was found on, a line of the original takes part in one of the answer.
_PART: Final = 0.25
_ALIKE: Final = 0.75
_TELLING: Final = 2 * _WORD
_MOST_PAIRS: Final = 20_000
_GUARDS: Final = frozenset({"assert", "for", "if", "raise", "throw", "unless", "while"})


@dataclass(frozen=True, slots=True)
class Alignment:
    """Rows and tokens of the answer, by number, and those of the original that they stand for."""

    heads: dict[int, int] = field(default_factory=dict)
    """The row that what is above belongs above."""
    tails: dict[int, int] = field(default_factory=dict)
    """The row that what is behind belongs behind."""
    tokens: dict[int, int] = field(default_factory=dict)


def align(old: Sequence[Row], new: Sequence[Row]) -> Alignment:
    """Return how the rows of an answer stand to those of the original; both without their ends."""
    found = Alignment()
    hunks = diff_lines([row.key for row in old], [row.key for row in new])
    a = b = 0
    for hunk in [*hunks, Hunk(len(old), (), len(new), ())]:
        while a < hunk.old_start:
            _pair(found, old[a], a, new[b], b)
            a, b = a + 1, b + 1
        a, b = hunk.old_end, hunk.new_end
    moved = _align_moved(found, old, new)
    stay = set(moved.values())
    for hunk in hunks:
        left = [a for a in range(hunk.old_start, hunk.old_end) if a not in stay]
        come = [b for b in range(hunk.new_start, hunk.new_end) if b not in moved]
        if left and come:
            _align_tokens(found, old, new, left, come)
            _align_alike(found, old, new, left, come)
    return found


def _pair(found: Alignment, old: Row, a: int, new: Row, b: int) -> None:
    found.heads[b] = found.tails[b] = a
    if len(old.code) == len(new.code):
        for offset in range(len(new.code)):
            found.tokens[new.first + offset] = old.first + offset


def _align_tokens(
    found: Alignment,
    old: Sequence[Row],
    new: Sequence[Row],
    left: Sequence[int],
    come: Sequence[int],
) -> None:
    """Align the rows ``left`` and ``come``, between two that are the same, by their tokens."""
    old_tokens = [(old[a].first + k, a, token) for a in left for k, token in enumerate(old[a].code)]
    new_tokens = [(new[b].first + k, b, token) for b in come for k, token in enumerate(new[b].code)]
    shares: dict[int, Counter[int]] = {}
    a = b = 0
    inner = diff_lines([_word(it[2]) for it in old_tokens], [_word(it[2]) for it in new_tokens])
    for step in [*inner, Hunk(len(old_tokens), (), len(new_tokens), ())]:
        for was, now in zip(
            old_tokens[a : step.old_start], new_tokens[b : step.new_start], strict=True
        ):
            found.tokens[now[0]] = was[0]
            shares.setdefault(now[1], Counter())[was[1]] += _weight(now[2])
        a, b = step.old_end, step.new_end
    for row, share in shares.items():
        matched = share.total()
        most = max(share.values())
        rows = [
            it
            for it, weight in share.items()
            if weight >= min(most, _PART * matched) or weight == _weight_of(old[it]) >= _WORD
        ]
        there = min(_weight_of(old[it]) for it in rows)
        enough = matched >= _ENOUGH * _weight_of(new[row]) or matched >= _NEARLY_ALL * there
        if enough and matched >= min(_PART * there, _TELLING):
            found.heads[row], found.tails[row] = min(rows), max(rows)


def _align_alike(
    found: Alignment,
    old: Sequence[Row],
    new: Sequence[Row],
    left: Sequence[int],
    come: Sequence[int],
) -> None:
    """Pair the rows of ``come`` that are still over: the only one in its place, or one alike."""
    known = [b for b in come if b in found.heads]
    for above, below in pairwise([-1, *known, len(new)]):
        rows = come[bisect_right(come, above) : bisect_left(come, below)]
        low = -1 if above < 0 else found.tails[above]
        high = len(old) if below == len(new) else found.heads[below]
        free = left[bisect_right(left, low) : bisect_left(left, high)]
        if len(free) == len(rows) == 1 and _may_become(old[free[0]], new[rows[0]]):
            found.heads[rows[0]] = found.tails[rows[0]] = free[0]
            continue
        if len(free) * len(rows) > _MOST_PAIRS:
            continue
        for b in rows:
            scores = {a: _likeness(old[a], new[b]) for a in free if a > low}
            best = max(scores, key=scores.__getitem__, default=None)
            if best is not None and scores[best] >= _ALIKE:
                found.heads[b] = found.tails[b] = low = best


def _align_moved(found: Alignment, old: Sequence[Row], new: Sequence[Row]) -> dict[int, int]:
    """Pair telling rows that are the same and stand in another order; return them."""
    taken = set(found.heads.values())
    places: dict[str, list[int]] = {}
    for a, row in enumerate(old):
        if a not in taken and _weight_of(row) >= _TELLING:
            places.setdefault(row.key, []).append(a)
    moved: dict[int, int] = {}
    for b, row in enumerate(new):
        if b not in found.heads and len(places.get(row.key, ())) == 1:
            moved[b] = places.pop(row.key)[0]
            _pair(found, old[moved[b]], moved[b], row, b)
    return moved


def _word(token: Token) -> str:
    """Return what ``token`` says, in whatever quotes."""
    return token.text.strip("\"'`") or token.text


def _may_become(old: Row, new: Row) -> bool:
    """Tell whether ``new`` may be ``old`` in other words, and no guard in the place of it."""
    guards = {token.text for token in new.code} & _GUARDS
    return _opens(old) == _opens(new) and guards <= {token.text for token in old.code}


def _opens(row: Row) -> int:
    """Return how many more brackets ``row`` opens than it closes."""
    text = [token.text for token in row.code]
    return sum(map(text.count, "([{")) - sum(map(text.count, ")]}"))


def _weight(token: Token) -> int:
    return _WORD if any(map(str.isalnum, token.text)) else _SIGN


def _weight_of(row: Row) -> int:
    return sum(map(_weight, row.code))


def _likeness(old: Row, new: Row) -> float:
    """Return from 0 to 1 how alike two rows are built; 0 when they have no word in common."""
    old_words = {token.text for token in old.code if _weight(token) == _WORD}
    new_words = [token.text for token in new.code if _weight(token) == _WORD]
    if len(new_words) > 1 and old_words.isdisjoint(new_words):
        return 0
    kinds: dict[str, int] = {}
    numbers = [[kinds.setdefault(it.kind, len(kinds)) for it in row.code] for row in (old, new)]
    return Indel.normalized_similarity(*numbers)
