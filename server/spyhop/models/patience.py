"""Asking once more, where nothing was shown yet and what stands in the way will be gone by itself.

Bounded in number and in time. What took long before it failed is not asked for again: a gateway
that gave up after a minute would do so once more.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from spyhop.messages import Notice
from spyhop.models.errors import ModelFailed, ModelUnavailable, Obstacle, Retry
from spyhop.models.port import Delta, Model, ModelInfo, Request

Tell: TypeAlias = Callable[[Notice], None]
"""Tells the user how a request gets on; what is told later takes the place of what was before."""


@dataclass(frozen=True, slots=True)
class _Bounds:
    delays: tuple[float, ...]
    """Seconds before each time; the last one is repeated."""
    times: int
    seconds: float
    """After so many seconds since the request began it is not asked again."""


_BOUNDS: Final[dict[Obstacle, _Bounds]] = {
    "loading": _Bounds((1, 2, 4), 60, 120),
    "busy": _Bounds((1, 2, 4, 8), 5, 30),
    "limited": _Bounds((2, 4, 8, 16), 4, 60),
    "gateway": _Bounds((1, 3), 2, 15),
    # At first at once: a connection that was kept open is often closed meanwhile.
    "dropped": _Bounds((0, 1), 2, 15),
}
_NOTICES: Final[dict[Obstacle, str]] = {
    "loading": "waiting-loading",
    "busy": "waiting-busy",
    "limited": "waiting-limited",
    "gateway": "waiting-gateway",
    "dropped": "waiting-dropped",
}
# A server that wants more of a break than this is not waited for.
_LONGEST_BREAK: Final = 30


@dataclass(frozen=True, slots=True)
class Timing:
    """The clock, in seconds, the sleep and the chance, from 0 to 1, that waiting is made of."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Patient:
    """A model that is asked again where that helps, for one request of the user's.

    `tell` is told of every wait of a second or more. Cancelling ends a wait at once.
    """

    model: Model
    tell: Tell
    timing: Timing = field(default_factory=Timing)

    async def info(self) -> ModelInfo:
        """See `Model.info`."""
        waits = _Waits(self)
        while True:
            try:
                return await self.model.info()
            except (ModelUnavailable, ModelFailed) as error:
                await waits.out(error)

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        """See `Model.stream`; once a delta has come, it is not asked again."""
        waits = _Waits(self)
        begun = False
        while True:
            try:
                async with aclosing(self.model.stream(request)) as deltas:
                    async for delta in deltas:
                        begun = True
                        yield delta
            except (ModelUnavailable, ModelFailed) as error:
                if begun:
                    raise
                await waits.out(error)
            else:
                return

    async def wire_prompt(self, request: Request) -> str:
        """See `Model.wire_prompt`."""
        await self.info()
        return await self.model.wire_prompt(request)

    async def aclose(self) -> None:
        """See `Model.aclose`."""
        await self.model.aclose()


class _Waits:
    """The waits of one request."""

    def __init__(self, patient: Patient) -> None:
        self._tell = patient.tell
        self._timing = patient.timing
        self._began = self._timing.clock()
        self._times: dict[Obstacle, int] = {}

    async def out(self, error: ModelUnavailable | ModelFailed) -> None:
        """Wait until it is time to ask again, or raise ``error`` where that would not help."""
        seconds = None if error.retry is None else self._seconds(error.retry)
        if error.retry is None or seconds is None:
            raise error
        if seconds >= 1:
            self._tell(Notice.of(_NOTICES[error.retry.obstacle], seconds=math.ceil(seconds)))
        await self._timing.sleep(seconds)

    def _seconds(self, retry: Retry) -> float | None:
        """Return how long to wait; None where it has been enough."""
        bounds, times = _BOUNDS[retry.obstacle], self._times.get(retry.obstacle, 0)
        self._times[retry.obstacle] = times + 1
        delay = bounds.delays[min(times, len(bounds.delays) - 1)]
        # Many who failed together shall not come back together.
        seconds = max(retry.after or 0, delay) + delay * self._timing.chance() / 2
        waited = self._timing.clock() - self._began
        too_long = (retry.after or 0) > _LONGEST_BREAK or waited + seconds > bounds.seconds
        return None if times >= bounds.times or too_long else seconds
