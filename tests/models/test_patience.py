"""What is asked again, how often, after how long; and what is not."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakemodel import FakeModel
from spyhop.core.stream import Text
from spyhop.errors import ModelError
from spyhop.messages import LANGUAGES, Notice
from spyhop.models.endpoint import Endpoint
from spyhop.models.errors import ModelFailed, ModelUnavailable, Obstacle, Retry, Unreachable
from spyhop.models.ollama import Ollama
from spyhop.models.openai import OpenAi
from spyhop.models.patience import Patient, Timing
from spyhop.models.port import Delta, Done, Model, ModelInfo, Request
from spyhop.models.scripted import (
    Reply,
    ScriptedOllama,
    ScriptedOpenAi,
    ScriptedServer,
    dialogue,
    refusal,
    reply,
)
from spyhop.models.scripted.shapes import DEEPSEEK
from spyhop.prompting.r1 import Turn

pytestmark = pytest.mark.anyio

ASK = Request((Turn("user", "Add one."),))
DONE = Done("stop")
OBSTACLES: tuple[Obstacle, ...] = get_args(Obstacle)
MOST_SECONDS = 120


@dataclass
class Time:
    """Time that passes only where someone sleeps, or where a request takes ``costs``."""

    now: float = 0.0
    chance: float = 0.0
    costs: float = 0.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    @property
    def timing(self) -> Timing:
        return Timing(lambda: self.now, self.sleep, lambda: self.chance)


class Failing:
    """A model that fails with each of ``errors`` and then answers."""

    def __init__(
        self, errors: Sequence[Exception], time: Time, first: Sequence[Delta] = ()
    ) -> None:
        self._errors = list(errors)
        self._time = time
        self._first = first
        self.asked = 0
        self.model = FakeModel([Text("x"), DONE])

    def _fail(self) -> None:
        self.asked += 1
        self._time.now += self._time.costs
        if self._errors:
            raise self._errors.pop(0)

    async def info(self) -> ModelInfo:
        self._fail()
        return await self.model.info()

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        for delta in self._first:
            yield delta
        self._fail()
        async for delta in self.model.stream(request):
            yield delta

    async def wire_prompt(self, request: Request) -> str:
        return await self.model.wire_prompt(request)

    async def aclose(self) -> None:
        await self.model.aclose()


def failure(obstacle: Obstacle, after: int | None = None) -> ModelError:
    return ModelUnavailable("server-busy", url="u", why="w", retry=Retry(obstacle, after))


async def streamed(model: Model) -> list[Delta]:
    return [delta async for delta in model.stream(ASK)]


async def asked(model: Model) -> list[Delta]:
    await model.info()
    return [Text("x"), DONE]


WAYS = pytest.mark.parametrize("ask", [streamed, asked])
Ask = Callable[[Model], Any]


def patient(model: Model, time: Time, told: list[Notice] | None = None) -> Patient:
    return Patient(model, (told if told is not None else []).append, time.timing)


@WAYS
@pytest.mark.parametrize("obstacle", OBSTACLES)
async def test_what_passes_is_asked_again_and_told(ask: Ask, obstacle: Obstacle) -> None:
    time, told = Time(), list[Notice]()
    model = Failing([failure(obstacle)] * 2, time)
    assert await ask(patient(model, time, told)) == [Text("x"), DONE]
    assert model.asked == 3
    assert len(time.slept) == 2
    assert [it.key for it in told] == [f"waiting-{obstacle}"] * sum(it >= 1 for it in time.slept)
    assert told
    for notice in told:
        assert len({notice.say(language) for language in LANGUAGES}) == len(LANGUAGES)
        assert "again in" in notice.say("en")


@given(
    errors=st.lists(st.tuples(st.sampled_from(OBSTACLES), st.none() | st.integers(0, 100))),
    chance=st.floats(0, 1),
    costs=st.floats(0, 30),
)
def test_it_is_bounded_in_number_and_in_time_whatever_comes(
    errors: list[tuple[Obstacle, int | None]], chance: float, costs: float
) -> None:
    time = Time(chance=chance, costs=costs)
    model = Failing([failure(*one) for one in errors] * 30, time)
    told: list[Notice] = []
    try:
        found = asyncio.run(streamed(patient(model, time, told)))
    except ModelUnavailable:
        found = []
    assert found == [] or found == [Text("x"), DONE]
    assert sum(time.slept) <= MOST_SECONDS
    assert time.now <= MOST_SECONDS + costs
    assert model.asked <= 80
    assert [dict(it.values)["seconds"] for it in told] == [
        math.ceil(it) for it in time.slept if it >= 1
    ]


@pytest.mark.parametrize("obstacle", OBSTACLES)
@pytest.mark.parametrize("chance", [0.0, 1.0])
async def test_what_stays_is_told_in_the_end(obstacle: Obstacle, chance: float) -> None:
    time = Time(chance=chance)
    errors = [failure(obstacle) for _ in range(100)]
    model = Failing(errors, time)
    with pytest.raises(ModelUnavailable) as caught:
        await streamed(patient(model, time))
    assert caught.value is errors[model.asked - 1]
    assert 2 < model.asked <= 61
    if obstacle == "loading":
        assert time.now > MOST_SECONDS - 10


async def test_loading_is_waited_for_longest() -> None:
    async def waited(obstacle: Obstacle) -> float:
        time = Time()
        with pytest.raises(ModelUnavailable):
            await streamed(patient(Failing([failure(obstacle)] * 100, time), time))
        return time.now

    assert max([await waited(it) for it in OBSTACLES]) == await waited("loading")


async def test_waits_grow_and_are_not_the_same_for_all() -> None:
    even, odd = Time(), Time(chance=1.0)
    for time in (even, odd):
        with pytest.raises(ModelUnavailable):
            await streamed(patient(Failing([failure("busy")] * 100, time), time))
    assert even.slept == [1, 2, 4, 8, 8]
    assert all(a < b for a, b in zip(even.slept, odd.slept, strict=False))


@pytest.mark.parametrize(("after", "slept"), [(0, 2.0), (1, 2.0), (17, 17.0), (30, 30.0)])
async def test_a_server_that_names_its_break_gets_it(after: int, slept: float) -> None:
    time = Time()
    model = Failing([failure("limited", after)], time)
    assert await streamed(patient(model, time))
    assert time.slept == [slept]


async def test_a_longer_break_is_not_waited_for() -> None:
    time = Time()
    with pytest.raises(ModelUnavailable):
        await streamed(patient(Failing([failure("limited", 31)], time), time))
    assert time.slept == []


async def test_what_took_long_to_fail_is_not_asked_for_again() -> None:
    time = Time(costs=60)
    model = Failing([failure("gateway")], time)
    with pytest.raises(ModelUnavailable):
        await streamed(patient(model, time))
    assert model.asked == 1


@WAYS
@pytest.mark.parametrize(
    "error",
    [
        Unreachable("ollama-unreachable", url="u", why="w"),
        ModelUnavailable("key-refused", url="u", why="w"),
        ModelFailed("stream-stalled", url="u", seconds=1),
    ],
)
async def test_what_stays_is_told_at_once(ask: Ask, error: ModelError) -> None:
    time = Time()
    model = Failing([error], time)
    with pytest.raises(ModelError) as caught:
        await ask(patient(model, time))
    assert caught.value is error
    assert (model.asked, time.slept) == (1, [])


@pytest.mark.parametrize("obstacle", OBSTACLES)
async def test_once_something_was_shown_nothing_is_asked_again(obstacle: Obstacle) -> None:
    time = Time()
    model = Failing([failure(obstacle)], time, first=[Text("a")])
    stream = patient(model, time).stream(ASK)
    assert await anext(stream) == Text("a")
    with pytest.raises(ModelUnavailable):
        await anext(stream)
    assert (model.asked, time.slept) == (1, [])


@WAYS
async def test_cancelling_ends_a_wait_at_once(ask: Ask) -> None:
    waiting = asyncio.Event()

    async def sleep(_: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    time = Time()
    timing = Timing(lambda: 0.0, sleep, lambda: 0.0)
    model = Failing([failure("loading")] * 9, time)
    task = asyncio.create_task(ask(Patient(model, lambda _: None, timing)))
    await waiting.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert model.asked == 1


async def test_closing_the_stream_closes_the_models() -> None:
    model = FakeModel([Text("a"), Text("b"), DONE])
    stream = patient(model, Time()).stream(ASK)
    await anext(stream)
    assert not model.closed
    await stream.aclose()
    assert model.closed


# Over the wire


def connected(server: ScriptedServer) -> Model:
    if isinstance(server, ScriptedOpenAi):
        return OpenAi(server.base, None, context_tokens=8192)
    return Ollama(server.url, None, context_tokens=8192)


def scripted(backend: str, *replies: Any) -> ScriptedServer:
    return ScriptedOpenAi(replies, DEEPSEEK) if backend == "openai" else ScriptedOllama(replies)


def answering(backend: str) -> Any:
    return dialogue("x") if backend == "openai" else reply("x")


BACKENDS = pytest.mark.parametrize("backend", ["ollama", "openai"])


@BACKENDS
@pytest.mark.parametrize(
    ("fault", "obstacle"),
    [
        (refusal(429, "slow down", headers={"Retry-After": "2"}), "limited"),
        (refusal(503, "server busy, please try again"), "busy"),
        (refusal(502, "bad gateway"), "gateway"),
        (Reply((b"<html>Bad Gateway</html>",), 502, "text/html"), "gateway"),
        (refusal(504, "gateway timeout"), "gateway"),
        (Reply((), ending="close", hold_after=None), "dropped"),
        (Reply((), ending="abort"), "dropped"),
    ],
)
async def test_a_fault_that_passes_is_outlived(
    backend: str, fault: Reply, obstacle: Obstacle
) -> None:
    time = Time()
    with scripted(backend, fault, fault, answering(backend)) as server:
        model, told = connected(server), list[Notice]()
        found = await streamed(patient(model, time, told))
        await model.aclose()
        assert len(server.generations) == 3
    assert [it for it in found if isinstance(it, Text)]
    assert {it.key for it in told} == {f"waiting-{obstacle}"}


@BACKENDS
@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
async def test_a_refusal_for_good_is_told_at_once(backend: str, status: int) -> None:
    time = Time()
    with scripted(backend, refusal(status, "no"), answering(backend)) as server:
        model = connected(server)
        with pytest.raises(ModelError):
            await streamed(patient(model, time))
        await model.aclose()
        assert len(server.generations) == 1
    assert time.slept == []


async def test_a_loading_server_is_waited_for_before_its_facts_are_asked_for() -> None:
    class Loading(ScriptedOpenAi):
        left = 5

        def _facts(self, request: Any) -> Reply:
            if self.left:
                self.left -= 1
                return refusal(503, "Loading model")
            return super()._facts(request)

    time, told = Time(), list[Notice]()
    with Loading([dialogue("x")], DEEPSEEK) as server:
        model = connected(server)
        assert await patient(model, time, told).wire_prompt(ASK) == "[user]\nAdd one."
        await model.aclose()
    assert [it.key for it in told] == ["waiting-loading"] * 5


async def test_a_connection_that_was_kept_open_and_is_closed_meanwhile_is_not_noticed() -> None:
    """As a server with a short time-out does it: the next request meets a closed connection."""
    requests = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        while await reader.readuntil(b"\r\n\r\n"):
            requests += 1
            if requests == 2:
                break
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    endpoint = Endpoint(f"http://127.0.0.1:{port}", "openai-unreachable")
    assert await endpoint.get("/") == b"{}"
    with pytest.raises(ModelFailed) as caught:
        await endpoint.get("/")
    assert caught.value.key == "connection-dropped"
    assert caught.value.retry == Retry("dropped")
    assert await endpoint.get("/") == b"{}"
    await endpoint.aclose()
    server.close()
