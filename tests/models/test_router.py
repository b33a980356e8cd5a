"""Which endpoint is asked, and what the user is told of it."""

from __future__ import annotations

import asyncio
import pickle
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakemodel import FakeModel
from spyhop.errors import ModelError
from spyhop.messages import LANGUAGES, Notice
from spyhop.models import router as routing
from spyhop.models.errors import AllDown, ModelUnavailable, Retry, Unreachable
from spyhop.models.patience import Patient, Timing
from spyhop.models.port import Done, Model
from spyhop.models.reach import Reach
from spyhop.models.router import DOWN_SECONDS, Router
from spyhop.models.scripted import Recorded, Reply, ScriptedOllama, ScriptedOpenAi, refusal
from spyhop.models.scripted.shapes import DEEPSEEK
from spyhop.settings import EndpointSettings, Settings

pytestmark = pytest.mark.anyio

NAMES = ("gpu", "desk", "laptop")


def down(name: str = "x") -> ModelError:
    return Unreachable("ollama-unreachable", url=f"http://{name}", why="refused")


def busy(obstacle: Any = "loading") -> ModelError:
    return ModelUnavailable("model-loading", url="u", why="Loading model", retry=Retry(obstacle))


class World:
    """Endpoints that are up or down, a clock, and a router among them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch | None = None, **options: Any) -> None:
        self.faults: dict[str, ModelError] = {}
        self.checked: list[str] = []
        self.connected: list[EndpointSettings] = []
        self.said: list[Notice] = []
        self.now = 0.0
        self.settings = Settings.model_validate(
            {"endpoints": {name: {"url": f"http://{name}:1"} for name in NAMES}, **options}
        )
        self.router = Router(
            self.settings,
            self.said.append,
            connect=self._connect,
            timing=Timing(clock=lambda: self.now),
        )
        world = self

        class Known(Reach):
            async def fault(self, seconds: float = 0) -> ModelError | None:
                del seconds
                world.checked.append(self._settings.name)
                return world.faults.get(self._settings.name)

        if monkeypatch is not None:
            monkeypatch.setattr(routing, "Reach", Known)
        self.reach = Known

    def _connect(self, endpoint: EndpointSettings) -> Model:
        self.connected.append(endpoint)
        return FakeModel([Done("stop")])

    async def chosen(self, role: Any = "edit") -> str:
        """Return the name of the endpoint that a request goes to."""
        model = await self.model(role)
        found = [it for it, made in self.router._models.items() if made is model]  # noqa: SLF001
        return found[0].name

    async def model(self, role: Any = "edit") -> Model:
        patient = await self.router.model(role, lambda _: None)
        assert isinstance(patient, Patient)
        return patient.model

    @property
    def notices(self) -> list[str]:
        return [notice.say("en") for notice in self.said]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


# The choice


@given(
    steps=st.lists(
        st.tuples(
            st.sets(st.sampled_from(NAMES)), st.sampled_from([0.0, 1.0, 29.9, 30.0, 31.0, 90.0])
        ),
        max_size=8,
    )
)
@settings(max_examples=60)
def test_an_endpoint_that_is_up_is_found_whatever_came_before(
    steps: list[tuple[set[str], float]],
) -> None:
    async def walk() -> None:
        with pytest.MonkeyPatch.context() as patch:
            world = World(patch)
            known = NAMES[0]
            for up, seconds in steps:
                world.now += seconds
                world.faults = {name: down(name) for name in NAMES if name not in up}
                world.checked.clear()
                told = len(world.said)
                if not up:
                    with pytest.raises(AllDown) as caught:
                        await world.chosen()
                    assert set(caught.value.faults) == set(NAMES)
                    assert len(world.said) == told
                    continue
                chosen = await world.chosen()
                assert chosen in up
                assert len(world.checked) == len(set(world.checked))
                # Told where and only where it is not what the user knows.
                assert len(world.said) - told == (chosen != known)
                known = chosen
                if seconds >= DOWN_SECONDS:
                    assert chosen == next(name for name in NAMES if name in up)

    asyncio.run(walk())


async def test_with_one_endpoint_nothing_is_asked_beforehand(monkeypatch: Any) -> None:
    world = World(monkeypatch, endpoints={"only": {"url": "http://only:1"}})
    world.faults = {"only": down()}
    assert await world.chosen() == "only"
    assert world.checked == []


async def test_the_switch_is_said_once_each_way(world: World) -> None:
    world.faults["gpu"] = down()
    assert [await world.chosen() for _ in range(3)] == ["desk"] * 3
    assert world.notices == ["gpu does not answer (refused): using desk until it does."]
    world.faults.clear()
    world.now += DOWN_SECONDS
    assert [await world.chosen() for _ in range(3)] == ["gpu"] * 3
    assert world.notices[1:] == ["gpu answers again: using it."]
    for notice in world.said:
        assert notice.say("en") != notice.say("zh-cn")


async def test_from_the_second_to_the_third_and_back(world: World) -> None:
    world.faults = {"gpu": down(), "desk": down()}
    assert await world.chosen() == "laptop"
    del world.faults["desk"]
    world.now += DOWN_SECONDS
    assert await world.chosen() == "desk"
    assert world.notices == [
        "gpu does not answer (refused): using laptop until it does.",
        "desk answers again: using it.",
    ]


async def test_what_is_down_is_left_alone_for_half_a_minute(world: World) -> None:
    world.faults["gpu"] = down()
    for seconds in (0.0, 10.0, 19.0, 2.0):
        world.now += seconds
        await world.chosen()
    assert world.checked == ["gpu", "desk", "desk", "desk", "gpu", "desk"]


async def test_but_not_where_nothing_else_is_up(world: World) -> None:
    """The user may have started it meanwhile, and tries again."""
    world.faults = {name: down(name) for name in NAMES}
    with pytest.raises(AllDown):
        await world.chosen()
    del world.faults["laptop"]
    assert await world.chosen() == "laptop"


async def test_where_none_is_up_each_says_why(world: World) -> None:
    world.faults = {name: down(name) for name in NAMES}
    with pytest.raises(AllDown) as caught:
        await world.chosen()
    for language in LANGUAGES:
        words = caught.value.say(language)
        assert [words.index(f"{name}: ") for name in NAMES] == sorted(
            words.index(f"{name}: ") for name in NAMES
        )
        assert all(down(name).say(language) in words for name in NAMES)
        assert "\n" not in words
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
    assert str(again) == str(caught.value)


@pytest.mark.parametrize("obstacle", ["loading", "busy"])
async def test_one_that_only_loads_is_better_than_none(world: World, obstacle: str) -> None:
    world.faults = {name: down(name) for name in NAMES} | {"desk": busy(obstacle)}
    assert await world.chosen() == "desk"
    assert world.notices == ["gpu does not answer (refused): using desk until it does."]


async def test_but_one_that_is_up_is_better_still(world: World) -> None:
    world.faults = {"gpu": busy()}
    assert await world.chosen() == "desk"


# The models


async def test_roles_share_a_model_where_their_endpoints_are_equal(monkeypatch: Any) -> None:
    world = World(monkeypatch, complete={"model": "qwen2.5-coder:1.5b"})
    edit, chat, complete = [await world.model(it) for it in ("edit", "chat", "complete")]
    assert edit is chat
    assert complete is not edit
    assert [it.model for it in world.connected] == [None, "qwen2.5-coder:1.5b"]


async def test_a_role_may_ask_another_endpoint_first(monkeypatch: Any) -> None:
    world = World(monkeypatch, chat={"endpoint": "laptop"})
    assert (await world.chosen("edit"), await world.chosen("chat")) == ("gpu", "laptop")
    assert world.said == []


async def test_settings_that_still_name_a_model_keep_it(world: World) -> None:
    kept = await world.model()
    world.faults["gpu"] = down()
    gone = await world.model()
    named = {"gpu": {"url": "http://gpu:1"}, "new": {"url": "http://new:1"}}
    unused = world.router.configure(Settings.model_validate({"endpoints": named}))
    assert [it for it in unused if not isinstance(it, Reach)] == [gone]
    assert [it._settings.name for it in unused if isinstance(it, Reach)] == ["desk"]  # noqa: SLF001
    world.faults.clear()
    world.now += DOWN_SECONDS
    assert await world.model() is kept


async def test_what_cannot_be_connected_is_told_and_tried_again() -> None:
    router = Router(Settings(backend="embedded", model=None), lambda _: None)
    for _ in range(2):
        with pytest.raises(ModelUnavailable):
            await (await router.model("edit", lambda _: None)).info()
    await router.aclose()


# Whether an endpoint is there


def endpoint(url: str, backend: Any = "ollama", **options: Any) -> EndpointSettings:
    values = {"backend": backend, "url": url, **options}
    return Settings.model_validate(values).endpoints_for("edit")[0]


async def fault(settings: EndpointSettings, seconds: float = 30) -> ModelError | None:
    reach = Reach(settings)
    try:
        return await reach.fault(seconds)
    finally:
        await reach.aclose()


@contextmanager
def answering(backend: str, *replies: Reply | None) -> Any:
    """Give a server that answers with ``replies``, the last again and again; None: as it does."""
    left = list(replies)

    def facts(request: Recorded) -> Reply:
        reply = left.pop(0) if len(left) > 1 else left[0]
        return reply or plain(request)

    server = ScriptedOpenAi([], DEEPSEEK) if backend == "openai" else ScriptedOllama([])
    plain = server._facts  # noqa: SLF001
    server._facts = facts  # type: ignore[method-assign]  # noqa: SLF001
    with server:
        yield server


BACKENDS = pytest.mark.parametrize("backend", ["ollama", "openai"])


@BACKENDS
@pytest.mark.parametrize(
    ("reply", "key"),
    [
        (None, None),
        (refusal(401, "no"), None),
        (refusal(403, "no"), None),
        (refusal(404, "no"), None),
        (refusal(429, "slow down"), None),
        (refusal(500, "no"), None),
        (Reply((), 302, headers=(("Location", "http://other/"),)), None),
        (Reply((b"<html>",)), None),
        (refusal(502, "no"), "runtime-refused"),
        (refusal(503, "no"), "server-busy"),
        (refusal(503, "Loading model"), "model-loading"),
        (refusal(504, "no"), "runtime-refused"),
        (Reply((), ending="close"), "connection-dropped"),
        (Reply((b"{",), ending="close"), "stream-broken"),
    ],
)
async def test_only_what_another_endpoint_would_mend_counts_as_down(
    backend: str, reply: Reply | None, key: str | None
) -> None:
    with answering(backend, reply) as server:
        found = await fault(endpoint(server.url, backend))
    assert (None if found is None else found.key) == key


@BACKENDS
async def test_a_connection_that_was_closed_meanwhile_is_opened_again(backend: str) -> None:
    with answering(backend, None, Reply((), ending="close"), None) as server:
        reach = Reach(endpoint(server.url, backend))
        assert await reach.fault() is None
        assert await reach.fault() is None
        await reach.aclose()
        assert len(server.requests) == 3


@BACKENDS
async def test_a_server_that_says_nothing_is_down(backend: str) -> None:
    with answering(backend, Reply((b"{}",), hold_after=0)) as server:
        found = await fault(endpoint(server.url, backend), 0.05)
    assert isinstance(found, Unreachable)
    assert found.key == "endpoint-silent"
    assert "did not answer (0.05 s)" in str(found)


@BACKENDS
async def test_nobody_is_down(backend: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        found = await fault(endpoint(f"http://127.0.0.1:{closed.getsockname()[1]}", backend))
    assert found is not None
    assert found.key == f"{backend}-unreachable"


async def test_an_engine_of_our_own_is_always_there() -> None:
    assert await fault(endpoint("http://x", "embedded", model="x.gguf")) is None


async def test_the_key_goes_along() -> None:
    with ScriptedOpenAi([], DEEPSEEK) as server:
        assert await fault(endpoint(server.base, "openai", key="sk-1")) is None
        assert server.requests[0].headers["authorization"] == "Bearer sk-1"


@asynccontextmanager
async def routed(urls: Sequence[str], said: list[Notice]) -> AsyncIterator[Router]:
    named = {name: {"url": url} for name, url in zip(NAMES, urls, strict=False)}
    router = Router(Settings.model_validate({"endpoints": named}), said.append)
    try:
        yield router
    finally:
        await router.aclose()


async def test_over_the_wire_the_second_is_used_while_the_first_is_down() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with ScriptedOllama([]) as server:
            said: list[Notice] = []
            async with routed([dead, server.url], said) as router:
                info = await (await router.model("edit", lambda _: None)).info()
            assert info.name == "deepseek-r1:7b"
            assert [it.key for it in said] == ["endpoint-switched"]
            assert server.requests[0].path == "/api/version"
