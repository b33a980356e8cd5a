"""What stands around a caret, and which of the brackets open there the document closes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final, NamedTuple

from spyhop.core.completion.lexis import DEFINITION, Lexis
from spyhop.core.completion.scan import State, steps, without_pairs
from spyhop.core.indentation import indent_of
from spyhop.core.lines import common_end, is_blank, split_lines, without_end

_LINES: Final = 200
_CHARACTERS: Final = 16_000
_MARGIN: Final = re.compile(r"\w")


@dataclass(frozen=True)
class Window:
    """The text around a caret that is looked at: some 200 lines on either side, whole ones."""

    before: str
    """What stands before the caret, as far as it is looked at."""
    after: str
    is_last: bool
    """Whether ``after`` reaches to the document's end."""

    first: int
    """Where in the document ``before`` begins."""

    @classmethod
    def of(cls, lexis: Lexis, prefix: str, suffix: str) -> Window:
        """Return the window around the caret between ``prefix`` and ``suffix``."""
        first = _first(lexis, prefix)
        after = "".join(split_lines(suffix[:_CHARACTERS])[:_LINES])
        return cls(prefix[first:], after, len(after) == len(suffix), first)

    @cached_property
    def _lines_before(self) -> list[str]:
        return split_lines(self.before)

    @cached_property
    def _lines_after(self) -> list[str]:
        return split_lines(self.after)

    @cached_property
    def above(self) -> list[str]:
        """The lines above the caret's, terminators included."""
        lines = self._lines_before
        return lines[:-1] if self.head else lines

    @cached_property
    def head(self) -> str:
        """What stands in the caret's line before it."""
        lines = self._lines_before
        return lines[-1] if lines and without_end(lines[-1]) == lines[-1] else ""

    @cached_property
    def rest(self) -> str:
        """What stands in the caret's line behind it, without the terminator."""
        lines = self._lines_after
        return without_end(lines[0]) if lines else ""

    @cached_property
    def below(self) -> list[str]:
        """The lines below the caret's, terminators included."""
        return self._lines_after[1:]

    @cached_property
    def line_above(self) -> str:
        """The next line above that is not blank, without its terminator; empty: there is none."""
        shown = (line for line in reversed(self.above) if not is_blank(line))
        return without_end(next(shown, ""))

    @cached_property
    def line_below(self) -> str:
        """The next line below that is not blank, without its terminator; empty: there is none."""
        return without_end(next((line for line in self.below if not is_blank(line)), ""))

    @cached_property
    def line_end(self) -> str:
        """The terminator that the lines have."""
        return common_end(self.before + self.after)


def _first(lexis: Lexis, prefix: str) -> int:
    """Return where to begin reading ``prefix``: at a line's beginning, in code.

    That is a line at the margin where one is near.
    """
    lines = split_lines(prefix[-_CHARACTERS:])
    if len(lines) <= _LINES and len(prefix) <= _CHARACTERS:
        return 0
    # The first of them was cut, but for one without end.
    near = lines[max(1, len(lines) - _LINES) :] or lines
    at = len(prefix) - sum(map(len, near))
    for line in near[: len(near) // 2]:
        if _MARGIN.match(line):
            break
        at += len(line)
    else:
        at = len(prefix) - sum(map(len, near))
    for opening, closing in (*lexis.block_comments, *((it, it) for it in lexis.over_lines)):
        begin = prefix.rfind(opening, 0, at)
        is_open = (
            begin > prefix.rfind(closing, 0, at)
            if opening != closing
            else (len(opening) > 1 and prefix.count(opening, 0, at) % 2 == 1)
        )
        # What does not begin its line may stand in a string.
        if is_open and (opening == closing or is_blank(_line_to(prefix, begin))):
            end = prefix.find(closing, at)
            at = end + len(closing) if end >= 0 else begin
    return at


class Opening(NamedTuple):
    """A bracket, string or comment that is open at the caret."""

    closing: str
    line: str
    """The line that it stands in, up to it."""


@dataclass(frozen=True, slots=True)
class Open:
    """What is open at a caret."""

    inside: Opening | None
    """The string or comment that the caret stands in."""
    is_comment: bool
    brackets: tuple[Opening, ...]
    """Innermost last."""


def open_at(lexis: Lexis, before: str) -> Open:
    """Return what is open at the end of ``before``."""
    inside: Opening | None = None
    brackets: list[Opening] = []
    state = State()
    for step in steps(lexis, without_pairs(before)):
        state = step.state
        match step.what:
            case "open":
                brackets.append(Opening(state.stack[-1], _line_to(before, step.start)))
            case "close":
                del brackets[len(state.stack) :]
            case "enter" | "comment":
                inside = Opening(state.inside, _line_to(before, step.start))
            case _:
                pass
    return Open(inside if state.inside else None, state.is_comment, tuple(brackets))


class Closing(NamedTuple):
    """How the document behind the caret closes the brackets that are open there."""

    missing: tuple[str, ...]
    """The closing brackets, innermost first, that it lacks."""
    surplus: tuple[str, ...]
    """The first of its closing brackets, as many as it has for brackets that nothing opened."""


def closing_of(lexis: Lexis, inside: State, brackets: Sequence[Opening], around: Window) -> Closing:
    """Return how the brackets open at the caret, innermost last, are closed behind it.

    A bracket is closed by the next one behind the caret that closes nothing opened there, when
    that stands in the caret's line or as deep as the line that the bracket was opened in. Behind
    what was looked at every bracket is closed. The parameters in a definition's head are closed in
    the caret's line or not at all.
    """
    closers = list(_strays(lexis, inside, around))
    missing: list[str] = []
    at = 0
    is_head = in_parameters(around.head, brackets)
    for bracket in reversed(brackets):
        if at == len(closers) and not around.is_last:
            break
        closing, indent = closers[at] if at < len(closers) else ("", None)
        is_below = indent is not None
        is_outer = indent is not None and len(indent) < len(indent_of(bracket.line))
        in_head = is_head and bracket in _in_line(around.head, brackets)
        if closing == bracket.closing and not is_outer and not (in_head and is_below):
            at += 1
        else:
            missing.append(bracket.closing)
    count = len(closers) - at if around.first == 0 else 0
    return Closing(tuple(missing), tuple(closing for closing, _ in closers[:count]))


def in_parameters(head: str, brackets: Sequence[Opening]) -> bool:
    """Tell whether the caret stands in the parameters of a definition that ``head`` begins.

    What closes a bracket below is then no end of them.
    """
    own = {bracket.closing for bracket in _in_line(head, brackets)}
    return bool(DEFINITION.match(head)) and not own.isdisjoint({")", "]"})


def _in_line(head: str, brackets: Sequence[Opening]) -> list[Opening]:
    """Return those of the open ``brackets`` that stand in the caret's line."""
    return [it for it in brackets if it.line and head.startswith(it.line)]


def _strays(lexis: Lexis, inside: State, around: Window) -> Iterator[tuple[str, str | None]]:
    """Yield brackets behind the caret that close something before it, with their indentation.

    None where they stand in the caret's line.
    """
    lines = split_lines(around.after)
    starts = list(accumulate(map(len, lines), initial=0))
    number = 0
    begin = State(inside.inside, (), inside.is_comment)
    for step in steps(lexis, without_pairs(around.after), begin):
        if step.what == "stray":
            while number + 1 < len(lines) and starts[number + 1] <= step.start:
                number += 1
            yield around.after[step.start], indent_of(lines[number]) if number else None


def _line_to(text: str, end: int) -> str:
    begin = max(text.rfind("\n", 0, end), text.rfind("\r", 0, end)) + 1
    return text[begin:end]
