"""Whatever a model's server does, the language server says why, changes nothing and goes on."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import pytest

from lsp_client import Client, position, serving
from spyhop.models.scripted import (
    Dialogue,
    Reply,
    Script,
    ScriptedOllama,
    ScriptedOpenAi,
    ScriptedServer,
    record,
    refusal,
    reply,
)
from spyhop.models.scripted.openai import dialogue, event
from spyhop.models.scripted.shapes import DEEPSEEK, LITELLM, Shape

pytestmark = pytest.mark.anyio

URI: Final = "file:///work/a.py"
TEXT: Final = "a = 1\n"
FENCED: Final = "```python\na = 2\n```\n"
MIB: Final = b"x" * (1 << 20)
LATER: Final = {"Retry-After": "60"}
"""What is not waited for."""


@dataclass(frozen=True)
class Fault:
    words: str
    reply: Any


def scripted(backend: str, replies: Sequence[Any], shape: Shape = DEEPSEEK) -> ScriptedServer:
    return ScriptedOpenAi(replies, shape) if backend == "openai" else ScriptedOllama(replies)


WRITTEN: Final[Script] = reply(f"hm</think>\n\n{FENCED}")
SPOKEN: Final[Dialogue] = dialogue(FENCED, "hm")
ANSWERS: Final[dict[str, Any]] = {"ollama": WRITTEN, "openai": SPOKEN}


def begun(backend: str, *more: bytes, **options: Any) -> Reply:
    """Return an answer that has begun."""
    if backend == "openai":
        first = event({"choices": [{"delta": {"content": "x"}}]})
        return Reply((first, *more), content_type="text/event-stream", **options)
    return Reply((record(response="x", done=False), *more), **options)


def faults(backend: str) -> list[Fault]:
    return [
        Fault("wants a key", refusal(401, "Unauthorized")),
        Fault("forbids the request", refusal(403, "no")),
        Fault("has no", refusal(404, "model 'deepseek-r1' not found")),
        Fault("Try again in 60 seconds", refusal(429, "slow down", headers=LATER)),
        Fault("out of memory", refusal(500, "out of memory")),
        Fault("bad gateway", refusal(502, "bad gateway", headers=LATER)),
        Fault("is busy", refusal(503, "server busy", headers=LATER)),
        Fault("sent nothing, or next to nothing", begun(backend, b"", hold_after=2)),
        Fault("broke off in the middle", begun(backend, ending="abort")),
        Fault("broke off in the middle", begun(backend, b'data: {"choi', ending="close")),
        Fault("ended the connection before it answered", Reply((), ending="close")),
        Fault("more than 8 MiB in one piece", begun(backend, *[MIB] * 9, hold_after=10)),
        Fault("but not as", Reply((b"<html>Sign in",), content_type="text/html")),
        Fault(
            "Spyhop does not follow",
            Reply((), 307, headers=(("Location", "http://other.example/v1"),)),
        ),
    ]


async def edit(client: Client) -> None:
    range_ = {"start": position(TEXT, 0), "end": position(TEXT, len(TEXT))}
    arguments = {"uri": URI, "range": range_, "instruction": "two"}
    await client.command("spyhop.edit", arguments)


@asynccontextmanager
async def session(**settings: Any) -> AsyncIterator[Client]:
    async with serving() as client:
        client.settings = {"spyhop": settings}
        await client.initialize()
        client.open(URI, TEXT)
        yield client


async def proposed(client: Client, count: int) -> None:
    """Wait until the ``count``-th change stands in the document, and the server knows."""
    await client.message("workspace/applyEdit", count)
    await client.lenses(URI)


async def told(client: Client, count: int) -> str:
    message = await client.message("window/showMessage", count)
    return str(message["message"])


def dead_url() -> str:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{closed.getsockname()[1]}"


@pytest.mark.parametrize("backend", ["ollama", "openai"])
async def test_each_fault_is_told_and_the_next_edit_is_made(backend: str) -> None:
    planned = faults(backend)
    replies = [it.reply for it in planned]
    # A connection that is dropped at once is asked for twice more.
    at = next(i for i, it in enumerate(planned) if not it.reply.pieces and it.reply.status == 200)
    replies[at:at] = [replies[at]] * 2
    with scripted(backend, [*replies, ANSWERS[backend]]) as server:
        async with session(backend=backend, url=server.url, stallSeconds=0.3) as client:
            for count, fault in enumerate(planned, 1):
                await edit(client)
                assert fault.words in await told(client, count)
                assert client.documents[URI].text == TEXT
                assert await client.lenses(URI) == []
            await edit(client)
            await client.message("workspace/applyEdit")
            assert client.documents[URI].text == "a = 2\n"
            assert len(client.messages("window/showMessage")) == len(planned)


@pytest.mark.parametrize("backend", ["ollama", "openai"])
async def test_where_nothing_answers_it_is_told_and_the_next_address_is_asked(backend: str) -> None:
    with scripted(backend, [ANSWERS[backend]]) as server:
        tls = server.url.replace("http:", "https:")
        async with session(backend=backend, url=dead_url()) as client:
            await edit(client)
            assert "answer" in await told(client, 1)
            for count, (url, words) in enumerate([(tls, "write http://")], 2):
                settings = {"spyhop": {"backend": backend, "url": url}}
                client.notify("workspace/didChangeConfiguration", {"settings": settings})
                await edit(client)
                assert words in await told(client, count)
                assert client.documents[URI].text == TEXT
            settings = {"spyhop": {"backend": backend, "url": server.url}}
            client.notify("workspace/didChangeConfiguration", {"settings": settings})
            await edit(client)
            await client.message("workspace/applyEdit")
            assert client.documents[URI].text == "a = 2\n"


async def test_a_wait_is_shown_as_progress_and_then_the_edit_is_made() -> None:
    with ScriptedOllama([refusal(503, "server busy"), WRITTEN]) as server:
        async with session(url=server.url) as client:
            await edit(client)
            await client.message("workspace/applyEdit")
            assert client.documents[URI].text == "a = 2\n"
            shown = [it["value"].get("message") or "" for it in client.messages("$/progress")]
            assert [it for it in shown if "is busy; asking again in" in it]
            assert client.messages("window/showMessage") == []


async def test_cancelling_ends_a_wait() -> None:
    with ScriptedOllama([refusal(503, "server busy", headers={"Retry-After": "25"})]) as server:
        async with session(url=server.url) as client:
            await edit(client)

            def ended(kind: str) -> list[Any]:
                return [it for it in client.messages("$/progress") if it["value"]["kind"] == kind]

            await client.until(lambda: [it for it in ended("report") if it["value"].get("message")])
            await client.command("spyhop.cancel", {"editId": "1"})
            await client.until(lambda: ended("end"))
            assert client.documents[URI].text == TEXT
            assert client.messages("window/showMessage") == []
            assert len(server.generations) == 1


async def test_the_second_endpoint_is_used_while_the_first_is_down_and_it_is_said_once() -> None:
    with ScriptedOllama([WRITTEN]) as server:
        endpoints = {"gpu": {"url": dead_url()}, "laptop": {"url": server.url}}
        async with session(endpoints=endpoints) as client:
            for count in (1, 3):
                await edit(client)
                await proposed(client, count)
                await client.press(URI, "Reject")
            [said] = client.messages("window/showMessage")
            assert said["message"].startswith("gpu does not answer (")
            assert said["message"].endswith("): using laptop until it does.")


async def test_where_no_endpoint_answers_each_says_why() -> None:
    endpoints = {"gpu": {"url": dead_url()}, "laptop": {"url": dead_url()}}
    async with session(endpoints=endpoints) as client:
        await edit(client)
        message = await told(client, 1)
        for name, endpoint in endpoints.items():
            assert f"{name}: Ollama does not answer at {endpoint['url']}" in message
        assert client.documents[URI].text == TEXT


async def test_that_thinking_cannot_be_switched_off_is_said_once() -> None:
    with ScriptedOpenAi([SPOKEN], LITELLM) as server:
        async with session(backend="openai", url=server.url, thinking="off") as client:
            for count in (1, 3):
                await edit(client)
                await proposed(client, count)
                await client.press(URI, "Reject")
            [said] = client.messages("window/showMessage")
            assert "no way to tell ollama/deepseek-r1" in said["message"]


async def test_models_that_settings_no_longer_name_are_closed_once_their_edits_are_done() -> None:
    held = reply(f"hm</think>\n\n{FENCED}", hold_after=1)
    with ScriptedOllama([held]) as old, ScriptedOllama([WRITTEN]) as new:
        async with session(url=old.url) as client:
            await edit(client)
            await asyncio.to_thread(old.wait_for, "holding", 1)
            settings = {"spyhop": {"url": new.url}}
            client.notify("workspace/didChangeConfiguration", {"settings": settings})
            old.release()
            await proposed(client, 1)
            assert client.documents[URI].text == "a = 2\n"
            await client.press(URI, "Reject")
            await edit(client)
            await proposed(client, 3)
            assert len(new.generations) == 1
