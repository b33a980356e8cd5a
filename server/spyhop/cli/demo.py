"""``spyhop demo``: the main job on a copy of an example."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.rule import Rule
from rich.syntax import Syntax
from rich.text import Text as Styled

from spyhop import resources
from spyhop.cli import edit as editing
from spyhop.cli.console import Screen
from spyhop.cli.files import Target, read_text
from spyhop.cli.job import Job
from spyhop.cli.review import review
from spyhop.core.diff import diff
from spyhop.core.lines import split_lines
from spyhop.errors import NoEdit
from spyhop.models.connect import connect
from spyhop.models.port import Delta, Model, ModelInfo, Request
from spyhop.settings import Settings

EXAMPLE: Final = "fractions.py"
INSTRUCTION: Final = "实现计算一个最大公约数的代码"
_FUNCTION: Final = "def gcd("
# The stand-in writes 5,000 tokens a second; a person wants to watch.
_SECONDS_PER_DELTA: Final = 0.012


@dataclass(frozen=True, slots=True)
class _Paced:
    """A model slowed down to a pace that can be watched."""

    model: Model

    async def info(self) -> ModelInfo:
        return await self.model.info()

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        async with aclosing(self.model.stream(request)) as deltas:
            async for delta in deltas:
                await asyncio.sleep(_SECONDS_PER_DELTA)
                yield delta

    async def wire_prompt(self, request: Request) -> str:
        return await self.model.wire_prompt(request)

    async def aclose(self) -> None:
        await self.model.aclose()


def run_demo(screen: Screen, settings: Settings | None, *, yes: bool) -> None:
    """Implement a function of an example and comment it, on the stand-in without ``settings``.

    Raises:
        SpyhopError: a step gave nothing; says why.
    """
    if settings is None:
        screen.tell("demo-standin")
        model = str(resources.standin())
        settings = Settings.model_validate(
            {"backend": "embedded", "model": model, "temperature": 0}
        )
        paced = screen.err.is_terminal
    else:
        paced = False
    path = Path(tempfile.mkdtemp(prefix="spyhop-demo-")) / EXAMPLE
    shutil.copyfile(resources.examples() / EXAMPLE, path)
    screen.tell("demo-file", path=str(path))
    demo = _Demo(screen=screen, settings=settings, path=path, paced=paced, yes=yes)
    first = demo.function()
    _title(screen, "demo-implement", first, instruction=INSTRUCTION)
    if not demo.step("edit", first, INSTRUCTION):
        screen.tell("demo-nothing-to-comment")
        return
    second = demo.function()
    _title(screen, "demo-comment", second)
    demo.step("comment", second, "")
    screen.tell("demo-done", path=str(path))
    text = path.read_text(encoding="utf-8")
    if screen.out.is_terminal:
        screen.out.print(Syntax(text, "python", theme="ansi_dark"))
    else:
        screen.out.print(Styled(text), end="")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Demo:
    screen: Screen
    settings: Settings
    path: Path
    paced: bool
    yes: bool

    def function(self) -> Target:
        """Return the lines of the example's function as they are now.

        Raises:
            NoEdit: a model has renamed it or taken it out.
        """
        file = read_text(str(self.path))
        lines = split_lines(file.source.text)
        starts = [number for number, line in enumerate(lines) if line.startswith(_FUNCTION)]
        if not starts:
            raise NoEdit("demo-no-function", path=str(self.path))
        first = starts[0]
        last = next(
            number
            for number in range(first, len(lines))
            if number + 1 == len(lines) or not lines[number + 1].strip()
        )
        return Target(file, first, last)

    def step(self, prompt: str, target: Target, instruction: str) -> bool:
        """Ask for one change and write what is taken; tell whether anything was."""
        job = Job(prompt, target, instruction, self.settings, show_thinking=True)
        model = connect(self.settings.endpoints_for("edit")[0])
        proposal = asyncio.run(
            editing.ask(job, self.screen, _Paced(model) if self.paced else model)
        )
        for warning in proposal.outcome.warnings:
            self.screen.warn(warning)
        if self.yes and proposal.outcome.cut_off:
            raise NoEdit("no-write-cut")
        old = split_lines(target.file.source.text)
        hunks = diff(target.file.source.text, proposal.text)
        if self.yes or not self.screen.interactive:
            self.screen.diff(EXAMPLE, old, hunks)
            taken = hunks if self.yes else []
        else:
            taken = review(self.screen, EXAMPLE, old, hunks, self.screen.out.input)
        editing.take(target.file, old, taken, self.screen)
        return bool(taken)


def _title(screen: Screen, key: str, target: Target, **values: str) -> None:
    text = screen.say(key, first=target.first + 1, last=target.last + 1, **values)
    screen.err.print(Rule(Styled(text, style="bold"), align="left"))
