"""A short question, bounded, and how the answer came."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakemodel import FakeModel
from spyhop.assist.doctor.hearing import Heard, hear
from spyhop.assist.reading import Reading
from spyhop.core.stream import Text
from spyhop.models.errors import Broken
from spyhop.models.port import Done, Request, Usage
from spyhop.prompting.r1 import NO_THOUGHT, Turn

pytestmark = pytest.mark.anyio

ASK = Request((Turn("user", "x"),), NO_THOUGHT, thinks=False)
USAGE = Usage(8, 2, 3)


async def test_what_comes_is_read_to_the_end() -> None:
    heard = await hear(FakeModel([Text("a"), Text("b"), Done("stop", USAGE)]), ASK, 30.0)
    assert heard.reading.answer == "ab"
    assert (heard.pieces, heard.usage, heard.late) == (2, USAGE, False)
    assert 0 <= heard.first_seconds <= heard.seconds


async def test_when_the_time_is_up_the_stream_is_closed_and_what_came_is_kept() -> None:
    model = FakeModel([Text("a")], hangs=True)
    heard = await hear(model, ASK, 0.0)
    assert heard.late
    assert heard.reading.answer == "a"
    assert model.closed


async def test_cancelling_closes_the_stream() -> None:
    model = FakeModel([Text("a")], hangs=True)
    task = asyncio.create_task(hear(model, ASK, 30.0))
    await model.waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert model.closed


async def test_a_fault_is_the_callers() -> None:
    with pytest.raises(Broken):
        await hear(FakeModel([], error=Broken("stream-unfinished", url="x")), ASK, 30.0)


@given(tokens=st.integers(1, 10_000), seconds=st.floats(0.001, 1000))
def test_the_runtimes_own_speed_is_taken_where_it_tells(tokens: int, seconds: float) -> None:
    reading = Reading(usage=replace(USAGE, answer_tokens=tokens, answer_seconds=seconds))
    assert Heard(reading, pieces=1, seconds=1.0).tokens_per_second == tokens / seconds


def test_else_it_is_measured_from_the_first_piece_on() -> None:
    assert Heard(pieces=11, first_seconds=1.0, seconds=3.0).tokens_per_second == 5.0
    assert Heard(pieces=3, first_seconds=1.0, seconds=3.0).tokens_per_second is None
    assert Heard(pieces=11, first_seconds=1.0, seconds=1.0).tokens_per_second is None
