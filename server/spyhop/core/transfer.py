"""How a transfer gets on: its pace, and bytes and times as people read them."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_STEP: Final = 1000
_LESS_THAN_TEN: Final = 9.95
_WINDOW: Final = 10.0
# Before that, what is there by chance would count.
_LEAST: Final = 1.0


class Pace:
    """How fast bytes come, over the last ten seconds; times are in seconds, of any one clock.

    What is there at first counts for nothing, for it came before.
    """

    __slots__ = ("_notes",)

    def __init__(self) -> None:
        self._notes: deque[tuple[float, int]] = deque()

    def note(self, at: float, completed: int) -> None:
        """Take in that by now so many bytes are there; fewer than before begin anew."""
        notes = self._notes
        if notes and completed < notes[-1][1]:
            notes.clear()
        notes.append((at, completed))
        while len(notes) > 2 and notes[1][0] <= at - _WINDOW:  # noqa: PLR2004 - two make a pace
            notes.popleft()

    @property
    def rate(self) -> float | None:
        """Bytes a second; None in the first second, when nothing can be said."""
        if not self._notes:
            return None
        (begun, before), (now, completed) = self._notes[0], self._notes[-1]
        return (completed - before) / (now - begun) if now - begun >= _LEAST else None

    def left(self, total: int) -> float | None:
        """Return how many seconds are left until ``total`` bytes are there; None where unknown."""
        rate = self.rate
        if not rate:
            return None
        return max(0.0, (total - self._notes[-1][1]) / rate)


def bytes_text(count: float) -> str:
    """Return ``4.7 GB``: decimal units, as disks and model libraries count."""
    size, unit = float(max(0.0, count)), 0
    while unit < len(_UNITS) - 1 and round(size) >= _STEP:
        size, unit = size / _STEP, unit + 1
    digits = 1 if unit and size < _LESS_THAN_TEN else 0
    return f"{size:.{digits}f} {_UNITS[unit]}"


def clock_text(seconds: float) -> str:
    """Return ``4:05`` or ``1:02:03``: minutes and seconds, and hours where there are any."""
    whole = math.ceil(min(max(0.0, seconds), 359_999.0))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
