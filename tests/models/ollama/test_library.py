"""The models that an Ollama has, as it tells them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from spyhop.models.errors import ModelUnavailable
from spyhop.models.listing import Listed, Loaded
from spyhop.models.ollama import Ollama
from spyhop.models.scripted import PLAIN_TEMPLATE, InMemory, Recorded, Reply, ScriptedOllama

pytestmark = pytest.mark.anyio

R1 = "deepseek-r1:7b"
MODELS = {"llama3:latest": 5, R1: 10, "deepseek-r1:70b": 70}


@asynccontextmanager
async def ollama(url: str, name: str | None = None, **options: Any) -> AsyncIterator[Ollama]:
    it = Ollama(url, name, context_tokens=8192, **options)
    try:
        yield it
    finally:
        await it.aclose()


class _Odd(ScriptedOllama):
    """Tells ``odd`` at ``path`` instead of what an Ollama would."""

    def __init__(self, path: str, odd: Reply, **options: Any) -> None:
        super().__init__([], **options)
        self._path = path
        self._odd = odd

    def _facts(self, request: Recorded) -> Reply:
        return self._odd if request.path == self._path else super()._facts(request)


async def test_a_listing_tells_of_each_model_what_ollama_knows() -> None:
    options: dict[str, Any] = {
        "models": MODELS,
        "running": {R1: InMemory(0.5)},
        "context_length": 4096,
    }
    with ScriptedOllama([], **options) as server:
        async with ollama(server.url) as model:
            listing = await model.listing()
    abilities = ("completion", "thinking")
    until = datetime(2026, 1, 1, 4, 30, 0, 123456, UTC)
    assert listing.models == (
        Listed("deepseek-r1:70b", 70, "7.6B", "Q4_K_M", 4096, abilities),
        Listed(R1, 10, "7.6B", "Q4_K_M", 4096, abilities, Loaded(0.5, 8192, until)),
        Listed("llama3:latest", 5, "7.6B", "Q4_K_M", 4096, abilities),
    )
    assert listing.chosen == "deepseek-r1:70b"
    assert listing.tells_loaded


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("DeepSeek-R1:7B", R1),
        ("llama3", "llama3:latest"),
        ("qwen3", None),
        (None, "deepseek-r1:70b"),
    ],
)
async def test_a_listing_tells_which_model_would_be_asked_or_why_none(
    name: str | None, chosen: str | None
) -> None:
    with ScriptedOllama([], models=MODELS) as server:
        async with ollama(server.url, name) as model:
            listing = await model.listing()
    assert listing.chosen == chosen
    assert (listing.fault is None) == (chosen is not None)


async def test_an_ollama_with_nothing_has_an_empty_listing() -> None:
    for nothing in (b'{"models": null}', b'{"models": []}'):
        with _Odd("/api/tags", Reply((nothing,))) as server:
            async with ollama(server.url) as model:
                assert (await model.listing()).models == ()


async def test_a_model_that_cannot_be_shown_hides_no_other() -> None:
    broken = Reply((b'{"error":"open manifest: permission denied"}',), 500, "application/json")
    with _Odd("/api/show", broken, models={R1: 10}) as server:
        async with ollama(server.url) as model:
            listing = await model.listing()
    assert listing.models == (Listed(R1, 10, "7.6B", "Q4_K_M"),)


async def test_the_names_of_one_model_are_shown_once() -> None:
    tags = b'{"models":[{"name":"a:latest","digest":"1"},{"name":"b:latest","digest":"1"}]}'
    with _Odd("/api/tags", Reply((tags,)), models={"a:latest": 1, "b:latest": 1}) as server:
        async with ollama(server.url) as model:
            await model.listing()
            listing = await model.listing()
        shows = [request for request in server.requests if request.path == "/api/show"]
    assert [it.context_tokens for it in listing.models] == [131_072, 131_072]
    assert len(shows) == 1


async def test_a_model_that_runs_in_a_cloud_is_told_as_one() -> None:
    remote = b'{"capabilities":["thinking"],"remote_host":"https://ollama.com:443"}'
    with _Odd("/api/show", Reply((remote,)), models={"deepseek-v3.1:671b-cloud": 1}) as server:
        async with ollama(server.url) as model:
            (listed,) = (await model.listing()).models
    assert listed.abilities == ("thinking", "cloud")


@pytest.mark.parametrize(
    ("process", "loaded"),
    [
        (b'{"name":"deepseek-r1:7b"}', Loaded(None, None, None)),
        (b'{"name":"DeepSeek-R1:7b","size":8,"size_vram":0}', Loaded(0.0, None, None)),
        (b'{"name":"deepseek-r1:7b","size":8,"size_vram":9}', Loaded(1.0, None, None)),
        (b'{"name":"deepseek-r1:7b","expires_at":"soon"}', Loaded(None, None, None)),
        (b'{"name":"llama3:8b","size":8,"size_vram":8}', None),
    ],
)
async def test_what_is_in_memory_is_told_as_far_as_it_is_known(
    process: bytes, loaded: Loaded | None
) -> None:
    with _Odd("/api/ps", Reply((b'{"models":[' + process + b"]}",))) as server:
        async with ollama(server.url) as model:
            (listed,) = (await model.listing()).models
    assert listed.loaded == loaded


@pytest.mark.parametrize("path", ["/api/tags", "/api/ps"])
async def test_another_server_is_recognised(path: str) -> None:
    with _Odd(path, Reply((b"404 page not found",), 404, "text/plain")) as server:
        async with ollama(server.url) as model:
            with pytest.raises(ModelUnavailable) as caught:
                await model.listing()
    assert caught.value.key == "ollama-not-ollama"


# Preloading


@pytest.mark.parametrize(
    ("options", "path"),
    [({}, "/api/generate"), ({"template": PLAIN_TEMPLATE}, "/api/chat")],
)
async def test_preloading_asks_for_nothing_with_what_every_request_has(
    options: Any, path: str
) -> None:
    with ScriptedOllama([], context_length=4096, **options) as server:
        async with ollama(server.url, keep_alive="10m") as model:
            await model.preload()
        (asked,) = server.preloads
        assert server.generations == []
    body = asked.body
    assert asked.path == path
    assert body["options"]["num_ctx"] == 4096
    assert (body["shift"], body["truncate"], body["keep_alive"]) == (False, False, "10m")
    assert not body.get("prompt")
    assert not body.get("messages")


@pytest.mark.parametrize("keep_alive", ["0", "0s", "0m"])
async def test_a_model_that_is_not_kept_is_not_preloaded(keep_alive: str) -> None:
    """An empty request would unload it."""
    with ScriptedOllama([]) as server:
        async with ollama(server.url, keep_alive=keep_alive) as model:
            await model.preload()
        assert server.requests == []


@pytest.mark.parametrize("keep_alive", ["30m", "-1", "-1s", "10"])
async def test_any_other_is(keep_alive: str) -> None:
    with ScriptedOllama([]) as server:
        async with ollama(server.url, keep_alive=keep_alive) as model:
            await model.preload()
        assert len(server.preloads) == 1


async def test_a_preload_that_is_cancelled_closes_its_connection() -> None:
    held = Reply((b"{}",), hold_after=0)
    with _Odd("/api/generate", held) as server:
        async with ollama(server.url) as model:
            loading = asyncio.create_task(model.preload())
            await asyncio.to_thread(server.wait_for, "holding", 1)
            loading.cancel()
            await asyncio.gather(loading, return_exceptions=True)
            await asyncio.to_thread(server.wait_for, "disconnects", 1)


async def test_a_model_that_is_missing_is_not_preloaded_but_told() -> None:
    with ScriptedOllama([], models={}) as server:
        async with ollama(server.url) as model:
            with pytest.raises(ModelUnavailable):
                await model.preload()
        assert server.preloads == []
