"""What llama.cpp's server tells of itself and its model, without generating anything.

Source: tools/server/README.md and server.cpp of ggml-org/llama.cpp.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from pydantic import ValidationError

from spyhop.errors import ModelError
from spyhop.models.endpoint import Endpoint
from spyhop.models.errors import Refused
from spyhop.models.port import Abilities, ModelInfo, Server, ThoughtOff
from spyhop.models.wire import Wire

NAME: Final = "llama.cpp"
_BILLION: Final = 1_000_000_000
_MILLION: Final = 1_000_000


class _Defaults(Wire):
    n_ctx: int


class Props(Wire):
    """The body of ``/props``."""

    default_generation_settings: _Defaults
    chat_template: str = ""
    model_alias: str | None = None
    model_path: str = ""
    model_ftype: str = ""
    build_info: str = ""


class _Meta(Wire):
    n_ctx_train: int | None = None
    n_params: int | None = None
    size: int | None = None
    ftype: str = ""


class _Listed(Wire):
    meta: _Meta | None = None


class _Listing(Wire):
    data: list[_Listed]


class _Rendered(Wire):
    prompt: str


async def completed_by_props(info: ModelInfo, props: Props, root: Endpoint) -> ModelInfo:
    """Return ``info`` with what the server at ``root`` tells; what it does not tell stays unknown.

    Where the prompt is written by hand, the thought is closed and the answer begun in it.
    """
    meta, infill, prompt = await asyncio.gather(_meta(root), _infill(root), _rendered(root))
    by_hand = info.format == "r1"
    return replace(
        info,
        context_tokens=min(info.context_tokens, props.default_generation_settings.n_ctx),
        abilities=Abilities(
            raw=True,
            prefill=by_hand,
            thought_off="closed" if by_hand else _switch(props.chat_template),
            infill=infill,
            counts_tokens=True,
            tells_cached=True,
        ),
        server=Server(NAME, props.build_info),
        model_context_tokens=meta.n_ctx_train,
        size_bytes=meta.size,
        parameters="" if meta.n_params is None else counted(meta.n_params),
        quantisation=props.model_ftype or meta.ftype,
        template=props.chat_template,
        template_opens=None if prompt is None else prompt.rstrip().endswith("<think>"),
    )


def counted(parameters: int) -> str:
    """Return a number of parameters as models' names tell it: ``7.6B``, ``494M``."""
    if parameters >= _BILLION:
        return f"{parameters / _BILLION:.1f}B"
    return f"{parameters / _MILLION:.0f}M" if parameters >= _MILLION else str(parameters)


def _switch(template: str) -> ThoughtOff | None:
    if "enable_thinking" in template:
        return "template"
    return "budget" if "</think>" in template else None


async def _meta(root: Endpoint) -> _Meta:
    try:
        listing = _Listing.model_validate_json(await root.get("/v1/models"))
    except (ModelError, ValidationError):
        return _Meta()
    return next((it.meta for it in listing.data if it.meta is not None), _Meta())


async def _infill(root: Endpoint) -> bool | None:
    """Ask for what no model may do: one that could fill a gap says what is wrong with it."""
    odd = {"input_prefix": "", "input_suffix": "", "input_extra": 1}
    try:
        await root.post("/infill", odd)
    except Refused as refusal:
        if refusal.status == HTTPStatus.NOT_IMPLEMENTED:
            return False
        return True if "input_extra" in refusal.why else None
    except ModelError:
        return None
    return None


async def _rendered(root: Endpoint) -> str | None:
    """Return the prompt that the server's template makes of a question."""
    messages = [{"role": "user", "content": "1"}]
    try:
        body = await root.post("/apply-template", {"messages": messages})
        return _Rendered.model_validate_json(body).prompt
    except (ModelError, ValidationError):
        return None
