"""The embedded engine for real: llama.cpp with the stand-in model in this process."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from spyhop import resources
from spyhop.core.stream import Text, merge
from spyhop.core.wire import SseDecoder
from spyhop.errors import SpyhopError
from spyhop.messages import LANGUAGES
from spyhop.models.embedded import Embedded
from spyhop.models.errors import ModelFailed, ModelUnavailable
from spyhop.models.llamacpp import LlamaCpp
from spyhop.models.port import Delta, Done, Request
from spyhop.prompting.r1 import Turn

pytestmark = pytest.mark.anyio

CONTEXT = 1024
ASK = Request((Turn("user", "你好"),), temperature=0)


@pytest.fixture
def standin() -> Path:
    path = resources.standin()
    if not path.exists() or path.stat().st_size == 0:
        unbuilt = f"{path} is not built: run tests/standin/build.py"
        if "CI" in os.environ:
            pytest.fail(unbuilt)
        pytest.skip(unbuilt)
    return path


@pytest.fixture
def model_bytes(standin: Path) -> bytes:
    return standin.read_bytes()


@asynccontextmanager
async def engine(path: Path, context_tokens: int = CONTEXT) -> AsyncIterator[Embedded]:
    it = Embedded(path, context_tokens=context_tokens)
    try:
        yield it
    finally:
        await it.aclose()


async def deltas(model: Embedded, request: Request = ASK) -> list[Delta]:
    async with aclosing(model.stream(request)) as stream:
        return [delta async for delta in stream]


async def server_of(model: Embedded) -> LlamaCpp:
    return await model._server()  # noqa: SLF001 - the address is nobody else's business


async def test_a_raw_prompt_streams_an_answer(standin: Path) -> None:
    async with engine(standin) as model:
        found = await deltas(model)
    *texts, done = found
    assert len(texts) > 3
    assert all(isinstance(it, Text) for it in texts)
    assert isinstance(done, Done)
    assert done.reason == "stop"
    assert done.usage.prompt_tokens
    assert done.usage.answer_tokens
    (text, _) = merge(found)
    assert isinstance(text, Text)
    # The prompt has opened the thought, so that the output only closes it.
    assert "<think>" not in text.text
    assert "</think>" in text.text


async def test_the_same_prompt_at_temperature_0_gives_the_same_answer(standin: Path) -> None:
    async with engine(standin) as model:
        first, second = merge(await deltas(model)), merge(await deltas(model))
    assert first[0] == second[0]


async def test_the_facts_are_the_models(standin: Path) -> None:
    async with engine(standin) as model:
        info = await model.info()
        shown = await model.wire_prompt(ASK)
    assert (info.name, info.context_tokens, info.format) == (standin.stem, CONTEXT, "r1")
    assert shown == "<｜User｜>你好<｜Assistant｜><think>\n"


async def test_two_first_requests_load_the_model_once(
    standin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = counting(monkeypatch)
    async with engine(standin) as model:
        first, second = await asyncio.gather(deltas(model), deltas(model))
        assert merge(first)[0] == merge(second)[0]
    assert opened == [standin]


async def test_cancelling_one_first_request_leaves_the_other_its_model(
    standin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = counting(monkeypatch)
    async with engine(standin) as model:
        first = asyncio.create_task(model.info())
        second = asyncio.create_task(model.info())
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).context_tokens == CONTEXT
        assert first.cancelled()
    assert opened == [standin]


def counting(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the list of the paths that are opened from now on."""
    opened: list[Path] = []
    real: Callable[[Embedded, str], Any] = Embedded._open  # noqa: SLF001 - counted, not replaced

    def count(model: Embedded, key: str) -> Any:
        opened.append(model._path)  # noqa: SLF001
        return real(model, key)

    monkeypatch.setattr(Embedded, "_open", count)
    return opened


async def test_closing_unloads_and_the_next_request_loads_again(
    standin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = counting(monkeypatch)
    async with engine(standin) as model:
        await model.info()
        address = (await server_of(model))._endpoint.url  # noqa: SLF001
        await model.aclose()
        async with httpx.AsyncClient(trust_env=False) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(f"{address}/health")
        await model.aclose()
        await model.info()
    assert opened == [standin, standin]


async def test_an_engine_that_was_never_asked_can_be_closed(tmp_path: Path) -> None:
    await Embedded(tmp_path / "none.gguf", context_tokens=CONTEXT).aclose()


async def test_a_stream_that_is_closed_frees_the_slot(standin: Path) -> None:
    """Left alone, this generation ends when the context is full and at no other time."""
    endless = {"prompt": "x", "stream": True, "ignore_eos": True, "n_predict": -1}
    async with engine(standin, context_tokens=8192) as model:
        await model.info()
        endpoint = (await server_of(model))._endpoint  # noqa: SLF001
        stream = endpoint.stream("/completion", endless, SseDecoder())
        await anext(stream)
        await stream.aclose()
        while (slot := json.loads(await endpoint.get("/slots"))[0])["is_processing"]:
            pass
        assert slot["next_token"][0]["n_decoded"] < slot["n_ctx"] / 2
        assert isinstance((await deltas(model))[-1], Done)


async def test_other_processes_of_this_machine_may_not_ask(standin: Path) -> None:
    async with engine(standin) as model, httpx.AsyncClient(trust_env=False) as client:
        url = (await server_of(model))._endpoint.url  # noqa: SLF001
        for headers in ({}, {"Authorization": "Bearer guess"}, {"X-Api-Key": "guess"}):
            for path in ("/completion", "/v1/chat/completions", "/tokenize"):
                answer = await client.post(url + path, headers=headers, json={"prompt": "x"})
                assert answer.status_code == 401
            for path in ("/props", "/slots"):
                assert (await client.get(url + path, headers=headers)).status_code == 401


async def test_each_engine_has_a_key_of_its_own(standin: Path) -> None:
    async with engine(standin) as one, engine(standin) as other:
        await one.info()
        await other.info()
        stranger = LlamaCpp((await server_of(one))._endpoint.url, "x")  # noqa: SLF001
        with pytest.raises(ModelUnavailable) as caught:
            await stranger.info()
        await stranger.aclose()
    assert caught.value.key == "llamacpp-odd"
    assert "Invalid API Key" in str(caught.value)


async def test_a_prompt_beyond_the_context_says_what_the_context_is(standin: Path) -> None:
    async with engine(standin) as model:
        with pytest.raises(ModelFailed) as caught:
            await deltas(model, Request((Turn("user", "def f(): pass\n" * 2000),)))
        assert caught.value.key == "context-exceeded"
        assert f"{CONTEXT} tokens" in str(caught.value)
        assert isinstance((await deltas(model))[-1], Done)


# Files that are no model


async def failure(path: Path) -> SpyhopError:
    async with engine(path) as model:
        with pytest.raises(ModelUnavailable) as caught:
            await model.info()
        # A failure is not remembered: the file may be there the next time.
        with pytest.raises(ModelUnavailable):
            await model.info()
    for language in LANGUAGES:
        assert str(path) in caught.value.say(language)
        assert "\n" not in caught.value.say(language)
    return caught.value


async def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    assert (await failure(tmp_path / "none.gguf")).key == "embedded-no-file"


async def test_a_folder_is_no_model_file(tmp_path: Path) -> None:
    assert (await failure(tmp_path)).key == "embedded-no-file"


@pytest.mark.parametrize("data", [b"", b"GGU", b"print('hello')\n", b"\x00" * 100])
async def test_a_file_of_another_kind_is_said_to_be_one(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(data)
    assert (await failure(path)).key == "embedded-not-gguf"


@pytest.mark.parametrize("share", [0.0001, 0.02, 0.5, 0.99])
async def test_a_model_file_that_was_cut_off_cannot_be_loaded(
    model_bytes: bytes, tmp_path: Path, share: float
) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(model_bytes[: max(4, int(share * len(model_bytes)))])
    error = await failure(path)
    assert error.key == "embedded-failed"
    assert "damaged" in str(error)


async def test_a_file_that_was_mended_loads(model_bytes: bytes, tmp_path: Path) -> None:
    path = tmp_path / "模型 1.gguf"
    async with engine(path) as model:
        with pytest.raises(ModelUnavailable):
            await model.info()
        path.write_bytes(model_bytes)
        assert (await model.info()).name == "模型 1"


async def test_a_missing_engine_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    async with engine(tmp_path / "x.gguf") as model:
        with pytest.raises(ModelUnavailable, match=r"pip install '.\[embedded\]'"):
            await model.info()
