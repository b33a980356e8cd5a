"""The chat page, served by the command line."""

from __future__ import annotations

import asyncio
import webbrowser

import httpx
import pytest

from scripted_chats import ScriptedChats
from spyhop.cli.console import Screen
from spyhop.cli.page import serve_page

pytestmark = pytest.mark.anyio


async def test_the_page_is_opened_and_served_until_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def open_browser(address: str) -> bool:
        loop.call_soon_threadsafe(opened.put_nowait, address)
        return True

    monkeypatch.setattr(webbrowser, "open", open_browser)
    serving = asyncio.create_task(serve_page(ScriptedChats(), Screen("en"), "chat-7"))
    address = await opened.get()
    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(address)
        assert "lang=en#chat-7" in answer.text
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        with pytest.raises(httpx.ConnectError):
            await browser.get(address)
    assert address in capsys.readouterr().err
