from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakemodel import FakeModel
from spyhop.assist.pump import Output, pump
from spyhop.core.stream import Text, Thought, merge
from spyhop.core.thinking import Start, ThoughtSplitter, Unclosed
from spyhop.models.errors import ModelFailed
from spyhop.models.port import Delta, Done, Format, Request, Usage
from strategies import outputs, streams

formats = st.sampled_from(["r1", "chat"])
REQUEST = Request(())


async def _outputs(model: FakeModel, request: Request = REQUEST) -> list[Output]:
    return [output async for output in pump(model, request)]


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
