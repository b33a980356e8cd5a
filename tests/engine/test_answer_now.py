"""A thought that is ended before its time, in the real engine with the stand-in model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from spyhop import resources
from spyhop.assist.edit import Outcome, edit
from spyhop.assist.reading import Thinking
from spyhop.assist.task import Task, prepare
from spyhop.models.embedded import Embedded
from spyhop.prompting.edit import Material
from spyhop.prompting.library import load
from spyhop.settings import Settings

pytestmark = pytest.mark.anyio

CONTEXT = 8192
IMPLEMENTED = (
    "def gcd(a: int, b: int) -> int:\n",
    "    while b:\n",
    "        a, b = b, a % b\n",
    "    return abs(a)\n",
)


@asynccontextmanager
async def gcd_task(**thinking: float) -> AsyncIterator[tuple[Embedded, Task]]:
    """The demo's edit, ready to be asked."""
    lines = (resources.examples() / "fractions.py").read_text(encoding="utf-8").splitlines(True)  # noqa: FBT003
    material = Material(
        "fractions.py", "python", lines[:3], lines[3:5], lines[5:], "实现计算一个最大公约数的代码"
    )
    model = Embedded(resources.standin(), context_tokens=CONTEXT)
    settings = Settings.model_validate({"temperature": 0, "thinking": thinking})
    library = load(resources.prompts())
    try:
        yield model, await prepare(model, library, "edit", material, settings, "en")
    finally:
        await model.aclose()


async def outcome_of(model: Embedded, task: Task, *, ask_after: int | None = None) -> Outcome:
    async with aclosing(edit(model, task)) as steps:
        async for step in steps:
            if isinstance(step, Thinking) and step.tokens == ask_after:
                task.steering.answer_now()
            if isinstance(step, Outcome):
                return step
    raise AssertionError


@pytest.mark.parametrize("tokens", [1, 8, 30])
async def test_asked_for_the_answer_the_model_gives_it_from_its_thought_so_far(
    tokens: int,
) -> None:
    async with gcd_task() as (model, task):
        whole = await outcome_of(model, task)
    async with gcd_task() as (model, task):
        early = await outcome_of(model, task, ask_after=tokens)
    assert early.lines == whole.lines == IMPLEMENTED
    assert whole.thinking.startswith(early.thinking)
    assert 0 < len(early.thinking) < len(whole.thinking)
    assert early.warnings[0].key == "warn-ended-asked"


async def test_a_budget_does_the_same_by_itself() -> None:
    async with gcd_task(max_tokens=20) as (model, task):
        outcome = await outcome_of(model, task)
    assert outcome.lines == IMPLEMENTED
    assert outcome.warnings[0].key == "warn-ended-tokens"


@pytest.mark.parametrize("tokens", [8, 30])
async def test_the_engine_reads_less_than_a_twentieth_of_the_prompt_again(tokens: int) -> None:
    async with gcd_task() as (model, task):
        usage = (await outcome_of(model, task, ask_after=tokens)).usage
    assert usage.prompt_tokens is not None
    assert usage.cached_tokens is not None
    assert usage.prompt_tokens - usage.cached_tokens < usage.prompt_tokens / 20
