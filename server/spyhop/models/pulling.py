"""Getting a model: what every way to get one tells while it does, and which way an endpoint has."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, Protocol

PREPARING: Final = "preparing"
DOWNLOADING: Final = "downloading"
VERIFYING: Final = "verifying"
FINISHING: Final = "finishing"
DONE: Final = "done"


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a pull is: ``completed`` of ``total`` bytes, of all its files together.

    ``total`` may grow, where it is learned file by file. Both are None where there is nothing to
    count.
    """

    status: str
    """One of the names above."""
    completed: int | None = None
    total: int | None = None

    @property
    def percentage(self) -> int | None:
        """How much of it there is, 0 to 100, rounded down; None where that cannot be said."""
        if not self.total or self.completed is None:
            return None
        return max(0, min(100, self.completed * 100 // self.total))


class Puller(Protocol):
    """What can get models. A pull that was left is gone on with by the next one of that name."""

    def pull(self, name: str) -> AsyncGenerator[PullProgress, None]:
        """Get a model, and yield how far it is; the last value's status is `DONE`.

        Closing the generator stops the pull, and what has come is kept.

        Raises:
            ModelUnavailable: nobody is there to be asked.
            ModelFailed: the model cannot be had; says why, and what mends it.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...
