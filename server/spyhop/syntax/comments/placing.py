"""Where the comments of an answer go in the original."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from spyhop.core.indentation import indent_of
from spyhop.core.lines import is_blank
from spyhop.syntax.comments.alignment import Alignment, align
from spyhop.syntax.comments.directives import is_about_the_next_line
from spyhop.syntax.comments.rows import (
    BLANK,
    DOCSTRING,
    NO_LINE,
    Row,
    Unit,
    behind,
    between,
    first_of,
    key_of,
)
from spyhop.syntax.comments.tokens import DIRECTIVE, Source, Token

# White space between tokens says something here.
_TELLING_GAPS: Final = frozenset({"css", "html", "javascriptreact", "sql", "typescriptreact"})
_COMMENT: Final = re.compile(r"/\*.*?\*/|<!--.*?-->|--\[(=*)\[.*?\]\1\]")


class Piece(NamedTuple):
    """A comment in a line of code."""

    line: int
    """The line of the answer that it comes from."""
    gap: str
    """The white space before it."""
    text: str
    key: str
    exact: bool = True
    """It stands behind the same token as in the answer."""


@dataclass(slots=True)
class Places:
    """The comments of an answer, by the row or token of the original that they belong to."""

    above: dict[int, list[Unit]] = field(default_factory=lambda: defaultdict(list))
    """What there is above a row, blank lines included."""
    behind: dict[int, Piece] = field(default_factory=dict)
    between: dict[int, Piece] = field(default_factory=dict)
    """By the number of the token that follows."""
    replacing: set[int] = field(default_factory=set)
    """Rows whose comments above give way to the answer's."""
    homeless: list[tuple[int, str]] = field(default_factory=list)
    """The line and the words of each comment that belongs nowhere."""


def place(
    language: str, old: Source, rows: Sequence[Row], new: Source, others: Sequence[Row]
) -> Places:
    """Return where in ``rows``, of ``old``, the comments in ``others``, of ``new``, belong."""
    placer = _Placer(language, old, new, rows, others, align(rows[:-1], others[:-1]))
    for number, row in enumerate(others):
        placer.place(number, row)
    return placer.places


@dataclass(slots=True)
class _Placer:
    language: str
    old: Source
    new: Source
    rows: Sequence[Row]
    others: Sequence[Row]
    found: Alignment
    places: Places = field(default_factory=Places)

    def place(self, number: int, other: Row) -> None:
        """Find a place for each comment of a row of the answer."""
        self._place_above(number, other)
        if other.trailing is not None:
            self._place_behind(number, other)
        if other.inline:
            self._place_between(other)

    def _head(self, number: int) -> int | None:
        """Return the row of the original for what is above a row of the answer."""
        end = len(self.others) - 1
        if number < end:
            return self.found.heads.get(number)
        last = len(self.rows) - 1
        if end == 0 or last == 0:
            return last if end == last == 0 else None
        known = max(self.found.tails, default=None)
        return last if known is not None and self.found.tails[known] == last - 1 else None

    def _below_header(self, number: int) -> int | None:
        """Return the row of the original for a docstring above a row of the answer."""
        if number == 0:
            return 0
        header = self.found.tokens.get(self.others[number].first - 1)
        if header is None:
            return None
        row = bisect_left(self.rows, header + 1, hi=len(self.rows) - 1, key=first_of)
        return row if self.rows[row].first == header + 1 else None

    def _place_above(self, number: int, other: Row) -> None:
        units = list(other.above)
        at = next((k for k, unit in enumerate(units) if unit.kind == DOCSTRING), None)
        if at is not None:
            units = self._place_docstring(number, units, at)
        if all(unit.kind == BLANK for unit in units):
            return
        head = self._head(number)
        row = None if head is None else self._over_directives(head)
        if head is None or row is None or self.rows[row].shut:
            self._leave(units)
            return
        if row == head and self._is_first(number, head):
            self.places.replacing.add(row)
        self.places.above[row] += [self._set(unit, number, head) for unit in units]

    def _place_docstring(self, number: int, units: list[Unit], at: int) -> list[Unit]:
        """Find a place for the docstring that is the unit ``at``; return what is left."""
        end = next((k for k in range(at + 1, len(units)) if units[k].kind != BLANK), len(units))
        row = self._below_header(number)
        if row is None or self.rows[row].shut:
            self._leave(units[at:end])
            return units[:at] + units[end:]
        indent = self._indent_of_body(number, row, units[at])
        self.places.above[row] += [moved(unit, indent) for unit in units[:end]]
        return units[end:]

    def _indent_of_body(self, number: int, row: int, docstring: Unit) -> str:
        """Return how deep a docstring belongs above ``row``."""
        old, new = self.rows[row], self.others[number]
        own = indent_of(docstring.lines[0])
        header = self.rows[row - 1].indent if row else ""
        before = next((unit for unit in old.above if unit.kind == DOCSTRING), None)
        if before is not None:
            return indent_of(before.lines[0])
        if old.code and (row == 0 or len(old.indent) > len(header)):
            return old.indent
        if row == 0 or new.indent == own == old.indent:
            return own
        return _translated(own, self.others[number - 1].indent if number else "", header)

    def _over_directives(self, row: int) -> int:
        """Return the row above the directives that are about the code in ``row``."""
        while row and all(_is_bound(token) for token in self.rows[row - 1].code):
            below = self.rows[row]
            if any(unit.kind == BLANK for unit in below.above):
                break
            row -= 1
        return row

    def _is_first(self, number: int, row: int) -> bool:
        """Tell whether no row of the answer above stands for the same of the original."""
        at_the_end = number == len(self.others) - 1
        return at_the_end or self.found.heads.get(number - 1) != row

    def _set(self, unit: Unit, number: int, row: int) -> Unit:
        """Return ``unit``, which stands above a row of the answer, as deep as the original is."""
        own = indent_of(unit.lines[0])
        at_the_end = number == len(self.others) - 1
        above = self.others[number - 1].indent if number else None
        target = self.rows[row - 1].indent if row else None
        if not at_the_end and own == self.others[number].indent:
            return moved(unit, self.rows[row].indent)
        if above is not None and target is not None and (own == above or at_the_end):
            return moved(unit, _translated(own, above, target))
        if not at_the_end:
            indent = _translated(own, self.others[number].indent, self.rows[row].indent)
            return moved(unit, indent)
        return unit

    def _place_behind(self, number: int, other: Row) -> None:
        gap, text = behind(self.new, other)
        key = key_of(text)
        row = self.found.tails.get(number)
        if row is None or not self._takes_trailing(self.rows[row]):
            self.places.homeless.append((other.tail, key))
            return
        ends = self.found.tokens.get(other.first + len(other.code) - 1)
        target = self.rows[row]
        exact = ends == target.first + len(target.code) - 1
        piece = Piece(other.tail, gap, text, key, exact)
        loser = self.places.behind.get(row)
        if loser is None or (exact and not loser.exact):
            self.places.behind[row] = piece
        else:
            loser = piece
        if loser is not None:
            self.places.homeless.append((loser.line, loser.key))

    def _takes_trailing(self, row: Row) -> bool:
        """Tell whether a comment may stand behind ``row``."""
        return (
            row.tail != NO_LINE
            and row.tail not in self.old.doubtful
            and row.tail + 1 not in self.old.shut
            and row.code[-1].kind != DIRECTIVE
            and not (row.trailing and row.trailing.loose)
        )

    def _place_between(self, other: Row) -> None:
        starts = [token.start for token in other.code]
        gaps = dict.fromkeys(bisect_left(starts, comment.end) for comment in other.inline)
        for k in gaps:
            text = between(self.new, other, k)
            key = key_of(text)
            token = self.found.tokens.get(other.first + k)
            if token is not None and self._takes_inline(other, k, token, text):
                self.places.between[token] = Piece(other.line, "", text, key)
            else:
                self.places.homeless.append((other.line, key))

    def _takes_inline(self, other: Row, k: int, token: int, text: str) -> bool:
        """Tell whether ``text`` may stand before ``token`` of the original."""
        row = self.rows[bisect_right(self.rows, token, hi=len(self.rows) - 1, key=first_of) - 1]
        at = token - row.first
        if row.line in self.old.doubtful or any(it.loose for it in row.inline):
            return False
        if "{" in text.partition("/*")[0] or row.code[0].text.startswith("#"):
            return False
        if at == 0:
            return k == 0 and not row.shut
        if k == 0 or self.found.tokens.get(other.first + k - 1) != token - 1:
            return False
        if self.language in _TELLING_GAPS:
            was = between(self.old, row, at)
            if _COMMENT.sub("", was) != _COMMENT.sub("", text):
                return False
        return row.code[at - 1].last == row.line

    def _leave(self, units: Sequence[Unit]) -> None:
        self.places.homeless += [(it.line, it.key) for it in units if it.kind != BLANK]


def moved(unit: Unit, indent: str) -> Unit:
    """Return ``unit`` at ``indent``, its inner lines as deep below the first as before."""
    own = indent_of(unit.lines[0])
    if unit.kind == BLANK or own == indent:
        return unit
    lines = [
        line if is_blank(line) or not line.startswith(own) else indent + line.removeprefix(own)
        for line in unit.lines
    ]
    return unit._replace(lines=tuple(lines))


def _translated(own: str, base: str, target: str) -> str:
    """Return ``own``, which stands to ``base``, as it stands to ``target``."""
    return target + own.removeprefix(base) if own.startswith(base) else own


def _is_bound(token: Token) -> bool:
    return token.kind == DIRECTIVE and is_about_the_next_line(token.text)
