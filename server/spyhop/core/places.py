"""Where a place of an older version of a text is in a newer one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_BLOCK: Final = 4096


def common_length(one: str, other: str) -> int:
    """Return how many characters both texts share at the beginning."""
    limit = min(len(one), len(other))
    done = 0
    while done < limit and one[done : done + _BLOCK] == other[done : done + _BLOCK]:
        done += _BLOCK
    if done >= limit:
        return limit
    high = min(_BLOCK, limit - done)
    while high > 1:
        half = high // 2
        if one[done : done + half] == other[done : done + half]:
            done += half
            high -= half
        else:
            high = half
    return done + (one[done : done + high] == other[done : done + high]) * high


@dataclass(frozen=True, slots=True)
class Carried:
    """Carries places of a newer text over to an older one, past the one stretch that differs."""

    same_before: int
    same_after: int
    old_length: int
    new_length: int

    @classmethod
    def between(cls, old: str, new: str) -> Carried:
        """Return what carries the offsets of ``new`` over to ``old``."""
        before = common_length(old, new)
        limit = min(len(old), len(new)) - before
        after = common_length(old[len(old) - limit :][::-1], new[len(new) - limit :][::-1])
        return cls(before, after, len(old), len(new))

    def to_old(self, offset: int) -> int:
        """Return where ``offset`` of the new text is in the old; inside the stretch: its start."""
        if offset <= self.same_before:
            return offset
        if offset >= self.new_length - self.same_after:
            return offset - self.new_length + self.old_length
        return self.same_before
