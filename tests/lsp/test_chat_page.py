"""The chat page in the browser, opened by the language server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from lsprotocol import types
from pygls.lsp.server import LanguageServer

from scripted_chats import ScriptedChats
from spyhop.lsp.chat_page import ChatPage
from spyhop.lsp.editor import Editor
from spyhop.messages import say

pytestmark = pytest.mark.anyio


class Listening(Editor):
    """An editor that notes what it is asked to open and to show."""

    def __init__(self, *, opens: bool = True) -> None:
        super().__init__(LanguageServer("test", "0"))
        self.opens = opens
        self.opened: list[str] = []
        self.shown: list[str] = []

    async def open_external(self, address: str) -> bool:
        self.opened.append(address)
        return self.opens

    def show(self, kind: types.MessageType, message: str) -> None:
        assert kind == types.MessageType.Info
        self.shown.append(message)


@asynccontextmanager
async def page_of(editor: Editor) -> AsyncIterator[ChatPage]:
    page = ChatPage(editor, list, lambda: "en")
    try:
        yield page
    finally:
        await page.aclose()


async def test_the_first_use_opens_the_chat_in_the_browser() -> None:
    editor = Listening()
    async with page_of(editor) as page, httpx.AsyncClient(trust_env=False) as browser:
        await page.show(ScriptedChats(), "chat-7")
        (address,) = editor.opened
        answer = await browser.get(address)
        assert answer.status_code == httpx.codes.OK
        assert "lang=en#chat-7" in answer.text
        assert editor.shown == []


async def test_a_page_that_is_open_is_not_opened_again() -> None:
    editor = Listening()
    async with page_of(editor) as page, httpx.AsyncClient(trust_env=False) as browser:
        chats = ScriptedChats()
        await page.show(chats)
        await browser.get(editor.opened[0])
        events = editor.opened[0].partition("open?")[0] + "events?after=0"
        async with browser.stream("GET", events) as answer:
            await anext(answer.aiter_lines())
            await page.show(chats)
        assert len(editor.opened) == 1
        assert editor.shown == [say("en", "page-is-open")]


async def test_one_server_serves_all_pages_of_an_editor() -> None:
    editor = Listening()
    async with page_of(editor) as page:
        chats = ScriptedChats()
        await page.show(chats)
        await page.show(chats)
    one, other = (address.partition("open?") for address in editor.opened)
    assert one[0] == other[0]
    assert one[2] != other[2]


async def test_a_client_that_opens_no_browser_is_told_the_address() -> None:
    editor = Listening(opens=False)
    async with page_of(editor) as page:
        await page.show(ScriptedChats())
        assert editor.shown == [say("en", "page-address", address=editor.opened[0])]


async def test_the_page_ends_with_the_language_server() -> None:
    editor = Listening()
    async with page_of(editor) as page, httpx.AsyncClient(trust_env=False) as browser:
        await page.show(ScriptedChats())
        await page.aclose()
        with pytest.raises(httpx.ConnectError):
            await browser.get(editor.opened[0])


def test_a_server_whose_page_nobody_opens_loads_nothing_of_it() -> None:
    code = (
        "import sys, spyhop.lsp.serve\n"
        "print(*(it for it in sys.modules if it.split('.')[0] in {'starlette', 'uvicorn'}))"
    )
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == ""
