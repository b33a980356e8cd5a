"""llama.cpp's server, from its bytes as recorded; ``tests/engine`` runs the real one."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyhop.core.stream import Text, Thought, merge
from spyhop.errors import SpyhopError
from spyhop.messages import LANGUAGES
from spyhop.models.errors import Broken, ModelFailed, ModelUnavailable, Unreachable
from spyhop.models.llamacpp import LlamaCpp
from spyhop.models.port import Delta, Done, Request, Spent, Usage
from spyhop.models.scripted import Recorded, Reply, ScriptedOllama, cut
from spyhop.prompting.fim import Infill
from spyhop.prompting.r1 import Turn
from spyhop.prompting.related import Snippet

pytestmark = pytest.mark.anyio

ASK = Request((Turn("user", "Add one."),))
PROMPT = "<｜User｜>Add one.<｜Assistant｜><think>\n"
TYPE = "text/event-stream"
R1 = "{{ '<｜User｜>' + message }}{{ '<｜Assistant｜><think>\\n' }}"
CHATML = "<|im_start|>{{ message }}"

# Recorded from llama.cpp's server by way of xllamacpp 2026.10; the chat's fields that no client
# needs are left out.
CHAT = b"""\
data: {"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}]}

: ping

data: {"choices":[{"finish_reason":null,"index":0,"delta":{"reasoning_content":"\\nhm"}}]}

data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"\\n\\nx = "}}]}

data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"1"}}]}

data: {"choices":[{"finish_reason":"stop","index":0,"delta":{}}],"timings":{"cache_n":4,"prompt_n":8,"prompt_ms":4.0,"predicted_n":6,"predicted_ms":2.5}}

data: [DONE]

"""  # noqa: E501 - as recorded
COMPLETION = b"""\
data: {"index":0,"content":"hm","tokens":[1],"stop":false,"id_slot":-1}

: ping

data: {"index":0,"content":"</think>","tokens":[2],"stop":false,"id_slot":-1}

data: {"index":0,"content":"","tokens":[],"stop":true,"stop_type":"%s","truncated":false,"timings":{"cache_n":4,"prompt_n":8,"prompt_ms":4.0,"predicted_n":2,"predicted_ms":2.5}}

"""  # noqa: E501 - as recorded
ENDED = Usage(12, 4, 2, 0.004, 0.0025)


class Server(ScriptedOllama):
    """llama.cpp's facts and addresses; each generation takes the next reply."""

    def __init__(
        self, replies: Sequence[Reply], template: str = R1, props: Reply | None = None
    ) -> None:
        super().__init__(replies)
        body = {
            "default_generation_settings": {"n_ctx": 4096, "params": {}},
            "total_slots": 1,
            "model_alias": "standin",
            "chat_template": template,
        }
        self._props = props or Reply((json.dumps(body).encode(),))
        self._asked = 0

    def _facts(self, request: Recorded) -> Reply:
        if request.path == "/props":
            return self._props
        generating = {"/completion", "/v1/chat/completions", "/infill"}
        if request.path not in generating or not request.body.get("stream"):
            return super()._facts(request)
        reply = self._replies[min(self._asked, len(self._replies) - 1)]
        self._asked += 1
        assert isinstance(reply, Reply)
        return reply


@asynccontextmanager
async def llamacpp(url: str, name: str = "standin") -> AsyncIterator[LlamaCpp]:
    it = LlamaCpp(url, name, {"Authorization": "Bearer key"})
    try:
        yield it
    finally:
        await it.aclose()


async def deltas(model: LlamaCpp, request: Request = ASK) -> list[Delta]:
    async with aclosing(model.stream(request)) as stream:
        return [delta async for delta in stream]


def events(data: bytes, cuts: Sequence[int] = (1 << 20,), **options: Any) -> Reply:
    return Reply(tuple(cut(data, cuts)), content_type=TYPE, **options)


async def answer(*replies: Reply, template: str = R1) -> list[Any]:
    with Server(replies, template) as server:
        async with llamacpp(server.url) as model:
            return merge(await deltas(model))


async def failure(*replies: Reply, template: str = R1) -> SpyhopError:
    with pytest.raises(SpyhopError) as caught:
        await answer(*replies, template=template)
    for language in LANGUAGES:
        assert "\n" not in caught.value.say(language)
    return caught.value


def test_a_chat_is_read_however_its_bytes_arrive() -> None:
    @given(cuts=st.lists(st.integers(1, 80), min_size=1, max_size=5))
    @settings(max_examples=25)
    def holds(cuts: list[int]) -> None:
        assert asyncio.run(answer(events(CHAT, cuts), template=CHATML)) == [
            Thought("\nhm"),
            Text("\n\nx = 1"),
            Done("stop", Usage(12, 4, 6, 0.004, 0.0025)),
        ]

    holds()


def test_a_completion_is_read_however_its_bytes_arrive() -> None:
    @given(cuts=st.lists(st.integers(1, 80), min_size=1, max_size=5))
    @settings(max_examples=25)
    def holds(cuts: list[int]) -> None:
        found = asyncio.run(answer(events(COMPLETION % b"eos", cuts)))
        assert found == [Text("hm</think>"), Done("stop", ENDED)]

    holds()


@pytest.mark.parametrize(
    ("told", "reason"),
    [(b"eos", "stop"), (b"word", "stop"), (b"none", "stop"), (b"limit", "length")],
)
async def test_a_completion_says_why_it_stopped(told: bytes, reason: Any) -> None:
    assert (await answer(events(COMPLETION % told)))[-1] == Done(reason, ENDED)


async def test_a_chat_says_that_its_context_was_full() -> None:
    cut_off = CHAT.replace(b'"finish_reason":"stop"', b'"finish_reason":"length"')
    found = await answer(events(cut_off), template=CHATML)
    assert found[-1] == Done("length", Usage(12, 4, 6, 0.004, 0.0025))


async def test_r1_is_asked_with_a_prompt_written_by_hand_and_always_streamed() -> None:
    with Server([events(COMPLETION % b"eos")]) as server:
        async with llamacpp(server.url) as model:
            assert await model.wire_prompt(ASK) == PROMPT
            await deltas(model, Request(ASK.turns, stop=("\n",)))
        asked = server.requests[-1]
    assert asked == Recorded(
        "/completion",
        {
            "prompt": PROMPT,
            "stream": True,
            "temperature": 0.6,
            "top_p": 0.95,
            "cache_prompt": True,
            "stop": ["\n"],
        },
    )


async def test_others_are_asked_by_chat() -> None:
    with Server([events(CHAT)], CHATML) as server:
        async with llamacpp(server.url, "qwen") as model:
            assert await model.wire_prompt(ASK) == "[user]\nAdd one."
            await deltas(model)
        asked = server.requests[-1]
    assert asked.path == "/v1/chat/completions"
    assert asked.body["messages"] == [{"role": "user", "content": "Add one."}]
    assert asked.body["stream"] is True


async def test_a_prompt_of_ones_own_is_sent_as_it_is_whatever_the_model() -> None:
    request = Request((), prompt="<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>", max_tokens=9)
    with Server([events(COMPLETION % b"eos")], CHATML) as server:
        async with llamacpp(server.url, "qwen2.5-coder") as model:
            assert await model.wire_prompt(request) == request.prompt
            found = merge(await deltas(model, request))
        asked = server.requests[-1]
    assert found == [Text("hm</think>"), Done("stop", ENDED)]
    assert asked.path == "/completion"
    assert (asked.body["prompt"], asked.body["n_predict"]) == (request.prompt, 9)


async def test_a_gap_is_filled_in_by_the_servers_own_template() -> None:
    gap = Infill("a = ", "\n", (Snippet("b.py", "python", "b = 1"),), "")
    with Server([events(COMPLETION % b"eos")], CHATML) as server:
        async with llamacpp(server.url, "mine") as model:
            found = merge(await deltas(model, Request((), gap=gap, stop=("\n",), max_tokens=9)))
        asked = server.requests[-1]
    assert found == [Text("hm</think>"), Done("stop", ENDED)]
    assert asked.path == "/infill"
    assert asked.body["input_prefix"] == "a = "
    assert asked.body["input_suffix"] == "\n"
    assert asked.body["input_extra"] == [{"filename": "b.py", "text": "b = 1"}]
    assert asked.body["n_predict"] == 9


async def test_what_is_spent_is_told_on_the_way_where_that_is_wanted() -> None:
    timings = b',"timings":{"cache_n":8,"prompt_n":4,"prompt_ms":4.0,"predicted_n":1}}'
    recorded = (COMPLETION % b"eos").replace(b',"id_slot":-1}', timings, 1)
    with Server([events(recorded)]) as server:
        async with llamacpp(server.url) as model:
            quiet = await deltas(model)
            told = await deltas(model, Request(ASK.turns, tells_spent=True))
        bodies = [asked.body for asked in server.requests if asked.path == "/completion"]
    assert not any(isinstance(delta, Spent) for delta in quiet)
    assert told[:2] == [Text("hm"), Spent(Usage(12, 8, 1, 0.004))]
    assert [body.get("timings_per_token") for body in bodies] == [None, True]


@pytest.mark.parametrize(
    ("recorded", "template", "name"),
    [(COMPLETION % b"eos", R1, "n_predict"), (CHAT, CHATML, "max_tokens")],
)
async def test_an_answer_is_cut_off_where_the_request_says(
    recorded: bytes, template: str, name: str
) -> None:
    with Server([events(recorded)], template) as server:
        async with llamacpp(server.url, "x") as model:
            await deltas(model, Request(ASK.turns, max_tokens=7))
        asked = server.requests[-1]
    assert asked.body[name] == 7


async def test_the_facts_are_the_servers_and_asked_for_once() -> None:
    with Server([events(COMPLETION % b"eos")]) as server:
        async with llamacpp(server.url, "") as model:
            info = await model.info()
            await deltas(model)
        paths = [request.path for request in server.requests]
    assert (info.name, info.context_tokens, info.format) == ("standin", 4096, "r1")
    assert (paths[0], paths[-1]) == ("/props", "/completion")
    assert set(paths[1:-1]) == {"/v1/models", "/infill", "/apply-template"}


async def test_a_context_overflow_says_what_the_context_is() -> None:
    words = "request (5000 tokens) exceeds the available context size (4096 tokens)"
    body = {"error": {"code": 400, "message": words, "type": "exceed_context_size_error"}}
    error = await failure(Reply((json.dumps(body).encode(),), 400, "application/json"))
    assert isinstance(error, ModelFailed)
    assert error.key == "context-exceeded"
    assert "4096 tokens" in str(error)
    assert words in str(error)


async def test_another_refusal_gives_the_servers_words() -> None:
    body = b'{"error": {"code": 500, "message": "slot lost", "type": "server_error"}}'
    error = await failure(Reply((body,), 500, "application/json"))
    assert error.key == "engine-refused"
    assert "slot lost" in str(error)


@pytest.mark.parametrize("fault", [b'{"code": 500, "message": "lost"}', b'"lost"', b'["lost"]'])
async def test_an_error_event_in_mid_stream_gives_the_servers_words(fault: bytes) -> None:
    begun = COMPLETION.split(b"\n\n")[0] + b"\n\n"
    error = await failure(events(begun + b'data: {"error": ' + fault + b"}\n\n"))
    assert error.key == "model-fault"
    assert "lost" in str(error)


@pytest.mark.parametrize("data", [COMPLETION.split(b": ping")[0], b"", b": ping\n\n"])
async def test_a_stream_that_ends_with_no_stop_is_no_answer(data: bytes) -> None:
    error = await failure(events(data))
    assert isinstance(error, Broken)
    assert error.key == "stream-unfinished"


async def test_a_chat_that_ends_with_no_reason_is_no_answer() -> None:
    begun = CHAT.split(b'data: {"choices":[{"finish_reason":"stop"')[0]
    error = await failure(events(begun + b"data: [DONE]\n\n"), template=CHATML)
    assert error.key == "stream-unfinished"


@pytest.mark.parametrize("ending", ["abort", "close"])
async def test_a_stream_that_breaks_off_says_so(ending: Any) -> None:
    error = await failure(events(COMPLETION.split(b": ping")[0], ending=ending))
    assert isinstance(error, Broken)
    assert error.key == "stream-broken"


@pytest.mark.parametrize("garbage", [b"garbage", b"[1]", b'{"content": 1}', b"\xff"])
async def test_garbage_in_mid_stream_is_no_answer(garbage: bytes) -> None:
    begun = COMPLETION.split(b"\n\n")[0] + b"\n\n"
    error = await failure(events(begun + b"data: " + garbage + b"\n\n"))
    assert error.key == "stream-broken"


@pytest.mark.parametrize(
    "props",
    [
        Reply((b"<html>",), content_type="text/html"),
        Reply((b"{}",)),
        Reply((b'{"error": {"message": "Invalid API Key"}}',), 401),
        Reply((b"not found",), 404),
    ],
)
async def test_another_server_at_the_address_is_recognised(props: Reply) -> None:
    with Server([], props=props) as server:
        async with llamacpp(server.url) as model:
            with pytest.raises(ModelUnavailable) as caught:
                await model.info()
    assert caught.value.key == "llamacpp-odd"
    for language in LANGUAGES:
        assert "\n" not in caught.value.say(language)


async def test_nobody_answers() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        async with llamacpp(f"http://127.0.0.1:{closed.getsockname()[1]}") as model:
            with pytest.raises(Unreachable, match="llama-server -m"):
                await model.info()
