"""A language server that dies between a client and a model, as one does of ``kill -9``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lsp_client import Client


@asynccontextmanager
async def dying() -> AsyncIterator[tuple[Client, asyncio.subprocess.Process]]:
    """Start a server; it is killed at the end, where it lives still."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "spyhop", "lsp"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    assert process.stdin
    assert process.stdout
    client = Client(process.stdout, process.stdin)
    running = asyncio.create_task(client.run())
    try:
        yield client, process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        # A message may end in the middle, and an answer may find nobody.
        await asyncio.gather(running, return_exceptions=True)
        process.stdin.close()
