from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakemodel import FakeModel
from spyhop.assist.pump import Looping, Output, ThoughtEnded, pump
from spyhop.assist.steering import Steering
from spyhop.core.stream import Text, Thought, merge
from spyhop.core.thinking import Reclassified, Start, ThoughtSplitter, Unclosed
from spyhop.models.errors import ModelFailed
from spyhop.models.port import Delta, Done, Format, Request, Usage
from spyhop.prompting.r1 import NO_THOUGHT
from spyhop.settings import ThinkingSettings
from strategies import outputs, streams

formats = st.sampled_from(["r1", "chat"])
REQUEST = Request(())


async def _outputs(model: FakeModel, request: Request = REQUEST) -> list[Output]:
    return [output async for output in pump(model, request)]


async def _all(stream: AsyncGenerator[Output, None]) -> list[Output]:
    return [output async for output in stream]


def _pumped(*deltas: Delta, form: Format = "r1") -> Sequence[Output]:
    return merge(asyncio.run(_outputs(FakeModel(deltas, form))))


def _split(text: str, start: Start) -> Sequence[Output]:
    splitter = ThoughtSplitter(start)
    return merge([*splitter.feed(text), *splitter.finish()])


@given(streams(outputs), formats)
def test_text_is_split_as_a_whole_however_the_runtime_cuts_it(
    stream: tuple[str, list[str]], form: Format
) -> None:
    text, pieces = stream
    done = Done("stop", Usage(prompt_tokens=1))
    start = Start.OPENED if form == "r1" else Start.UNKNOWN
    deltas: list[Delta] = [*(Text(piece) for piece in pieces), done]
    # With no text at all nothing is known of a thought.
    expected = _split(text, start) if pieces else []
    assert _pumped(*deltas, form=form) == [*expected, done]


@given(outputs, formats)
def test_behind_thoughts_in_their_own_field_the_text_starts_outside(
    text: str, form: Format
) -> None:
    pumped = _pumped(Thought("own "), Thought("field"), Text(text), Done("stop"), form=form)
    expected = merge([Thought("own field"), *_split(text, Start.CLOSED)])
    assert pumped == [*expected, Done("stop")]


def test_a_prefilled_thought_leaves_none_to_come() -> None:
    request = Request((), beginning="<think>\n\n</think>\n\n")
    model = FakeModel([Text("code </think> here"), Done("stop")])
    pumped = merge(asyncio.run(_outputs(model, request)))
    assert pumped == [Text("code </think> here"), Done("stop")]


def test_what_is_held_back_comes_before_the_end() -> None:
    pumped = _pumped(Text("</think>\n\nx <thi"), Done("stop"), form="chat")
    assert pumped == [Text("x <thi"), Done("stop")]


def test_an_open_thought_is_told_before_the_end() -> None:
    assert _pumped(Text("hm"), Done("length")) == [Thought("hm"), Unclosed(), Done("length")]


def test_the_streams_fault_passes_through() -> None:
    model = FakeModel([Text("hm")], error=ModelFailed("model-fault", url="u", why="w"))
    with pytest.raises(ModelFailed):
        asyncio.run(_outputs(model))
    assert model.closed


@pytest.mark.anyio
async def test_closing_the_pump_closes_the_stream() -> None:
    model = FakeModel([Text("hm"), Text("more"), Done("stop")])
    outputs_ = pump(model, REQUEST)
    assert await anext(outputs_) == Thought("hm")
    assert not model.closed
    await outputs_.aclose()
    assert model.closed


# A thought that is ended before its time


OPENING = "```python\n"


async def _steered(model: FakeModel, steering: Steering) -> list[Output]:
    return [output async for output in pump(model, REQUEST, steering)]


def steered(
    *deltas: Delta,
    then: Sequence[Delta] = (Text("x = 1\n```"), Done("stop")),
    form: Format = "r1",
    asked: bool = False,
    **budget: float,
) -> tuple[list[Output], FakeModel]:
    steering = Steering(OPENING, ThinkingSettings.model_validate(budget), asked=asked)
    model = FakeModel(deltas, form, then=then)
    outputs = asyncio.run(_steered(model, steering))
    return list(merge(outputs)), model


def test_asked_for_the_answer_the_model_goes_on_from_its_thought() -> None:
    outputs, model = steered(Text("I think"), Text(" therefore"), Done("stop"), asked=True)
    assert outputs == [
        Thought("I think"),
        ThoughtEnded("asked", len("I think")),
        Text(OPENING + "x = 1\n```"),
        Done("stop"),
    ]
    first, second = model.requests
    assert second.beginning == f"{first.beginning}I think\n</think>\n\n{OPENING}"
    assert second.turns == first.turns


@given(st.lists(st.sampled_from(["a ", "b\n", "c"]), min_size=3, max_size=12), st.integers(1, 3))
def test_a_budget_of_tokens_ends_the_thought_at_it(tokens: list[str], budget: int) -> None:
    outputs, model = steered(*map(Text, tokens), Done("stop"), max_tokens=budget)
    thought = "".join(tokens[:budget])
    assert outputs[:2] == [Thought(thought), ThoughtEnded("tokens", len(thought))]
    assert model.requests[1].beginning.startswith(model.requests[0].beginning + thought.rstrip())


def test_a_budget_of_seconds_ends_the_thought() -> None:
    outputs, _ = steered(Text("hm"), Done("stop"), max_seconds=1e-9)
    assert ThoughtEnded("seconds", 2) in outputs


def test_endless_repetition_ends_the_thought_where_it_began() -> None:
    start = "First I read the code. It adds two numbers and returns their sum.\n"
    loop = "Wait, but maybe I should check that again with other numbers. "
    outputs, model = steered(Text(start), *[Text(loop)] * 200, Done("stop"))
    [ended] = [output for output in outputs if isinstance(output, ThoughtEnded)]
    assert ended.why == "loop"
    assert ended.kept <= len(start) + 2 * len(loop)
    assert model.requests[1].beginning.count(loop) <= 1


def test_a_thought_that_ends_by_itself_is_left_alone() -> None:
    outputs, model = steered(Text("hm</think>x"), Done("stop"), max_tokens=5)
    assert outputs == [Thought("hm"), Text("x"), Done("stop")]
    assert len(model.requests) == 1


def test_a_model_that_cannot_go_on_from_its_thought_is_not_stopped() -> None:
    outputs, model = steered(Thought("hm"), Text("x"), Done("stop"), form="chat", asked=True)
    assert outputs == [Thought("hm"), Text("x"), Done("stop")]
    assert len(model.requests) == 1


@pytest.mark.parametrize("close", ["</think>\n\n", "\n</think>\n"])
def test_a_model_that_begins_its_answer_anew_does_not_get_two_fences(close: str) -> None:
    text = f"{close}```python\nx = 1\n```"
    for pieces in ([text], list(text)):
        outputs, _ = steered(Text("hm"), then=[*map(Text, pieces), Done("stop")], asked=True)
        assert outputs[2:] == [Text("```python\nx = 1\n```"), Done("stop")]


@given(streams(outputs))
def test_what_follows_the_opening_is_the_answer_to_the_letter(
    stream: tuple[str, list[str]],
) -> None:
    text, pieces = stream
    seen, _ = steered(Text("hm"), then=[*map(Text, pieces), Done("stop")], asked=True)
    answer = "".join(output.text for output in seen if isinstance(output, Text))
    restarts = text.lstrip().startswith("</think>")
    assert answer == OPENING + text or restarts or any(isinstance(o, Looping) for o in seen)
    assert not any(isinstance(output, Thought) for output in seen[1:])


def test_endless_repetition_of_a_thought_that_cannot_be_ended_ends_the_stream() -> None:
    loop = "Wait, but maybe I should check that again with other numbers. "
    assert _pumped(*[Thought(loop)] * 200, Done("stop"), form="chat")[-1] == Looping(0)


# No thought at all


def unthinking(
    *deltas: Delta, form: Format = "r1", opening: str = OPENING
) -> tuple[list[Output], FakeModel]:
    request = Request((), beginning=NO_THOUGHT + opening, thinks=False)
    steering = Steering(opening, ThinkingSettings())
    model = FakeModel(deltas, form)

    async def outputs() -> list[Output]:
        return [output async for output in pump(model, request, steering)]

    return list(merge(asyncio.run(outputs()))), model


@pytest.mark.parametrize("opening", [OPENING, ""])
def test_an_answer_that_was_begun_for_the_model_is_told_with_its_beginning(opening: str) -> None:
    outputs, model = unthinking(Text("x = 1"), Text("\n```"), Done("stop"), opening=opening)
    assert outputs == [Text(opening + "x = 1\n```"), Done("stop")]
    assert [it.beginning for it in model.requests] == [f"<think>\n\n</think>\n\n{opening}"]


def test_a_model_that_closes_the_thought_once_more_does_not_get_two_fences() -> None:
    outputs, _ = unthinking(Text("</think>\n\n```python\nx = 1\n```"), Done("stop"))
    assert outputs == [Text("```python\nx = 1\n```"), Done("stop")]


@pytest.mark.parametrize(
    ("known", "expected"), [("", "    x = 1\n"), ("a = '</think>'", "\n</think>\n\n    x = 1\n")]
)
def test_a_stray_close_is_left_out_unless_it_may_be_the_users(known: str, expected: str) -> None:
    text = "\n</think>\n\n    x = 1\n"
    request = Request((), beginning=NO_THOUGHT + OPENING, thinks=False)
    steering = Steering(OPENING, ThinkingSettings())
    for pieces in ([text], list(text)):
        model = FakeModel([*map(Text, pieces), Done("stop")])
        outputs = asyncio.run(_all(pump(model, request, steering, known)))
        assert merge(outputs) == [Text(OPENING + expected), Done("stop")]


def test_a_model_that_thinks_all_the_same_keeps_its_thought_out() -> None:
    deltas: list[Delta] = [Thought("hm"), Text("```python\nx = 1\n```"), Done("stop")]
    outputs, _ = unthinking(*deltas, form="chat")
    assert outputs == deltas


@given(streams(outputs))
def test_whatever_comes_behind_the_beginning_is_answer(stream: tuple[str, list[str]]) -> None:
    text, pieces = stream
    seen, _ = unthinking(*map(Text, pieces), Done("stop"))
    answer = "".join(output.text for output in seen if isinstance(output, Text))
    restarts = text.lstrip().startswith("</think>")
    assert answer == OPENING + text or restarts or any(isinstance(o, Looping) for o in seen)
    assert not any(isinstance(output, Thought) for output in seen)


# What outputs have shown of where they begin


def test_where_a_lone_close_was_seen_the_next_output_begins_inside_a_thought() -> None:
    """As behind Open WebUI: cut off in the thought, it would be taken for the answer."""
    model = FakeModel(
        [Text("hm</think>x"), Done("stop")], "chat", then=[Text("hm"), Done("length")]
    )
    first = merge(asyncio.run(_outputs(model)))
    assert first == [Text("hm"), Reclassified(), Text("x"), Done("stop")]
    assert merge(asyncio.run(_outputs(model))) == [Thought("hm"), Unclosed(), Done("length")]
    assert merge(asyncio.run(_outputs(model))) == [Thought("hm"), Unclosed(), Done("length")]


def test_that_is_given_up_once_a_whole_output_closes_nothing() -> None:
    then: list[Delta] = [Text("plain"), Done("stop")]
    model = FakeModel([Text("hm</think>x"), Done("stop")], "chat", then=then)
    asyncio.run(_outputs(model))
    assert merge(asyncio.run(_outputs(model))) == [Thought("plain"), Unclosed(), Done("stop")]
    assert merge(asyncio.run(_outputs(model))) == then


def test_it_is_not_assumed_where_no_thought_is_wanted() -> None:
    then: list[Delta] = [Text("plain"), Done("stop")]
    model = FakeModel([Text("hm</think>x"), Done("stop")], "chat", then=then)
    asyncio.run(_outputs(model))
    assert merge(asyncio.run(_outputs(model, Request((), thinks=False)))) == then


@pytest.mark.parametrize("text", ["<think>hm</think>x", "x", "say `</think>` aloud"])
def test_nothing_is_learned_where_nothing_was_closed_that_was_not_opened(text: str) -> None:
    model = FakeModel([Text(text), Done("stop")], "chat", then=[Text("y"), Done("stop")])
    asyncio.run(_outputs(model))
    assert merge(asyncio.run(_outputs(model))) == [Text("y"), Done("stop")]
