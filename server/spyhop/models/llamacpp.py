"""llama.cpp's HTTP server, which the embedded engine opens too.

R1 models get a prompt written by hand (``/completion``); others go through
``/v1/chat/completions``. Both are server-sent events; the first ends with ``stop: true``, the
second with ``[DONE]``. Streams only: a request that is not streamed runs on after a disconnect.

Source: tools/server/README.md of ggml-org/llama.cpp.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from pydantic import ValidationError

from spyhop.core.wire import SseDecoder
from spyhop.models.endpoint import STALL_SECONDS, Endpoint
from spyhop.models.errors import Broken, ModelFailed, ModelUnavailable, Refused
from spyhop.models.events import DONE, parse
from spyhop.models.port import Delta, Done, ModelInfo, Request, Usage
from spyhop.models.wire import Wire
from spyhop.models.words import excerpt
from spyhop.prompting import r1


class _Defaults(Wire):
    n_ctx: int


class _Props(Wire):
    default_generation_settings: _Defaults
    chat_template: str = ""
    model_alias: str | None = None
    model_path: str = ""


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

    async def info(self) -> ModelInfo:
        """See `Model.info`."""
        if self._info is None:
            try:
                props = _Props.model_validate_json(await self._endpoint.get("/props"))
            except (Refused, ValidationError) as error:
                why = excerpt(str(error))
                raise ModelUnavailable("llamacpp-odd", url=self._endpoint.url, why=why) from error
            name = self._name or props.model_alias or props.model_path
            form = r1.is_r1(name, props.chat_template)
            context = props.default_generation_settings.n_ctx
            self._info = ModelInfo(name, context, "r1" if form else "chat")
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

    def _explained(self, refusal: Refused, info: ModelInfo) -> Exception:
        if "context" in refusal.why:
            return ModelFailed("context-exceeded", context=info.context_tokens, why=refusal.why)
        return ModelFailed("engine-refused", why=refusal.why)


def _payload(info: ModelInfo, request: Request) -> tuple[str, dict[str, Any]]:
    common: dict[str, Any] = {
        "stream": True,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "cache_prompt": True,
    }
    if request.stop:
        common["stop"] = list(request.stop)
    if info.format == "r1":
        return "/completion", common | {"prompt": r1.render(request.turns, request.beginning)}
    return "/v1/chat/completions", common | {"messages": request.messages}
