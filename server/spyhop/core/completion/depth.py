"""The indentation of an output's lines, set to that of the place they come to.

Models that go on typing at the caret indent as the document does. Others begin at the margin, at
the indentation that stands before the caret already, or write spaces where the document has tabs.
"""

from __future__ import annotations

import re
from typing import Final

from spyhop.core.completion.echo import Move
from spyhop.core.completion.place import Place
from spyhop.core.completion.scan import CLOSING, without_comment
from spyhop.core.completion.window import Window
from spyhop.core.indentation import indent_of
from spyhop.core.lines import end_of, is_blank

_STEPS: Final = (4, 2, 3, 8)
# What may stand as deep as the head of the block that it is in.
_LABEL: Final = re.compile(r"case\b|\w+(?: \w+)?:(?!:)")
_ITEM: Final = re.compile(r"- ")
# What goes on with the line above, a chain of calls or an operator.
_GOES_ON: Final = re.compile(r"\??\.\w|[?:|&+*/=-]")


class Depth:
    """Sets line after line; `first` comes before the others."""

    def __init__(self, place: Place, around: Window) -> None:
        self._place = place
        self._head = around.head
        self._above = indent_of(around.line_above)
        self._move = Move("", "")
        self._opens = False
        self.is_sure = True
        """Whether the output's own depth is known; else its second line tells."""
        self._step = 0
        """How many spaces the output has for a tab of the document."""

    def first(self, line: str, move: Move | None, *, is_fresh: bool) -> str:
        """Return what of the output's first line comes to the caret.

        ``is_fresh`` says that the line was not begun by the document, ``move`` what is known of the
        output's depth from lines that it repeated.
        """
        text = line.lstrip(" \t")
        own = self._styled(indent_of(line))
        if not is_blank(self._head):
            fresh = Move(own, indent_of(self._head)) if is_fresh else Move("", "")
            self._move = move or fresh
            # Tokens of models begin with a space, which may stand before the caret already.
            has_white = self._head[-1].isspace() and not is_blank(line)
            return text if (is_fresh and move is None) or has_white else line
        is_odd = (len(self._head) + len(own)) % len(self._place.unit) == 1
        if is_odd and own.startswith(" ") and self._place.where == "code":
            # The first token has a space of its own, or the prompt left one of the caret's to it.
            own = own[1:]
        target = self._target(text, own, move, is_fresh=is_fresh)
        origin = own if is_fresh or own == target else self._head + own
        self._move = move or Move(origin, target)
        self.is_sure = move is not None
        self._opens = self._opens_block(text)
        return target.removeprefix(self._head) + text

    def next(self, line: str) -> str:
        """Return the next line of the output as it is to stand in the document."""
        text = line.lstrip(" \t")
        if is_blank(line):
            return end_of(line)
        own = self._styled(indent_of(line))
        if not self.is_sure:
            self.is_sure = True
            origin, target = self._move
            is_deeper = len(own) > len(origin)
            lexis = self._place.lexis
            goes_on = lexis.ends.match(text) or lexis.middles.match(text) or text[0] in ")]}{"
            if self._opens and own and not is_deeper and not goes_on:
                self._move = Move("", target)
        return _moved(own, self._move) + text

    def _target(self, text: str, own: str, move: Move | None, *, is_fresh: bool) -> str:
        """Return how deep the first line is to stand; at least as deep as the caret."""
        place = self._place
        target = place.indent if place.indent.startswith(self._head) else self._head
        if move:
            moved = _moved(own, move)
            return moved if moved.startswith(self._head) else target
        there = self._head + own
        if is_fresh:
            return target
        if place.where == "string" or place.lexis.is_prose:
            return there
        if len(there) < len(target):
            return (
                there if target.startswith(there) and self._may_be_shallower(text, own) else target
            )
        may_stay = there.startswith(target) and self._may_be_deeper(text, own, target)
        return there if may_stay else target

    def _may_be_shallower(self, text: str, own: str) -> bool:
        """Tell whether the first line, less deep than the body it begins, is right so."""
        place = self._place
        there = self._head + own
        with_head = _LABEL if place.lexis.blocks == "brackets" else _ITEM
        is_own_step = bool(own) and not place.shows_unit and len(there) > len(place.base)
        return is_own_step or (there == place.base and bool(with_head.match(text)))

    def _may_be_deeper(self, text: str, own: str, target: str) -> bool:
        """Tell whether the first line, deeper than where a statement belongs, is right so."""
        place = self._place
        there = self._head + own
        if self._above.startswith(there):
            return True
        is_free = place.lexis.blocks != "indentation" or place.language == "yaml"
        if own == target or not (is_free or place.state.stack):
            return False
        steps = {len(it) % len(place.unit) for it in (there, there[len(target) :])}
        return 0 in steps or bool(_GOES_ON.match(text))

    def _opens_block(self, line: str) -> bool:
        text = without_comment(self._place.lexis, line)
        return text[-1:] in CLOSING or bool(self._place.lexis.opener.search(text))

    def _styled(self, indent: str) -> str:
        """Return ``indent`` in tabs, or in spaces, as the document has it."""
        unit = self._place.unit
        if not self._place.shows_unit:
            return indent
        if "\t" not in unit:
            return indent.replace("\t", unit)
        spaces = indent.count(" ")
        if not spaces or (indent.startswith("\t") and spaces < min(_STEPS)):
            return indent
        if not self._step:
            self._step = next((step for step in _STEPS if spaces % step == 0), spaces)
        steps, rest = divmod(len(indent.expandtabs(self._step)), self._step)
        return unit * steps + " " * rest


def _moved(indent: str, move: Move) -> str:
    """Return ``indent`` moved by as much as leads from the origin to the target."""
    origin, target = move
    if indent.startswith(origin):
        return target + indent[len(origin) :]
    if target.startswith(origin):
        return target[len(origin) :] + indent
    less = origin.removeprefix(target)
    return indent.removeprefix(less) if indent.startswith(less) else ""
