"""Having the model in memory before it is asked: whose, and whose not."""

from __future__ import annotations

from typing import Any

import pytest

from spyhop.models.errors import ModelUnavailable
from spyhop.models.preloading import preload
from spyhop.models.scripted import ScriptedOllama
from spyhop.settings import EndpointSettings

pytestmark = pytest.mark.anyio

R1 = "deepseek-r1:7b"
DOWN = EndpointSettings(url="http://127.0.0.1:9")
NOWHERE = EndpointSettings(url="http://x:99999")
OPENAI = EndpointSettings(backend="openai", url="http://127.0.0.1:9/v1")
EMBEDDED = EndpointSettings(backend="embedded", model="x.gguf")


async def test_the_first_ollama_that_answers_loads_its_model() -> None:
    with ScriptedOllama([]) as first, ScriptedOllama([]) as second:
        ollamas = [EndpointSettings(url=it.url, context_tokens=4096) for it in (first, second)]
        await preload([DOWN, NOWHERE, *ollamas])
        (load,) = first.preloads
        assert second.requests == []
    assert load.body["model"] == R1
    assert load.body["options"]["num_ctx"] == 4096


@pytest.mark.parametrize("before", [[OPENAI], [EMBEDDED], [DOWN, OPENAI]])
async def test_an_ollama_behind_another_server_is_left_alone(before: Any) -> None:
    with ScriptedOllama([]) as server:
        await preload([*before, EndpointSettings(url=server.url)])
        assert server.requests == []


@pytest.mark.parametrize("endpoints", [[], [DOWN], [DOWN, NOWHERE]])
async def test_where_nobody_answers_nothing_is_said(endpoints: Any) -> None:
    await preload(endpoints)


async def test_a_model_that_is_missing_is_told_and_no_other_endpoint_asked() -> None:
    with ScriptedOllama([]) as first, ScriptedOllama([]) as second:
        endpoints = [
            EndpointSettings(url=first.url, model="qwen3"),
            EndpointSettings(url=second.url),
        ]
        with pytest.raises(ModelUnavailable):
            await preload(endpoints)
        assert first.preloads == []
        assert second.requests == []
