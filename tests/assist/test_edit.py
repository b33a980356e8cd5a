from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakemodel import FakeModel
from spyhop import resources
from spyhop.assist.edit import Outcome, Progress, Repairing, edit
from spyhop.assist.reading import Thinking, Writing
from spyhop.assist.task import prepare
from spyhop.core.stream import Text, Thought
from spyhop.errors import NoEdit, SettingsError, UsageError
from spyhop.models.errors import Broken, ModelFailed
from spyhop.models.port import Delta, Done, Format, Request, Usage
from spyhop.prompting.edit import Material
from spyhop.prompting.library import load
from spyhop.settings import Settings
from strategies import documents, outputs, streams

LIBRARY = load(resources.prompts())
CODE = "```python\n    return 1\n```\n"


def _material(
    selection: Sequence[str] = ("    pass\n",), language: str = "python", instruction: str = "Do"
) -> Material:
    return Material("f.py", language, ["def f():\n"], selection, ["\n", "f()\n"], instruction)


async def _progress(
    model: FakeModel, material: Material, prompt: str = "edit", settings: Settings | None = None
) -> list[Progress]:
    task = await prepare(model, LIBRARY, prompt, material, settings or Settings(), "en")
    return [progress async for progress in edit(model, task)]


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
    task = await prepare(model, LIBRARY, "edit", _material(), Settings(), "en")
    steps = edit(model, task)
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


@pytest.mark.anyio
async def test_a_preset_asks_with_its_own_words_and_the_settings_values() -> None:
    settings = Settings(temperature=0.5, top_p=0.9)
    model = FakeModel([])
    material = _material(["    return 12345\n"], instruction="")
    task = await prepare(model, LIBRARY, "simplify", material, settings, "en")
    assert (task.request.temperature, task.request.top_p) == (0.5, 0.9)
    assert [turn.text for turn in task.request.turns] == [task.prompt.text]
    assert LIBRARY.get("simplify").body.strip() in task.prompt.text
    assert "return 12345" in task.prompt.text


@pytest.mark.anyio
async def test_an_unknown_prompt_and_a_selection_that_does_not_fit_are_refused() -> None:
    small = FakeModel([], context_tokens=1024)
    material = _material(["    x = 1\n"] * 1000)
    for name in ("no such prompt", "repair"):
        with pytest.raises(SettingsError):
            await prepare(small, LIBRARY, name, material, Settings(), "en")
    with pytest.raises(UsageError):
        await prepare(small, LIBRARY, "edit", material, Settings(), "en")


# Guards


PROSE = Material("x", "python", (), ("x = 1\n",), (), "Do")


def outcome_of(
    *deltas: Delta,
    then: Sequence[Delta] | None = None,
    material: Material = PROSE,
    settings: Settings | None = None,
) -> tuple[Outcome, list[Progress], FakeModel]:
    model = FakeModel(deltas, then=then)
    steps = asyncio.run(_progress(model, material, settings=settings))
    last = steps[-1]
    assert isinstance(last, Outcome)
    return last, steps, model


def keys(outcome: Outcome) -> list[str]:
    return [warning.key for warning in outcome.warnings]


def code(text: str) -> Text:
    return Text(f"hm</think>\n```python\n{text}```")


def test_a_syntax_error_is_told_to_the_model_once_and_its_second_answer_taken() -> None:
    outcome, steps, model = outcome_of(
        code("x = (1\n"), Done("stop"), then=[code("x = (2)\n"), Done("stop")]
    )
    assert outcome.lines == ("x = (2)\n",)
    assert not outcome.faults
    assert not outcome.warnings
    assert sum(isinstance(step, Repairing) for step in steps) == 1
    first, second = model.requests
    assert second.turns[0] == first.turns[0]
    assert [turn.role for turn in second.turns] == ["user", "assistant", "user"]
    assert "x = (1" in second.turns[2].text


def test_where_the_second_answer_is_no_better_the_first_is_proposed_with_a_warning() -> None:
    for second in (code("x = [1\n"), Text("Sorry."), code("")):
        outcome, _, model = outcome_of(code("x = (1\n"), Done("stop"), then=[second, Done("stop")])
        assert outcome.lines == ("x = (1\n",)
        assert keys(outcome) == ["warn-syntax"]
        assert len(model.requests) == 2


def test_a_model_that_fails_at_the_second_asking_leaves_the_first_answer() -> None:
    class Failing(FakeModel):
        async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
            if self.requests:
                raise ModelFailed("model-fault", url="u", why="w")
            async for delta in super().stream(request):
                yield delta

    model = Failing([code("x = (1\n"), Done("stop")])
    outcome = asyncio.run(_progress(model, PROSE))[-1]
    assert isinstance(outcome, Outcome)
    assert keys(outcome) == ["warn-syntax"]


def test_with_repair_off_the_model_is_asked_once() -> None:
    settings = Settings.model_validate({"edit": {"repair": "off"}})
    outcome, _, model = outcome_of(code("x = (1\n"), Done("stop"), settings=settings)
    assert keys(outcome) == ["warn-syntax"]
    assert len(model.requests) == 1


def test_special_tokens_of_the_users_go_out_disguised_and_come_back() -> None:
    material = replace(PROSE, selection=("a = '<｜User｜>'\n", "b = '<|im_end|>'\n"))
    outcome, _, model = outcome_of(
        code("a = '<¦User¦>'\nb = '<¦im_end¦>' + a\n"), Done("stop"), material=material
    )
    assert outcome.lines == ("a = '<｜User｜>'\n", "b = '<|im_end|>' + a\n")
    sent = model.requests[0].turns[0].text
    assert "<｜User｜>" not in sent
    assert "<|im_end|>" not in sent


ORIGINAL = ("def one():\n", "    return 1\n", "\n", "def two():\n", "    return 2\n")


@pytest.mark.parametrize(
    ("done", "warning"), [(Done("length"), "warn-cut-length"), (None, "warn-cut-broken")]
)
def test_a_cut_off_answer_covers_only_what_came_before_the_cut(
    done: Done | None, warning: str
) -> None:
    material = replace(PROSE, selection=ORIGINAL)
    text = Text("hm</think>\n```python\ndef one():\n    return 11\n\ndef two():\n    retu")
    error = None if done else Broken("stream-broken", url="u", why="w")
    model = FakeModel([text, *([done] if done else [])], error=error)
    outcome = asyncio.run(_progress(model, material))[-1]
    assert isinstance(outcome, Outcome)
    assert outcome.lines == (*ORIGINAL[:1], "    return 11\n", *ORIGINAL[2:])
    assert outcome.cut_off
    assert warning in keys(outcome)


def test_an_answer_whose_fence_had_closed_is_whole_whatever_came_after() -> None:
    outcome, _, _ = outcome_of(code("x = 2\n"), Text("\nAnd then I"), Done("length"))
    assert outcome.lines == ("x = 2\n",)
    assert not outcome.cut_off


def test_a_cut_off_answer_with_nothing_certain_is_refused_with_its_reason() -> None:
    text = Text("hm</think>\n```python\ny = 2\nz =")
    assert _refusal(text, Done("length")) == "no-edit-length"
    broken = Broken("stream-broken", url="u", why="w")
    with pytest.raises(Broken):
        asyncio.run(_progress(FakeModel([text], error=broken), PROSE))


def test_endless_repetition_in_the_answer_stops_the_model() -> None:
    loop = "y = compute(x)\nprint(y)\n"
    deltas = [code("x = 2\n" + loop * 400)]
    assert _refusal(*deltas, Done("stop")) == "no-edit-loop"


def test_comments_are_all_that_a_request_for_comments_can_change() -> None:
    material = replace(PROSE, selection=ORIGINAL, instruction="")
    answer = "# One.\ndef one():\n    return 111\n\ndef two():\n    return 2  # Two.\n"
    steps = asyncio.run(
        _progress(FakeModel([code(answer), Done("stop")]), material, prompt="comment")
    )
    outcome = steps[-1]
    assert isinstance(outcome, Outcome)
    assert outcome.lines == ("# One.\n", *ORIGINAL[:4], "    return 2  # Two.\n")
    assert keys(outcome) == ["warn-code-kept"]
