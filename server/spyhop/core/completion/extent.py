"""How far a completion goes: one line, or as far as the scope that it is in.

Lines come as they would stand in the document, the first one at the caret. What ends a completion
is seen at the beginning of a line or within it, never by what follows, so it does not depend on
how the stream was cut.
"""

from __future__ import annotations

import re
from typing import Final

from spyhop.core.completion.lexis import DEFINITION
from spyhop.core.completion.place import Place
from spyhop.core.completion.scan import State, Step, steps
from spyhop.core.completion.window import Window
from spyhop.core.echo import TELLING
from spyhop.core.indentation import indent_of
from spyhop.core.lines import is_blank, without_end

_MOST_LINES: Final = 50
# A loop of lines, seen sooner than in whole answers: one so often, or a few so often.
_MOST_EQUAL: Final = 6
_MOST_ALIKE: Final = 3
_LONGEST_PERIOD: Final = 8
_TAB_WIDTH: Final = 4
_CLOSERS: Final = (")", "]", "}")
_SEPARATOR: Final = re.compile(r"[;,]?")
# The first word of a line, when more has come behind it; what is no word may be a remark.
_FIRST_WORD: Final = re.compile(r"[ \t]*\w+\s")
# Lines of C's preprocessor and labels stand at the margin, whatever they are in.
_AT_MARGIN: Final = re.compile(r"#|[A-Za-z_]\w*:(?!:)")


class Extent:
    """Takes lines until the completion is whole."""

    def __init__(self, place: Place, around: Window) -> None:
        self.lines: list[str] = []
        """Those that were taken, with terminators but perhaps for the last one."""
        self.state = State(place.state.inside, (), place.state.is_comment)
        """What is open behind them: of brackets, only what they open."""
        self.is_whole = False
        """Whether nothing may follow."""
        self.is_cut = False
        """Whether more was to come than is sensible to show."""
        self._place = place
        self._around = around
        self._lexis = place.lexis
        self._base = _width(place.base)
        self._is_midline = bool(around.rest.strip()) and place.wanted != "body"
        self._is_bracketed = place.wanted == "body" and (
            bool(place.opener) or place.lexis.blocks == "brackets"
        )
        self._echo = _line_below(around)
        self._end_is_below = _has_end_below(place, around)
        self._missing = list(place.missing)
        self._starts: list[int] = []
        self._is_deeper = False
        self._block_began = False
        self._is_closed = False
        self._is_broken = False

    @property
    def has_text(self) -> bool:
        """Whether a line that is not blank was taken."""
        return any(not is_blank(line) for line in self.lines)

    @property
    def is_unbalanced(self) -> bool:
        """Whether the lines leave a string or bracket open that the document does not close."""
        is_balanced_now = is_balanced(self._place, self.state) and not self._is_broken
        return not (self._is_midline or is_balanced_now)

    def forget(self, start: int) -> None:
        """Give back the lines that came from ``start`` of the output on."""
        count = sum(it < start for it in self._starts)
        del self.lines[count:], self._starts[count:]

    def take(self, line: str, start: int) -> None:
        """Take the next line; it may be the completion's last, or show that none is to come.

        It came from ``start`` of the output on.
        """
        if self._ends_before(line):
            self.is_whole = True
            return
        is_end_word = self._at_line_start(line) and self._is_end_word(line)
        was_blank = not self.has_text
        kept = line if self._is_midline else self._up_to_stray(line)
        if kept:
            is_new_line = bool(self.lines) and not is_blank(kept)
            self._is_deeper |= is_new_line and _width(indent_of(kept)) > self._base
            self.lines.append(kept)
            self._starts.append(start)
        if is_end_word:
            self.is_whole = True
        if is_blank(line) and was_blank and self._place.where == "code" and not self._is_midline:
            return
        self.is_whole = self.is_whole or self._is_whole_behind(line)
        if not self.is_whole and (count := self._repeated()):
            self.is_whole = self.is_cut = True
            self.forget(self._starts[-count])
        elif not self.is_whole and len(self.lines) >= _MOST_LINES:
            self.is_whole = self.is_cut = True

    def _repeated(self) -> int:
        """Return how many of the last lines only repeat those above them; 0: no loop is seen."""
        lines = [self._around.head + it if not n else it for n, it in enumerate(self.lines)]
        for period in range(1, _LONGEST_PERIOD + 1):
            times = _MOST_EQUAL if period == 1 else _MOST_ALIKE
            last = lines[-period * times :]
            if len(last) == period * times and last[period:] == last[:-period]:
                unit = "".join(last[:period])
                if TELLING.search(unit) if period > 1 else not is_blank(unit):
                    return period * (times - 1)
        return 0

    def will_end_before(self, part: str) -> bool:
        """Tell whether a line that begins with ``part`` shows that no line is to come."""
        return bool(_FIRST_WORD.match(part)) and self._leaves(part)

    def _is_whole_behind(self, line: str) -> bool:
        """Tell whether the completion may end where the line that was taken last ends."""
        if self._is_midline or self._lexis.is_prose or self._place.where != "code":
            return True
        if not is_balanced(self._place, self.state):
            return False
        if self._place.wanted == "line" or self._is_closed or self.state.stack:
            return True
        if self._place.wanted == "definition" and self._lexis.blocks == "brackets":
            return self._block_began or line.rstrip().endswith(";")
        return False

    def _ends_before(self, line: str) -> bool:
        if is_blank(line) or self._place.where != "code":
            return False
        shown = without_end(line)
        if not self.lines:
            shown = self._around.head + shown
        if self._echo is not None and shown.strip() == self._echo.strip():
            is_as_deep = indent_of(shown) == indent_of(self._echo)
            if is_as_deep or not self.has_text:
                return True
        return self._leaves(line)

    def _at_line_start(self, line: str) -> bool:
        """Tell whether ``line`` begins a statement on a line of its own."""
        begins = bool(self.lines) or is_blank(self._around.head)
        return begins and not (is_blank(line) or self.state.inside or self.state.stack)

    def _leaves(self, line: str) -> bool:
        """Tell whether ``line`` stands outside of the scope, by its depth."""
        wanted = self._place.wanted
        if wanted == "line" or not self.lines or not self._at_line_start(line):
            return False
        width = _width(indent_of(line))
        if wanted == "statements":
            was_blank = is_blank(self.lines[-1]) and self.has_text
            return width < self._base or (width == self._base and was_blank)
        return width <= self._base and self._leaves_block(width, line.strip())

    def _leaves_block(self, width: int, text: str) -> bool:
        """Tell whether ``text``, not deeper than the block's head, is no part of it."""
        lexis = self._lexis
        if self._is_bracketed:
            is_next = self._is_deeper and bool(DEFINITION.match(text))
            is_outer = width < self._base and not _AT_MARGIN.match(text)
            return text[0] not in _CLOSERS and (is_outer or is_next)
        if lexis.blocks == "brackets":
            return text[0] not in (*_CLOSERS, "{")
        if lexis.blocks == "words" and width == self._base and not self._end_is_below:
            return not (lexis.ends.match(text) or lexis.middles.match(text))
        is_item = self._place.language == "yaml" and text.startswith("- ")
        is_list = is_item and not self._around.head.lstrip().startswith("- ")
        return not is_list or width < self._base

    def _is_end_word(self, line: str) -> bool:
        is_block = self._place.wanted in {"body", "definition"}
        at_base = _width(indent_of(line)) == self._base
        return is_block and at_base and bool(self._lexis.ends.match(line.strip()))

    def _up_to_stray(self, line: str) -> str:
        """Follow ``line`` and return it up to a bracket that the document closes itself."""
        # A string or comment that the caret stands in is left by what the document has behind it.
        for step in list(steps(self._lexis, line, self.state)):
            if self._leaves_comment(step):
                self.is_whole = True
                return line[: step.start]
            self._is_broken = self._is_broken or step.what == "broken"
            if step.what == "close" and not step.state.stack and line[step.start] == "}":
                self._block_began = True
            if step.what != "stray":
                self.state = step.state
                continue
            if not self._missing or line[step.start] != self._missing[0]:
                self.is_whole = True
                if self._opens_again(line, step.start):
                    return line
                return _up_to(line, step.start)
            del self._missing[0]
            if self._is_bracketed and not self.lines:
                self._is_closed = True
            elif self._is_bracketed and not step.state.stack:
                self.is_whole = True
                return line[: self._behind_closers(line, step.end)]
        return line

    def _opens_again(self, line: str, at: int) -> bool:
        """Tell whether ``line`` opens all that it closes from ``at`` on: "x) => (" in a call."""
        if is_blank(line[:at]) or self._place.wanted != "line" or self.state.stack:
            return False
        strays = []
        state = State()
        for step in steps(self._lexis, line[at:]):
            state = step.state
            strays += [line[at + step.start]] if step.what == "stray" else []
        self.state = state._replace(stack=())
        return tuple(strays) == state.stack[::-1]

    def _leaves_comment(self, step: Step) -> bool:
        place = self._place
        is_own = place.where == "comment" and step.what in {"leave", "uncomment"}
        return is_own and place.state.inside != "\n" and place.state.inside in self._around.after

    def _behind_closers(self, line: str, at: int) -> int:
        """Return the place in ``line`` behind further closing brackets that are missing."""
        while self._missing and line[at : at + 1] == self._missing[0]:
            del self._missing[0]
            at += 1
        separator = _SEPARATOR.match(line, at)
        return separator.end() if separator else at


def _line_below(around: Window) -> str | None:
    """Return the line below that a completion must not have: it would stand there twice."""
    return next((without_end(line) for line in around.below if TELLING.search(line)), None)


def _has_end_below(place: Place, around: Window) -> bool:
    """Tell whether the word that ends the block stands below already."""
    lexis, base = place.lexis, _width(place.base)
    for line in around.below:
        width = _width(indent_of(line))
        if not is_blank(line) and width <= base:
            ends = lexis.ends.match(line.strip()) or lexis.middles.match(line.strip())
            return width == base and bool(ends)
    return False


def is_balanced(place: Place, state: State) -> bool:
    """Tell whether a completion may end where ``state`` is open of what it opened itself.

    The document may close brackets. What the caret stands in may go on, where it is a comment or
    may go over lines.
    """
    is_closed = state.stack[::-1] == place.surplus[: len(state.stack)]
    if not (is_closed or place.lexis.is_prose):
        return False
    own = place.state.inside
    goes_on = place.state.is_comment or own in place.lexis.over_lines
    return not state.inside or (state.inside == own and goes_on)


def _up_to(line: str, end: int) -> str:
    """Return ``line`` up to ``end``; nothing where only white space stands before it."""
    return line[:end] if line[:end].strip() else ""


def _width(indent: str) -> int:
    return len(indent.expandtabs(_TAB_WIDTH))
