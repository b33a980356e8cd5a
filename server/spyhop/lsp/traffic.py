"""What is on its way into a document: one change at a time, waited for until it has arrived."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final

from spyhop.sessions.edit import Edit

_LOG: Final = logging.getLogger("spyhop")
# Seconds for an editor that has applied a change to report it; most have done so by then.
_PATIENCE: Final = 2.0


class Traffic:
    """Keeps what is on its way into one document apart: one change at a time."""

    def __init__(self) -> None:
        self._turns: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, asyncio.Event] = {}

    @asynccontextmanager
    async def turn(self, uri: str) -> AsyncIterator[None]:
        """Wait for the turn to bring something into a document."""
        lock = self._turns.setdefault(uri, asyncio.Lock())
        try:
            async with lock:
                yield
        finally:
            if not lock.locked() and self._turns.get(uri) is lock:
                del self._turns[uri]

    async def arrival(self, edit: Edit) -> None:
        """Wait until the editor has reported what it says it has applied, or had its time to."""
        if edit.applying is None:
            return
        arrived = self._waiting.setdefault(edit.id, asyncio.Event())
        try:
            await asyncio.wait_for(arrived.wait(), _PATIENCE)
        except TimeoutError:
            _LOG.warning("The editor has applied a change and does not report it")
        finally:
            self._waiting.pop(edit.id, None)

    def moved(self, edits: Iterable[Edit]) -> None:
        """Note that a document with these edits has changed or was closed."""
        for edit in edits:
            if edit.applying is None and edit.id in self._waiting:
                self._waiting[edit.id].set()
