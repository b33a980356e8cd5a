"""When the engine runs, told by a clock that the test holds."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.errors import SpyhopError
from spyhop.models.embedded.engine import Engine
from spyhop.models.errors import ModelUnavailable

pytestmark = pytest.mark.anyio


@dataclass(eq=False)
class Run:
    number: int
    world: World
    ended: bool = False
    """Whether it has died by itself."""
    closed: bool = False

    async def aclose(self) -> None:
        self.world.log.append(f"end {self.number}")
        await asyncio.sleep(0)
        self.closed = True


@dataclass
class Alarm:
    seconds: float
    ring: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class World:
    """A clock, and a start that succeeds when it is let."""

    log: list[str] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    error: SpyhopError | None = None

    async def start(self) -> Run:
        self.log.append(f"start {len(self.runs)}")
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.runs.append(Run(len(self.runs), self))
        return self.runs[-1]

    def later(self, seconds: float, ring: Callable[[], None]) -> Alarm:
        self.alarms.append(Alarm(seconds, ring))
        return self.alarms[-1]

    @property
    def set_alarms(self) -> list[Alarm]:
        return [alarm for alarm in self.alarms if not alarm.cancelled]

    def ring(self) -> None:
        """Let the time pass that the one alarm waits for."""
        (alarm,) = self.set_alarms
        alarm.cancel()
        alarm.ring()

    def engine(self, keep_alive: float = 60) -> Engine[Run]:
        return Engine(self.start, keep_alive, later=self.later)


@pytest.fixture
async def world() -> World:
    it = World()
    it.gate.set()
    return it


async def settle() -> None:
    """Let all tasks go on until they wait."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_nothing_runs_before_the_first_use(world: World) -> None:
    engine = world.engine()
    await settle()
    assert world.log == []
    await engine.aclose()
    assert world.log == []


async def test_uses_share_what_runs(world: World) -> None:
    engine = world.engine()
    async with engine.use() as one, engine.use() as other:
        assert one is other
    async with engine.use() as again:
        assert again is one
    assert world.log == ["start 0"]


async def test_it_ends_when_it_was_idle_for_long_enough_and_starts_again(world: World) -> None:
    engine = world.engine(60)
    async with engine.use() as run:
        assert not world.set_alarms
    assert [alarm.seconds for alarm in world.set_alarms] == [60]
    world.ring()
    await settle()
    assert run.closed
    async with engine.use() as other:
        assert other is not run
    assert world.log == ["start 0", "end 0", "start 1"]


async def test_a_use_in_time_keeps_it(world: World) -> None:
    engine = world.engine()
    async with engine.use():
        pass
    async with engine.use() as run:
        assert not world.set_alarms
        async with engine.use():
            pass
        assert not world.set_alarms
    assert len(world.set_alarms) == 1
    assert not run.closed


@pytest.mark.parametrize(("keep_alive", "ended"), [(0, True), (math.inf, False)])
async def test_it_may_end_at_once_or_never(world: World, keep_alive: float, *, ended: bool) -> None:
    engine = world.engine(keep_alive)
    async with engine.use():
        assert world.log == ["start 0"]
    await settle()
    assert world.runs[0].closed == ended
    assert not world.set_alarms


async def test_what_has_died_is_replaced(world: World) -> None:
    engine = world.engine()
    async with engine.use() as run:
        run.ended = True
    async with engine.use() as other:
        assert other is not run
    assert run.closed


async def test_the_old_one_has_ended_before_the_new_one_starts(world: World) -> None:
    engine = world.engine(0)
    async with engine.use():
        pass
    async with engine.use():
        pass
    await settle()
    assert world.log == ["start 0", "end 0", "start 1", "end 1"]


async def test_a_start_that_fails_is_told_to_all_and_not_remembered(world: World) -> None:
    engine = world.engine()
    world.error = ModelUnavailable("embedded-missing")
    found = await asyncio.gather(used(engine), used(engine), return_exceptions=True)
    assert [it is world.error for it in found] == [True, True]
    world.error = None
    assert await used(engine) is world.runs[0]
    assert world.log == ["start 0", "start 0"]


async def test_cancelling_one_first_use_leaves_the_other(world: World) -> None:
    engine = world.engine()
    world.gate.clear()
    first, second = asyncio.create_task(used(engine)), asyncio.create_task(used(engine))
    await settle()
    first.cancel()
    await settle()
    world.gate.set()
    assert (await second).number == 0
    assert first.cancelled()
    assert world.log == ["start 0"]


async def test_a_start_that_nobody_waits_for_any_more_is_good_for_the_next(world: World) -> None:
    engine = world.engine()
    world.gate.clear()
    first = asyncio.create_task(used(engine))
    await settle()
    first.cancel()
    await settle()
    world.gate.set()
    assert (await used(engine)).number == 0
    assert world.log == ["start 0"]


async def test_what_is_given_up_is_replaced_unless_others_are_at_it(world: World) -> None:
    engine = world.engine()
    async with engine.use() as run:
        async with engine.use():
            engine.give_up(run)
            await settle()
            assert world.log == ["start 0"]
        engine.give_up(run)
        await settle()
        assert world.log == ["start 0", "end 0"]
        async with engine.use() as other:
            assert other is not run
            # What was given up before has no say in what runs now.
            engine.give_up(run)
            await settle()
            assert world.log == ["start 0", "end 0", "start 1"]


async def test_closing_ends_it_also_while_it_starts(world: World) -> None:
    engine = world.engine()
    await used(engine)
    await engine.aclose()
    assert world.runs[0].closed
    assert not world.set_alarms
    world.gate.clear()
    second = asyncio.create_task(used(engine))
    await settle()
    await engine.aclose()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert world.log == ["start 0", "end 0", "start 1"]


async def used(engine: Engine[Run]) -> Run:
    async with engine.use() as run:
        return run


@given(
    keep_alive=st.sampled_from([0, 60, math.inf]),
    steps=st.lists(st.sampled_from(["use", "leave", "ring", "die", "close", "fail"])),
)
def test_whatever_happens_at_most_one_runs_and_a_use_has_one_that_lives(
    keep_alive: float, steps: list[str]
) -> None:
    async def run() -> None:
        world = World()
        world.gate.set()
        engine, uses = world.engine(keep_alive), list[asyncio.Event]()
        tasks: list[asyncio.Task[None]] = []

        async def use(until: asyncio.Event) -> None:
            async with engine.use() as it:
                assert not it.ended
                assert not it.closed
                await until.wait()

        for step in steps:
            await perform(step, world, engine, uses, tasks, use)
            await settle()
            living = [it for it in world.runs if not it.closed]
            assert len(living) <= 1
        for until in uses:
            until.set()
        await asyncio.gather(*tasks)
        await engine.aclose()
        assert all(it.closed for it in world.runs)

    asyncio.run(run())


async def perform(
    step: str,
    world: World,
    engine: Engine[Run],
    uses: list[asyncio.Event],
    tasks: list[asyncio.Task[None]],
    use: Callable[[asyncio.Event], Coroutine[Any, Any, None]],
) -> None:
    match step:
        case "use":
            uses.append(asyncio.Event())
            tasks.append(asyncio.create_task(use(uses[-1])))
        case "leave" if uses:
            uses.pop().set()
        case "ring" if world.set_alarms:
            world.ring()
        case "die" if world.runs:
            world.runs[-1].ended = True
        case "close" if not uses:
            await engine.aclose()
        case "fail":
            world.error = ModelUnavailable("embedded-missing")
            await asyncio.gather(used(engine), return_exceptions=True)
            world.error = None
