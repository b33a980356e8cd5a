"""The events of chats, numbered, and kept for those who come back."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from itertools import islice
from typing import Any, Final

from spyhop.assist.chat.protocol import Event, Reset, to_json

MOST_KEPT: Final = 8192
"""How many events are remembered: the longest thoughts have about as many."""


class EventLog:
    """All events of this process. Its numbers are higher than those of any process before."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.seq = int(now() * 1000)
        """The number of the last event."""
        self._kept: deque[dict[str, Any]] = deque(maxlen=MOST_KEPT)
        self._more = asyncio.Event()
        self._closed = False

    def add(self, make: Callable[[int], Event]) -> None:
        """Add the event that ``make`` returns for its number."""
        self.seq += 1
        self._kept.append(to_json(make(self.seq)))
        self._wake()

    async def follow(self, after: int) -> AsyncGenerator[dict[str, Any], None]:
        """Yield the events behind the number ``after``, as `ChatPort.follow` promises."""
        while True:
            first = self.seq - len(self._kept)
            if not first <= after <= self.seq:
                after = self.seq
                yield to_json(Reset(seq=after))
                continue
            for event in list(islice(self._kept, after - first, None)):
                after = event["seq"]
                yield event
            if self._closed and after == self.seq:
                return
            if after == self.seq:
                await self._more.wait()

    def close(self) -> None:
        """Have everyone who follows come to an end."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        self._more.set()
        self._more = asyncio.Event()
