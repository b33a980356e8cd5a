"""How long to wait after a keystroke before a model is asked.

A request is worth its cost when the user has stopped to look, so the wait goes by their own rhythm:
it is over once they have been silent clearly longer than between two of their keystrokes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import Final

_KEPT: Final = 16
_ENOUGH: Final = 4
_USUAL: Final = 0.16
# Longer is a pause to think, shorter one action that an editor reports in several pieces.
_LONGEST: Final = 1.5
_SHORTEST: Final = 0.01

_SHARE_OF_INTERVAL: Final = 1.25
# A slow model makes a request that is thrown away dearer, and a short wait harder to notice.
_SHARE_OF_FIRST_TOKEN: Final = 0.1
_LEAST: Final = 0.08
_MOST: Final = 0.6


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The user's recent keystrokes; times are in seconds, on any clock."""

    last: float | None = None
    """When the latest one was."""
    intervals: tuple[float, ...] = ()
    """The times between two of them, pauses left out, latest last; at most 16."""

    def after(self, now: float) -> Rhythm:
        """Return the rhythm with a keystroke at ``now``."""
        interval = now - self.last if self.last is not None else 0.0
        if not _SHORTEST <= interval <= _LONGEST:
            return replace(self, last=now)
        return Rhythm(now, (*self.intervals[1 - _KEPT :], interval))

    @property
    def interval(self) -> float:
        """The median interval in seconds; a usual one while too few are known."""
        return median(self.intervals) if len(self.intervals) >= _ENOUGH else _USUAL


def patience(rhythm: Rhythm, first_token: float | None) -> float:
    """Return how many seconds of silence, 0.08 to 0.6, say that the user has stopped.

    ``first_token``: how many seconds the model takes to its first token, None where nobody knows.
    """
    wait = _SHARE_OF_INTERVAL * rhythm.interval + _SHARE_OF_FIRST_TOKEN * (first_token or 0.0)
    return min(max(wait, _LEAST), _MOST)
