"""``spyhop.ask``, and what is opened for reading."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from lsp_client import CAPABILITIES, Client, position, serving
from spyhop.models.scripted import Script, ScriptedOllama, reply

pytestmark = pytest.mark.anyio

URI = "file:///work/a.py"
TEXT = "a = 1\nb = 2\nc = 3\n"
ANSWER = "It sets three names.\n\n```python\na\n```"
SHOWING = CAPABILITIES | {"window": {"workDoneProgress": True, "showDocument": {"support": True}}}


@asynccontextmanager
async def session(
    scripts: Sequence[Script], capabilities: Any = SHOWING
) -> AsyncIterator[tuple[Client, ScriptedOllama]]:
    with ScriptedOllama(scripts) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": ollama.url}}
            await client.initialize(capabilities=capabilities)
            client.open(URI, TEXT)
            yield client, ollama


def argument(**more: str) -> dict[str, Any]:
    ends = {"start": position(TEXT, 0), "end": position(TEXT, len(TEXT))}
    return {"uri": URI, "range": ends, **more}


def page_of(shown: dict[str, Any]) -> Path:
    return Path(unquote(urlsplit(shown["uri"]).path))


async def test_the_answer_is_opened_and_nothing_is_changed() -> None:
    async with session([reply(f"Hm.\n</think>\n\n{ANSWER}")]) as (client, ollama):
        answer = await client.command("spyhop.ask", argument(preset="explain"))
        assert answer == {"askId": "ask-1"}
        shown = await client.message("window/showDocument")
        assert shown["external"] is False
        assert shown["selection"] == {
            "start": {"line": 0, "character": 0},
            "end": {"line": 0, "character": 0},
        }
        path = page_of(shown)
        assert path.stat().st_mode & 0o077 == 0 or path.parent.stat().st_mode & 0o077 == 0
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# Explain\n\nIt sets three names.")
        assert text.endswith("## What the model thought\n\nHm.\n")
        assert client.documents[URI].text == TEXT
        assert "What do the selected lines do" in ollama.generations[0].body["prompt"]
    assert not path.exists()


async def test_a_question_of_the_users_own() -> None:
    async with session([reply(f"</think>{ANSWER}")]) as (client, ollama):
        await client.command("spyhop.ask", argument(instruction="为什么是三个？"))
        text = page_of(await client.message("window/showDocument")).read_text(encoding="utf-8")
        assert "> 为什么是三个？\n\nIt sets" in text
        prompt = ollama.generations[0].body["prompt"]
        assert "Question: 为什么是三个？" in prompt
        assert "Write in Simplified Chinese." in prompt


async def test_where_no_document_can_be_opened_the_answer_is_a_message() -> None:
    async with session([reply(f"</think>{ANSWER}")], CAPABILITIES) as (client, _):
        await client.command("spyhop.ask", argument(preset="explain"))
        shown = await client.message("window/showMessage")
        assert "It sets three names." in shown["message"]


@pytest.mark.parametrize(
    ("command", "preset", "says"),
    [
        ("spyhop.ask", "fix", "Use: spyhop edit"),
        ("spyhop.edit", "explain", "Use: spyhop ask"),
        ("spyhop.ask", "", "Say what you want to know"),
    ],
)
async def test_an_edit_is_no_question_and_a_question_no_edit(
    command: str, preset: str, says: str
) -> None:
    async with session([reply("")]) as (client, ollama):
        assert await client.command(command, argument(preset=preset)) is None
        assert says in (await client.message("window/showMessage"))["message"]
        assert not ollama.generations


async def test_a_bad_argument_is_said_by_the_commands_own_name() -> None:
    async with session([reply("")]) as (client, _):
        for command in ("spyhop.ask", "spyhop.edit"):
            assert await client.command(command, {"uri": URI}) is None
        messages = [await client.message("window/showMessage", count) for count in (1, 2)]
        assert messages[0]["message"].startswith("spyhop.ask takes one argument")
        assert messages[1]["message"].startswith("spyhop.edit takes one argument")


async def test_no_answer_is_said() -> None:
    async with session([reply("thinking and thinking")]) as (client, _):
        await client.command("spyhop.ask", argument(preset="explain"))
        shown = await client.message("window/showMessage")
        assert "did not finish thinking" in shown["message"]


async def test_cancelling_closes_the_stream() -> None:
    async with session([reply(f"Hm.</think>{ANSWER}", hold_after=2)]) as (client, ollama):
        await client.command("spyhop.ask", argument(preset="explain"))
        await asyncio.to_thread(ollama.wait_for, "holding", 1)
        await client.command("spyhop.cancel", {"editId": "ask-1"})
        await asyncio.to_thread(ollama.wait_for, "disconnects", 1)


async def test_an_edits_diff_and_thinking_can_be_read() -> None:
    output = "Ten times.\n</think>\n```python\na = 10\nb = 2\nc = 30\n```"
    async with session([reply(output)]) as (client, _):
        await client.command("spyhop.edit", argument(instruction="times ten"))
        await client.message("workspace/applyEdit")
        await client.lenses(URI)
        await client.command("spyhop.showDiff", {"editId": "1"})
        diff = page_of(await client.message("window/showDocument"))
        assert diff.read_text(encoding="utf-8").splitlines() == [
            "--- a/a.py",
            "+++ b/a.py",
            "@@ 1 @@",
            "-a = 1",
            "+a = 10",
            "@@ 3 @@",
            "-c = 3",
            "+c = 30",
        ]
        await client.command("spyhop.showThinking", {"editId": "1"})
        thinking = page_of(await client.message("window/showDocument", 2))
        assert "Ten times." in thinking.read_text(encoding="utf-8")


async def test_both_texts_of_a_conflict_can_be_read() -> None:
    output = "</think>\n```python\na = 10\nb = 2\nc = 3\n```"
    async with session([reply(output, hold_after=2)]) as (client, ollama):
        await client.command("spyhop.edit", argument(instruction="times ten"))
        await asyncio.to_thread(ollama.wait_for, "holding", 1)
        client.type(URI, 4, 5, "7")
        ollama.release()
        await client.message("window/showMessage")
        await client.press(URI, "Show both")
        diff = page_of(await client.message("window/showDocument"))
        assert diff.read_text(encoding="utf-8").splitlines()[2:] == [
            "@@ 1 @@ both you and the model changed these lines: - yours, + the model's",
            "-a = 7",
            "+a = 10",
        ]
