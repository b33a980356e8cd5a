"""A language server that dies between a client and a model, as one does of ``kill -9``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from lsp_client import Client, started


class Deadly(Client):
    """A client that kills its server at one message, sent or received."""

    last_message: int | None = None
    """The number of that message, from 1; None: it lets the server live."""
    process: asyncio.subprocess.Process
    messages_so_far = 0

    def _count(self) -> None:
        self.messages_so_far += 1
        if self.messages_so_far == self.last_message and self.process.returncode is None:
            self.process.kill()

    def _send(self, message: dict[str, Any]) -> None:
        super()._send(message)
        self._count()

    def _handle(self, message: dict[str, Any]) -> None:
        # What the server has sent before its death arrives all the same.
        self._count()
        super()._handle(message)


@asynccontextmanager
async def dying(env: Mapping[str, str] | None = None) -> AsyncIterator[Deadly]:
    """Start a server; it is killed at the end, where it lives still."""
    process, reader, writer = await started(env=env)
    client = Deadly(reader, writer)
    client.process = process
    running = asyncio.create_task(client.run())
    try:
        yield client
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        # A message may end in the middle, and an answer may find nobody.
        await asyncio.gather(running, return_exceptions=True)
        writer.close()
