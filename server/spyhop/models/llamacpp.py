"""llama.cpp's HTTP server, which the embedded engine opens too.

R1 models get a prompt written by hand (``/completion``); others go through
``/v1/chat/completions``. Both are server-sent events; the first ends with ``stop: true``, the
second with ``[DONE]``. Streams only: a request that is not streamed runs on after a disconnect.

Source: tools/server/README.md of ggml-org/llama.cpp.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from spyhop.core.stream import Text, Thought
from spyhop.core.wire import SseDecoder
from spyhop.models.endpoint import Endpoint, excerpt
from spyhop.models.errors import Broken, ModelFailed, ModelUnavailable, Refused
from spyhop.models.port import Delta, Done, ModelInfo, Request, Usage
from spyhop.prompting import r1

_DONE: Final = b"[DONE]"


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", protected_namespaces=())


class _Defaults(_Wire):
    n_ctx: int


class _Props(_Wire):
    default_generation_settings: _Defaults
    chat_template: str = ""
    model_alias: str | None = None
    model_path: str = ""


class _Timings(_Wire):
    prompt_n: int | None = None
    cache_n: int | None = None
    predicted_n: int | None = None


class _Delta(_Wire):
    content: str | None = None
    reasoning_content: str | None = None


class _Choice(_Wire):
    delta: _Delta = _Delta()
    finish_reason: str | None = None


class _Event(_Wire):
    """The data of an event, of ``/completion`` and of chat alike."""

    content: str | None = None
    stop: bool = False
    stop_type: str | None = None
    choices: list[_Choice] = []
    timings: _Timings | None = None
    error: Any = None

    @property
    def reason(self) -> str | None:
        """Why the model is done; None while it is not."""
        if self.stop:
            return self.stop_type or "stop"
        return next((it.finish_reason for it in self.choices if it.finish_reason), None)


class LlamaCpp:
    """The model that llama.cpp's server at ``url`` has loaded."""

    def __init__(self, url: str, name: str, headers: Mapping[str, str] | None = None) -> None:
        self._endpoint = Endpoint(url, "llamacpp-unreachable", headers)
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
        return "\n\n".join(f"[{turn.role}]\n{turn.text}" for turn in request.turns)

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        """See `Model.stream`."""
        info = await self.info()
        path, payload = _payload(info, request)
        reason: str | None = None
        usage = Usage()
        try:
            async with aclosing(self._endpoint.stream(path, payload, SseDecoder())) as events:
                async for data in events:
                    if data == _DONE:
                        break
                    event = self._parse(data)
                    for delta in _deltas(event):
                        yield delta
                    usage = _usage(event.timings) if event.timings else usage
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

    def _parse(self, data: bytes) -> _Event:
        try:
            event = _Event.model_validate_json(data)
        except ValidationError as error:
            text = excerpt(data.decode("utf-8", "replace"))
            raise Broken("stream-broken", url=self._endpoint.url, why=text) from error
        if event.error is not None:
            why = event.error.get("message") if isinstance(event.error, dict) else event.error
            raise ModelFailed("model-fault", url=self._endpoint.url, why=excerpt(str(why)))
        return event

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
    messages = [{"role": turn.role, "content": turn.text} for turn in request.turns]
    return "/v1/chat/completions", common | {"messages": messages}


def _deltas(event: _Event) -> list[Delta]:
    """Return the thoughts and the text that an event holds."""
    deltas: list[Delta] = []
    for choice in event.choices:
        if thought := choice.delta.reasoning_content:
            deltas.append(Thought(thought))
        if text := choice.delta.content:
            deltas.append(Text(text))
    if event.content:
        deltas.append(Text(event.content))
    return deltas


def _usage(timings: _Timings) -> Usage:
    cached, evaluated = timings.cache_n, timings.prompt_n
    prompt = None if evaluated is None else evaluated + (cached or 0)
    return Usage(prompt, cached, timings.predicted_n)
