"""What a server behind OpenAI's API tells beside it, each in its own way; nothing is generated.

A server that does not answer such a question is none the worse for it: the fact stays unknown.

Sources: docs.vllm.ai (``/version``, ``/tokenize``), lmstudio.ai/docs (``/api/v0/models``),
docs.openwebui.com (``/api/version``), docs/api.md of ollama/ollama (``/api/version``).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from spyhop.errors import ModelError
from spyhop.models.endpoint import Endpoint
from spyhop.models.openai import kinds
from spyhop.models.port import ModelInfo, Server, ThoughtOff
from spyhop.models.props import Props, completed_by_props
from spyhop.models.wire import Wire

_USER: Final = {"role": "user", "content": "1"}
_WireT = TypeVar("_WireT", bound=Wire)


class _Version(Wire):
    version: str


class _Tokens(Wire):
    tokens: list[int]


class _LmStudioModel(Wire):
    id: str
    quantization: str = ""
    max_context_length: int | None = None
    loaded_context_length: int | None = None


class _LmStudioModels(Wire):
    data: list[_LmStudioModel]


async def completed(info: ModelInfo, endpoint: Endpoint) -> ModelInfo:
    """Return ``info`` with what its server tells; ``endpoint`` is where OpenAI's API begins."""
    root = root_of(endpoint)
    match info.server.name:
        case kinds.LLAMA_CPP:
            props = await _answer(root, "/props", Props)
            return info if props is None else await completed_by_props(info, props, root)
        case kinds.VLLM:
            return await _vllm(info, root)
        case kinds.LM_STUDIO:
            return await _lm_studio(info, root)
        case kinds.OLLAMA | kinds.OPEN_WEBUI:
            return await _versioned(info, root, "/api/version")
        case kinds.DEEPSEEK | kinds.TENCENT if _always_thinks(info.name):
            return replace(info, abilities=replace(info.abilities, thought_off="impossible"))
        case _:
            return info


async def version_of(name: str, endpoint: Endpoint) -> str:
    """Return the version of the server ``name``; empty where it does not tell."""
    root = root_of(endpoint)
    match name:
        case kinds.LLAMA_CPP:
            props = await _answer(root, "/props", Props)
            return "" if props is None else props.build_info
        case kinds.VLLM:
            path = "/version"
        case kinds.OLLAMA | kinds.OPEN_WEBUI:
            path = "/api/version"
        case _:
            return ""
    told = await _answer(root, path, _Version)
    return "" if told is None else told.version


def root_of(endpoint: Endpoint) -> Endpoint:
    """Return where the server's own addresses begin."""
    return endpoint.below(endpoint.base.removesuffix("/v1").removesuffix("/api"))


async def _vllm(info: ModelInfo, root: Endpoint) -> ModelInfo:
    info, plain, closed = await asyncio.gather(
        _versioned(info, root, "/version"),
        _tokens(root, {"messages": [_USER]}),
        _tokens(root, {"messages": [_USER], "chat_template_kwargs": {"enable_thinking": False}}),
    )
    # A template that knows the switch makes another prompt of it.
    switch: ThoughtOff | None = "template" if closed and plain != closed else None
    abilities = replace(
        info.abilities,
        thought_off=info.abilities.thought_off or switch,
        infill=False,
        counts_tokens=bool(plain),
    )
    return replace(info, abilities=abilities)


async def _lm_studio(info: ModelInfo, root: Endpoint) -> ModelInfo:
    models = await _answer(root, "/api/v0/models", _LmStudioModels)
    mine = next((it for it in models.data if it.id == info.name), None) if models else None
    if mine is None:
        return info
    return replace(
        info,
        context_tokens=min(info.context_tokens, mine.loaded_context_length or info.context_tokens),
        model_context_tokens=mine.max_context_length,
        quantisation=mine.quantization,
    )


async def _versioned(info: ModelInfo, root: Endpoint, path: str) -> ModelInfo:
    told = await _answer(root, path, _Version)
    return info if told is None else replace(info, server=Server(info.server.name, told.version))


def _always_thinks(name: str) -> bool:
    return any(word in name.lower() for word in ("r1", "reasoner"))


async def _tokens(root: Endpoint, payload: dict[str, Any]) -> list[int]:
    """Return the tokens that vLLM makes of a text or of messages; none where it does not tell."""
    told = await _answer(root, "/tokenize", _Tokens, payload)
    return [] if told is None else told.tokens


async def _answer(
    root: Endpoint, path: str, kind: type[_WireT], payload: dict[str, Any] | None = None
) -> _WireT | None:
    try:
        body = await (root.get(path) if payload is None else root.post(path, payload))
        return kind.model_validate_json(body)
    except (ModelError, ValidationError):
        return None
