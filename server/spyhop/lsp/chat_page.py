"""The chat page of one editor, for a client that has no view of ours: opened in the browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from spyhop.lsp.editor import Editor
from spyhop.messages import Language, say

if TYPE_CHECKING:
    from spyhop.assist.chat.port import ChatPort
    from spyhop.web.server import PageServer


class ChatPage:
    """Serves the page from its first use on, in the loop of the language server."""

    def __init__(
        self,
        editor: Editor,
        roots: Callable[[], Sequence[Path]],
        language: Callable[[], Language],
    ) -> None:
        self._editor = editor
        self._roots = roots
        self._language = language
        self._server: PageServer | None = None
        self._starting = asyncio.Lock()

    async def show(self, chats: ChatPort, chat_id: str = "") -> None:
        """Have the user see a chat: in a page that is open, else in a new one.

        An open page shows by itself what the editor adds. Where the client cannot open a browser,
        the user is told the address.
        """
        server = await self._serve(chats)
        if server.listeners:
            self._tell("page-is-open")
            return
        address = server.open_page(chat_id)
        if not await self._editor.open_external(address):
            self._tell("page-address", address=address)

    async def aclose(self) -> None:
        """Stop serving."""
        async with self._starting:
            if self._server is not None:
                await self._server.aclose()
                self._server = None

    async def _serve(self, chats: ChatPort) -> PageServer:
        async with self._starting:
            if self._server is None:
                make = await asyncio.to_thread(_page_server)
                self._server = make(chats, self._roots, self._language)
            return self._server

    def _tell(self, key: str, **values: str) -> None:
        self._editor.show(types.MessageType.Info, say(self._language(), key, **values))


def _page_server() -> type[PageServer]:
    """Return the server's class: what it imports takes longer than start-up may."""
    from spyhop.web.server import PageServer  # noqa: PLC0415 - as said

    return PageServer
