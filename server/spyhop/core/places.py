"""Where a place of an older version of a text is in a newer one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from spyhop.core.diff import diff_lines
from spyhop.core.lines import split_lines
from spyhop.core.positions import Span

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
    """Carries places of a newer text over to an older one, line by line where they differ."""

    changes: tuple[tuple[Span, Span], ...]
    """What was replaced in the old text, and by what in the new, in order."""

    @classmethod
    def between(cls, old: str, new: str) -> Carried:
        """Return what carries the offsets of ``new`` over to ``old``."""
        start = old.rfind("\n", 0, common_length(old, new)) + 1
        limit = min(len(old), len(new)) - start
        same = common_length(old[len(old) - limit :][::-1], new[len(new) - limit :][::-1])
        # What is the same at the end begins with a whole line.
        line_end = old.find("\n", len(old) - same)
        same = len(old) - line_end - 1 if line_end >= 0 else 0
        old_lines = split_lines(old[start : len(old) - same])
        new_lines = split_lines(new[start : len(new) - same])
        old_starts = list(accumulate(map(len, old_lines), initial=start))
        new_starts = list(accumulate(map(len, new_lines), initial=start))
        return cls(
            tuple(
                (
                    Span(old_starts[hunk.old_start], old_starts[hunk.old_end]),
                    Span(new_starts[hunk.new_start], new_starts[hunk.new_end]),
                )
                for hunk in diff_lines(old_lines, new_lines)
            )
        )

    def to_old(self, offset: int) -> int:
        """Return where ``offset`` of the new text is in the old; in a change: where it begins."""
        shift = 0
        for old, new in self.changes:
            if offset < new.start:
                break
            if offset < new.end:
                return old.start
            shift = old.end - new.end
        return offset + shift
