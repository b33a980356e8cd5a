from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given

from fakemodel import FakeModel
from spyhop import resources
from spyhop.assist.ask import Answer, Progress, ask
from spyhop.assist.reading import Thinking
from spyhop.assist.task import prepare
from spyhop.core.stream import Text, Thought, merge
from spyhop.errors import NoEdit
from spyhop.models.port import Delta, Done
from spyhop.prompting.edit import Material
from spyhop.prompting.library import load
from spyhop.settings import Settings
from strategies import outputs, streams

LIBRARY = load(resources.prompts())


def asked(*deltas: Delta, selection: Sequence[str] = ("x = 1\n",)) -> list[Progress]:
    material = Material("a.py", "python", (), selection, (), "")

    async def steps() -> list[Progress]:
        model = FakeModel(deltas)
        task = await prepare(model, LIBRARY, "explain", material, Settings(), "en")
        return [step async for step in ask(model, task)]

    return asyncio.run(steps())


def test_thoughts_and_the_answer_come_apart_and_whole_at_the_end() -> None:
    *steps, answer = asked(Text("hm"), Text("</think>\n\nIt "), Text("adds."), Done("stop"))
    assert isinstance(answer, Answer)
    assert (answer.text, answer.thinking, answer.warnings) == ("It adds.", "hm", ())
    assert [step.text for step in steps if isinstance(step, Thinking)] == ["hm"]
    assert merge(step for step in steps if isinstance(step, Text)) == [Text("It adds.")]


@given(streams(outputs))
def test_any_output_gives_one_answer_or_a_reason_however_it_is_cut(
    stream: tuple[str, list[str]],
) -> None:
    text, pieces = stream
    results: list[object] = []
    for cut in ([text], pieces):
        try:
            last = asked(*map(Text, cut), Done("stop"))[-1]
        except NoEdit as refused:
            results.append(refused.key)
        else:
            assert isinstance(last, Answer)
            results.append((last.text, last.thinking))
    assert results[0] == results[1] or not text


@pytest.mark.parametrize(
    ("deltas", "key"),
    [
        ([Text("hm"), Done("stop")], "no-edit-unclosed"),
        ([Text("hm"), Done("length")], "no-edit-length"),
        ([Text("</think>\n"), Done("stop")], "no-edit-empty"),
        ([Done("stop")], "no-edit-empty"),
        ([Thought("hm"), Done("stop")], "no-edit-empty"),
    ],
)
def test_what_is_no_answer_is_refused_with_its_reason(deltas: list[Delta], key: str) -> None:
    with pytest.raises(NoEdit) as refused:
        asked(*deltas)
    assert refused.value.key == key


def test_an_answer_that_was_cut_off_says_so() -> None:
    answer = asked(Text("</think>It ad"), Done("length"))[-1]
    assert isinstance(answer, Answer)
    assert [warning.key for warning in answer.warnings] == ["warn-answer-cut"]


def test_special_tokens_come_back_as_the_user_wrote_them() -> None:
    answer = asked(Text("</think>It is <¦User¦>."), Done("stop"), selection=["<｜User｜>\n"])[-1]
    assert isinstance(answer, Answer)
    assert answer.text == "It is <｜User｜>."


def test_what_the_user_repeats_himself_is_no_endless_repetition() -> None:
    row = "    total = total + price * count - discount\n"
    selection = [row] * 80
    quoted = f"These are all the same:\n\n{''.join(selection)}\nSo use a loop."
    answer = asked(Text("</think>\n\n"), Text(quoted), Done("stop"), selection=selection)[-1]
    assert isinstance(answer, Answer)
    assert answer.text == quoted
    assert answer.warnings == ()
    other = asked(Text("</think>\n\n"), Text(quoted), Done("stop"))[-1]
    assert isinstance(other, Answer)
    assert [it.key for it in other.warnings] == ["warn-answer-cut"]
