"""``spyhop pull``: get a model, and show how far it is."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, aclosing, contextmanager, nullcontext
from typing import Final, Protocol

from rich.progress import BarColumn, Progress, TaskID, TextColumn

from spyhop.assist.pull import Step, pull
from spyhop.cli.console import Screen, write_bytes
from spyhop.core.visible import visible_line
from spyhop.models.pulling import DONE, DOWNLOADING
from spyhop.settings import EndpointSettings

_SECONDS_BETWEEN_LINES: Final = 5.0


class _View(Protocol):
    def watching(self) -> AbstractContextManager[None]: ...

    def show(self, step: Step) -> None: ...


def run(endpoint: EndpointSettings, name: str, screen: Screen, *, as_json: bool) -> None:
    """Get the model ``name``, and show how far it is until it is there.

    Raises:
        SpyhopError: the model cannot be had; says why.
    """
    asyncio.run(_pull(endpoint, name, _view(name, screen, as_json=as_json)))
    if not as_json:
        screen.tell("pull-done", model=name)


async def _pull(endpoint: EndpointSettings, name: str, view: _View) -> None:
    with view.watching():
        async with aclosing(pull(endpoint, name)) as steps:
            async for step in steps:
                view.show(step)


def _view(name: str, screen: Screen, *, as_json: bool) -> _View:
    if as_json:
        return JsonView()
    return BarView(screen) if screen.err.is_terminal else LineView(name, screen)


class BarView:
    """A bar that moves, in a terminal."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._bar = Progress(
            TextColumn("{task.fields[share]:>5}", markup=False),
            BarColumn(),
            TextColumn("{task.description}", markup=False),
            console=screen.err,
            transient=True,
        )
        self._task: TaskID = self._bar.add_task("", total=None, share="")

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Show the bar until the block ends."""
        with self._bar:
            yield

    def show(self, step: Step) -> None:
        """Move the bar; it swings where there is nothing to measure."""
        progress = step.progress
        counts = progress.status == DOWNLOADING and step.percentage is not None
        self._bar.update(
            self._task,
            completed=step.percentage or 0,
            total=100 if counts else None,
            description=visible_line(step.notice.say(self._screen.language)),
            share=f"{step.percentage} %" if counts else "",
        )


class LineView:
    """A line now and then, where nothing can move."""

    def __init__(
        self, name: str, screen: Screen, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._screen = screen
        self._clock = clock
        self._status = ""
        self._shown = 0.0

    def watching(self) -> AbstractContextManager[None]:
        """Do nothing: what was printed stays."""
        return nullcontext()

    def show(self, step: Step) -> None:
        """Print how far it is, when something new begins and every few seconds."""
        status, now = step.progress.status, self._clock()
        soon = status == self._status and now - self._shown < _SECONDS_BETWEEN_LINES
        if soon or status == DONE:
            return
        self._status, self._shown = status, now
        words = step.notice.say(self._screen.language)
        percentage = step.percentage
        if status != DOWNLOADING or percentage is None:
            self._screen.line(words)
        else:
            self._screen.tell("pull-line", model=self._name, percentage=percentage, progress=words)


class JsonView:
    """A JSON object a line, for programs."""

    def __init__(self) -> None:
        self._printed: object = None

    def watching(self) -> AbstractContextManager[None]:
        """Do nothing."""
        return nullcontext()

    def show(self, step: Step) -> None:
        """Print the step, unless status and percentage are what they were."""
        progress = step.progress
        known = (progress.status, step.percentage)
        if known == self._printed:
            return
        self._printed = known
        told = {
            "status": progress.status,
            "completed": progress.completed,
            "total": progress.total,
            "percentage": step.percentage,
        }
        write_bytes(json.dumps(told).encode() + b"\n")
