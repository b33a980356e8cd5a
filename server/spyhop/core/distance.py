"""How far apart two texts are."""

from __future__ import annotations

from typing import Final

from rapidfuzz.distance import Indel

from spyhop.core.diff import diff

# Pairs of characters up to which the exact distance takes milliseconds.
_MOST_PAIRS: Final = 1 << 30


def distance(old: str, new: str) -> int:
    """Return how many characters must be deleted and inserted to turn ``old`` into ``new``.

    Between texts that are large where they differ, whole lines are counted.
    """
    head = _shared(old, new)
    old, new = old[head:], new[head:]
    tail = _shared(old[::-1], new[::-1])
    old, new = old[: len(old) - tail], new[: len(new) - tail]
    if len(old) * len(new) <= _MOST_PAIRS:
        return Indel.distance(old, new)
    return sum(len(line) for hunk in diff(old, new) for line in (*hunk.old, *hunk.new))


def _shared(one: str, other: str) -> int:
    """Return how many characters both texts begin with; by halving, for they may be megabytes."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
