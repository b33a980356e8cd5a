"""Minimal line hunks between two texts.

The alignment is rapidfuzz's bit-parallel longest common subsequence over lines. Its matrix has a
bit for each pair of lines, so texts that are large *and* differ are first cut at lines that stand
once in each (patience diff's anchors).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import Indel

from spyhop.core.lines import common_prefix, common_suffix, is_blank, split_lines

# 32 MiB of matrix.
_MATRIX_BITS: Final = 1 << 28


@dataclass(frozen=True, slots=True)
class Hunk:
    """``old`` lines give way to ``new`` lines; lines keep their terminators."""

    old_start: int
    """0-based line of the old text; where nothing is deleted, the line inserted before."""
    old: tuple[str, ...]
    new_start: int
    """0-based line of the new text; where nothing is inserted, the line deleted before."""
    new: tuple[str, ...]

    @property
    def old_end(self) -> int:
        """The 0-based line behind the deleted ones."""
        return self.old_start + len(self.old)

    @property
    def new_end(self) -> int:
        """The 0-based line behind the inserted ones."""
        return self.new_start + len(self.new)


def diff(old: str, new: str) -> list[Hunk]:
    """Return the hunks that turn ``old`` into ``new``, in order, no two of them adjacent."""
    return diff_lines(split_lines(old), split_lines(new))


def diff_lines(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """Return the hunks that turn the lines ``old`` into the lines ``new``."""
    hunks: list[Hunk] = []
    floor = -1
    for a1, a2, b1, b2 in _joined(_changes(old, new, 0, len(old), 0, len(new))):
        shift = _slide(old, new, a1, a2, b1, b2, a1 - floor - 1)
        a, b, floor = a1 - shift, b1 - shift, a2 - shift
        hunks.append(Hunk(a, tuple(old[a : a + a2 - a1]), b, tuple(new[b : b + b2 - b1])))
    return hunks


_Block = tuple[int, int, int, int]


def _changes(
    old: Sequence[str], new: Sequence[str], a1: int, a2: int, b1: int, b2: int
) -> Iterator[_Block]:
    prefix = common_prefix(old[a1:a2], new[b1:b2])
    a1, b1 = a1 + prefix, b1 + prefix
    suffix = common_suffix(old[a1:a2], new[b1:b2], min(a2 - a1, b2 - b1))
    a2, b2 = a2 - suffix, b2 - suffix
    if a1 == a2 and b1 == b2:
        return
    if a1 == a2 or b1 == b2:
        yield a1, a2, b1, b2
    elif (a2 - a1) * (b2 - b1) <= _MATRIX_BITS:
        for op in Indel.opcodes(*_numbered(old[a1:a2], new[b1:b2])):
            if op.tag != "equal":
                yield a1 + op.src_start, a1 + op.src_end, b1 + op.dest_start, b1 + op.dest_end
    elif anchors := _anchors(old, new, a1, a2, b1, b2):
        # A few are enough to cut the matrix down; all of them would recurse line by line.
        for a, b in [*anchors[:: max(1, len(anchors) // 64)], (a2, b2)]:
            yield from _changes(old, new, a1, a, b1, b)
            a1, b1 = a, b
    else:
        yield a1, a2, b1, b2


def _numbered(old: Sequence[str], new: Sequence[str]) -> tuple[list[int], list[int]]:
    r"""Return a number for each line, the same for equal ones.

    rapidfuzz compares strings by their hashes, and "" has the hash that "\0" is read as.
    """
    numbers: dict[str, int] = {}
    old_numbers = [numbers.setdefault(line, len(numbers)) for line in old]
    return old_numbers, [numbers.setdefault(line, len(numbers)) for line in new]


def _anchors(
    old: Sequence[str], new: Sequence[str], a1: int, a2: int, b1: int, b2: int
) -> list[tuple[int, int]]:
    """Return the longest increasing sequence of lines that stand once in either text."""
    in_old, in_new = Counter(old[a1:a2]), Counter(new[b1:b2])
    place = {line: b for b, line in enumerate(new[b1:b2], b1) if in_new[line] == 1}
    pairs = [
        (a, place[line])
        for a, line in enumerate(old[a1:a2], a1)
        if in_old[line] == 1 and line in place
    ]
    tails: list[int] = []
    tail_pairs: list[int] = []
    before: list[int] = []
    for index, (_, b) in enumerate(pairs):
        length = bisect_left(tails, b)
        before.append(tail_pairs[length - 1] if length else -1)
        tails[length:] = [b]
        tail_pairs[length:] = [index]
    chain: list[tuple[int, int]] = []
    index = tail_pairs[-1] if tail_pairs else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]


def _joined(blocks: Iterator[_Block]) -> Iterator[_Block]:
    """Join blocks that touch."""
    last: _Block | None = None
    for block in blocks:
        if last and last[1] == block[0] and last[3] == block[2]:
            last = (last[0], block[1], last[2], block[3])
            continue
        if last:
            yield last
        last = block
    if last:
        yield last


def _slide(
    old: Sequence[str], new: Sequence[str], a1: int, a2: int, b1: int, b2: int, room: int
) -> int:
    """Return by how many lines a pure insertion or deletion moves up to begin a paragraph."""
    if a1 != a2 and b1 != b2:
        return 0
    lines, start, end = (new, b1, b2) if a1 == a2 else (old, a1, a2)
    for shift in range(min(room, start) + 1):
        if start - shift == 0 or is_blank(lines[start - shift - 1]):
            return shift
        if lines[end - shift - 1] != lines[start - shift - 1]:
            break
    return 0


def patch(old: Sequence[str], hunks: Sequence[Hunk]) -> list[str]:
    """Return the lines ``old`` with the given hunks, all or some of a diff's, put in."""
    lines: list[str] = []
    done = 0
    for hunk in hunks:
        lines += old[done : hunk.old_start]
        lines += hunk.new
        done = hunk.old_end
    return [*lines, *old[done:]]
