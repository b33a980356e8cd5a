"""Recorded sessions against the real engine: what completion costs it.

The clock is driven, so that a session of minutes takes seconds and costs the same each time. What
the engine writes is an oracle's, that knows the file and is not sure of each line (`author`); what
was accepted is put in as it was recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from author import Oracle
from dictated import Dictated, Engine
from driven import run
from keystrokes import Session, Step
from spyhop import resources
from spyhop.assist.complete import Arrived, complete
from spyhop.assist.completion_task import prepare
from spyhop.assist.desk import Desk, File, Spot
from spyhop.languages import language_of_path
from spyhop.prompting.library import load
from spyhop.sessions.completion import (
    Answer,
    Ask,
    CompletionRequest,
    Decision,
    Nothing,
    Orders,
    Wait,
)
from spyhop.sessions.completions import Completions
from spyhop.sessions.trail import Trail
from spyhop.settings import CompleteSettings

ROOT: Final = Path(__file__).parents[1]
SETTINGS: Final = CompleteSettings()
LIBRARY: Final = load(resources.prompts())
_LINES_WRITTEN: Final = 12
# All that is under way at a session's end comes to its own.
_AFTERWARDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What a session has cost the engine, in requests and tokens, and what came of it."""

    keys: int
    requests: int
    evaluated: int
    """Of the prompts, what was not in the engine's cache."""
    written: int
    thrown_away: int
    """Of these, what was never shown."""
    taken: int
    """How many of the recorded acceptances were on the screen."""


def cost_of(session: Session, begin: Begin) -> Cost:
    """Replay a session on an engine of its own."""
    with Engine() as engine:
        return run(_replay(session, engine, begin))


async def _replay(session: Session, engine: Engine, begin: Begin) -> Cost:
    model = Dictated(engine, _Reader(session.target))
    way = begin(session, engine, model)
    clock = asyncio.get_running_loop()
    keys = taken = 0
    for step in session.play():
        await asyncio.sleep(step.at - clock.time())
        accepted = step.key.accept
        taken += accepted is not None and way.on_screen.startswith(accepted)
        keys += 1
        way.on_screen = ""
        way.press(step)
    await asyncio.sleep(_AFTERWARDS)
    await way.aclose()
    costs = model.generations
    return Cost(
        keys,
        requests=len(costs),
        evaluated=sum(it.evaluated for it in costs),
        written=sum(it.written for it in costs),
        thrown_away=sum(it.written for at, it in enumerate(costs) if at not in way.shown),
        taken=taken,
    )


class Way(Protocol):
    """An editor with completions that are asked for in one way."""

    on_screen: str
    """The completion that the user sees."""
    shown: set[int]
    """The numbers of the requests whose text the user has seen."""

    def press(self, step: Step) -> None:
        """Take in a key."""

    async def aclose(self) -> None:
        """Come to an end."""


Begin: TypeAlias = Callable[[Session, Engine, Dictated], Way]


class _Reader:
    """Goes on with the code that a prompt ends with, line by line, as the oracle would."""

    def __init__(self, target: str) -> None:
        self._oracle = Oracle(target)

    def __call__(self, prompt: str) -> str:
        code = prompt.rpartition("</think>\n\n")[2].partition("\n")[2]
        text = code
        for _ in range(_LINES_WRITTEN):
            text += self._oracle.complete(text, len(text)) + "\n"
        return f"{text[len(code) :]}```"


class Ours:
    """An editor that Spyhop completes in: it asks at each change."""

    def __init__(self, session: Session, engine: Engine, model: Dictated) -> None:
        del engine
        self.on_screen = ""
        self.shown: set[int] = set()
        self._model = model
        self._file = opened(session.file, session.start)
        self._desk, self._trail, self._completions = Desk(), Trail(), Completions()
        for path in reversed(session.open):
            other = opened(path)
            self._trail.visited(other.uri, other.language, other.text)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._woken: dict[int, asyncio.Event] = {}
        self._numbers: dict[int, int] = {}
        """The engine's number of each request that was sent."""
        self._asking: asyncio.Task[None] | None = None
        self._clock = asyncio.get_running_loop()

    def press(self, step: Step) -> None:
        if step.change is not None:
            uri, before, now = self._file.uri, self._file.text, self._clock.time()
            self._trail.changed(uri, before, step.text, [step.change])
            self._file = opened(self._file.path, step.text)
            self._obey(self._completions.changed(uri, step.text, [step.change], now))
        if step.key.move is None:
            self._asking = asyncio.create_task(self._ask(step.caret))

    async def aclose(self) -> None:
        assert not self._tasks
        assert self._asking is None or self._asking.done()
        await self._desk.aclose()

    async def _ask(self, caret: int) -> None:
        uri, text = self._file.uri, self._file.text
        decision = self._completions.ask(uri, text, caret, self._clock.time())
        while await self._goes_on(decision):
            decision = self._completions.again(decision.ask, self._clock.time())
        del self._woken[decision.ask]

    async def _goes_on(self, decision: Decision) -> bool:
        """Do what was decided; tell whether it is to be decided again."""
        woken = self._woken.setdefault(decision.ask, asyncio.Event())
        woken.clear()
        self._obey(decision.orders)
        match decision.verdict:
            case Answer(of, text, _, ahead):
                self.shown.add(self._numbers[of])
                self.on_screen = text
                if ahead is not None:
                    self._start(ahead)
                return False
            case Ask(request):
                self._start(request)
            case Wait(until):
                timer = self._clock.call_at(until, woken.set)
                await woken.wait()
                timer.cancel()
                return True
            case Nothing():
                return False
        await woken.wait()
        return True

    def _obey(self, orders: Orders) -> None:
        for request in orders.cancel:
            self._tasks.pop(request).cancel()
        if orders.check_at is not None:
            self._clock.call_at(orders.check_at, self._tick)
        for ask in orders.wake:
            self._woken.setdefault(ask, asyncio.Event()).set()

    def _tick(self) -> None:
        self._obey(self._completions.tick(self._clock.time()))

    def _start(self, request: CompletionRequest) -> None:
        self._tasks[request.id] = asyncio.create_task(self._complete(request))

    async def _complete(self, request: CompletionRequest) -> None:
        file = opened(self._file.path, request.text)
        others = [File(it.uri, it.uri, it.language, it.text) for it in self._trail.others(file.uri)]
        edits = self._trail.edits(lambda uri: uri)
        spot = Spot(file, request.caret, others=others, edits=edits)
        task = await prepare(self._model, self._desk, LIBRARY, spot, SETTINGS)
        completion = None
        if task is not None:
            self._numbers[request.id] = len(self._model.generations)
            self._completions.started(request.id, self._clock.time())
            async with aclosing(complete(self._model, task)) as outputs:
                async for output in outputs:
                    if isinstance(output, Arrived):
                        now = self._clock.time()
                        self._obey(self._completions.arrived(request.id, output.text, now))
                    else:
                        completion = output.completion
        # What has arrived may have had the request cancelled.
        self._tasks.pop(request.id, None)
        self._obey(self._completions.finished(request.id, completion, self._clock.time()))


def opened(path: str, text: str | None = None) -> File:
    """Return a file of this repository, or one that has this ``text``."""
    told = (ROOT / path).read_text(encoding="utf-8") if text is None else text
    return File(path, path, language_of_path(path), told)
