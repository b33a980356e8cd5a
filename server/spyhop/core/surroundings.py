"""What stands around a caret, and whether a text still has it around another one.

Everything is compared as text, never by a hash or an offset, so what is found is right whatever
has happened to the document in between: edits elsewhere, undo, another program.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from spyhop.core.anchors import Change
from spyhop.core.closers import CLOSERS, is_closers

# In characters; about 30 lines above and 15 below. What stands farther away may change.
TAIL: Final = 1024
HEAD: Final = 512
# A bracket, a line break before it and an indentation.
_MOST_CLOSERS: Final = 32


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a caret; equal ones are the same place to a completion."""

    tail: str
    """The last characters before the caret, at most `TAIL`."""
    head: str
    """The first characters behind the caret, at most `HEAD`."""
    first: bool
    """Whether ``tail`` is all there is before the caret."""
    last: bool
    """Whether ``head`` is all there is behind the caret."""

    @classmethod
    def of(cls, text: str, caret: int) -> Surroundings:
        """Return what stands around the offset ``caret`` of ``text``."""
        start, end = max(0, caret - TAIL), caret + HEAD
        return cls(text[start:caret], text[caret:end], start == 0, end >= len(text))

    def typed(self, text: str, caret: int, longest: int) -> Iterator[str]:
        """Yield what may have been typed since: every text between this tail and ``caret``.

        The shortest comes first, and none is longer than ``longest`` characters. Where the tail
        repeats itself, there are several.
        """
        size = len(self.tail)
        if self.first:
            if 0 <= caret - size <= longest and text.startswith(self.tail):
                yield text[size:caret]
            return
        # At the text's start, it would be all there is before the caret.
        least = max(1, caret - size - longest)
        end = caret
        while (start := text.rfind(self.tail, least, end)) >= 0:
            yield text[start + size : caret]
            end = start + size - 1

    def stands_behind(self, text: str, caret: int, skipped: int = 0) -> bool:
        """Tell whether this head, without its first ``skipped`` characters, follows ``caret``."""
        all_there_is = len(text) - caret == len(self.head) - skipped
        return all_there_is == self.last and text.startswith(self.head[skipped:], caret)

    def closers(self, text: str, caret: int) -> str:
        """Return the closing brackets and quotes that stand between ``caret`` and this head.

        An editor has put them there when the opening ones were typed. White space may stand
        before them. Empty when there are none, or when this head does not follow.
        """
        for end in range(caret + 1, min(len(text), caret + _MOST_CLOSERS) + 1):
            if not is_closers(text[end - 1]):
                break
            if text[end - 1] in CLOSERS and self.stands_behind(text, end):
                return text[caret:end]
        return ""


def caret_after(caret: int, change: Change) -> int:
    """Return where an editor's caret stands after ``change``: behind what was put in at it."""
    if change.span.end < caret:
        return caret + change.growth
    if change.span.start <= caret:
        return change.span.start + len(change.text)
    return caret


def carets_after(text: str, caret: int, changes: Sequence[Change]) -> list[int]:
    """Return where the caret may stand in ``text``, which ``changes`` made; likeliest first.

    An editor that closes a bracket by itself leaves the caret before the closing one.
    """
    for change in changes:
        caret = caret_after(caret, change)
    carets = [caret]
    for place in range(caret - 1, max(0, caret - _MOST_CLOSERS) - 1, -1):
        if not is_closers(text[place : place + 1]):
            break
        carets.append(place)
    return carets
