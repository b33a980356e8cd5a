"""Completions that nobody waits for any more: each is answered once, and its stream closed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from completing_client import URI, answered, ask, session
from lsp_client import Client
from spyhop.models.scripted import Script, ScriptedOllama

pytestmark = pytest.mark.anyio

MANY = 200
TEXT = "".join(f"def f{n}(a):\n\n\n" for n in range(MANY))
# What nothing that has come rules out is kept, unless it is too long for a guess.
TYPED = "    total = " + "a + " * 20
CANCELLED = -32800


@asynccontextmanager
async def thinking() -> AsyncIterator[tuple[Client, ScriptedOllama]]:
    """A model that never comes to its first token, so that only its reader ends a stream."""
    async with session([Script(["    return a\n"], hold_after=0)], TEXT) as (client, model):
        yield client, model


def place(client: Client, number: int) -> int:
    """Return where the body of a function begins."""
    head = f"def f{number}(a):\n"
    return client.documents[URI].text.index(head) + len(head)


async def reached(model: ScriptedOllama, attribute: str, count: int) -> None:
    await asyncio.to_thread(model.wait_for, attribute, count)


def answers(client: Client, ids: Iterable[int | str]) -> Counter[int | str]:
    """Return how often each request was answered."""
    counts = Counter(dict.fromkeys(ids, 0))
    counts.update(it["id"] for it in client.received if "method" not in it and it["id"] in counts)
    return counts


async def assert_idle(client: Client, model: ScriptedOllama) -> None:
    """Assert that the model is left in peace, and that the server answers."""

    def is_left() -> bool:
        return model.disconnects == len(model.generations)

    def wait() -> bool:
        with model.changed:
            return model.changed.wait_for(is_left, 30)

    assert await asyncio.to_thread(wait)
    assert client.messages("window/showMessage") == []
    assert await client.lenses(URI) == []


async def test_200_superseded_completions_are_answered_and_their_streams_closed() -> None:
    asked: dict[int | str, asyncio.Future[dict[str, Any]]] = {}
    async with thinking() as (client, model):
        for number in range(MANY):
            at = place(client, number)
            id_, future = ask(client, at)
            asked[id_] = future
            await reached(model, "holding", number + 1)
            if number % 2:
                # The user writes something else; else they go on elsewhere.
                client.type(URI, at, at, TYPED)
                assert await answered(future) == []
        client.close(URI)
        assert [await answered(future) for future in asked.values()] == [[]] * MANY
        await reached(model, "disconnects", MANY)
        assert set(answers(client, asked).values()) == {1}
        assert len(model.generations) == MANY
        await assert_idle(client, model)


async def test_200_cancelled_completions_are_answered_and_their_streams_closed() -> None:
    asked: dict[int | str, asyncio.Future[dict[str, Any]]] = {}
    async with thinking() as (client, model):
        for number in range(MANY):
            id_, future = ask(client, place(client, number))
            asked[id_] = future
            await reached(model, "holding", number + 1)
            client.notify("$/cancelRequest", {"id": id_})
            assert (await future)["error"]["code"] == CANCELLED
        # The last one is kept for a moment, for the next ask.
        await reached(model, "disconnects", MANY)
        assert set(answers(client, asked).values()) == {1}
        await assert_idle(client, model)


@pytest.mark.parametrize("cancels", [False, True], ids=["superseded", "cancelled"])
async def test_of_200_at_once_each_is_answered_and_none_runs_on(*, cancels: bool) -> None:
    asked: dict[int | str, asyncio.Future[dict[str, Any]]] = {}
    async with thinking() as (client, model):
        for number in range(MANY):
            id_, future = ask(client, place(client, number))
            asked[id_] = future
            if cancels:
                client.notify("$/cancelRequest", {"id": id_})
        id_, asked_last = ask(client, len(TEXT))
        asked[id_] = asked_last
        # What was asked before it, and let run, would have come to the model before it.
        await reached(model, "holding", 1)
        client.close(URI)
        for future in asked.values():
            answer = await future
            assert answer.get("result") == [] or answer["error"]["code"] == CANCELLED
        assert set(answers(client, asked).values()) == {1}
        await assert_idle(client, model)
