"""llama.cpp's HTTP server, which the embedded engine opens too.

R1 models get a prompt written by hand (``/completion``); others go through
``/v1/chat/completions``, and gaps through ``/infill``. All are server-sent events; the second ends
with ``[DONE]``, the others with ``stop: true``. Streams only: a request that is not streamed runs
on after a disconnect.

Source: tools/server/README.md of ggml-org/llama.cpp.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from pydantic import ValidationError

from spyhop.core.wire import SseDecoder
from spyhop.models.endpoint import STALL_SECONDS, Endpoint
from spyhop.models.errors import Broken, ModelFailed, ModelUnavailable, Refused
from spyhop.models.events import DONE, parse
from spyhop.models.port import Delta, Done, ModelInfo, Request, Spent, Usage
from spyhop.models.props import Props, completed_by_props
from spyhop.models.switches import without_thought
from spyhop.models.words import excerpt
from spyhop.prompting import r1


class LlamaCpp:
    """The model that llama.cpp's server at ``url`` has loaded."""

    def __init__(
        self,
        url: str,
        name: str,
        headers: Mapping[str, str] | None = None,
        *,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self._endpoint = Endpoint(url, "llamacpp-unreachable", headers, stall_seconds=stall_seconds)
        self._name = name
        self._info: ModelInfo | None = None
        self._asking = asyncio.Lock()

    async def info(self) -> ModelInfo:
        """See `Model.info`."""
        async with self._asking:
            if self._info is None:
                self._info = await self._ask_info()
            return self._info

    async def wire_prompt(self, request: Request) -> str:
        """See `Model.wire_prompt`."""
        path, payload = _payload(await self.info(), request)
        if path == "/completion":
            return str(payload["prompt"])
        return request.readable

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        """See `Model.stream`."""
        info = await self.info()
        path, payload = _payload(info, request)
        reason: str | None = None
        usage = Usage()
        try:
            async with aclosing(self._endpoint.stream(path, payload, SseDecoder())) as events:
                async for data in events:
                    if data == DONE:
                        break
                    event = parse(data, self._endpoint)
                    for delta in event.deltas:
                        yield delta
                    usage = event.cost or usage
                    if request.tells_spent and event.cost is not None:
                        yield Spent(usage)
                    reason = event.reason or reason
                    if event.stop:
                        break
        except Refused as refusal:
            raise self._explained(refusal, info) from refusal
        if reason is None:
            raise Broken("stream-unfinished", url=self._endpoint.url)
        yield Done("length" if reason in {"length", "limit"} else "stop", usage)

    async def aclose(self) -> None:
        """See `Model.aclose`."""
        await self._endpoint.aclose()

    async def _ask_info(self) -> ModelInfo:
        try:
            props = Props.model_validate_json(await self._endpoint.get("/props"))
        except (Refused, ValidationError) as error:
            why, url = excerpt(str(error)), self._endpoint.url
            retry = error.retry if isinstance(error, Refused) else None
            raise ModelUnavailable("llamacpp-odd", url=url, why=why, retry=retry) from error
        name = self._name or props.model_alias or props.model_path
        form = r1.is_r1(name, props.chat_template)
        context = props.default_generation_settings.n_ctx
        info = ModelInfo(name, context, "r1" if form else "chat")
        return await completed_by_props(info, props, self._endpoint)

    def _explained(self, refusal: Refused, info: ModelInfo) -> Exception:
        if "context" in refusal.why:
            return ModelFailed("context-exceeded", context=info.context_tokens, why=refusal.why)
        return ModelFailed("engine-refused", why=refusal.why, retry=refusal.retry)


def _payload(info: ModelInfo, request: Request) -> tuple[str, dict[str, Any]]:
    common: dict[str, Any] = {
        "stream": True,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "cache_prompt": True,
        **({"timings_per_token": True} if request.tells_spent else {}),
    }
    if request.stop:
        common["stop"] = list(request.stop)
    if request.gap is not None:
        return "/infill", common | _limit("n_predict", request) | request.gap.payload
    prompt = request.prompt
    if prompt is None and info.format == "r1":
        prompt = r1.render(request.turns, request.beginning)
    if prompt is not None:
        return "/completion", common | _limit("n_predict", request) | {"prompt": prompt}
    common |= _limit("max_tokens", request)
    off = {} if request.thinks else without_thought(info.abilities.thought_off)
    return "/v1/chat/completions", common | {"messages": request.messages} | off


def _limit(name: str, request: Request) -> dict[str, Any]:
    return {} if request.max_tokens is None else {name: request.max_tokens}
