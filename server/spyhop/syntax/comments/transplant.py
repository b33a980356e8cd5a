"""The original's lines with comments put above, in and behind them."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from spyhop.core.diff import Hunk, diff_lines
from spyhop.core.lines import without_end
from spyhop.syntax.comments.directives import is_task
from spyhop.syntax.comments.placing import Piece, Places
from spyhop.syntax.comments.rows import (
    BLANK,
    COMMENT,
    DOCSTRING,
    Row,
    Unit,
    behind,
    between,
    column,
    first_of,
    key_of,
)
from spyhop.syntax.comments.tokens import Source


@dataclass(slots=True)
class Result:
    """Lines, and which of them come from the answer."""

    lines: list[str] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    """Lines with something new, each with the line of the answer that it comes from."""
    kept: int = 0
    dropped: int = 0

    def nearest(self, line: int, count: int) -> set[int]:
        """Return the lines of the answer whose comments stand closest to ``line``."""
        marks = sorted(self.marks, key=lambda mark: (abs(mark[0] - line), mark[0] > line))
        return {source for _, source in marks[:count]}


@dataclass(frozen=True, slots=True)
class _Block:
    """What stands above a row in the original, and what the answer has for it."""

    old: Sequence[Unit]
    new: Sequence[Unit]
    same: bool = False


def transplant(
    source: Source, first: int, rows: Sequence[Row], places: Places, banned: set[int]
) -> Result:
    """Return the lines from ``first`` to the end of ``rows`` with the comments in ``places``.

    Comments from the lines ``banned`` of the answer are left out.
    """
    return _Transplant(source, rows, places, banned).result(first)


@dataclass(frozen=True, slots=True)
class _Edit:
    """A comment of the answer in a line of the original: what is put from start to end."""

    line: int
    start: int
    end: int
    text: str
    piece: Piece
    was: str
    """What the comment that stands there says; empty when none does."""


@dataclass(slots=True)
class _Transplant:
    source: Source
    rows: Sequence[Row]
    places: Places
    banned: set[int]
    elsewhere: Counter[str] = field(default_factory=Counter)
    """Comments of the answer that the original has at another place."""
    staying: Counter[str] = field(default_factory=Counter)
    """Those comments of the original: they stay there."""
    edits: dict[int, list[_Edit]] = field(default_factory=lambda: defaultdict(list))
    out: Result = field(default_factory=Result)

    def result(self, first: int) -> Result:
        regions = [self._region(number, row) for number, row in enumerate(self.rows)]
        edits = [*self._edits_behind(), *self._edits_between()]
        self._compare(regions, edits)
        self._count_left_out()
        for edit in edits:
            self._take_edit(edit)
        for number, (row, region) in enumerate(zip(self.rows, regions, strict=True)):
            self._write_lines(first, row.start)
            self._write_region(number, region, is_head=row.start == 0)
            first = row.line
        return self.out

    def _region(self, number: int, row: Row) -> list[_Block]:
        """Return what goes above ``row``, cut where the original and the answer agree."""
        old = row.above
        new = [unit for unit in self.places.above.get(number, ()) if self._is_wanted(unit)]
        blocks: list[_Block] = []
        a = b = 0
        hunks = diff_lines([_sign_of(unit) for unit in old], [_sign_of(unit) for unit in new])
        for hunk in [*hunks, Hunk(len(old), (), len(new), ())]:
            pairs = zip(old[a : hunk.old_start], new[b : hunk.new_start], strict=True)
            blocks += [_Block((was,), (now,), same=was.key == now.key) for was, now in pairs]
            a, b = hunk.old_end, hunk.new_end
            blocks.append(_Block(old[hunk.old_start : a], new[hunk.new_start : b]))
        return blocks

    def _edits_behind(self) -> Iterator[_Edit]:
        for number, piece in self.places.behind.items():
            row = self.rows[number]
            line = without_end(self.source.lines[row.tail])
            start = column(self.source, row.tail, row.code[-1].end)
            gap, was = behind(self.source, row)
            keep = not row.trailing or not piece.exact
            text = (gap if keep and gap else piece.gap) + piece.text
            yield _Edit(row.tail, start, len(line), text, piece, key_of(was))

    def _edits_between(self) -> Iterator[_Edit]:
        for number, piece in self.places.between.items():
            row = self.rows[
                bisect_right(self.rows, number, hi=len(self.rows) - 1, key=first_of) - 1
            ]
            was = between(self.source, row, number - row.first)
            end = column(self.source, row.line, self.source.code[number].start)
            yield _Edit(row.line, end - len(was), end, piece.text, piece, key_of(was))

    def _is_wanted(self, unit: Unit) -> bool:
        return unit.kind == BLANK or unit.line not in self.banned

    def _compare(self, regions: Sequence[Sequence[_Block]], edits: Sequence[_Edit]) -> None:
        """Find the comments that the original has at one place and the answer at another."""
        blocks = [block for region in regions for block in region if not block.same]
        old = Counter(unit.key for block in blocks for unit in block.old)
        new = Counter(unit.key for block in blocks for unit in block.new)
        for row in self.rows:
            old.update(key_of(token.text) for token in row.inline)
            if row.trailing:
                old[key_of(behind(self.source, row)[1])] += 1
        new.update(key for _, key in self.places.homeless)
        for edit in edits:
            if edit.piece.key == edit.was:
                old[edit.was] -= 1
            else:
                new[edit.piece.key] += 1
        del old[""], new[""]
        self.elsewhere = old & new
        self.staying = Counter(self.elsewhere)

    def _count_left_out(self) -> None:
        for _, key in self.places.homeless:
            if self._is_elsewhere(key):
                self.out.kept += 1
            else:
                self.out.dropped += 1
        units = self.places.above.values()
        self.out.dropped += sum(not self._is_wanted(unit) for it in units for unit in it)

    def _is_elsewhere(self, key: str) -> bool:
        if self.elsewhere[key] <= 0:
            return False
        self.elsewhere[key] -= 1
        return True

    def _stays(self, key: str) -> bool:
        if self.staying[key] <= 0:
            return False
        self.staying[key] -= 1
        return True

    def _take_edit(self, edit: _Edit) -> None:
        if edit.piece.line in self.banned:
            self.out.dropped += 1
        elif edit.piece.key == edit.was or self._is_elsewhere(edit.piece.key):
            self.out.kept += 1
        elif edit.was and (self._stays(edit.was) or _leaves_a_task(edit.was, [edit.piece.key])):
            self.out.dropped += 1
        else:
            self.out.kept += 1
            self.edits[edit.line].append(edit)

    def _write_lines(self, first: int, stop: int) -> None:
        for number in range(first, stop):
            line = self.source.lines[number]
            for edit in sorted(self.edits.get(number, ()), key=attrgetter("start"), reverse=True):
                line = line[: edit.start] + edit.text + line[edit.end :]
                self.out.marks.append((len(self.out.lines), edit.piece.line))
            self.out.lines.append(line)

    def _write_region(self, number: int, region: Sequence[_Block], *, is_head: bool) -> None:
        fresh = {
            unit
            for block in region
            for unit in block.new
            if unit.kind != BLANK and not block.same and not self._is_elsewhere(unit.key)
        }
        replaces = number in self.places.replacing and any(it.kind != DOCSTRING for it in fresh)
        documented = any(it.kind == DOCSTRING for it in fresh)
        had_none = all(it.kind != DOCSTRING for block in region for it in block.old)
        said = [unit.key for unit in fresh]
        lines = [unit.line for block in region for unit in block.new if unit.kind == COMMENT]
        inside = range(min(lines, default=0), max(lines, default=0))
        last: Unit | None = None
        for block in region:
            self.out.kept += sum(unit.kind != BLANK for unit in block.new)
            for unit in block.old:
                gives_way = documented if unit.kind == DOCSTRING else replaces
                if block.same or not gives_way or self._remains(unit, said):
                    self._write(unit)
            for unit in () if block.same else block.new:
                below_docstring = documented and had_none and last and last.kind == DOCSTRING
                # A comment on the file is told by it from one on the file's first line of code.
                below_head = is_head and last in fresh
                if unit in fresh:
                    self.out.marks.append((len(self.out.lines), unit.line))
                    self._write(unit)
                elif unit.kind == BLANK and (unit.line in inside or below_docstring or below_head):
                    self._write(unit)
                if unit.kind != BLANK:
                    last = unit
            if block.same and block.new[0].kind != BLANK:
                last = block.new[0]

    def _remains(self, unit: Unit, said: Sequence[str]) -> bool:
        """Tell whether a line of the original stays although the answer has ``said`` there."""
        if unit.kind == BLANK or unit.loose or self._stays(unit.key):
            return True
        return _leaves_a_task(unit.key, said)

    def _write(self, unit: Unit) -> None:
        self.out.lines += unit.lines


def _leaves_a_task(was: str, said: Sequence[str]) -> bool:
    """Tell whether a comment says what is to be done and those in the place of it do not."""
    return is_task(was) and not any(map(is_task, said))


def _sign_of(unit: Unit) -> str:
    """Return by what units are matched: a docstring stands for any other."""
    return "\0" if unit.kind == DOCSTRING else unit.key
