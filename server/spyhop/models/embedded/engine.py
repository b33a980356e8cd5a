"""When the engine runs: from its first use until it has been idle for a while.

Nothing here knows what is run; the clock is the event loop's, or the one that is given.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, Protocol, TypeVar


class Runs(Protocol):
    """What is started, used and ended."""

    @property
    def ended(self) -> bool:
        """Whether it has ended by itself, and is of no more use."""
        ...

    async def aclose(self) -> None:
        """End it."""
        ...


class Timer(Protocol):
    """What will happen later."""

    def cancel(self) -> None:
        """Have it not happen."""
        ...


Later = Callable[[float, Callable[[], None]], Timer]
_RunsT = TypeVar("_RunsT", bound=Runs)


class Engine(Generic[_RunsT]):
    """Something that is started when it is used, shared, and ended when idle for long enough.

    ``keep_alive`` is in seconds: 0 ends it with its last use, infinity never does. ``later`` calls
    a function after so many seconds.
    """

    def __init__(
        self,
        start: Callable[[], Awaitable[_RunsT]],
        keep_alive: float,
        *,
        later: Later | None = None,
    ) -> None:
        self._start = start
        self._keep_alive = keep_alive
        self._later = later
        self._uses = 0
        self._running: asyncio.Task[_RunsT] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._timer: Timer | None = None

    @asynccontextmanager
    async def use(self) -> AsyncIterator[_RunsT]:
        """Give what runs, started if need be; it is not ended for idleness within.

        Raises:
            SpyhopError: what its start raises.
        """
        self._uses += 1
        self._forget_timer()
        try:
            yield await self._shared()
        finally:
            self._uses -= 1
            if not self._uses:
                self._rest()

    def give_up(self, runs: _RunsT) -> None:
        """End what proved to be of no use, unless others are at it; the next use starts anew."""
        running = self._running
        if running is None or not running.done() or _failed(running):
            return
        if running.result() is runs and (runs.ended or self._uses <= 1):
            self._stop()

    async def aclose(self) -> None:
        """End what runs, also while it starts. It can be used again."""
        self._forget_timer()
        self._stop()
        await asyncio.gather(*self._ending)

    async def _shared(self) -> _RunsT:
        # Shared: two first uses must not start it twice, nor may cancelling one of them cancel the
        # other's.
        if self._running is not None and _is_over(self._running):
            self._stop()
        if self._running is None:
            self._running = asyncio.create_task(self._started())
        return await asyncio.shield(self._running)

    async def _started(self) -> _RunsT:
        # Two at once might not find room in memory.
        await asyncio.gather(*self._ending)
        return await self._start()

    def _rest(self) -> None:
        if self._running is not None and (not self._keep_alive or _is_over(self._running)):
            self._stop()
        if self._running is None or self._keep_alive == math.inf:
            return
        later = self._later or asyncio.get_running_loop().call_later
        self._timer = later(self._keep_alive, self._stop)

    def _forget_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _stop(self) -> None:
        """Begin to end what runs or starts."""
        running, self._running = self._running, None
        if running is not None:
            task = asyncio.create_task(_end(running))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)


def _is_over(running: asyncio.Task[_RunsT]) -> bool:
    return running.done() and (_failed(running) or running.result().ended)


def _failed(running: asyncio.Task[_RunsT]) -> bool:
    return running.cancelled() or running.exception() is not None


async def _end(running: asyncio.Task[_RunsT]) -> None:
    running.cancel()
    await asyncio.wait({running})
    if not _failed(running):
        await running.result().aclose()
