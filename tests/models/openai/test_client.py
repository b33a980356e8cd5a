"""OpenAI's API: what is asked, of which model, and what is read in the answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from spyhop.core.stream import Text, Thought, merge
from spyhop.core.tokens import estimate_tokens
from spyhop.errors import ModelError, SpyhopError
from spyhop.models.errors import Broken, ModelFailed, ModelUnavailable
from spyhop.models.openai import OpenAi
from spyhop.models.port import Delta, Done, Request, Server, Usage
from spyhop.models.scripted import (
    Dialogue,
    Recorded,
    Reply,
    ScriptedOpenAi,
    dialogue,
    refusal,
)
from spyhop.models.scripted.openai import event
from spyhop.models.scripted.shapes import (
    DEEPSEEK,
    LITELLM,
    LLAMA_CPP,
    LM_STUDIO,
    OLLAMA_V1,
    OPEN_WEBUI,
    VLLM,
    VLLM_PLAIN,
    Shape,
)
from spyhop.prompting.fim import Infill
from spyhop.prompting.r1 import Turn

pytestmark = pytest.mark.anyio

ASK = Request((Turn("user", "Add one."),))
PROMPT = "<｜User｜>Add one.<｜Assistant｜><think>\n"
R1 = "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B"
STREAM = "text/event-stream"
END = b"data: [DONE]\n\n"
COMPLETIONS = "/v1/completions"
UNKNOWN = replace(VLLM, listed={}, facts={})
"""A server that does not say what it is, so that it has to be found out."""


@asynccontextmanager
async def openai(url: str, model: str | None = None, **options: Any) -> AsyncIterator[OpenAi]:
    it = OpenAi(url, model, **{"context_tokens": 8192} | options)
    try:
        yield it
    finally:
        await it.aclose()


async def deltas(model: OpenAi, request: Request = ASK) -> list[Delta]:
    async with aclosing(model.stream(request)) as stream:
        return [delta async for delta in stream]


async def answer(
    replies: Sequence[Dialogue | Reply], shape: Shape = DEEPSEEK, **options: Any
) -> list[Any]:
    """Return what one question to a server with ``replies`` gives, merged."""
    with ScriptedOpenAi(replies, shape) as server:
        async with openai(server.base, **options) as model:
            return merge(await deltas(model))


async def failure(replies: Sequence[Dialogue | Reply], **options: Any) -> SpyhopError:
    with pytest.raises(SpyhopError) as caught:
        await answer(replies, **options)
    return caught.value


def events(*data: object, end: bytes = END) -> Reply:
    return Reply((*map(event, data), end), content_type=STREAM)


def chunk(reason: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


# What is asked


async def test_a_chat_is_asked_with_exactly_these_options() -> None:
    request = Request(ASK.turns, temperature=0.5, stop=("\n```",))
    with ScriptedOpenAi([dialogue("x")], DEEPSEEK) as server:
        async with openai(server.base) as model:
            assert await model.wire_prompt(request) == "[user]\nAdd one."
            await deltas(model, request)
        (asked,) = server.generations
    assert asked == Recorded(
        "/v1/chat/completions",
        {
            "model": "deepseek-r1",
            "messages": [{"role": "user", "content": "Add one."}],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": 0.5,
            "top_p": 0.95,
            "max_tokens": 8192 - estimate_tokens("[user]\nAdd one."),
            "stop": ["\n```"],
        },
    )


async def test_r1_is_asked_with_a_prompt_written_by_hand_where_the_server_takes_one() -> None:
    with ScriptedOpenAi([dialogue("x")], VLLM) as server:
        async with openai(server.base) as model:
            assert await model.wire_prompt(ASK) == PROMPT
            await deltas(model)
        (asked,) = server.generations
    assert asked == Recorded(
        "/v1/completions",
        {
            "model": R1,
            "prompt": PROMPT,
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": 0.6,
            "top_p": 0.95,
            "max_tokens": 8192 - estimate_tokens(PROMPT),
        },
    )


@pytest.mark.parametrize(("wanted", "sent"), [(7, 7), (9000, 8192 - estimate_tokens(PROMPT))])
async def test_an_answer_is_cut_off_where_the_request_says(wanted: int, sent: int) -> None:
    with ScriptedOpenAi([dialogue("x")], VLLM) as server:
        async with openai(server.base) as model:
            await deltas(model, Request(ASK.turns, max_tokens=wanted))
        (asked,) = server.generations
    assert asked.body["max_tokens"] == sent


async def test_a_prompt_as_long_as_the_context_is_left_to_the_server() -> None:
    with ScriptedOpenAi([dialogue("x")], VLLM) as server:
        async with openai(server.base, context_tokens=1024) as model:
            await deltas(model, Request((Turn("user", "x" * 9000),)))
        assert server.generations[0].body["max_tokens"] == 1


async def test_the_facts_are_asked_for_once_by_concurrent_first_requests() -> None:
    with ScriptedOpenAi([dialogue("x")], VLLM) as server:
        async with openai(server.base) as model:
            await asyncio.gather(*(deltas(model) for _ in range(3)))
        paths = [request.path for request in server.requests]
    assert [it for it in paths if it.startswith("/v1")] == ["/v1/models", *[COMPLETIONS] * 3]
    assert sorted(it for it in paths if it not in {"/v1/models", COMPLETIONS}) == [
        "/tokenize",
        "/tokenize",
        "/version",
    ]


@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/", "/v1/chat/completions", "/v1/completions"])
async def test_the_address_may_be_written_in_several_ways(end: str) -> None:
    with ScriptedOpenAi([dialogue("x")], DEEPSEEK) as server:
        async with openai(server.url + end) as model:
            await deltas(model)
        assert [it.path for it in server.generations] == ["/v1/chat/completions"]


async def test_key_and_headers_go_with_every_request() -> None:
    headers = {"X-Team": SecretStr("blue")}
    with ScriptedOpenAi([dialogue("x")], UNKNOWN) as server:
        async with openai(server.base, key=SecretStr("sk-1"), headers=headers) as model:
            await deltas(model)
        sent = [it.headers for it in server.requests]
    assert len(sent) == 3
    for it in sent:
        assert (it["authorization"], it["x-team"]) == ("Bearer sk-1", "blue")


async def test_a_header_may_carry_the_key_in_another_way() -> None:
    headers = {"authorization": SecretStr("Basic abc")}
    with ScriptedOpenAi([], UNKNOWN) as server:
        async with openai(server.base, key=SecretStr("sk-1"), headers=headers) as model:
            await model.info()
        assert [it.headers["authorization"] for it in server.requests] == ["Basic abc"] * 2


async def test_without_a_key_none_is_sent() -> None:
    with ScriptedOpenAi([], VLLM) as server:
        async with openai(server.base) as model:
            await model.info()
        assert not any("authorization" in it.headers for it in server.requests)


@pytest.mark.parametrize("status", [400, 422])
async def test_a_server_that_refuses_to_count_is_asked_without(status: int) -> None:
    words = "Unrecognized request argument supplied: stream_options"
    replies: list[Dialogue | Reply] = [refusal(status, words), dialogue("x"), dialogue("y")]
    with ScriptedOpenAi(replies, DEEPSEEK) as server:
        async with openai(server.base) as model:
            assert merge(await deltas(model))[0] == Text("x")
            assert merge(await deltas(model))[0] == Text("y")
        counted = ["stream_options" in it.body for it in server.generations]
    assert counted == [True, False, False]


# Which model


@pytest.mark.parametrize(
    ("models", "chosen"),
    [
        (["qwen3:4b", "deepseek-r1:7b"], "deepseek-r1:7b"),
        (["deepseek-r1:1.5b", "deepseek-r1:14b", "deepseek-r1:8b"], "deepseek-r1:14b"),
        (["DeepSeek-R1-Distill-Qwen-7B-4bit", "DeepSeek-R1-Distill-Qwen-1.5B"], None),
        (["DeepSeek-R1-Distill-Llama-70B", "DeepSeek-R1-0528"], "DeepSeek-R1-0528"),
        (["text-embedding-nomic-embed-text-v1.5", "qwen3:4b"], "qwen3:4b"),
        (["only"], "only"),
    ],
)
async def test_with_no_name_it_is_the_largest_r1_or_the_only_model(
    models: list[str], chosen: str | None
) -> None:
    with ScriptedOpenAi([], DEEPSEEK, models=models) as server:
        async with openai(server.base) as model:
            assert (await model.info()).name == (chosen or models[0])


@pytest.mark.parametrize("models", [["a", "b"], []])
async def test_where_that_does_not_decide_it_the_models_are_told(models: list[str]) -> None:
    with ScriptedOpenAi([], DEEPSEEK, models=models) as server:
        async with openai(server.base) as model:
            with pytest.raises(ModelUnavailable) as caught:
                await model.info()
    assert caught.value.key == "openai-which"
    assert f"It has: {', '.join(models) or '-'}" in str(caught.value)


@pytest.mark.parametrize(
    "listing",
    [
        Reply((b'[{"id": "together/DeepSeek-R1"}]',)),
        Reply((b'{"data": [{"id": "together/DeepSeek-R1", "meta": null}]}',)),
    ],
)
async def test_a_listing_may_be_bare(listing: Reply) -> None:
    with ScriptedOpenAi([], DEEPSEEK, listing=listing) as server:
        async with openai(server.base) as model:
            assert (await model.info()).name == "together/DeepSeek-R1"


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 501])
async def test_a_named_model_needs_no_listing(status: int) -> None:
    with ScriptedOpenAi([dialogue("x")], DEEPSEEK, listing=refusal(status, "no")) as server:
        async with openai(server.base, "mine") as model:
            info = await model.info()
            assert (info.name, info.context_tokens, info.format) == ("mine", 8192, "chat")
            assert merge(await deltas(model))[0] == Text("x")
        assert server.generations[0].body["model"] == "mine"


async def test_a_name_that_is_not_listed_is_tried() -> None:
    with ScriptedOpenAi([dialogue("x")], DEEPSEEK, models=["other"]) as server:
        async with openai(server.base, "alias") as model:
            await deltas(model)
        assert server.generations[0].body["model"] == "alias"


@pytest.mark.parametrize(
    ("facts", "context"),
    [
        ({}, 8192),
        ({"max_model_len": 4096}, 4096),
        ({"max_model_len": 131_072}, 8192),
        ({"context_length": 2048}, 2048),
        ({"meta": {"n_ctx": 1024, "n_ctx_train": 99}}, 1024),
        ({"meta": {"n_ctx_train": 99}}, 8192),
        ({"max_model_len": "4096", "context_length": 0, "meta": []}, 8192),
    ],
)
async def test_the_context_is_the_smaller_of_the_settings_and_the_models(
    facts: dict[str, Any], context: int
) -> None:
    shape = Shape("x", "reasoning", listed=facts)
    with ScriptedOpenAi([], shape) as server:
        async with openai(server.base) as model:
            assert (await model.info()).context_tokens == context


# Raw or not


def probed(**body: Any) -> Reply:
    return Reply((json.dumps(body).encode(),), content_type="application/json")


@pytest.mark.parametrize(
    ("reply", "form"),
    [
        (probed(usage={"prompt_tokens": 4}), "r1"),
        (probed(usage={"prompt_tokens": 3}), "r1"),
        (probed(usage={"prompt_tokens": 1}), "chat"),
        (probed(usage={"prompt_tokens": 8}), "chat"),
        (probed(usage={"prompt_tokens": 13}), "chat"),
        (probed(usage={"prompt_tokens": 4}, system_fingerprint="fp_ollama"), "chat"),
        (probed(usage=None), "chat"),
        (probed(error="Unexpected endpoint or method."), "chat"),
        (Reply((b"<html>",), content_type="text/html"), "chat"),
        (refusal(400, "not supported with this model"), "chat"),
        (refusal(403, "no"), "chat"),
        (refusal(404, "Not Found", "detail"), "chat"),
        (refusal(500, "no"), "chat"),
    ],
)
async def test_only_a_server_that_takes_the_prompt_as_it_is_gets_one(
    reply: Reply, form: str
) -> None:
    with ScriptedOpenAi([], UNKNOWN, probed=reply) as server:
        async with openai(server.base) as model:
            assert (await model.info()).format == form
        (probe,) = [it for it in server.requests if it.path == "/v1/completions"]
    assert probe.body == {
        "model": R1,
        "prompt": "<｜User｜>1<｜Assistant｜>",
        "max_tokens": 1,
        "temperature": 0,
    }


async def test_a_model_that_fills_in_is_probed_with_its_own_tokens() -> None:
    reply = probed(usage={"prompt_tokens": 3})
    request = Request((), prompt="<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>", max_tokens=9)
    with ScriptedOpenAi([dialogue("x")], UNKNOWN, probed=reply, models=["qwen2.5-coder"]) as server:
        async with openai(server.base) as model:
            info = await model.info()
            assert (info.format, info.abilities.raw) == ("chat", True)
            assert await model.wire_prompt(request) == request.prompt
            await deltas(model, request)
        probe, asked = (it.body for it in server.requests if it.path == COMPLETIONS)
    assert probe["prompt"] == "<|fim_prefix|>1<|fim_suffix|>"
    assert (asked["prompt"], asked["max_tokens"]) == (request.prompt, 9)


async def test_llama_cpp_fills_in_gaps_behind_this_api_too() -> None:
    done = b'data: {"content":"x","stop":true,"stop_type":"eos"}\n\n'
    facts = {**LLAMA_CPP.facts, "/infill": Reply((done,), content_type=STREAM)}
    gap = Infill("a = ", "\n", (), "")
    with ScriptedOpenAi([], replace(LLAMA_CPP, facts=facts)) as server:
        async with openai(server.base) as model:
            request = Request((), gap=gap, max_tokens=9, tells_spent=True)
            assert merge(await deltas(model, request))[0] == Text("x")
        asked = server.requests[-1]
    assert asked.path == "/infill"
    assert asked.body["input_prefix"] == "a = "
    assert (asked.body["n_predict"], asked.body["timings_per_token"]) == (9, True)


async def test_another_model_is_not_probed() -> None:
    with ScriptedOpenAi([], UNKNOWN, models=["qwen3-4b"]) as server:
        async with openai(server.base) as model:
            assert (await model.info()).format == "chat"
        assert [it.path for it in server.requests] == ["/v1/models"]


@pytest.mark.parametrize(
    ("status", "key"), [(502, "server-fault"), (503, "model-loading"), (504, "server-fault")]
)
async def test_a_server_that_is_loading_is_not_taken_for_one_without_raw_prompts(
    status: int, key: str
) -> None:
    with ScriptedOpenAi([], UNKNOWN, probed=refusal(status, "Loading model")) as server:
        async with openai(server.base) as model:
            with pytest.raises(ModelError) as caught:
                await model.info()
    assert caught.value.key == key
    assert isinstance(caught.value, ModelUnavailable | ModelFailed)
    assert caught.value.retry is not None


# What is read


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm"},
        {"thinking": "hm"},
        {"reasoning": "hm", "reasoning_content": "hm"},
        {"reasoning": "hm", "reasoning_content": ""},
        {"reasoning": "hm", "thinking": {"type": "enabled"}},
    ],
)
async def test_a_thought_is_read_under_any_of_its_names(delta: dict[str, Any]) -> None:
    found = await answer([events(chunk(**delta), chunk("stop", content="x"))])
    assert found == [Thought("hm"), Text("x"), Done("stop")]


async def test_fields_of_other_meaning_are_no_thought() -> None:
    told = chunk(reasoning={"effort": "low"}, thinking=True, content="x")
    assert await answer([events(told, chunk("stop"))]) == [Text("x"), Done("stop")]


@pytest.mark.parametrize(
    "empty",
    [
        {"choices": []},
        {"choices": None},
        {"choices": [{"index": 0}]},
        {"choices": [{"index": 0, "delta": None}]},
        {},
    ],
)
async def test_a_chunk_without_anything_is_passed_over(empty: dict[str, Any]) -> None:
    found = await answer([events(empty, chunk("stop", content="x"), empty)])
    assert found == [Text("x"), Done("stop")]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("max_tokens", "length"),
        ("tool_calls", "stop"),
        ("eos", "stop"),
    ],
)
async def test_done_says_why(told: str, reason: Any) -> None:
    assert await answer([events(chunk(told, content="x"))]) == [Text("x"), Done(reason)]


@pytest.mark.parametrize("told", ["content_filter", "sensitive"])
async def test_an_answer_that_a_filter_stopped_says_so(told: str) -> None:
    error = await failure([events(chunk(content="x"), chunk(told))])
    assert isinstance(error, ModelFailed)
    assert error.key == "answer-filtered"


@pytest.mark.parametrize("told", ["insufficient_system_resource", "abort", "error"])
async def test_a_reason_that_is_a_fault_is_one(told: str) -> None:
    error = await failure([events(chunk(content="x"), chunk(told))])
    assert error.key == "model-fault"
    assert told in str(error)


async def test_a_reason_or_done_is_an_end() -> None:
    last = chunk("stop", content="x")
    assert await answer([events(last, end=b"")]) == [Text("x"), Done("stop")]
    assert await answer([events(chunk(content="x"))]) == [Text("x"), Done("stop")]


@pytest.mark.parametrize("script", [Dialogue(["x"], finish_reason=None), events(end=b"")])
async def test_neither_is_no_end(script: Dialogue | Reply) -> None:
    error = await failure([script])
    assert isinstance(error, Broken)
    assert error.key == "stream-unfinished"


async def test_what_breaks_off_behind_the_reason_is_whole() -> None:
    pieces = (event(chunk("stop", content="x")),)
    found = await answer([Reply(pieces, content_type=STREAM, ending="close")])
    assert found == [Text("x"), Done("stop")]


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 2}, Usage(9, None, 2)),
        ({"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4}}, Usage(9, 4, None)),
        ({"prompt_tokens": 9, "prompt_tokens_details": None}, Usage(9)),
        (None, Usage()),
    ],
)
async def test_the_cost_is_told_where_the_server_tells_it(usage: Any, cost: Usage) -> None:
    found = await answer([events(chunk("stop"), {"choices": [], "usage": usage})])
    assert found == [Done("stop", cost)]


@pytest.mark.parametrize(
    "fault",
    [
        {"error": {"message": "engine is dead", "code": 500}},
        {"error": "engine is dead"},
        {"error": {"detail": "engine is dead"}},
        {"detail": "engine is dead"},
        {"object": "error", "message": "engine is dead", "code": 500},
    ],
)
async def test_a_fault_in_mid_stream_gives_the_servers_words(fault: dict[str, Any]) -> None:
    error = await failure([events(chunk(content="x"), fault)])
    assert isinstance(error, ModelFailed)
    assert error.key == "model-fault"
    assert "middle of the answer: engine is dead." in str(error)


@pytest.mark.parametrize(
    "garbage",
    [b"garbage", b"[1]", b'{"choices": [{"delta": {"content": "x', b'{"choices": 1}', b"\xff"],
)
async def test_garbage_in_mid_stream_is_no_answer(garbage: bytes) -> None:
    reply = Reply((event(chunk(content="x")), b"data: " + garbage + b"\n\n"), content_type=STREAM)
    error = await failure([reply])
    assert isinstance(error, Broken)
    assert error.key == "stream-broken"


# What serves it


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (LLAMA_CPP, Server("llama.cpp", "b7100-4ae88d07d")),
        (VLLM, Server("vLLM", "0.11.0")),
        (LM_STUDIO, Server("LM Studio")),
        (OPEN_WEBUI, Server("Open WebUI", "0.6.5")),
        (OLLAMA_V1, Server("Ollama", "0.30.0")),
        (LITELLM, Server("LiteLLM", "1.80.0")),
        (VLLM_PLAIN, Server()),
    ],
)
async def test_the_server_is_named_with_its_version_whatever_models_it_has(
    shape: Shape, told: Server
) -> None:
    with ScriptedOpenAi([], shape, models=["llama3", "qwen3"]) as server:
        async with openai(server.base) as model:
            assert await model.server() == told
        assert server.generations == []


# Cancelling


@pytest.mark.parametrize("shape", [DEEPSEEK, OPEN_WEBUI, OLLAMA_V1, VLLM])
async def test_closing_the_stream_closes_the_connection(shape: Shape) -> None:
    script = Dialogue(["a", "b", "c"], hold_after=3)
    with ScriptedOpenAi([script], shape) as server:
        async with openai(server.base) as model:
            stream = model.stream(ASK)
            await anext(stream)
            await asyncio.to_thread(server.wait_for, "holding", 1)
            await stream.aclose()
            await asyncio.to_thread(server.wait_for, "disconnects", 1)


async def test_cancelling_the_task_closes_the_connection_and_the_model_can_be_asked_again() -> None:
    with ScriptedOpenAi([Dialogue(["a", "b"], hold_after=1), dialogue("x")], DEEPSEEK) as server:
        async with openai(server.base) as model:
            task = asyncio.create_task(deltas(model))
            await asyncio.to_thread(server.wait_for, "holding", 1)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert task.cancelled()
            await asyncio.to_thread(server.wait_for, "disconnects", 1)
            assert merge(await deltas(model))[0] == Text("x")
