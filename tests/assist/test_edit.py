from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakemodel import FakeModel
from spyhop import resources
from spyhop.assist.edit import Outcome, Progress, Thinking, Writing, edit, lines_of, prepare
from spyhop.core.stream import Text, Thought
from spyhop.errors import NoEdit, SettingsError, UsageError
from spyhop.models.errors import ModelFailed
from spyhop.models.port import Delta, Done, Format, Request, Usage
from spyhop.prompting.edit import Material
from spyhop.prompting.library import load
from spyhop.settings import Settings
from strategies import documents, outputs, streams

REQUEST = Request(())
CODE = "```python\n    return 1\n```\n"


def _material(
    selection: Sequence[str] = ("    pass\n",), language: str = "python", instruction: str = "Do"
) -> Material:
    return Material("f.py", language, ["def f():\n"], selection, ["\n", "f()\n"], instruction)


async def _progress(model: FakeModel, material: Material) -> list[Progress]:
    return [progress async for progress in edit(model, REQUEST, material)]


def _edited(
    *deltas: Delta, form: Format = "r1", material: Material | None = None
) -> list[Progress]:
    return asyncio.run(_progress(FakeModel(deltas, form), material or _material()))


def _outcome(*deltas: Delta, form: Format = "r1") -> Outcome:
    last = _edited(*deltas, form=form)[-1]
    assert isinstance(last, Outcome)
    return last


def _refusal(*deltas: Delta, form: Format = "r1") -> str:
    with pytest.raises(NoEdit) as refused:
        _edited(*deltas, form=form)
    return refused.value.key


@given(streams(outputs), st.sampled_from(["r1", "chat"]), documents)
def test_any_output_gives_one_outcome_or_a_reason_however_it_is_cut(
    stream: tuple[str, list[str]], form: Format, selection: list[str]
) -> None:
    text, pieces = stream
    results: list[object] = []
    for cut in ([text], pieces):
        try:
            *progress, last = _edited(
                *map(Text, cut), Done("stop"), form=form, material=_material(selection)
            )
        except NoEdit as refused:
            results.append(refused.key)
        else:
            assert isinstance(last, Outcome)
            assert not any(isinstance(step, Outcome) for step in progress)
            results.append((last.lines, last.thinking, last.warnings))
    whole, piecewise = results
    assert whole == piecewise or not text


def test_thoughts_are_told_as_they_come_then_the_lines() -> None:
    usage = Usage(prompt_tokens=9, answer_tokens=5)
    steps = _edited(Text("hm, "), Text("yes</think>"), *map(Text, CODE), Done("stop", usage))
    thinking = [step for step in steps if isinstance(step, Thinking)]
    assert [(step.tokens, step.text) for step in thinking] == [(1, "hm, "), (2, "yes")]
    written = [step.lines for step in steps if isinstance(step, Writing)]
    assert written == sorted(written)
    assert written[-1] == 1
    assert steps[-1] == Outcome(("    return 1\n",), "hm, yes", (), usage)


def test_thoughts_of_their_own_field_and_tags_in_the_text_both_stay_out() -> None:
    outcome = _outcome(Thought("own"), Text("<think>tagged</think>\n\n" + CODE), Done("stop"))
    assert outcome.lines == ("    return 1\n",)
    assert outcome.thinking == "owntagged"


def test_a_late_close_makes_thought_of_all_before_it() -> None:
    bad = "```python\n    return 0\n    return 0\n```\n"
    steps = _edited(Text(bad), Text("</think>\n"), Text(CODE), Done("stop"), form="chat")
    assert [step.lines for step in steps if isinstance(step, Writing)] == [2, 1]
    outcome = steps[-1]
    assert isinstance(outcome, Outcome)
    assert outcome.lines == ("    return 1\n",)
    assert outcome.thinking == bad.strip()
    assert [warning.key for warning in outcome.warnings] == ["warn-reclassified"]


@pytest.mark.parametrize(
    ("text", "reason", "key"),
    [
        ("hm</think>" + CODE, "length", "no-edit-length"),
        ("hm", "length", "no-edit-length"),
        ("hm", "stop", "no-edit-unclosed"),
        (CODE, "stop", "no-edit-unclosed"),
        ("hm</think>\n\n", "stop", "no-edit-empty"),
        (f"{CODE}</think>\n", "stop", "no-edit-only-thought"),
        ("hm</think>\nI am sure that you can do it.", "stop", "no-edit-prose"),
        ("hm</think>\n```python\n# ... existing code ...\n```", "stop", "no-edit-placeholder"),
    ],
)
def test_what_is_no_usable_answer_is_refused_with_its_reason(
    text: str, reason: str, key: str
) -> None:
    done = Done("length" if reason == "length" else "stop")
    assert _refusal(Text(text), done) == key


def test_a_stream_without_any_text_is_empty() -> None:
    assert _refusal(Done("stop")) == "no-edit-empty"
    assert _refusal(Thought("hm"), Done("stop"), form="chat") == "no-edit-empty"


def test_the_models_fault_passes_through_and_closes_the_stream() -> None:
    model = FakeModel([Text("hm")], error=ModelFailed("model-fault", url="u", why="w"))
    with pytest.raises(ModelFailed):
        asyncio.run(_progress(model, _material()))
    assert model.closed


@pytest.mark.anyio
async def test_closing_the_edit_closes_the_models_stream() -> None:
    model = FakeModel([Text("hm"), Text("more"), Done("stop")])
    steps = edit(model, REQUEST, _material())
    assert isinstance(await anext(steps), Thinking)
    assert not model.closed
    await steps.aclose()
    assert model.closed


@pytest.mark.anyio
async def test_cancelling_the_task_closes_the_models_stream() -> None:
    model = FakeModel([Text("hm")], hangs=True)
    task = asyncio.create_task(_progress(model, _material()))
    await model.waiting.wait()
    assert not model.closed
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert model.closed


def test_every_guess_about_the_answer_is_told() -> None:
    answer = "```python\nx = 1\n```\nor\n```python\nx = 2\ny = 3"
    _, notices = lines_of(answer, _material())
    assert [notice.key for notice in notices] == ["warn-several-blocks", "warn-left-open"]
    _, notices = lines_of("x = 1", _material())
    assert [notice.key for notice in notices] == ["warn-unfenced"]


def test_blank_lines_at_either_end_are_those_of_the_selection() -> None:
    material = _material(["\n", "    pass\n", "  \n", "\n"])
    lines, _ = lines_of("```python\n\n\n    return 1\n```", material)
    assert lines == ["\n", "    return 1\n", "  \n", "\n"]


def test_typographic_quotes_stay_in_prose_and_in_unknown_languages() -> None:
    for language, expected in (("python", '"x"'), ("markdown", "“x”"), ("", "“x”")):
        lines, _ = lines_of("```\ny = “x”\n```", _material(["y = 1\n"], language))
        assert lines == [f"y = {expected}\n"]


@pytest.mark.anyio
async def test_a_preset_asks_with_its_own_words_and_the_settings_values() -> None:
    settings = Settings(temperature=0.5, top_p=0.9)
    library = load(resources.prompts())
    model = FakeModel([])
    material = _material(["    return 12345\n"], instruction="")
    prompt, request = await prepare(model, library, "simplify", material, settings, "en")
    assert (request.temperature, request.top_p) == (0.5, 0.9)
    assert [turn.text for turn in request.turns] == [prompt.text]
    assert library.get("simplify").body.strip() in prompt.text
    assert "return 12345" in prompt.text


@pytest.mark.anyio
async def test_an_unknown_prompt_and_a_selection_that_does_not_fit_are_refused() -> None:
    library = load(resources.prompts())
    small = FakeModel([], context_tokens=1024)
    material = _material(["    x = 1\n"] * 1000)
    with pytest.raises(SettingsError):
        await prepare(small, library, "no such prompt", material, Settings(), "en")
    with pytest.raises(UsageError):
        await prepare(small, library, "edit", material, Settings(), "en")
