"""What is known of the user and the model: how fast they are, and what the user takes."""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import Final

from spyhop.core.debounce import Rhythm, patience

_KEPT: Final = 8
# By how much each rejection in a row lengthens the wait, up to three times the wait.
_BACK_OFF: Final = 0.15
_MOST_PATIENCE: Final = 3.0
# So many rejections in a row, and a line is tried once only.
_QUIET: Final = 6
_LEAST_TAKEN: Final = 1 / 3


class Habits:
    """The habits of one user with one model, over all documents; times are in seconds."""

    def __init__(self) -> None:
        self._rhythm = Rhythm()
        self._first_tokens: deque[float] = deque(maxlen=_KEPT)
        self._taken: dict[bool, deque[bool]] = {
            one_line: deque(maxlen=_KEPT) for one_line in (False, True)
        }
        self._rejected_in_a_row = 0

    def keystroke(self, now: float) -> None:
        """Note that the user has typed or deleted at ``now``."""
        self._rhythm = self._rhythm.after(now)

    def first_token(self, seconds: float) -> None:
        """Note how long the model took to its first token."""
        self._first_tokens.append(seconds)

    def took(self, *, one_line: bool) -> None:
        """Note that the user has taken a completion, or a part of it."""
        self._taken[one_line].append(True)
        self._rejected_in_a_row = 0

    def rejected(self, *, one_line: bool) -> None:
        """Note that the user has taken nothing of a completion that they were shown."""
        self._taken[one_line].append(False)
        self._rejected_in_a_row += 1

    @property
    def patience(self) -> float:
        """How long the user must be silent before the model is asked unbidden: 0.08 to 1.8 s."""
        first_token = median(self._first_tokens) if self._first_tokens else None
        factor = min(1 + _BACK_OFF * self._rejected_in_a_row, _MOST_PATIENCE)
        return factor * patience(self._rhythm, first_token)

    @property
    def quiet(self) -> bool:
        """Whether the user has taken nothing for so long that a line is tried once only."""
        return self._rejected_in_a_row >= _QUIET

    def likely(self, *, one_line: bool) -> bool:
        """Tell whether a third of such completions were taken; True where nothing is known."""
        taken = self._taken[one_line]
        return sum(taken) >= _LEAST_TAKEN * len(taken)
