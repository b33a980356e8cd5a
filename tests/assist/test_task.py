"""What the model is asked, as settings and its abilities have it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fakemodel import FakeModel
from spyhop import resources
from spyhop.assist.edit import Outcome, Progress, edit
from spyhop.assist.task import Task, prepare
from spyhop.core.stream import Text, Thought
from spyhop.messages import LANGUAGES
from spyhop.models.port import Abilities, Delta, Done, Format, ThoughtOff
from spyhop.prompting.edit import Material
from spyhop.prompting.library import load
from spyhop.settings import Settings

LIBRARY = load(resources.prompts())
MATERIAL = Material("f.py", "python", ["def f():\n"], ["    pass\n"], ["\n", "f()\n"], "Do")
OFF = {"thinking": {"mode": "off"}}
DONE = Done("stop")


def task_of(
    form: Format = "r1",
    way: ThoughtOff | None = None,
    prompt: str = "edit",
    settings: dict[str, Any] | None = None,
) -> Task:
    model = FakeModel([], form, abilities=Abilities(thought_off=way))
    resolved = Settings.model_validate(OFF if settings is None else settings)
    return asyncio.run(prepare(model, LIBRARY, prompt, MATERIAL, resolved, "en"))


def test_a_thought_that_is_not_wanted_is_closed_and_the_answer_begun() -> None:
    task = task_of()
    assert not task.request.thinks
    assert task.request.beginning == "<think>\n\n</think>\n\n```python\n"
    assert not task.can_end_early
    assert task.notices == ()


def test_a_question_has_no_fence_to_open() -> None:
    assert task_of(prompt="explain").request.beginning == "<think>\n\n</think>\n\n"


@pytest.mark.parametrize("way", ["think", "effort", "type", "template", "budget", "needless"])
def test_in_a_chat_the_runtimes_own_switch_is_used(way: ThoughtOff) -> None:
    task = task_of("chat", way)
    assert not task.request.thinks
    assert task.notices == ()


@pytest.mark.parametrize("way", [None, "impossible"])
def test_where_there_is_none_the_model_thinks_and_it_is_said(way: ThoughtOff | None) -> None:
    task = task_of("chat", way)
    assert task.request.thinks
    [notice] = task.notices
    assert "no way to tell fake on this server not to think" in notice.say("en")
    assert len({notice.say(language) for language in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("form", ["r1", "chat"])
def test_a_thought_that_is_wanted_is_left_as_it_was(form: Format) -> None:
    task = task_of(form, settings={})
    assert task.request.thinks
    assert task.request.beginning == "<think>\n"
    assert task.can_end_early == (form == "r1")
    assert task.notices == ()


def test_each_role_has_its_own_mode() -> None:
    settings = {"chat": {"thinking": {"mode": "off"}}}
    assert task_of(settings=settings).request.thinks
    assert not task_of(prompt="explain", settings=settings).request.thinks


# An edit without a thought


async def _edited(model: FakeModel) -> list[Progress]:
    settings = Settings.model_validate(OFF)
    task = await prepare(model, LIBRARY, "edit", MATERIAL, settings, "en")
    return [step async for step in edit(model, task)]


def edited(*deltas: Delta, then: list[Delta] | None = None, **options: Any) -> tuple[Outcome, Any]:
    model = FakeModel(deltas, then=then, **options)
    outcome = asyncio.run(_edited(model))[-1]
    assert isinstance(outcome, Outcome)
    return outcome, model


def test_an_edit_needs_no_thought() -> None:
    outcome, _ = edited(Text("    return"), Text(" 1\n```"), DONE)
    assert (outcome.lines, outcome.thinking, outcome.warnings) == (("    return 1\n",), "", ())


def test_a_syntax_error_is_repaired_without_a_thought_too() -> None:
    outcome, model = edited(
        Text("    return (1\n```"), DONE, then=[Text("    return (1)\n```"), DONE]
    )
    assert (outcome.lines, outcome.thinking, outcome.faults) == (("    return (1)\n",), "", ())
    first, second = model.requests
    assert second.beginning == first.beginning == "<think>\n\n</think>\n\n```python\n"
    assert [turn.role for turn in second.turns] == ["user", "assistant", "user"]
    assert second.turns[1].text == "```python\n    return (1\n```"


def test_a_chat_that_thinks_all_the_same_gives_its_edit() -> None:
    outcome, _ = edited(
        Thought("hm"),
        Text("```python\n    return 1\n```"),
        DONE,
        form="chat",
        abilities=Abilities(thought_off="think"),
    )
    assert (outcome.lines, outcome.thinking) == (("    return 1\n",), "hm")
