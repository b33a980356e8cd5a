"""The page in a real browser, with a service of chats that says what a test has it say."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from browser import Tab, Visit, launched


@pytest.fixture(scope="package")
def anyio_backend() -> str:
    """One loop for all tests of the package, so that they share a browser."""
    return "asyncio"


@pytest.fixture(scope="package")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:
    assert anyio_backend == "asyncio"
    async with launched() as browser:
        yield browser


@pytest.fixture
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    async with Visit.of(browser) as visit:
        yield visit


@pytest.fixture
async def tab(visit: Visit) -> Tab:
    """The page with a new chat."""
    return await visit.open()
