"""Which line of the original a line of the answer stands for.

Whole lines are aligned first, then the tokens of what is left between them, so that a bracket here
is not taken for a bracket there. A line has a counterpart only where most of it is found again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from rapidfuzz.distance import Indel

from spyhop.core.diff import Hunk, diff_lines
from spyhop.syntax.rows import Row
from spyhop.syntax.tokens import Token

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
    for hunk in hunks:
        if hunk.old and hunk.new:
            _align_tokens(found, old, new, hunk)
            _align_alike(found, old, new, hunk)
    _align_moved(found, old, new)
    return found


def _pair(found: Alignment, old: Row, a: int, new: Row, b: int) -> None:
    found.heads[b] = found.tails[b] = a
    if len(old.code) == len(new.code):
        for offset in range(len(new.code)):
            found.tokens[new.first + offset] = old.first + offset


def _align_tokens(found: Alignment, old: Sequence[Row], new: Sequence[Row], hunk: Hunk) -> None:
    """Align the rows of a hunk by their tokens."""
    old_tokens = [
        (row.first + k, a, token)
        for a, row in enumerate(old[hunk.old_start : hunk.old_end], hunk.old_start)
        for k, token in enumerate(row.code)
    ]
    new_tokens = [
        (row.first + k, b, token)
        for b, row in enumerate(new[hunk.new_start : hunk.new_end], hunk.new_start)
        for k, token in enumerate(row.code)
    ]
    shares: dict[int, Counter[int]] = {}
    a = b = 0
    inner = diff_lines([it[2].text for it in old_tokens], [it[2].text for it in new_tokens])
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


def _align_alike(found: Alignment, old: Sequence[Row], new: Sequence[Row], hunk: Hunk) -> None:
    """Pair rows of a hunk that are left over between others and are built alike."""
    known = [row for row in range(hunk.new_start, hunk.new_end) if row in found.heads]
    for above, below in pairwise([hunk.new_start - 1, *known, hunk.new_end]):
        start = found.tails[above] + 1 if above in known else hunk.old_start
        stop = found.heads[below] if below in known else hunk.old_end
        if (stop - start) * (below - above) > _MOST_PAIRS:
            continue
        for row in range(above + 1, below):
            scores = {a: _likeness(old[a], new[row]) for a in range(start, stop)}
            best = max(scores, key=scores.__getitem__, default=None)
            if best is not None and scores[best] >= _ALIKE:
                found.heads[row] = found.tails[row] = best
                start = best + 1


def _align_moved(found: Alignment, old: Sequence[Row], new: Sequence[Row]) -> None:
    """Pair telling rows that are the same and stand in another order."""
    taken = set(found.heads.values()) | set(found.tails.values())
    places: dict[str, list[int]] = {}
    for a, row in enumerate(old):
        if a not in taken and _weight_of(row) >= _TELLING:
            places.setdefault(row.key, []).append(a)
    for b, row in enumerate(new):
        if b not in found.heads and len(places.get(row.key, ())) == 1:
            a = places.pop(row.key)[0]
            _pair(found, old[a], a, row, b)


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
