"""What each runtime tells beside OpenAI's API, and what follows for its abilities."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from spyhop.models.openai import OpenAi
from spyhop.models.port import Abilities, ModelInfo, Request, Server
from spyhop.models.scripted import Recorded, Reply, ScriptedOpenAi, Shape, dialogue
from spyhop.models.scripted.shapes import (
    DEEPSEEK,
    LITELLM,
    LLAMA_CPP,
    LM_STUDIO,
    OLLAMA_V1,
    OPEN_WEBUI,
    SHAPES,
    VLLM,
)
from spyhop.prompting.r1 import NO_THOUGHT, Turn

pytestmark = pytest.mark.anyio

ASK = Request((Turn("user", "Add one."),))
THOUGHTLESS = replace(ASK, thinks=False, beginning=NO_THOUGHT)
QWEN = "qwen3-8b"


@asynccontextmanager
async def openai(server: ScriptedOpenAi, **options: Any) -> AsyncIterator[OpenAi]:
    it = OpenAi(server.base, None, context_tokens=8192, **options)
    try:
        yield it
    finally:
        await it.aclose()


async def info_of(shape: Shape, **changes: Any) -> ModelInfo:
    with ScriptedOpenAi([], replace(shape, **changes)) as server:
        async with openai(server) as model:
            return await model.info()


async def test_llama_cpp_tells_nearly_everything() -> None:
    info = await info_of(LLAMA_CPP)
    assert info == ModelInfo(
        "DeepSeek-R1-Distill-Qwen-7B",
        4096,
        "r1",
        Abilities(
            raw=True,
            prefill=True,
            thought_off="closed",
            infill=False,
            counts_tokens=True,
            tells_cached=True,
        ),
        Server("llama.cpp", "b7100-4ae88d07d"),
        model_context_tokens=131_072,
        size_bytes=4_677_120_000,
        parameters="7.6B",
        quantisation="Q4_K_M",
        template=LLAMA_CPP.facts["/props"]["chat_template"],
        template_opens=True,
    )


@pytest.mark.parametrize(
    ("template", "way"),
    [
        ("{% if enable_thinking is false %}<think>\n\n</think>", "template"),
        ("{{ content.split('</think>')[-1] }}", "budget"),
        ("{{ content }}", None),
    ],
)
async def test_llama_cpp_leaves_a_thought_out_as_its_template_allows(
    template: str, way: str | None
) -> None:
    props = {"default_generation_settings": {"n_ctx": 4096}, "chat_template": template}
    facts = {"/props": props, "/apply-template": {"prompt": "<|im_start|>assistant\n"}}
    info = await info_of(LLAMA_CPP, model=QWEN, facts=facts)
    assert (info.format, info.abilities.thought_off) == ("chat", way)
    assert (info.abilities.raw, info.abilities.prefill) == (True, False)
    assert info.abilities.infill is None
    assert info.template_opens is False


async def test_vllm_tells_its_version_and_counts() -> None:
    info = await info_of(VLLM)
    assert info.server == Server("vLLM", "0.11.0")
    assert info.model_context_tokens == 16_384
    assert info.abilities == Abilities(
        raw=True, prefill=True, thought_off="closed", infill=False, counts_tokens=True
    )


class Tokenizing(ScriptedOpenAi):
    """A vLLM whose template knows the switch."""

    def _facts(self, request: Recorded) -> Reply:
        if request.path == "/tokenize" and "chat_template_kwargs" in request.body:
            return Reply((b'{"count": 4, "tokens": [1, 2, 3, 4]}',), content_type="x/json")
        return super()._facts(request)


@pytest.mark.parametrize(("kind", "way"), [(ScriptedOpenAi, None), (Tokenizing, "template")])
async def test_vllm_leaves_a_thought_out_where_the_switch_makes_another_prompt(
    kind: type[ScriptedOpenAi], way: str | None
) -> None:
    with kind([dialogue("x")], replace(VLLM, model=QWEN)) as server:
        async with openai(server) as model:
            assert (await model.info()).abilities.thought_off == way
            assert [it async for it in model.stream(THOUGHTLESS)]
        (asked,) = server.generations
    assert asked.body.get("chat_template_kwargs") == (way and {"enable_thinking": False})


async def test_lm_studio_tells_the_context_that_the_model_was_loaded_with() -> None:
    info = await info_of(LM_STUDIO)
    assert (info.context_tokens, info.model_context_tokens) == (4096, 131_072)
    assert (info.server, info.quantisation) == (Server("LM Studio"), "Q4_K_M")


@pytest.mark.parametrize(
    ("shape", "server", "way"),
    [
        (OLLAMA_V1, Server("Ollama", "0.30.0"), "effort"),
        (OPEN_WEBUI, Server("Open WebUI", "0.6.5"), None),
        (LITELLM, Server("LiteLLM", "1.80.0"), None),
        (DEEPSEEK, Server(), None),
    ],
)
async def test_others_tell_their_version_at_most(
    shape: Shape, server: Server, way: str | None
) -> None:
    info = await info_of(shape)
    assert (info.server, info.abilities.thought_off) == (server, way)
    assert info.format == "chat"


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
async def test_a_server_that_tells_nothing_is_used_all_the_same(shape: Shape) -> None:
    info = await info_of(shape, facts={})
    assert info.format == ("r1" if shape.raw else "chat")
    assert info.abilities.prefill == shape.raw


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
@pytest.mark.parametrize("body", [b"<html>", b"null", b'{"tokens": "x", "version": 1}', b"[]"])
async def test_nonsense_is_not_a_fact(shape: Shape, body: bytes) -> None:
    class Odd(ScriptedOpenAi):
        def _facts(self, request: Recorded) -> Reply:
            reply = super()._facts(request)
            return Reply((body,)) if request.path in shape.facts else reply

    with Odd([], shape) as server:
        async with openai(server) as model:
            info = await model.info()
    assert info.format == ("r1" if shape.raw else "chat")


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
async def test_facts_cost_no_generation(shape: Shape) -> None:
    """But for the one probe, of servers that are not known to take raw prompts or not to."""
    with ScriptedOpenAi([], shape) as server:
        async with openai(server) as model:
            await model.info()
            await model.info()
        probes = [
            it.body["max_tokens"] for it in server.requests if it.path.endswith("completions")
        ]
    assert probes in ([], [1])
    known = shape.listed.get("owned_by") in {"llamacpp", "vllm", "library", "ollama"}
    assert (probes == []) == known
