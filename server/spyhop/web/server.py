"""The page's server: it starts with the first use and ends with the program that it is in."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn

from spyhop.assist.chat.port import ChatPort
from spyhop.messages import Language
from spyhop.web.access import HOST, Access
from spyhop.web.app import App
from spyhop.web.confine import Confined

# Seconds that requests on their way have when the server ends.
_PATIENCE: Final = 2
_MOST_HEADERS: Final = 32 * 1024
_MOST_CONNECTIONS: Final = 256


class PageServer:
    """Serves the chat page on a port of its own on loopback, in the loop that it is made in."""

    def __init__(
        self,
        chats: ChatPort,
        roots: Callable[[], Sequence[Path]],
        language: Callable[[], Language],
    ) -> None:
        """Begin to serve ``chats`` for the workspace's folders ``roots``.

        Raises:
            OSError: there is no port on loopback.
        """
        self._socket = _listen()
        self._language = language
        self._access = Access(self._socket.getsockname()[1])
        self._app = App(self._access, Confined(chats, roots), language)
        self._server = _Server(
            uvicorn.Config(
                self._app,
                interface="asgi3",
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                limit_concurrency=_MOST_CONNECTIONS,
                timeout_graceful_shutdown=_PATIENCE,
                h11_max_incomplete_event_size=_MOST_HEADERS,
            )
        )
        self._serving = asyncio.create_task(self._server.serve([self._socket]))

    def open_page(self, chat_id: str = "") -> str:
        """Return an address that shows the page, and a chat in it: once, and for a minute."""
        query = {"lang": self._language()} | ({"chat": chat_id} if chat_id else {})
        return self._access.address(**query)

    @property
    def listeners(self) -> int:
        """How many pages are open and connected."""
        return self._app.listeners

    async def aclose(self) -> None:
        """End, and all that pages still wait for."""
        self._app.closing.set()
        self._server.over.set()
        await self._serving


class _Server(uvicorn.Server):
    """Leaves signals to the program that it is in, and does nothing while nothing is asked."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.over = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        await self.over.wait()


def _listen() -> socket.socket:
    """Return a socket that listens on loopback, on a port that the system chooses."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform == "win32":
        # Else another program could take the same port over.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    try:
        listener.bind((HOST, 0))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
