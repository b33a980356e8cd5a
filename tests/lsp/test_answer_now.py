"""``spyhop.answerNow`` over stdio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from lsp_client import Client, position, serving
from spyhop.models.scripted import PLAIN_TEMPLATE, Script, ScriptedOllama, reply

pytestmark = pytest.mark.anyio

URI = "file:///work/a.py"
TEXT = "a = 1\nb = 2\n"
THOUGHT = "I could think about this for a very long time."
CODE = "a = 10\nb = 2\n```\n"


@asynccontextmanager
async def thinking(
    scripts: Sequence[Script], **options: Any
) -> AsyncIterator[tuple[Client, ScriptedOllama]]:
    """A client with an edit whose model has thought three tokens and would go on."""
    with ScriptedOllama(scripts, **options) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": ollama.url}}
            await client.initialize()
            client.open(URI, TEXT)
            range_ = {"start": position(TEXT, 0), "end": position(TEXT, len(TEXT))}
            argument = {"uri": URI, "range": range_, "instruction": "times ten"}
            await client.command("spyhop.edit", argument)
            await asyncio.to_thread(ollama.wait_for, "holding", 1)
            yield client, ollama


async def test_the_lens_ends_the_thought_and_the_answer_is_made_from_it() -> None:
    async with thinking([reply(THOUGHT, hold_after=3), reply(CODE)]) as (client, ollama):
        await client.message("workspace/codeLens/refresh")
        lenses = await client.lenses(URI)
        assert [(line, title) for line, title, _ in lenses] == [(0, "Answer now"), (0, "Stop")]
        await client.press(URI, "Answer now")
        ollama.release()
        await client.message("workspace/applyEdit")
        await client.message("workspace/codeLens/refresh", 2)
        titles = [title for _, title, _ in await client.lenses(URI)]
        assert titles == ["Accept", "Reject"]
        assert client.documents[URI].text == "a = 10\nb = 2\n"
        first, second = (it.body["prompt"] for it in ollama.generations)
        assert second.startswith(first + THOUGHT[:12])
        assert second.endswith("\n</think>\n\n```python\n")
        assert len(second) < len(first) + len(THOUGHT)
        [said] = client.messages("window/showMessage")
        assert "when you asked for it" in said["message"]


async def test_the_code_action_does_the_same() -> None:
    async with thinking([reply(THOUGHT, hold_after=3), reply(CODE)]) as (client, ollama):
        await client.message("workspace/codeLens/refresh")
        caret = {"start": position(TEXT, 7), "end": position(TEXT, 7)}
        params = {"textDocument": {"uri": URI}, "range": caret, "context": {"diagnostics": []}}
        action, stop = await client.request("textDocument/codeAction", params)
        assert (action["title"], stop["title"]) == ("Spyhop: answer now", "Spyhop: stop")
        await client.command(action["command"]["command"], action["command"]["arguments"][0])
        ollama.release()
        await client.message("workspace/applyEdit")
        assert len(ollama.generations) == 2


async def test_a_budget_does_the_same_by_itself() -> None:
    with ScriptedOllama([reply(THOUGHT), reply(CODE)]) as ollama:
        async with serving() as client:
            thought = {"maxTokens": 4}
            client.settings = {"spyhop": {"url": ollama.url, "thinking": thought}}
            await client.initialize()
            client.open(URI, TEXT)
            range_ = {"start": position(TEXT, 0), "end": position(TEXT, len(TEXT))}
            argument = {"uri": URI, "range": range_, "instruction": "times ten"}
            await client.command("spyhop.edit", argument)
            await client.message("workspace/applyEdit")
            assert client.documents[URI].text == "a = 10\nb = 2\n"
            first, second = (it.body["prompt"] for it in ollama.generations)
            assert second == f"{first}{THOUGHT[:16].rstrip()}\n</think>\n\n```python\n"


async def test_where_the_model_cannot_go_on_from_its_thought_it_is_not_offered() -> None:
    script = Script(["```python\na = 10\n```"], thinking=list("thought"), hold_after=3)
    async with thinking([script], template=PLAIN_TEMPLATE) as (client, ollama):
        assert await client.lenses(URI) == []
        assert await client.command("spyhop.answerNow", {"editId": "1"}) is None
        message = await client.message("window/showMessage")
        assert "cannot go on" in message["message"]
        ollama.release()
        await client.message("workspace/applyEdit")


async def test_stop_is_beside_it() -> None:
    async with thinking([reply(THOUGHT, hold_after=3)]) as (client, ollama):
        await client.message("workspace/codeLens/refresh")
        await client.press(URI, "Stop")
        await asyncio.to_thread(ollama.wait_for, "disconnects", 1)
        await client.message("workspace/codeLens/refresh", 2)
        assert await client.lenses(URI) == []
        assert client.documents[URI].text == TEXT
