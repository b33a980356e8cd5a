"""The events of chats as server-sent events, for as long as the browser listens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final

from spyhop.assist.chat.port import ChatPort

# Seconds of silence after which a dead connection would go unnoticed.
_HEARTBEAT: Final = 15.0
HEARTBEAT: Final = b": still here\n\n"


async def stream(chats: ChatPort, after: int, closing: asyncio.Event) -> AsyncIterator[bytes]:
    """Yield the events behind number ``after``, each with it as its id, until ``closing`` is set.

    The browser learns at once that it is connected.
    """
    yield HEARTBEAT
    events = chats.follow(after)
    over = asyncio.create_task(closing.wait())
    coming = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            await asyncio.wait(
                (coming, over), timeout=_HEARTBEAT, return_when=asyncio.FIRST_COMPLETED
            )
            if over.done():
                return
            if not coming.done():
                yield HEARTBEAT
                continue
            event = coming.result()
            if event is None:
                return
            yield as_record(event)
            coming = asyncio.ensure_future(anext(events, None))
    finally:
        over.cancel()
        coming.cancel()
        await asyncio.gather(over, coming, return_exceptions=True)
        await events.aclose()


def as_record(event: dict[str, Any]) -> bytes:
    """Return an event as a record of the stream; JSON holds no line's end."""
    return f"id: {event['seq']}\ndata: {json.dumps(event)}\n\n".encode()
