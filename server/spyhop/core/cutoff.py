"""What an answer that was cut off may change.

The lines before the cut are worth keeping, but nobody knows what the last of them would have
replaced. So the answer counts up to an anchor, the last of its lines that is the original's own,
and behind the anchor the original goes on.

The answer is read in order beside the original, and an anchor, once found, stays: so a later cut
never covers less. A line is an anchor when it comes next in the original, or when it stands there
once in all that is left. The second kind passes over lines of the original, which go; so it must
be believed only when the answer shows that it has left them behind: by as many new lines in their
place, or by going on like the original behind them for longer than what goes: of two blocks that
change places, the smaller is the one that moves.
Lines without a name of their own (``}``, ``pass``, ``return None``) are never anchors: they match
by accident.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from spyhop.core.lines import end_of, is_blank

_CANDIDATES: Final = 40
_WORD: Final = re.compile(r"\w+")
_COMMON_WORD: Final = re.compile(
    r"begin|break|case|catch|continue|default|do|done|elif|else|end|endif|esac|except|false|fi"
    r"|finally|nil|none|null|pass|return|self|then|this|true|try|undefined",
    re.IGNORECASE,
)
_NAME_LENGTH: Final = 3
# Of lines that go, so many are as hard to believe as one that nothing takes the place of.
_REPLACED: Final = 8


@dataclass(frozen=True, slots=True)
class Rewritten:
    """An answer's lines up to an anchor and the original's behind it."""

    lines: tuple[str, ...]
    covered: int
    """How many of the original's lines the answer has rewritten; the others stay untouched."""
    kept: int
    """How many of the answer's lines are in it."""


def rewritten(partial: Sequence[str], original: Sequence[str]) -> Rewritten | None:
    """Return what the cut-off answer ``partial`` makes of ``original``; None when nothing.

    A last line without a terminator does not count: it may be half of one.
    """
    return next(candidates(partial, original), None)


def candidates(partial: Sequence[str], original: Sequence[str]) -> Iterator[Rewritten]:
    """Yield ever shorter readings of the cut-off answer, at most 40, each of another text.

    The first covers most; the others are for a caller that wants whole syntax.
    """
    if partial and not end_of(partial[-1]):
        partial = partial[:-1]
    own, old = [_visible(line) for line in partial], [_visible(line) for line in original]
    anchors = _Reader(old).read(own)
    for kept, covered in _spread(_last_of_runs(anchors, own, old)):
        if own[:kept] != old[:covered] and not _doubles(own[:kept], old, covered):
            yield Rewritten((*partial[:kept], *original[covered:]), covered, kept)


def _visible(line: str) -> str:
    return line.rstrip()


class _Anchor(NamedTuple):
    kept: int
    """The number of the answer's lines up to it."""
    covered: int
    """The number of the original's lines up to it."""


@dataclass
class _Reader:
    """Reads an answer beside the original; both are lines without white space at their ends."""

    old: Sequence[str]
    places: dict[str, list[int]] = field(default_factory=dict)
    """Where each line that can be an anchor stands."""
    blanks: list[int] = field(default_factory=list)
    anchors: list[_Anchor] = field(default_factory=list)
    chain: list[_Anchor] = field(default_factory=list)
    """Lines behind a gap that do not yet prove that the gap was meant."""
    gone: int = 0
    """Lines of the original passed over since the last anchor."""
    come: int = 0
    """New lines since the last anchor."""
    next: int = 0
    """The original's line that would come next after the last anchor."""
    chain_next: int = 0
    """The same after the chain."""

    def __post_init__(self) -> None:
        for place, line in enumerate(self.old):
            if _has_name(line):
                self.places.setdefault(line, []).append(place)
        self.blanks = list(accumulate(map(is_blank, self.old), initial=0))

    def read(self, own: Sequence[str]) -> list[_Anchor]:
        for kept, line in enumerate(own, 1):
            self._take(line, kept)
        return self.anchors

    def _take(self, line: str, kept: int) -> None:
        if not self.chain and self._comes_at(self.next, line):
            self.next += 1
            if _has_name(line):
                self._believe([_Anchor(kept, self.next)])
        elif self.chain and self._comes_at(self.chain_next, line):
            self.chain_next += 1
            if _has_name(line):
                self._follow(_Anchor(kept, self.chain_next))
        elif (place := self._place(line)) is None:
            self.come += not is_blank(line)
        elif self.chain and place < self.chain[0].covered:
            # What the chain seemed to have left behind comes after all: its lines were moved.
            self.come += len(self.chain)
            self.chain, self.gone = [], 0
            self._take(line, kept)
        else:
            start = self.chain_next if self.chain else self.next
            self.gone += place - start - (self.blanks[place] - self.blanks[start])
            self.chain_next = place + 1
            self._follow(_Anchor(kept, place + 1))

    def _comes_at(self, place: int, line: str) -> bool:
        return place < len(self.old) and self.old[place] == line

    def _place(self, line: str) -> int | None:
        """Return where ``line`` stands in what is left, when it stands there once."""
        places = self.places.get(line, [])
        if bisect_left(places, self.next) != len(places) - 1:
            return None
        place = places[-1]
        in_chain = self.chain and self.chain[0].covered <= place < self.chain_next
        return None if in_chain else place

    def _follow(self, anchor: _Anchor) -> None:
        self.chain.append(anchor)
        doubt = max(0, self.gone - self.come) + self.gone // _REPLACED
        if len(self.chain) > doubt:
            self.next = self.chain_next
            self._believe(self.chain)

    def _believe(self, anchors: list[_Anchor]) -> None:
        self.anchors += anchors
        self.chain, self.gone, self.come = [], 0, 0


def _has_name(line: str) -> bool:
    """Tell whether ``line`` has words of its own, so that it does not match by accident."""
    words = [word for word in _WORD.findall(line) if not _COMMON_WORD.fullmatch(word)]
    return sum(map(len, words)) >= _NAME_LENGTH


def _last_of_runs(
    anchors: Sequence[_Anchor], own: Sequence[str], old: Sequence[str]
) -> list[_Anchor]:
    """Return the anchors, last first, without those that give the same text as the next one."""
    last = list(anchors[-1:])
    for one, other in pairwise(reversed(anchors)):
        if own[other.kept : one.kept] != old[other.covered : one.covered]:
            last.append(other)
    return last


def _spread(anchors: list[_Anchor]) -> list[_Anchor]:
    """Return half of the allowed number from the beginning and the rest from all over."""
    half = _CANDIDATES // 2
    if len(anchors) <= _CANDIDATES:
        return anchors
    rest = anchors[half:]
    return anchors[:half] + [rest[number * len(rest) // half] for number in range(half)]


def _doubles(own: Sequence[str], old: Sequence[str], covered: int) -> bool:
    """Tell whether ``own`` brings lines forward that then stand behind ``covered`` once more.

    One line may be there twice by accident; a pair of neighbours was moved.
    """
    behind = {pair for pair in pairwise(old[covered:]) if all(map(_has_name, pair))}
    behind -= set(pairwise(old[:covered]))
    return any(pair in behind for pair in pairwise(own))
