"""``spyhop.doctor``: the page that an editor opens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from doctoring import answers
from lsp_client import CAPABILITIES, Client, serving
from spyhop.models.scripted import Reply, Script, ScriptedOllama, reply

pytestmark = pytest.mark.anyio

COMMAND = "spyhop.doctor"
SHOWING = CAPABILITIES | {"window": {"workDoneProgress": True, "showDocument": {"support": True}}}


@asynccontextmanager
async def session(
    scripts: Sequence[Script | Reply], locale: str = "en", **options: Any
) -> AsyncIterator[tuple[Client, ScriptedOllama]]:
    with ScriptedOllama(scripts, **options) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": ollama.url}}
            await client.initialize(capabilities=SHOWING, locale=locale)
            yield client, ollama


def page_at(uri: str) -> str:
    return Path(unquote(urlsplit(uri).path)).read_text(encoding="utf-8")


async def page_of(client: Client) -> str:
    return page_at((await client.message("window/showDocument"))["uri"])


def progress_of(client: Client) -> list[dict[str, Any]]:
    return [params["value"] for params in client.messages("$/progress")]


async def test_it_answers_at_once_and_opens_the_page_when_done() -> None:
    async with session(answers()) as (client, ollama):
        assert await client.command(COMMAND, {}) == {"doctorId": "doctor-1"}
        page = await page_of(client)
        assert len(ollama.generations) == 6
        await client.until(lambda: progress_of(client)[-1]["kind"] == "end")
    head, summary, *_ = page.split("\n\n")
    assert head == "# What Spyhop's doctor found"
    assert summary == "**All is well.**"
    assert f"## Ollama, {ollama.url} (for edit, chat, complete)" in page
    assert "\n- ✓ The model deepseek-r1:7b is there: 7.6B, Q4_K_M, 4.7 GB.\n" in page


async def test_progress_names_the_check_that_runs_and_can_be_cancelled() -> None:
    held = reply("1 2 3 4 5 6", hold_after=2)
    async with session(answers(answer=held)) as (client, ollama):
        await client.command(COMMAND, None)
        await asyncio.to_thread(ollama.wait_for, "holding", 1)
        await client.until(
            lambda: any(it.get("message") == "Checking: answer…" for it in progress_of(client))
        )
        begin, *_ = progress_of(client)
        assert begin["cancellable"] is True
        assert "doctor" in begin["title"]
        token = client.messages("$/progress")[0]["token"]
        client.notify("window/workDoneProgress/cancel", {"token": token})
        await asyncio.to_thread(ollama.wait_for, "disconnects", 1)
        await client.until(lambda: progress_of(client)[-1]["kind"] == "end")
        assert client.messages("window/showDocument") == []


async def test_what_failed_has_its_word_and_what_mends_it() -> None:
    async with session(answers(), models={"llama3.2:3b": 1}) as (client, _):
        await client.command(COMMAND, {})
        page = await page_of(client)
    assert "- ✗ **failed** No DeepSeek-R1 is installed. Installed: llama3.2:3b.\n" in page
    assert "\n  - Get one: `spyhop pull deepseek-r1:7b`." in page
    assert "- – **skipped** Context, template, answer" in page


async def test_quick_generates_nothing() -> None:
    async with session(answers()) as (client, ollama):
        await client.command(COMMAND, {"quick": True})
        page = await page_of(client)
        assert ollama.generations == []
    assert "**skipped** Answer, thinking, prefill, prompt cache" in page


async def test_the_page_is_in_the_users_language() -> None:
    async with session(answers(), locale="zh-cn") as (client, _):
        await client.command(COMMAND, {})
        page = await page_of(client)
    assert page.startswith("# Spyhop 诊断结果\n\n**一切正常。**")


async def test_a_wrong_setting_is_on_the_page() -> None:
    async with session(answers()) as (client, ollama):
        client.settings = {"spyhop": {"url": ollama.url, "contxtTokens": 1}}
        client.notify("workspace/didChangeConfiguration", {"settings": None})
        await client.message("workspace/configuration", 2)
        await client.command(COMMAND, {"quick": True})
        page = await page_of(client)
    assert "## Settings\n\n- ✗ **failed**" in page
    assert "contxtTokens" in page


@pytest.mark.parametrize("argument", [5, "x", [], {"quick": "yes"}])
async def test_a_bad_argument_is_told(argument: Any) -> None:
    async with session(answers()) as (client, _):
        assert await client.command(COMMAND, argument) is None
        told = await client.message("window/showMessage")
    assert told["message"] == "spyhop.doctor takes one argument: {quick?}."


async def test_no_argument_is_as_good_as_an_empty_one() -> None:
    async with session(answers()) as (client, _):
        answer = await client.request("workspace/executeCommand", {"command": COMMAND})
        assert answer == {"doctorId": "doctor-1"}
        assert "**All is well.**" in await page_of(client)


async def test_shutting_down_ends_it() -> None:
    with ScriptedOllama(answers(answer=reply("1 2 3 4 5 6", hold_after=2))) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": ollama.url}}
            await client.initialize(capabilities=SHOWING)
            await client.command(COMMAND, {})
            await asyncio.to_thread(ollama.wait_for, "holding", 1)
        await asyncio.to_thread(ollama.wait_for, "disconnects", 1)
