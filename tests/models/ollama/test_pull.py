"""Pulling with Ollama over its wire: progress, errors in words, cancelling."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyhop.errors import SpyhopError
from spyhop.messages import LANGUAGES
from spyhop.models.endpoint import Endpoint
from spyhop.models.errors import Broken, ModelFailed, ModelUnavailable, Unreachable
from spyhop.models.ollama import Ollama
from spyhop.models.ollama.pull import Layers, failure, patience, pull
from spyhop.models.ollama.wire import PullRecord
from spyhop.models.pulling import (
    DONE,
    DOWNLOADING,
    FINISHING,
    PREPARING,
    VERIFYING,
    PullProgress,
)
from spyhop.models.scripted import Pull, Recorded, Reply, ScriptedOllama

pytestmark = pytest.mark.anyio

R1 = "deepseek-r1:7b"
KEPT = "What has come is kept"
ADDRESS = "https://x.r2.cloudflarestorage.com/ollama/data?X-Amz-Signature=5ee5047fc0"


@asynccontextmanager
async def ollama(url: str, **options: Any) -> AsyncIterator[Ollama]:
    it = Ollama(url, None, context_tokens=8192, **options)
    try:
        yield it
    finally:
        await it.aclose()


async def steps(model: Ollama, name: str = R1) -> list[PullProgress]:
    async with aclosing(model.pull(name)) as pulling:
        return [step async for step in pulling]


async def pulled(*pulls: Pull | Reply, name: str = R1, **options: Any) -> list[PullProgress]:
    """Return the steps of one pull by an Ollama that has nothing."""
    with ScriptedOllama([], models={}, pulls=pulls) as server:
        async with ollama(server.url, **options) as model:
            return await steps(model, name)


async def failed(*pulls: Pull | Reply, name: str = R1, **options: Any) -> SpyhopError:
    """Return the error that one pull ends in."""
    with pytest.raises(SpyhopError) as caught:
        await pulled(*pulls, name=name, **options)
    return caught.value


def reads_well(error: SpyhopError, *parts: str) -> bool:
    """Tell whether the message holds the parts, in one line, in two languages."""
    lines = [error.say(language) for language in LANGUAGES]
    return (
        all(part in lines[0] for part in parts)
        and all(line and "\n" not in line and len(line) < 600 for line in lines)
        and lines[0] != lines[1]
    )


def without_repeats(values: Sequence[str]) -> list[str]:
    return [it for at, it in enumerate(values) if not at or values[at - 1] != it]


# Progress


async def test_a_pull_tells_the_bytes_of_all_layers_and_then_that_it_is_done() -> None:
    with ScriptedOllama([], models={}, pulls=[Pull(layers=(100, 7), steps=2)]) as server:
        async with ollama(server.url) as model:
            told = await steps(model)
        assert server.requests == [
            Recorded("/api/pull", {"model": R1, "stream": True}),
            Recorded("/api/show", {"model": R1}),
        ]
    assert told == [
        PullProgress(PREPARING),
        PullProgress(DOWNLOADING, 0, 100),
        PullProgress(DOWNLOADING, 50, 100),
        PullProgress(DOWNLOADING, 100, 100),
        PullProgress(DOWNLOADING, 100, 107),
        PullProgress(DOWNLOADING, 103, 107),
        PullProgress(DOWNLOADING, 107, 107),
        PullProgress(VERIFYING, 107, 107),
        PullProgress(FINISHING, 107, 107),
        PullProgress(DONE, 107, 107),
    ]


async def test_a_model_that_is_there_already_is_done_at_once() -> None:
    layer = json.dumps({"status": "pulling 0", "digest": "sha256:0", "total": 5, "completed": 5})
    lines = [b'{"status": "pulling manifest"}', layer.encode(), b'{"status": "success"}']
    with ScriptedOllama([], pulls=[Reply(tuple(it + b"\n" for it in lines))]) as server:
        async with ollama(server.url) as model:
            told = await steps(model)
    assert told[-1] == PullProgress(DONE, 5, 5)


async def test_what_came_of_a_pull_before_counts_from_the_start() -> None:
    told = await pulled(Pull(layers=(100,), start=60, steps=1))
    assert told[1] == PullProgress(DOWNLOADING, 60, 100)


@given(
    layers=st.lists(st.integers(1, 10**12), min_size=1, max_size=4),
    cuts=st.lists(st.integers(1, 90), min_size=1, max_size=4),
    fault=st.sampled_from([None, "EOF"]),
)
@settings(max_examples=25)
async def test_progress_is_the_same_however_the_bytes_are_cut(
    layers: list[int], cuts: list[int], fault: str | None
) -> None:
    async def told(pull_: Pull) -> list[object]:
        with ScriptedOllama([], models={}, pulls=[pull_]) as server:
            async with ollama(server.url) as model:
                found: list[object] = []
                try:
                    async with aclosing(model.pull(R1)) as pulling:
                        async for step in pulling:
                            found.append(step)  # noqa: PERF401 - what came before a fault counts
                except ModelFailed as error:
                    found.append(error.key)
                return found

    assert await told(Pull(layers, cuts=cuts, error=fault)) == await told(Pull(layers, error=fault))


SECONDS = st.floats(0.1, 600)
RECORDS = st.builds(
    PullRecord,
    status=st.sampled_from(["pulling manifest", "pulling x", "verifying sha256 digest", "", "new"]),
    digest=st.sampled_from(["", "sha256:a", "sha256:b"]),
    total=st.integers(-5, 100),
    completed=st.integers(-5, 100),
)


@given(records=st.lists(RECORDS))
def test_progress_never_exceeds_its_total(records: list[PullRecord]) -> None:
    layers = Layers()
    for record in records:
        told = layers.take(record)
        assert told.percentage is None or 0 <= told.percentage <= 100
        if told.completed is not None and told.total is not None and told.total > 0:
            assert told.completed >= 0


@pytest.mark.parametrize(
    ("completed", "total", "percentage"),
    [(0, 100, 0), (1, 3, 33), (999, 1000, 99), (5, 5, 100), (None, 5, None), (5, 0, None)],
)
def test_a_percentage_is_rounded_down(
    completed: int | None, total: int | None, percentage: int | None
) -> None:
    assert PullProgress(DOWNLOADING, completed, total).percentage == percentage


# Errors

FAULTS: dict[str, tuple[str, str, list[str]]] = {
    "unknown": (
        "pull model manifest: file does not exist",
        "qwen3-codr:7b",
        ["cannot find a model qwen3-codr:7b", "ollama.com/library", "modelscope.cn/"],
    ),
    "unknown-r1": (
        "pull model manifest: file does not exist",
        "deepseek-r1:13b",
        ["no model deepseek-r1:13b", "mean deepseek-r1:14b", "spyhop pull deepseek-r1:14b"],
    ),
    "unknown-spelling": (
        "pull model manifest: file does not exist",
        "deepseek-7b",
        ["Did you mean deepseek-r1:7b?", "spyhop pull deepseek-r1:7b"],
    ),
    "unknown-quantisation": (
        'pull model manifest: 400: {"error":"The tag is not a valid quantization scheme"}',
        "hf.co/unsloth/X-GGUF:Q2_X",
        ["cannot find a model hf.co/unsloth/X-GGUF:Q2_X", "not a valid quantization scheme"],
    ),
    "too-old": (
        "pull model manifest: 412: \n\nThe model you are to pull requires a newer version",
        R1,
        ["too old", "Update Ollama", "412"],
    ),
    "disk-full": (
        "write /root/.ollama/models/blobs/sha256-4c27-partial: no space left on device",
        R1,
        ["no room for deepseek-r1:7b", "ollama rm", "OLLAMA_MODELS", KEPT],
    ),
    "disk-full-on-windows": (
        "write C:\\Users\\x\\blobs\\sha256-4c27-partial: There is not enough space on the disk.",
        R1,
        ["no room for deepseek-r1:7b", KEPT],
    ),
    "no-network": (
        f'pull model manifest: Get "{ADDRESS}": dial tcp: lookup registry.ollama.ai: no such host',
        R1,
        ["could not reach", "no such host", "HTTPS_PROXY", KEPT],
    ),
    "no-network-in-the-middle": (
        f'max retries exceeded: Get "{ADDRESS}": dial tcp: lookup x: server misbehaving',
        R1,
        ["could not reach", "server misbehaving", KEPT],
    ),
    "unauthorised": (
        "pull model manifest: 401: Invalid username or password.",
        "hf.co/me/private",
        ["may not have hf.co/me/private", "check the name", "ollama signin"],
    ),
    "damaged": (
        "digest mismatch, file must be downloaded again: want sha256:a, got sha256:b",
        R1,
        ["came damaged", "run it again"],
    ),
    "sharded": (
        "pull model manifest: 400: The specified repository contains sharded GGUF.",
        "hf.co/unsloth/X-GGUF",
        ["could not pull hf.co/unsloth/X-GGUF", "sharded GGUF"],
    ),
    "anything": ("something new", R1, ["could not pull deepseek-r1:7b: something new", KEPT]),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_each_fault_says_what_it_means_and_what_mends_it(name: str) -> None:
    told, model, parts = FAULTS[name]
    error = await failed(Pull(layers=(100,), error=told), name=model)
    assert isinstance(error, ModelFailed)
    assert reads_well(error, *parts)


async def test_the_signature_in_an_address_is_not_repeated() -> None:
    error = await failed(Pull(error=f'max retries exceeded: Get "{ADDRESS}": EOF'))
    assert "https://x.r2.cloudflarestorage.com: EOF" in str(error).replace('"', "")
    assert "5ee5047fc0" not in str(error)


async def test_a_key_that_the_server_repeats_is_not_told() -> None:
    headers = {"Authorization": "Bearer sk-planted-0123456789"}
    error = await failed(Pull(error="you sent sk-planted-0123456789"), headers=headers)
    assert "you sent ***" in str(error)


@pytest.mark.parametrize("name", ["", "R1 7b", "a/b/c/d:e", "实现"])
async def test_what_is_no_name_is_not_asked_for(name: str) -> None:
    with ScriptedOllama([]) as server:
        async with ollama(server.url) as model:
            with pytest.raises(ModelFailed) as caught:
                await steps(model, name)
        assert server.requests == []
    assert caught.value.key.startswith("pull-unknown")


async def test_the_end_without_success_is_no_pull() -> None:
    error = await failed(Pull(ends=False))
    assert isinstance(error, Broken)
    assert reads_well(error, "without saying that it was done", KEPT)


@pytest.mark.parametrize("ending", ["abort", "close"])
async def test_a_connection_that_breaks_off_says_that_what_came_is_kept(ending: Any) -> None:
    error = await failed(Pull(ends=False, ending=ending))
    assert isinstance(error, Broken)
    assert reads_well(error, "broke off while it pulled deepseek-r1:7b", KEPT)


async def test_a_server_that_falls_silent_while_it_downloads_is_left() -> None:
    error = await failed(Pull(hold_after=2), stall_seconds=0.05)
    assert isinstance(error, Broken)
    assert reads_well(error, "Nothing of deepseek-r1:7b has come", KEPT)


@given(status=st.sampled_from([PREPARING, DOWNLOADING, VERIFYING, FINISHING]), seconds=SECONDS)
def test_only_while_it_verifies_may_a_server_be_silent_for_long(
    status: str, seconds: float
) -> None:
    assert patience(status, seconds) == (3600 if status == VERIFYING else seconds)


async def test_a_download_that_does_not_advance_is_left_in_the_end() -> None:
    layer = {"status": "pulling 0", "digest": "sha256:0", "total": 100, "completed": 50}
    line = json.dumps(layer).encode() + b"\n"
    times: Iterator[float] = iter(range(0, 10_000, 60))
    with ScriptedOllama([], pulls=[Reply((line,) * 30)]) as server:
        endpoint = Endpoint(server.url, "ollama-unreachable")
        pulling = pull(endpoint, R1, stall_seconds=30, clock=lambda: next(times))
        # The first step begins the ten minutes; the eleventh after it is one too many.
        for _ in range(11):
            assert (await anext(pulling)).completed == 50
        with pytest.raises(Broken) as caught:
            await anext(pulling)
        await endpoint.aclose()
    assert reads_well(caught.value, "for 600 seconds", KEPT)


@pytest.mark.parametrize("line", [b"garbage\n", b"[1]\n", b'{"total": "x"}\n', b"\xff\xfe\n"])
async def test_what_is_not_ollamas_stream_is_recognised(line: bytes) -> None:
    error = await failed(Reply((line,)))
    assert isinstance(error, ModelUnavailable)
    assert error.key == "ollama-not-ollama"


@pytest.mark.parametrize(
    ("status", "body", "parts"),
    [
        (400, b'{"error":"invalid model name"}', ["Did you mean deepseek-r1:8b"]),
        (500, b'{"error":"pull model manifest: EOF"}', ["could not reach", KEPT]),
        (401, b'{"error":"who are you"}', ["wants a key"]),
        (403, b"forbidden", ["forbids the request"]),
        (404, b"404 page not found", ["not as Ollama does"]),
        (405, b"method not allowed", ["not as Ollama does"]),
        (502, b"<html>Bad Gateway</html>", ["not as Ollama does", "Bad Gateway"]),
        (503, b'{"error":"busy"}', ["busy or down"]),
    ],
)
async def test_a_refusal_says_who_refused(status: int, body: bytes, parts: list[str]) -> None:
    error = await failed(Reply((body,), status, "application/json"))
    assert reads_well(error, *parts)


async def test_nobody_answers() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        async with ollama(f"http://127.0.0.1:{closed.getsockname()[1]}") as model:
            with pytest.raises(Unreachable) as caught:
                await steps(model)
    assert reads_well(caught.value, "does not answer", "ollama serve")


async def test_a_model_that_cannot_be_shown_after_all_is_not_done() -> None:
    success = Reply((b'{"status":"success"}\n',))
    with ScriptedOllama([], models={}, pulls=[success]) as server:
        async with ollama(server.url) as model:
            with pytest.raises(ModelUnavailable):
                await steps(model)


@given(why=st.text())
def test_whatever_ollama_says_there_is_a_message(why: str) -> None:
    assert reads_well(failure("http://x", R1, " ".join(why.split())[:200]), R1)


# Cancelling


@pytest.mark.parametrize("hold_after", [0, 1, 3])
async def test_cancelling_closes_the_connection(hold_after: int) -> None:
    with ScriptedOllama([], models={}, pulls=[Pull(hold_after=hold_after)]) as server:
        async with ollama(server.url) as model:
            pulling = asyncio.create_task(steps(model))
            await asyncio.to_thread(server.wait_for, "holding", 1)
            pulling.cancel()
            await asyncio.gather(pulling, return_exceptions=True)
            assert pulling.cancelled()
            await asyncio.to_thread(server.wait_for, "disconnects", 1)


async def test_closing_the_generator_closes_the_connection() -> None:
    with ScriptedOllama([], models={}, pulls=[Pull(hold_after=2)]) as server:
        async with ollama(server.url) as model:
            pulling = model.pull(R1)
            assert (await anext(pulling)).status == PREPARING
            assert (await anext(pulling)).status == DOWNLOADING
            await asyncio.to_thread(server.wait_for, "holding", 1)
            await pulling.aclose()
            await asyncio.to_thread(server.wait_for, "disconnects", 1)
