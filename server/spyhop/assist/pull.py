"""Getting a model, told as a person wants to hear it: how much there is, how fast, how long yet."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from spyhop.core.transfer import Pace, bytes_text, clock_text
from spyhop.messages import Notice
from spyhop.models.connect import puller_for
from spyhop.models.pulling import (
    DONE,
    DOWNLOADING,
    FINISHING,
    PREPARING,
    VERIFYING,
    PullProgress,
)
from spyhop.settings import EndpointSettings

_LAST: Final = 99
_KEYS: Final = {
    PREPARING: "pull-preparing",
    VERIFYING: "pull-verifying",
    FINISHING: "pull-finishing",
    DONE: "pull-done",
}


@dataclass(frozen=True, slots=True)
class Step:
    """How far a pull is."""

    progress: PullProgress
    notice: Notice
    """The same for people."""
    percentage: int | None
    """0 to 100; it never falls, and is 100 only when all is done. None before anything came."""


async def pull(
    endpoint: EndpointSettings, name: str, clock: Callable[[], float] = time.monotonic
) -> AsyncGenerator[Step, None]:
    """Have ``endpoint`` get a model, and yield how far it is; the last step is of status `DONE`.

    Closing the generator stops the pull; what has come is kept for the next one.

    Raises:
        ModelError: the model cannot be had; says why.
    """
    puller = puller_for(endpoint)
    telling = Telling(name)
    try:
        async with aclosing(puller.pull(name)) as steps:
            async for progress in steps:
                yield telling.step(progress, clock())
    finally:
        await puller.aclose()


class Telling:
    """Turns the progress of one pull into what is told of it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._pace = Pace()
        self._percentage: int | None = None

    def step(self, progress: PullProgress, at: float) -> Step:
        """Return what to tell of ``progress``, which came at second ``at``."""
        if progress.status == DOWNLOADING and progress.completed is not None:
            self._pace.note(at, progress.completed)
        return Step(progress, self._notice(progress), self._share(progress))

    def _share(self, progress: PullProgress) -> int | None:
        if progress.status == DONE:
            return 100
        told = progress.percentage
        if told is not None:
            # The total grows with each file, and all files are there before they are checked.
            self._percentage = min(_LAST, max(told, self._percentage or 0))
        return self._percentage

    def _notice(self, progress: PullProgress) -> Notice:
        if key := _KEYS.get(progress.status):
            return Notice.of(key, model=self._name)
        completed, total = progress.completed, progress.total
        if not completed and total is None:
            return Notice.of("pull-preparing", model=self._name)
        if completed is None or total is None:
            return Notice.of("pull-so-far", model=self._name, completed=bytes_text(completed or 0))
        there, whole = bytes_text(completed), bytes_text(total)
        rate, left = self._pace.rate, self._pace.left(total)
        if rate is None:
            return Notice.of("pull-bytes", completed=there, total=whole)
        if left is None:
            return Notice.of("pull-bytes-stuck", completed=there, total=whole)
        return Notice.of(
            "pull-bytes-left",
            completed=there,
            total=whole,
            rate=bytes_text(rate),
            left=clock_text(left),
        )
