"""The lines of a selection that hold code, each with the comments above, in and behind it."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from spyhop.core.indentation import indent_of
from spyhop.core.lines import end_of, without_end
from spyhop.syntax.comments.tokens import Source, Token
from spyhop.syntax.grammars import encoded

NO_LINE: Final = -1
BLANK: Final = "blank"
COMMENT: Final = "comment"
DOCSTRING: Final = "docstring"


class Unit(NamedTuple):
    """A comment that has its lines for itself, or a blank line."""

    kind: str
    """One of "comment", "docstring" and "blank"."""
    line: int
    lines: tuple[str, ...]
    loose: bool = False

    @property
    def key(self) -> str:
        """What it says, however it is set."""
        return key_of("".join(self.lines))


@dataclass(frozen=True, slots=True)
class Row:
    """A line that code begins in, or, at last and without code, the end of the selection."""

    line: int
    start: int
    """Where the lines between the code before and this line begin."""
    above: tuple[Unit, ...]
    code: Sequence[Token]
    first: int
    """The number of its first token in the document."""
    tail: int
    """The line in which its last token ends; NO_LINE where other code follows there."""
    trailing: Token | None
    inline: tuple[Token, ...]
    shut: bool
    """Nothing may be put above it."""
    indent: str

    @property
    def key(self) -> str:
        """Its code, however it is set."""
        return "\0".join(token.text for token in self.code)


def first_of(row: Row) -> int:
    """Return the number of the first token of ``row``."""
    return row.first


def key_of(comment: str) -> str:
    """Return what ``comment`` says, however it is set."""
    return " ".join(comment.split())


def rows_of(source: Source, first: int, stop: int) -> list[Row]:
    """Return the rows of the lines from ``first`` to ``stop``."""
    start = bisect_left(source.code, source.starts[first], key=attrgetter("start"))
    end = bisect_left(source.code, source.starts[stop], key=attrgetter("start"))
    start_of_comments = bisect_left(source.comments, source.starts[first], key=attrgetter("start"))
    comments: dict[int, list[Token]] = defaultdict(list)
    for token in source.comments[start_of_comments:]:
        if token.line >= stop:
            break
        comments[token.line].append(token)
    crossing = [*source.code[max(0, start - 1) : start], *source.comments[:start_of_comments][-1:]]
    floor = max([first, *(token.last + 1 for token in crossing)])
    rows: list[Row] = []
    by_line = [(line, list(it)) for line, it in groupby(source.code[start:end], attrgetter("line"))]
    number = start
    for place, (line, code) in enumerate(by_line):
        above = _units(source, comments, floor, line)
        last = max(token.last for token in code)
        goes_on = place + 1 < len(by_line) and by_line[place + 1][0] == last
        tail = NO_LINE if goes_on or last >= stop else last
        behind = [it for it in comments[tail] if it.start >= code[-1].end] if tail >= 0 else []
        inline = tuple(it for it in comments[line] if it.start < code[-1].start)
        shut = line in source.shut or line in source.doubtful
        indent = indent_of(source.lines[line])
        trailing = behind[0] if behind else None
        rows.append(
            Row(line, min(floor, line), above, code, number, tail, trailing, inline, shut, indent)
        )
        number += len(code)
        floor = max(floor, last + 1)
    above = _units(source, comments, floor, stop)
    crosses = floor > stop or any(it.last >= stop for found in comments.values() for it in found)
    ends = stop == first or bool(end_of(source.lines[stop - 1]))
    shut = crosses or not ends or stop in source.shut or stop in source.doubtful
    rows.append(Row(stop, min(floor, stop), above, (), number, NO_LINE, None, (), shut, ""))
    return rows


def _units(
    source: Source, comments: dict[int, list[Token]], start: int, stop: int
) -> tuple[Unit, ...]:
    """Return the comments and blank lines from line ``start`` to ``stop``."""
    units: list[Unit] = []
    line = start
    while line < stop:
        last, kind, loose = line, BLANK, False
        seen = line
        while seen <= last < stop:
            for token in comments.get(seen, ()):
                last = max(last, token.last)
                kind = DOCSTRING if DOCSTRING in {token.kind, kind} else COMMENT
                loose = loose or token.loose
            seen += 1
        lines = tuple(source.lines[line : min(last + 1, stop)])
        units.append(Unit(kind, line, lines, loose or last >= stop))
        line = last + 1
    return tuple(units)


def behind(source: Source, row: Row) -> tuple[str, str]:
    """Return the white space behind the code of ``row``, and the comments that end its line."""
    line = without_end(source.lines[row.tail])
    code = column(source, row.tail, row.code[-1].end)
    at = len(line) if row.trailing is None else column(source, row.tail, row.trailing.start)
    return line[code:at], line[at:].rstrip()


def between(source: Source, row: Row, number: int) -> str:
    """Return what stands before a token of ``row``: in its line and behind the token before."""
    start = column(source, row.line, row.code[number - 1].end) if number else len(row.indent)
    return source.lines[row.line][start : column(source, row.line, row.code[number].start)]


def column(source: Source, line: int, byte: int) -> int:
    """Return the column, in code points, at which ``line`` has ``byte`` of the document."""
    text, at = source.lines[line], byte - source.starts[line]
    return at if text.isascii() else len(encoded(text)[:at].decode(errors="ignore"))
