"""The chat page for the command line: served until Ctrl-C."""

from __future__ import annotations

import asyncio
import webbrowser
from pathlib import Path

from spyhop.assist.chat.port import ChatPort
from spyhop.cli.console import Screen
from spyhop.web.server import PageServer


async def serve_page(chats: ChatPort, screen: Screen, chat_id: str = "") -> None:
    """Open the chat page in the browser and serve it until the task is cancelled.

    The workspace is the current folder.
    """
    server = PageServer(chats, lambda: [Path.cwd()], lambda: screen.language)
    try:
        address = server.open_page(chat_id)
        screen.tell("page-serving", address=address)
        await asyncio.to_thread(webbrowser.open, address)
        await asyncio.Event().wait()
    finally:
        await server.aclose()
