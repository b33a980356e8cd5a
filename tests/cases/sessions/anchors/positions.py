"""Offsets in a text, and positions as LSP counts them.

An offset counts code points from the text's start. A position is a 0-based line and a 0-based
character, counted in UTF-8 bytes, UTF-16 code units or code points (LSP 3.17, "Position").
Positions outside the text are taken to the nearest place inside it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Literal, TypeAlias

from spyhop.core.lines import LINE_END, without_end

Encoding: TypeAlias = Literal["utf-8", "utf-16", "utf-32"]


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A 0-based line and character; the character's unit is the `Encoding` in use."""

    line: int
    character: int


@dataclass(frozen=True, slots=True)
class Range:
    """From ``start`` up to, not including, ``end``."""

    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Span:
    """Offsets from ``start`` up to, not including, ``end``, in code points."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        """Tell whether both share a character; an empty span overlaps what surrounds it."""
        if self.start == self.end or other.start == other.end:
            return self.start <= other.end and other.start <= self.end
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Source:
    """A text that knows where its lines begin."""

    text: str

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset of each line's first character; a final terminator begins an empty line."""
        if "\r" in self.text:
            return [0, *(match.end() for match in LINE_END.finditer(self.text))]
        # An editor's every keystroke comes by here, and most texts have newlines only.
        *ended, _ = self.text.split("\n")
        return list(accumulate((len(line) + 1 for line in ended), initial=0))

    @property
    def line_count(self) -> int:
        """How many lines there are; at least one, as LSP counts them."""
        return len(self.line_starts)

    def line(self, number: int) -> str:
        """Return the 0-based line with its terminator; empty outside the text."""
        span = self.line_span(number)
        return self.text[span.start : span.end]

    def line_span(self, number: int) -> Span:
        """Return where the 0-based line stands, its terminator included."""
        starts = self.line_starts
        if number < 0:
            return Span(0, 0)
        start = starts[number] if number < len(starts) else len(self.text)
        end = starts[number + 1] if number + 1 < len(starts) else len(self.text)
        return Span(start, end)

    def lines_span(self, first: int, last: int) -> Span:
        """Return where the 0-based lines ``first`` to ``last``, both included, stand."""
        return Span(self.line_span(first).start, self.line_span(max(first, last)).end)

    def line_at(self, offset: int) -> int:
        """Return the 0-based line that holds ``offset``."""
        return bisect_right(self.line_starts, max(0, offset)) - 1

    def offset_at(self, position: Position, encoding: Encoding) -> int:
        """Return the offset at ``position``; one inside a character goes to its beginning."""
        if position.line >= len(self.line_starts):
            return len(self.text)
        line = without_end(self.line(position.line))
        return self.line_span(position.line).start + _points(line, position.character, encoding)

    def position_at(self, offset: int, encoding: Encoding) -> Position:
        """Return the position at ``offset``; one between CR and LF counts as the line's end."""
        offset = min(max(0, offset), len(self.text))
        number = self.line_at(offset)
        start = self.line_starts[number]
        before = without_end(self.line(number))[: offset - start]
        return Position(number, _units(before, encoding))

    def span_of(self, range_: Range, encoding: Encoding) -> Span:
        """Return the span of ``range_``; a reversed range is read the right way round."""
        one = self.offset_at(range_.start, encoding)
        other = self.offset_at(range_.end, encoding)
        return Span(min(one, other), max(one, other))

    def range_of(self, span: Span, encoding: Encoding) -> Range:
        """Return the range of ``span``."""
        return Range(self.position_at(span.start, encoding), self.position_at(span.end, encoding))


def _units(text: str, encoding: Encoding) -> int:
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("utf-8", "surrogatepass"))


def _points(line: str, units: int, encoding: Encoding) -> int:
    """Return how many whole characters of ``line``, which may be long, fit into ``units``."""
    units = max(0, units)
    if encoding == "utf-32" or line.isascii():
        return min(units, len(line))
    # A character has at least one unit, and at most four.
    low, high = 0, min(units, len(line))
    used = 0
    while low < high:
        middle = (low + high + 1) // 2
        more = _units(line[low:middle], encoding)
        if used + more <= units:
            low, used = middle, used + more
        else:
            high = middle - 1
    return low
