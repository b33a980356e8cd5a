"""Completions from a model: what is asked, what is shown, and when the stream is closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from completioncases import Case, load_cases
from fakemodel import FakeModel
from spyhop import resources
from spyhop.assist.complete import Arrived, Completed, complete
from spyhop.assist.completion_task import CompletionTask, prepare
from spyhop.assist.desk import Desk, File, Spot
from spyhop.core.completion.place import Trigger
from spyhop.core.recent_edits import FileEdit
from spyhop.core.stream import Text, Thought
from spyhop.languages import language_of_path
from spyhop.models.errors import ModelFailed, ModelUnavailable
from spyhop.models.ollama import Ollama
from spyhop.models.port import Abilities, Delta, Done, Model, Spent, Usage
from spyhop.models.scripted import Script, ScriptedOllama, reply
from spyhop.prompting.library import load
from spyhop.sessions.completion import Completion
from spyhop.settings import CompleteSettings

pytestmark = pytest.mark.anyio

LIBRARY = load(resources.prompts())
TEXT = "import math\n\n\ndef area(r):\n    return \n"
CARET = TEXT.index("return ") + len("return ")
RAW = Abilities(raw=True)


def spot(
    text: str = TEXT,
    caret: int = CARET,
    name: str = "a.py",
    trigger: Trigger = "automatic",
    **more: Any,
) -> Spot:
    file = File(f"file:///{name}", name, language_of_path(name), text)
    return Spot(file, caret, trigger, **more)


async def prepared(
    model: Model, at: Spot, desk: Desk | None = None, **settings: Any
) -> CompletionTask | None:
    return await prepare(model, desk or Desk(), LIBRARY, at, CompleteSettings(**settings))


async def outputs(
    model: Model, at: Spot, desk: Desk | None = None, **how: Any
) -> list[Arrived | Completed]:
    task = await prepared(model, at, desk)
    assert task is not None
    return [output async for output in complete(model, task, **how)]


async def completed(
    model: Model, at: Spot | None = None, desk: Desk | None = None, **how: Any
) -> Completed:
    *_, last = await outputs(model, at or spot(), desk, **how)
    assert isinstance(last, Completed)
    return last


def says(*pieces: str, reason: Any = "stop", **options: Any) -> FakeModel:
    return FakeModel([*map(Text, pieces), Done(reason)], **options)


# What is shown


def _reaches(case: Case) -> bool:
    """Tell whether R1 is asked so that the case's output could come of it."""
    return not case.refused and case.prefilled


@pytest.mark.parametrize("case", [it for it in load_cases() if _reaches(it)], ids=str)
async def test_every_case_comes_out_of_a_stream_as_of_the_text(case: Case) -> None:
    at = spot(case.prefix + case.suffix, len(case.prefix), case.file, case.trigger)
    model = says(*case.output, reason="stop" if case.finish == "stop" else "length")
    last = await completed(model, at)
    expected = None
    if case.expect is not None and case.expect.text.strip():
        expected = (case.expect.text, case.expect.replace_end)
    got = last.completion
    assert (None if got is None else (got.text, got.replaces)) == expected


async def test_the_stream_is_closed_when_enough_has_come() -> None:
    model = says("math.pi * r", " ** 2\n", "\n\ndef more", hangs=True)
    last = await completed(model)
    assert last.completion == Completion("math.pi * r ** 2")
    assert last.ending == "enough"
    assert model.closed


async def test_what_arrives_is_a_beginning_of_what_is_shown() -> None:
    at = spot("def f(a):\n", 10)
    pieces = ["    if a", ":\n", "        return 1\n", "    return", " 2\n", "\n\nx = 1\n"]
    *arrived, last = await outputs(says(*pieces), at)
    assert isinstance(last, Completed)
    assert last.completion is not None
    texts = [it.text for it in arrived if isinstance(it, Arrived)]
    assert texts[0] == ""
    assert texts[-1]
    assert all(last.completion.text.startswith(text) for text in texts)


_REWRITES = [case for case in load_cases() if case.expect is not None and case.expect.replace_end]


@pytest.mark.parametrize("case", _REWRITES, ids=str)
async def test_nothing_is_replaced_where_the_editor_only_inserts(case: Case) -> None:
    at = spot(case.prefix + case.suffix, len(case.prefix), case.file, case.trigger)
    assert case.expect is not None
    got = (await completed(says(case.output), at, insert_only=True)).completion
    assert ("" if got is None else got.text) == case.expect.insert.rstrip()
    assert got is None or got.replaces == 0


async def test_thoughts_are_never_shown() -> None:
    model = FakeModel([Thought("hm"), Text("</think>\n\nmath.pi"), Done("stop")])
    assert (await completed(model)).completion == Completion("math.pi")


async def test_who_writes_too_slowly_is_stopped_at_a_whole_statement() -> None:
    pieces = [Text("    x = 1\n"), Text("    y = (1,")]
    model = FakeModel(pieces, hangs=True)
    at = spot("def f():\n", 9)
    last = await completed(model, at, seconds=0.01)
    assert last.completion == Completion("    x = 1", complete=False)
    assert last.ending == "timeout"
    assert model.closed


async def test_at_the_limit_of_tokens_a_line_that_is_not_whole_is_left_out() -> None:
    at = spot("def f():\n", 9)
    last = await completed(says("    x = 1\n    y = 'a", reason="length"), at)
    assert last.completion == Completion("    x = 1", complete=False)


async def test_endless_repetition_is_stopped() -> None:
    model = FakeModel([Text("    x = 1\n")] * 500, hangs=True)
    last = await completed(model, spot("def f():\n", 9))
    assert model.closed
    assert last.completion is None or last.completion.text.count("x = 1") < 10


async def test_a_fault_passes_through() -> None:
    model = FakeModel([Text("ma")], error=ModelFailed("model-fault", url="u", why="w"))
    with pytest.raises(ModelFailed):
        await completed(model)


async def test_closing_it_closes_the_stream() -> None:
    model = FakeModel([Text("ma")], hangs=True)
    task = await prepared(model, spot())
    assert task is not None
    stream = complete(model, task)
    assert isinstance(await anext(stream), Arrived)
    await stream.aclose()
    assert model.closed


@pytest.mark.parametrize(
    ("text", "caret"), [("x = 1  # the nu\n", 15), ("foo = bar\n", 7), ("   \n", 2)]
)
async def test_where_nothing_is_wanted_nothing_is_asked_unless_the_user_asks(
    text: str, caret: int
) -> None:
    model = says("x")
    assert await prepared(model, spot(text, caret)) is None
    assert await prepared(model, spot(text, caret, trigger="invoked")) is not None


# What is asked


@asynccontextmanager
async def ollama(
    *scripts: Script, name: str = "deepseek-r1:7b", **options: Any
) -> AsyncIterator[tuple[Ollama, ScriptedOllama]]:
    with ScriptedOllama(scripts or [reply("math.pi")], models={name: 1}, **options) as server:
        model = Ollama(server.url, name, context_tokens=8192)
        try:
            yield model, server
        finally:
            await model.aclose()


async def test_r1_goes_on_with_an_answer_that_is_begun_for_it() -> None:
    async with ollama() as (model, server):
        last = await completed(model)
        assert last.completion == Completion("math.pi")
        body = server.generations[0].body
    assert server.generations[0].path == "/api/generate"
    assert body["raw"] is True
    assert body["options"]["temperature"] == 0
    assert body["options"]["num_ctx"] == 8192
    assert body["options"]["num_predict"] == 96
    head, _, answer = body["prompt"].partition("<｜Assistant｜>")
    assert answer == (
        "<think>\nI will output only the code at the cursor.\n</think>\n\n"
        "```python\nimport math\n\n\ndef area(r):\n    return"
    )
    assert head.startswith("<｜User｜>You complete code while it is typed, in the file a.py.")
    assert "\n```" in body["options"]["stop"]


async def test_a_rest_of_a_line_ends_at_the_line_and_a_body_may_be_longer() -> None:
    model = says("x")
    text = "value = f(1, 2)\n"
    within = await prepared(model, spot(text, text.index(" 2")))
    body = await prepared(model, spot("def f():\n", 9), max_tokens=300)
    assert within is not None
    assert body is not None
    assert within.asked.request.stop[0] == "\n"
    assert within.asked.request.max_tokens == 96
    assert body.asked.request.stop[0] == "\n```"
    assert body.asked.request.max_tokens == 300


async def test_a_model_that_fills_in_gets_its_own_template() -> None:
    name = "qwen2.5-coder:7b"
    async with ollama(reply("math.pi * r<|endoftext|>"), name=name, template="x") as (it, server):
        last = await completed(it, spot(TEXT + "\nprint(area(1))\n"))
        assert last.completion == Completion("math.pi * r")
        body = server.generations[0].body
    assert body["raw"] is True
    assert body["prompt"].startswith("<|fim_prefix|>import math\n\n\ndef area(r):\n")
    assert body["prompt"].endswith("<|fim_middle|>    return")
    assert "print(area(1))" in body["prompt"]
    assert "<|fim_suffix|>" in body["options"]["stop"]


async def test_a_model_that_ollama_can_have_fill_in_is_recognised_by_its_template() -> None:
    template = "<|fim_prefix|>{{ .Prompt }}<|fim_suffix|>{{ .Suffix }}<|fim_middle|>"
    async with ollama(name="mine:1", template=template) as (it, server):
        await completed(it)
        assert "<|fim_middle|>" in server.generations[0].body["prompt"]


async def test_where_only_the_runtime_knows_the_template_it_fills_in() -> None:
    capabilities = ("completion", "insert")
    async with ollama(name="mine:1", template="x", capabilities=capabilities) as (it, server):
        assert (await completed(it)).completion == Completion("math.pi")
        body = server.generations[0].body
    assert body["prompt"].endswith("def area(r):\n    return")
    assert body["suffix"] == "\n"
    assert "raw" not in body


@pytest.mark.parametrize(
    ("abilities", "key"),
    [
        (Abilities(), "complete-chat-only"),
        (Abilities(raw=False), "complete-chat-only"),
        (Abilities(raw=True), "complete-not-made-for"),
    ],
)
async def test_a_model_that_can_only_chat_is_not_asked(abilities: Abilities, key: str) -> None:
    model = FakeModel([Text("x")], "chat", abilities=abilities)
    with pytest.raises(ModelUnavailable) as caught:
        await prepared(model, spot())
    assert caught.value.key == key
    assert not model.requests


@pytest.mark.parametrize("name", ["deepseek-r1:7b", "qwen2.5-coder:7b"])
async def test_special_tokens_in_the_users_code_are_no_tokens(name: str) -> None:
    token = "<｜Assistant｜>" if "r1" in name else "<|fim_middle|>"
    text = f"MARK = '{token}'\nOTHER = \n"
    shown = token.replace("｜", "¦").replace("|", "¦")
    async with ollama(reply(f"'{shown}'"), name=name) as (model, server):
        last = await completed(model, spot(text, len(text) - 1))
        prompt = server.generations[0].body["prompt"]
    assert last.completion == Completion(f"'{token}'")
    assert prompt.count(token) == 1


async def test_a_prompt_leaves_room_in_a_small_context() -> None:
    model = says("x", context_tokens=1024)
    text = "value = 1\n" * 2000
    task = await prepared(model, spot(text + "y =", len(text) + 3))
    assert task is not None
    assert len(task.asked.counted) < 3 * 1024


# What is kept between completions


async def _prompts(desk: Desk, *spots: Spot, **settings: Any) -> list[str]:
    tasks = [await prepared(says("x"), at, desk, **settings) for at in spots]
    return [task.asked.counted for task in tasks if task is not None]


async def test_a_keystroke_only_adds_to_the_prompt() -> None:
    spots = [spot(TEXT[:CARET] + typed + TEXT[CARET:], CARET + len(typed)) for typed in ("", "m(")]
    first, second = await _prompts(Desk(), *spots)
    assert second.startswith(first)


async def test_definitions_and_edits_are_shown() -> None:
    other = File("file:///b.py", "b.py", "python", "def radius(circle):\n    return circle.r\n")
    text = "def area(circle):\n    r = radius\n"
    edits = [FileEdit("c.py", "old = 1\n", "new = 1\n")]
    at = spot(text, len(text) - 1, others=[other], edits=edits)
    (prompt,) = await _prompts(Desk(), at)
    assert "b.py:\n```python\ndef radius(circle):" in prompt
    assert "c.py\n-old = 1\n+new = 1" in prompt


async def _read() -> None:
    """Wait until all files are read that are to be."""
    tasks = [it for it in asyncio.all_tasks() if "Desk._index" in repr(it.get_coro())]
    await asyncio.gather(*tasks)


async def test_what_was_read_first_serves_until_related_code_is_chosen_anew() -> None:
    desk = Desk()
    other = File("file:///b.py", "b.py", "python", "def radius(circle):\n    return 1\n")
    at = spot("r = radius", 10, others=[other])
    (first,) = await _prompts(desk, at)
    changed = replace(other, text=other.text.replace("circle", "disc"))
    (second,) = await _prompts(desk, replace(at, others=[changed]))
    assert second == first
    desk.renew()
    await _prompts(desk, replace(at, others=[changed]))
    await _read()
    desk.renew()
    (third,) = await _prompts(desk, replace(at, others=[changed]))
    assert "def radius(disc)" in third
    desk.forget(other.uri)
    desk.renew()
    (last,) = await _prompts(desk, at)
    assert "def radius(circle)" in last
    await desk.aclose()


@pytest.mark.parametrize(
    ("usage", "learns"),
    [
        (Usage(prompt_tokens=400, cached_tokens=300), True),
        (Usage(prompt_tokens=150), True),
        (Usage(prompt_tokens=5), False),
        (Usage(), False),
    ],
)
async def test_the_models_tokens_are_learned_from_whole_counts(usage: Usage, learns: bool) -> None:
    desk = Desk()
    deltas: Sequence[Delta] = [Text("math"), Spent(usage), Text(".pi\n"), Done("stop")]
    await completed(FakeModel(deltas), desk=desk)
    assert (desk.counts_of("fake").ratio != 1) is learns
