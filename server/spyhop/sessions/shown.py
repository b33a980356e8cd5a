"""The completion that a user sees, and what they make of it.

Most clients never tell. So it is read off the text: what comes in one piece and is more than a key
gives was accepted; a completion that stands there to its end was taken, however it got there; one
that something else was typed over, or that the user went away from, was rejected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from spyhop.core.surroundings import Surroundings
from spyhop.sessions.habits import Habits
from spyhop.sessions.remembered import Remembered

# What a key gives with an editor's help: a line break with the indentation, a pair of brackets.
_LEAST_ACCEPTED: Final = 2
_PAIRS: Final = frozenset({"()", "[]", "{}", "''", '""', "``"})


@dataclass(slots=True)
class Shown:
    """A completion on the screen."""

    remembered: Remembered
    place: Surroundings
    """Where it was shown last."""
    typed: int
    """How many of its characters stood before the caret then."""
    seen: bool = True
    """Whether it has come to the screen: an editor that tells may have left it out."""
    taken: bool = False
    """Whether the user has accepted it, or a part of it."""

    def took(self, habits: Habits) -> None:
        """Note that the user has accepted it, or a part; it counts once."""
        if not self.taken:
            self.taken = True
            habits.took(one_line=self.remembered.completion.one_line)

    def left(self, habits: Habits) -> None:
        """Note that it is gone from the screen."""
        if self.seen and not self.taken:
            habits.rejected(one_line=self.remembered.completion.one_line)

    def follow(self, text: str, carets: Iterable[int]) -> bool | None:
        """Follow one change that made ``text``, with the caret at one of ``carets``.

        Returns whether the change accepted some of it; None where it does not stand there any more.
        """
        for caret in carets:
            rest = self.remembered.rest(text, caret)
            if rest is not None:
                piece = self.remembered.completion.text[self.typed : rest.typed].strip()
                self.typed = rest.typed
                return len(piece) >= _LEAST_ACCEPTED and piece not in _PAIRS
        return None

    @property
    def used_up(self) -> bool:
        """Whether all of it stands before the caret."""
        return self.typed == len(self.remembered.completion.text)
