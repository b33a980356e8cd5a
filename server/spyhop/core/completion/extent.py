"""How far a completion goes: one line, or as far as the scope that it is in.

Lines come as they would stand in the document, the first one at the caret. What ends a completion
is seen at the beginning of a line or within it, never by what follows, so it does not depend on
how the stream was cut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from spyhop.core.completion.place import Place
from spyhop.core.completion.scan import State, Step, steps
from spyhop.core.completion.surroundings import Surroundings
from spyhop.core.echo import TELLING
from spyhop.core.indentation import indent_of
from spyhop.core.lines import is_blank, without_end

_MOST_LINES: Final = 50
_TAB_WIDTH: Final = 4
_CLOSERS: Final = (")", "]", "}")
_SEPARATOR: Final = re.compile(r"[;,]?")
# The first word of a line, when more has come behind it; what is no word may be a remark.
_FIRST_WORD: Final = re.compile(r"[ \t]*\w+\s")
# Lines of C's preprocessor and labels stand at the margin, whatever they are in.
_AT_MARGIN: Final = re.compile(r"#|[A-Za-z_]\w*:(?!:)")


@dataclass
class Extent:
    """Takes lines until the completion is whole."""

    place: Place
    around: Surroundings
    lines: list[str] = field(default_factory=list)
    """Those that were taken, with terminators but perhaps for the last one."""
    state: State = field(init=False)
    """What is open behind them: of brackets, only what they open."""
    is_whole: bool = False
    """Whether nothing may follow."""
    is_cut: bool = False
    """Whether more was to come than is sensible to show."""

    def __post_init__(self) -> None:
        self._lexis = self.place.lexis
        self.state = State(self.place.state.inside, (), self.place.state.is_comment)
        self._starts: list[int] = []
        self._missing = list(self.place.missing)
        self._is_midline = bool(self.around.rest.strip()) and self.place.extent != "body"
        self._block_began = False
        self._is_closed = False
        self._is_broken = False
        self._base = _width(self.place.base)
        self._echo = self._line_below()
        self._end_is_below = self._finds_end_below()

    @property
    def has_text(self) -> bool:
        """Whether a line that is not blank was taken."""
        return any(not is_blank(line) for line in self.lines)

    @property
    def is_unbalanced(self) -> bool:
        """Whether the lines leave a string or bracket open that the document does not close."""
        is_balanced_now = is_balanced(self.place, self.state) and not self._is_broken
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
            self.lines.append(kept)
            self._starts.append(start)
        if is_end_word:
            self.is_whole = True
        if is_blank(line) and was_blank and self.place.where == "code" and not self._is_midline:
            return
        self.is_whole = self.is_whole or self._is_whole_behind(line)
        if not self.is_whole and len(self.lines) >= _MOST_LINES:
            self.is_whole = self.is_cut = True

    def will_end_before(self, part: str) -> bool:
        """Tell whether a line that begins with ``part`` shows that no line is to come."""
        return bool(_FIRST_WORD.match(part)) and self._leaves(part)

    def _is_whole_behind(self, line: str) -> bool:
        """Tell whether the completion may end where the line that was taken last ends."""
        if self._is_midline or self._lexis.is_prose or self.place.where != "code":
            return True
        if not is_balanced(self.place, self.state):
            return False
        if self.place.extent == "line" or self._is_closed or self.state.stack:
            return True
        if self.place.extent == "definition" and self._lexis.blocks == "brackets":
            return self._block_began or line.rstrip().endswith(";")
        return False

    def _ends_before(self, line: str) -> bool:
        if is_blank(line) or self.place.where != "code":
            return False
        shown = without_end(line)
        if not self.lines:
            shown = self.around.head + shown
        if self._echo is not None and shown.strip() == self._echo.strip():
            is_as_deep = indent_of(shown) == indent_of(self._echo)
            if is_as_deep or not self.has_text:
                return True
        return self._leaves(line)

    def _at_line_start(self, line: str) -> bool:
        """Tell whether ``line`` begins a statement on a line of its own."""
        begins = bool(self.lines) or is_blank(self.around.head)
        return begins and not (is_blank(line) or self.state.inside or self.state.stack)

    def _leaves(self, line: str) -> bool:
        """Tell whether ``line`` stands outside of the scope, by its depth."""
        extent = self.place.extent
        if extent == "line" or not self.lines or not self._at_line_start(line):
            return False
        width = _width(indent_of(line))
        if extent == "statements":
            was_blank = is_blank(self.lines[-1]) and self.has_text
            return width < self._base or (width == self._base and was_blank)
        return width <= self._base and self._leaves_block(width, line.strip())

    def _leaves_block(self, width: int, text: str) -> bool:
        """Tell whether ``text``, not deeper than the block's head, is no part of it."""
        lexis = self._lexis
        if self.place.extent == "body" and (lexis.blocks == "brackets" or self._is_bracket_body()):
            return width < self._base and text[0] not in _CLOSERS and not _AT_MARGIN.match(text)
        if lexis.blocks == "brackets":
            return text[0] not in (*_CLOSERS, "{")
        if lexis.blocks == "words" and width == self._base and not self._end_is_below:
            return not (lexis.ends.match(text) or lexis.middles.match(text))
        is_item = self.place.language == "yaml" and text.startswith("- ")
        is_list = is_item and not self.around.head.lstrip().startswith("- ")
        return not is_list or width < self._base

    def _is_bracket_body(self) -> bool:
        """Tell whether the caret stands in the body of a bracket rather than of words."""
        above = self.around.head if not is_blank(self.around.head) else self.around.line_above
        return self.place.extent == "body" and above.rstrip()[-1:] in {"(", "[", "{"}

    def _is_end_word(self, line: str) -> bool:
        is_block = self.place.extent in {"body", "definition"}
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
                return _up_to(line, step.start)
            del self._missing[0]
            if self._is_bracket_body() and not self.lines:
                self._is_closed = True
            elif self._is_bracket_body() and not step.state.stack:
                self.is_whole = True
                return line[: self._behind_closers(line, step.end)]
        return line

    def _leaves_comment(self, step: Step) -> bool:
        place = self.place
        is_own = place.where == "comment" and step.what in {"leave", "uncomment"}
        return is_own and place.state.inside != "\n" and place.state.inside in self.around.after

    def _behind_closers(self, line: str, at: int) -> int:
        """Return the place in ``line`` behind further closing brackets that are missing."""
        while self._missing and line[at : at + 1] == self._missing[0]:
            del self._missing[0]
            at += 1
        separator = _SEPARATOR.match(line, at)
        return separator.end() if separator else at

    def _line_below(self) -> str | None:
        """Return the line below that a completion must not have: it would stand there twice."""
        return next((without_end(it) for it in self.around.below if TELLING.search(it)), None)

    def _finds_end_below(self) -> bool:
        """Tell whether the word that ends the block stands below already."""
        lexis = self._lexis
        for line in self.around.below:
            width = _width(indent_of(line))
            if not is_blank(line) and width <= self._base:
                ends = lexis.ends.match(line.strip()) or lexis.middles.match(line.strip())
                return width == self._base and bool(ends)
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
