"""Each runtime that speaks OpenAI's API, in its own bytes: the same answer comes out of all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyhop.assist.pump import pump
from spyhop.core.stream import Text, Thought
from spyhop.core.thinking import Reclassified, Unclosed
from spyhop.errors import SpyhopError
from spyhop.models.openai import OpenAi
from spyhop.models.port import Done, Request, Usage
from spyhop.models.scripted import SHAPES, Dialogue, ScriptedOpenAi, Shape, dialogue, refusal
from spyhop.prompting.r1 import Turn

pytestmark = pytest.mark.anyio

ASK = Request((Turn("user", "Add one."),))
ANSWER = "```python\nx = '\u2028'  # 加一 🐋\n```\n"
THOUGHT = "hm, `x`\nwait"
COST = Usage(100, 60, 20)
RUNTIMES = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
# Where no parser has set the thoughts apart and the template has opened them.
UNMARKED = {"close"}


@dataclass
class Heard:
    thought: str = ""
    text: str = ""
    done: Done | None = None
    unclosed: bool = False


@asynccontextmanager
async def openai(server: ScriptedOpenAi) -> AsyncIterator[OpenAi]:
    it = OpenAi(server.base, None, context_tokens=8192)
    try:
        yield it
    finally:
        await it.aclose()


async def heard(model: OpenAi, request: Request = ASK) -> Heard:
    found = Heard()
    async with aclosing(pump(model, request)) as outputs:
        async for output in outputs:
            match output:
                case Thought(text):
                    found.thought += text
                case Text(text):
                    found.text += text
                case Reclassified():
                    found.thought, found.text = found.thought + found.text, ""
                case Unclosed():
                    found.unclosed = True
                case Done():
                    found.done = output
    found.thought, found.text = found.thought.strip(), found.text.strip("\n")
    return found


async def told(shape: Shape, script: Dialogue, request: Request = ASK, *, raw: bool) -> Heard:
    """Return what one question to the runtime gives; with ``raw`` false it gets no raw prompt.

    What takes raw prompts for certain gets one of every R1, but of no other model.
    """
    if shape.raw and not raw:
        shape = replace(shape, raw=False, model="qwen3-8b" if shape.facts else shape.model)
    with ScriptedOpenAi([script], shape) as server:
        async with openai(server) as model:
            found = await heard(model, request)
            form = (await model.info()).format
        (asked,) = server.generations
    assert form == ("r1" if shape.raw else "chat")
    assert asked.path == shape.base + ("/completions" if shape.raw else "/chat/completions")
    assert asked.body["stream"] is True
    return found


def cost_of(shape: Shape) -> Usage:
    return Usage() if shape.usage == "none" else COST


@RUNTIMES
@pytest.mark.parametrize("raw", [False, True])
async def test_a_thought_and_an_answer(shape: Shape, raw: bool) -> None:
    found = await told(shape, dialogue(ANSWER, THOUGHT), raw=raw)
    assert found == Heard(THOUGHT, ANSWER.strip("\n"), Done("stop", cost_of(shape)))


@RUNTIMES
@pytest.mark.parametrize("raw", [False, True])
async def test_no_thought(shape: Shape, raw: bool) -> None:
    found = await told(shape, dialogue(ANSWER), raw=raw)
    assert found == Heard("", ANSWER.strip("\n"), Done("stop", cost_of(shape)))


@RUNTIMES
@pytest.mark.parametrize("raw", [False, True])
async def test_an_answer_that_is_cut_off(shape: Shape, raw: bool) -> None:
    script = dialogue(ANSWER[:20], THOUGHT, finish_reason="length")
    found = await told(shape, script, raw=raw)
    assert found == Heard(THOUGHT, ANSWER[:20], Done("length", cost_of(shape)))


@RUNTIMES
@pytest.mark.parametrize("raw", [False, True])
async def test_a_thought_that_is_cut_off_is_no_answer(shape: Shape, raw: bool) -> None:
    found = await told(shape, dialogue("", THOUGHT, finish_reason="length"), raw=raw)
    assert found.done == Done("length", cost_of(shape))
    if shape.thought not in UNMARKED or (shape.raw and raw):
        assert (found.thought, found.text) == (THOUGHT, "")


@RUNTIMES
@pytest.mark.parametrize("raw", [False, True])
async def test_an_error_in_mid_stream(shape: Shape, raw: bool) -> None:
    with pytest.raises(SpyhopError) as caught:
        await told(shape, dialogue(ANSWER, THOUGHT, error="CUDA out of memory"), raw=raw)
    assert caught.value.key == "model-fault"
    assert "CUDA out of memory" in str(caught.value)


@RUNTIMES
async def test_a_refusal_gives_the_runtimes_words(shape: Shape) -> None:
    words = "stop must be a list"
    with ScriptedOpenAi([refusal(400, words, shape.error)], shape) as server:
        async with openai(server) as model:
            with pytest.raises(SpyhopError) as caught:
                await heard(model)
    assert caught.value.key == "runtime-refused"
    assert str(caught.value).endswith(f"(HTTP 400): {words}")


@RUNTIMES
async def test_an_answer_that_is_begun_is_gone_on_with_where_the_prompt_is_written_by_hand(
    shape: Shape,
) -> None:
    beginning = "<think>\nhm\n</think>\n\n```python\n"
    request = replace(ASK, beginning=beginning)
    with ScriptedOpenAi([Dialogue(["x = 1\n", "```"])], shape) as server:
        async with openai(server) as model:
            info = await model.info()
            assert info.can_go_on == shape.raw
            if info.can_go_on:
                await heard(model, request)
                (asked,) = server.generations
                assert asked.body["prompt"] == f"<｜User｜>Add one.<｜Assistant｜>{beginning}"
                assert await model.wire_prompt(request) == asked.body["prompt"]


@given(
    shape=st.sampled_from(SHAPES),
    cuts=st.lists(st.integers(1, 80), min_size=1, max_size=5),
    raw=st.booleans(),
)
@settings(max_examples=40)
def test_the_answer_is_the_same_however_the_bytes_arrive(
    shape: Shape, cuts: list[int], raw: bool
) -> None:
    found = asyncio.run(told(shape, dialogue(ANSWER, THOUGHT, cuts=cuts), raw=raw))
    assert found == Heard(THOUGHT, ANSWER.strip("\n"), Done("stop", cost_of(shape)))
