"""A real Chromium that shows the chat page."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Self

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    async_playwright,
    expect,
)

from scripted_chats import ScriptedChats
from spyhop.messages import Language
from spyhop.web.server import PageServer

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
_FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
# Milliseconds after which what a test waits for will not come; a busy machine is slow.
_PATIENCE: Final = 30_000
expect.set_options(timeout=_PATIENCE)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Run the browser that is installed."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("needs Chromium; on Debian: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=_FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


class Tab:
    """One tab with the page. Waiting is Playwright's own: for what is there, not for a time."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.message = page.get_by_role("textbox", name="Message")
        self.thoughts = page.locator(".thought")
        self.answers = page.locator(".turn.answer")
        self.questions = page.locator(".turn.question")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    async def ask(self, text: str) -> None:
        await self.button("Send").wait_for()
        await self.message.fill(text)
        await self.message.press("Enter")
        await self.button("Stop").wait_for()


class Visit:
    """A server, and a browser that has nothing of it yet."""

    def __init__(self, server: PageServer, chats: ScriptedChats, context: BrowserContext) -> None:
        self.server = server
        self.chats = chats
        self.context = context
        self.outside: list[str] = []
        """What the page asked other places for."""
        self.faults: list[str] = []
        """What went wrong on the page, and what its policy has refused."""

    @classmethod
    @asynccontextmanager
    async def of(
        cls,
        browser: Browser,
        *,
        language: Language = "en",
        roots: Sequence[Path] = (),
        **options: object,
    ) -> AsyncIterator[Self]:
        """Serve a page, and end with no fault on it and nothing asked of other places."""
        chats = ScriptedChats()
        server = PageServer(chats, lambda: roots, lambda: language)
        context = await browser.new_context(**options)  # type: ignore[arg-type] # handed on
        context.set_default_timeout(_PATIENCE)
        visit = cls(server, chats, context)
        context.on("request", lambda request: visit._requested(request.url))
        context.on("weberror", lambda error: visit.faults.append(str(error.error)))
        context.on(
            "console",
            lambda said: visit.faults.append(said.text) if said.type == "error" else None,
        )
        try:
            yield visit
            assert visit.outside == []
            assert visit.faults == [], visit.faults
        finally:
            await context.close()
            await server.aclose()

    async def open(self, chat_id: str = "") -> Tab:
        """Open the page in a new tab, as an editor has it opened."""
        page = await self.context.new_page()
        await page.goto(self.server.open_page(chat_id))
        await page.locator(".composer").wait_for()
        await page.wait_for_function("document.readyState === 'complete'")
        return Tab(page)

    async def drop_listeners(self) -> None:
        """Break every stream of events, as a network does."""
        await self.chats.hang_up()

    def _requested(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "blob:", "data:")):
            self.outside.append(url)
