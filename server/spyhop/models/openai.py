"""OpenAI's API, as runtimes and clouds speak it.

llama.cpp's server, vLLM, LM Studio, Open WebUI, Ollama's ``/v1``, DeepSeek, Tencent Cloud, and
gateways such as LiteLLM. Chat is what all of them have. Where ``/completions`` takes a prompt
written by hand, R1 gets one, so that its thought is forced open and an answer can be begun.

Whether it does is found by asking for one token: most servers have ``/completions``, but Ollama and
some gateways put the prompt into the chat template once more. The count of the prompt's tokens
tells: only raw, and only by R1's tokenizer, do the probe's special tokens count as one each. A
prefill by a trailing assistant message is no way, for each runtime has another one, and some have
none and do not say so.

Sources: developers.openai.com/api/reference, docs.vllm.ai, api-docs.deepseek.com,
tools/server/README.md of ggml-org/llama.cpp.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from http import HTTPStatus
from typing import Any, Final, Literal

from pydantic import SecretStr, TypeAdapter, ValidationError

from spyhop.core.tokens import estimate_tokens
from spyhop.core.wire import SseDecoder
from spyhop.errors import ModelError
from spyhop.models.endpoint import STALL_SECONDS, Endpoint
from spyhop.models.errors import Broken, ModelFailed, ModelUnavailable, Refused
from spyhop.models.events import DONE, parse
from spyhop.models.listing import Listed, Listing
from spyhop.models.port import Delta, Done, ModelInfo, Request, Usage
from spyhop.models.refusals import explained
from spyhop.models.secrets import headers_of
from spyhop.models.wire import Wire
from spyhop.prompting import r1

_CHAT: Final = "/chat/completions"
_COMPLETIONS: Final = "/completions"
_PROBE: Final = f"{r1.USER}1{r1.ASSISTANT}"
# With and without BOS.
_PROBE_TOKENS: Final = frozenset({3, 4})
_OLLAMA: Final = "fp_ollama"
_LENGTH: Final = frozenset({"length", "max_tokens", "limit"})
_FILTERED: Final = frozenset({"content_filter", "sensitive"})
_FAILED: Final = frozenset({"abort", "error", "insufficient_system_resource"})
_NO_ANSWER: Final = re.compile(r"embed|rerank", re.IGNORECASE)
_SIZE: Final = re.compile(r"(?<![a-z0-9.])(\d+(?:\.\d+)?)b(?![a-z])", re.IGNORECASE)
_NO_MODEL: Final = re.compile(
    r"model\b.*\bnot (?:exist|found|available)|(?:no such|invalid|unknown) model",
    re.IGNORECASE | re.DOTALL,
)
_MALFORMED: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
# What the next request would be told too.
_TELLING: Final = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
)


class _Listed(Wire):
    id: str
    max_model_len: Any = None
    context_length: Any = None
    meta: Any = None

    @property
    def context_tokens(self) -> int | None:
        """The model's context: vLLM's, OpenRouter's and llama.cpp's names for it."""
        meta = self.meta if isinstance(self.meta, Mapping) else {}
        told = (self.max_model_len, self.context_length, meta.get("n_ctx"))
        return next((it for it in told if isinstance(it, int) and it > 0), None)


class _Listing(Wire):
    data: list[_Listed]


class _Count(Wire):
    prompt_tokens: int


class _Probed(Wire):
    usage: _Count
    system_fingerprint: str | None = None


_Listings: Final = TypeAdapter[_Listing | list[_Listed]](_Listing | list[_Listed])


class OpenAi:
    """A model at ``url``; with no name, the DeepSeek-R1 that is there, or the only model."""

    def __init__(
        self,
        url: str,
        model: str | None,
        *,
        context_tokens: int,
        key: SecretStr | None = None,
        headers: Mapping[str, SecretStr] | None = None,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        sent = headers_of(key, headers or {})
        self._endpoint = Endpoint(
            _base(url), "openai-unreachable", sent, stall_seconds=stall_seconds
        )
        self._has_key = bool(sent)
        self._name = model
        self._context_tokens = context_tokens
        self._counts = True
        self._known: list[str] = []
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
        if (await self.info()).format == "r1":
            return r1.render(request.turns, request.beginning)
        return request.readable

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        """See `Model.stream`."""
        info = await self.info()
        path, payload = self._payload(info, request)
        reason, usage = None, Usage()
        try:
            async with aclosing(self._ask(path, payload)) as events:
                async for data in events:
                    if data == DONE:
                        reason = reason or "stop"
                        break
                    event = parse(data, self._endpoint)
                    for delta in event.deltas:
                        yield delta
                    usage = event.cost or usage
                    reason = event.reason or reason
        except Refused as refusal:
            raise self._explained(refusal, info.name, path) from refusal
        except Broken:
            # The usage is all that can have been lost behind the reason.
            if reason is None:
                raise
        yield Done(self._ending(reason), usage)

    async def listing(self) -> Listing:
        """See `Lister.listing`."""
        listed = await self._listed()
        models = [Listed(model.id, context_tokens=model.context_tokens) for model in listed]
        try:
            chosen, fault = self._name or self._chosen([model.name for model in models]), None
        except ModelUnavailable as error:
            chosen, fault = None, error
        return Listing(tuple(models), chosen, fault)

    async def aclose(self) -> None:
        """See `Model.aclose`."""
        await self._endpoint.aclose()

    async def _ask_info(self) -> ModelInfo:
        listed = await self._listed()
        self._known = [model.id for model in listed]
        name = self._name or self._chosen(self._known)
        limit = next((model.context_tokens for model in listed if model.id == name), None)
        context = min(self._context_tokens, limit or self._context_tokens)
        raw = r1.is_r1(name, "") and await self._takes_raw(name)
        return ModelInfo(name, context, "r1" if raw else "chat")

    async def _listed(self) -> list[_Listed]:
        """Return the models there are; none where a model is named and the server lists none."""
        try:
            body = await self._endpoint.get("/models")
        except Refused as refusal:
            if self._name is None or refusal.status in _TELLING:
                raise self._explained(refusal, "-", "/models") from refusal
            return []
        try:
            listing = _Listings.validate_json(body)
        except ValidationError as error:
            why = self._endpoint.said(body) or "0 bytes"
            raise ModelUnavailable("openai-odd", url=self._endpoint.url, why=why) from error
        return listing if isinstance(listing, list) else listing.data

    def _chosen(self, names: list[str]) -> str:
        candidates = [name for name in names if not _NO_ANSWER.search(name)]
        if r1s := [name for name in candidates if r1.is_r1(name, "")]:
            return max(r1s, key=_size)
        if len(candidates) == 1:
            return candidates[0]
        raise ModelUnavailable("openai-which", url=self._endpoint.url, known=_shown(names))

    async def _takes_raw(self, name: str) -> bool:
        probe = {"model": name, "prompt": _PROBE, "max_tokens": 1, "temperature": 0}
        try:
            answer = _Probed.model_validate_json(await self._endpoint.post(_COMPLETIONS, probe))
        except Refused as refusal:
            if refusal.status in _TELLING:
                raise self._explained(refusal, name, _COMPLETIONS) from refusal
            return False
        except ValidationError:
            return False
        # Ollama counts only the tokens that it had not read before.
        ollama = answer.system_fingerprint == _OLLAMA
        return answer.usage.prompt_tokens in _PROBE_TOKENS and not ollama

    def _payload(self, info: ModelInfo, request: Request) -> tuple[str, dict[str, Any]]:
        raw = info.format == "r1"
        prompt = r1.render(request.turns, request.beginning) if raw else request.readable
        payload: dict[str, Any] = {
            "model": info.name,
            "stream": True,
            "temperature": request.temperature,
            "top_p": request.top_p,
            # Left out, it is 16 for a prompt written by hand, and anything for a chat.
            "max_tokens": max(1, info.context_tokens - estimate_tokens(prompt)),
        }
        if request.stop:
            payload["stop"] = list(request.stop)
        if raw:
            return _COMPLETIONS, payload | {"prompt": prompt}
        return _CHAT, payload | {"messages": request.messages}

    async def _ask(self, path: str, payload: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        """Yield the events of the answer, with the usage told where the server is able to."""
        if self._counts:
            counted = payload | {"stream_options": {"include_usage": True}}
            try:
                async with aclosing(self._events(path, counted)) as events:
                    async for data in events:
                        yield data
            except Refused as refusal:
                if "stream_options" not in refusal.why and "include_usage" not in refusal.why:
                    raise
                self._counts = False
            else:
                return
        async with aclosing(self._events(path, payload)) as events:
            async for data in events:
                yield data

    def _events(self, path: str, payload: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        return self._endpoint.stream(path, payload, SseDecoder())

    def _ending(self, reason: str | None) -> Literal["stop", "length"]:
        url = self._endpoint.url
        if reason is None:
            raise Broken("stream-unfinished", url=url)
        if reason in _FILTERED:
            raise ModelFailed("answer-filtered", url=url)
        if reason in _FAILED:
            raise ModelFailed("model-fault", url=url, why=reason)
        return "length" if reason in _LENGTH else "stop"

    def _explained(self, refusal: Refused, model: str, path: str) -> ModelError:
        """Return the error that says what a refusal means and what mends it."""
        url, why, status = refusal.url, refusal.why, refusal.status
        context = self._info.context_tokens if self._info else self._context_tokens
        if error := explained(refusal, has_key=self._has_key, context_tokens=context):
            return error
        missing = status == HTTPStatus.NOT_FOUND and "model" in why.lower()
        if missing or (status in _MALFORMED and _NO_MODEL.search(why)):
            self._info = None
            known = _shown(self._known)
            return ModelUnavailable("openai-no-model", url=url, model=model, known=known, why=why)
        if status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
            return ModelUnavailable("openai-no-path", url=url, path=path, status=status)
        if status == HTTPStatus.OK:
            return ModelUnavailable("openai-odd", url=url, why=why or "0 bytes")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return ModelFailed("server-fault", url=url, status=status, why=why)
        return refusal


def _base(url: str) -> str:
    """Return what stands before an endpoint's path in ``url``: most servers answer below /v1."""
    base = url.rstrip("/").removesuffix(_CHAT).removesuffix(_COMPLETIONS)
    bare = re.fullmatch(r"https?://[^/]+", base)
    return f"{base}/v1" if bare else base


def _size(name: str) -> float:
    """Return how many billions of parameters a name tells; without any it is the whole R1."""
    found = _SIZE.findall(name)
    return float(found[-1]) if found else float("inf")


def _shown(names: Iterable[str]) -> str:
    return ", ".join(names) or "-"
