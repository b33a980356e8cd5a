"""The lines before the caret that an output begins with once more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from spyhop.core.echo import TELLING
from spyhop.core.indentation import indent_of
from spyhop.core.lines import is_blank

_LINES: Final = 80
# Of a line that has just begun; a letter or a bracket may well stand there twice.
_TELLING_HEAD: Final = re.compile(r"\w\w.|.\w\w")


class Move(NamedTuple):
    """How deep an output has a line that is the document's own, and where that stands."""

    origin: str
    target: str


class PrefixEcho:
    """Takes an output's first lines and gives back those that do not repeat the document.

    Lines count as repeated when they are, blank ones and outer white space apart, a run of the
    document's that reaches to the caret, and at least one of them is telling; so does what stands
    in the caret's line before it.
    """

    def __init__(self, above: Sequence[str], head: str) -> None:
        shown = [line for line in above if not is_blank(line)][-_LINES:]
        self._keys = [line.strip() for line in shown]
        self._indents = [indent_of(line) for line in shown]
        self._head = head
        self._key = head.strip()
        self._pending: list[str] = []
        self._places: list[int] | None = None
        """Where in the document the run so far ends, behind its last line; None before it."""
        self._is_telling = False
        self._done = False
        self._complete: int | None = None
        """How many of the pending lines surely repeat the document."""
        self.move: Move | None = None
        """Known when something was repeated."""

    @property
    def waits(self) -> bool:
        """Whether lines are held back, or the next one may still repeat the document."""
        return not self._done

    def take(self, line: str) -> list[str]:
        """Take the next line; return those that are the output's own, as far as it is known."""
        if self._done:
            return [line]
        if is_blank(line):
            self._pending.append(line)
            return []
        if self._repeats_head(line):
            begin = line.index(self._key) + len(self._key)
            white = self._head[len(self._head.rstrip()) :]
            self._end(Move(indent_of(line), indent_of(self._head)))
            self._pending.clear()
            return [line[begin:].removeprefix(white)]
        if self._places is None and (length := self._repeats_end_of_head(line)):
            self._end(None)
            return [line[length:]]
        self._places = self._behind(line.strip())
        self._pending.append(line)
        if not self._places:
            return self.finish()
        self._is_telling = self._is_telling or bool(TELLING.search(line))
        end = len(self._keys)
        if not self._key and end in self._places and self._is_telling:
            self._complete = len(self._pending)
            self.move = Move(indent_of(line), self._indents[-1])
        return []

    def finish(self) -> list[str]:
        """Return the lines held back that are the output's own."""
        own = self._pending[self._complete or 0 :]
        self._end(self.move)
        self._pending = []
        return own

    def _end(self, move: Move | None) -> None:
        self._done = True
        self.move = move

    def _repeats_head(self, line: str) -> bool:
        if not self._key or not line.lstrip().startswith(self._key):
            return False
        if self._places is not None:
            return self._is_at_caret()
        return bool(_TELLING_HEAD.search(self._key))

    def _repeats_end_of_head(self, line: str) -> int:
        """Return how many characters at the beginning of ``line`` the caret's line ends with.

        0, when they do not tell that they are repeated.
        """
        longest = min(len(line), len(self._head))
        for length in range(longest, 0, -1):
            if self._head.endswith(line[:length]):
                return length if TELLING.search(line[:length]) else 0
        return 0

    def _is_at_caret(self) -> bool:
        return len(self._keys) in (self._places or ())

    def _behind(self, key: str) -> list[int]:
        """Return where the run ends that ``key`` makes one line longer."""
        if self._places is None:
            return [place + 1 for place, own in enumerate(self._keys) if own == key]
        return [
            place + 1
            for place in self._places
            if place < len(self._keys) and self._keys[place] == key
        ]
