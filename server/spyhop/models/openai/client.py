"""OpenAI's API, as runtimes and clouds speak it.

llama.cpp's server, vLLM, LM Studio, Open WebUI, Ollama's ``/v1``, DeepSeek, Tencent Cloud, and
gateways such as LiteLLM. Chat is what all of them have. Where ``/completions`` takes a prompt
written by hand, R1 gets one, so that its thought is forced open and an answer can be begun (`kinds`
knows the usual servers, `probe` finds it out of others). A prefill by a trailing assistant message
is no way: each runtime has another one, some have none and do not say so, and some take an answer
that is gone on with for a thought.

Sources: developers.openai.com/api/reference, docs.vllm.ai, api-docs.deepseek.com,
tools/server/README.md of ggml-org/llama.cpp.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from http import HTTPStatus
from typing import Any, Final, Literal

from pydantic import SecretStr, ValidationError

from spyhop.core.tokens import estimate_tokens
from spyhop.core.wire import SseDecoder
from spyhop.errors import ModelError
from spyhop.models.address import openai_base
from spyhop.models.endpoint import STALL_SECONDS, Endpoint
from spyhop.models.errors import Broken, ModelFailed, ModelUnavailable, Refused
from spyhop.models.events import DONE, parse
from spyhop.models.listing import Listed, Listing
from spyhop.models.openai import catalogue, kinds
from spyhop.models.openai.facts import completed, root_of, version_of
from spyhop.models.openai.probe import own_tokens, takes_raw
from spyhop.models.port import (
    Abilities,
    Delta,
    Done,
    ModelInfo,
    Request,
    Server,
    Spent,
    Usage,
)
from spyhop.models.probes import Probes
from spyhop.models.refusals import explained
from spyhop.models.secrets import headers_of, key_state
from spyhop.models.switches import without_thought
from spyhop.models.words import names_text
from spyhop.prompting import r1

_CHAT: Final = "/chat/completions"
_COMPLETIONS: Final = "/completions"
_INFILL: Final = "/infill"
_LENGTH: Final = frozenset({"length", "max_tokens", "limit"})
_FILTERED: Final = frozenset({"content_filter", "sensitive"})
_FAILED: Final = frozenset({"abort", "error", "insufficient_system_resource"})
_NO_MODEL: Final = re.compile(
    r"model\b.*\bnot (?:exist|found|available)|(?:no such|invalid|unknown) model",
    re.IGNORECASE | re.DOTALL,
)
_MALFORMED: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
# What the next request would be told too; where it passes, this one is asked again.
_TELLING: Final = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


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
        url_of_project: bool = False,
        probes: Probes | None = None,
    ) -> None:
        sent = headers_of(key, headers or {})
        self._endpoint = Endpoint(
            openai_base(url), "openai-unreachable", sent, stall_seconds=stall_seconds
        )
        self._key = key_state(sent, url_of_project=url_of_project)
        self._name = model
        self._context_tokens = context_tokens
        self._probes = probes
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

    async def server(self) -> Server:
        """See `Runtime.server`."""
        listed, headers = await self._listed()
        owner = next((model.owned_by for model in listed), None)
        name = kinds.name_of(self._endpoint.url, owner, headers)
        version = headers.get(kinds.LITELLM_VERSION) or await version_of(name, self._endpoint)
        return Server(name, version)

    async def loaded_context_tokens(self) -> None:
        """See `Runtime.loaded_context_tokens`: these servers do not tell it apart."""

    async def wire_prompt(self, request: Request) -> str:
        """See `Model.wire_prompt`."""
        if (await self.info()).format == "r1" and request.prompt is None:
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
                    if request.tells_spent and event.cost is not None:
                        yield Spent(usage)
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
        entries, _ = await self._listed()
        models = [Listed(entry.id, context_tokens=entry.context_tokens) for entry in entries]
        names, fault = [entry.id for entry in entries], None
        chosen = self._name
        if chosen is None:
            try:
                chosen = self._chosen(names)
            except ModelUnavailable as error:
                fault = error
        elif names and chosen not in names:
            url, known = self._endpoint.url, names_text(names, chosen)
            fault = ModelUnavailable("openai-unlisted", url=url, model=chosen, known=known)
        return Listing(tuple(models), chosen if chosen in names else None, fault)

    async def aclose(self) -> None:
        """See `Model.aclose`."""
        await self._endpoint.aclose()

    async def _ask_info(self) -> ModelInfo:
        listed, headers = await self._listed()
        self._known = [model.id for model in listed]
        name = self._name or self._chosen(self._known)
        mine = next((model for model in listed if model.id == name), None)
        limit = mine.context_tokens if mine else None
        owner = next((model.owned_by for model in ([mine] if mine else listed)), None)
        server = kinds.name_of(self._endpoint.url, owner, headers)
        kind = kinds.kind_of(server)
        version = headers.get(kinds.LITELLM_VERSION, "")
        raw = kind.raw
        if raw is None and (tokens := own_tokens(name)):
            raw = await self._takes_raw(name, version, tokens)
        by_hand = bool(raw) and r1.is_r1(name, "")
        info = ModelInfo(
            name,
            min(self._context_tokens, limit or self._context_tokens),
            "r1" if by_hand else "chat",
            Abilities(
                raw=raw,
                prefill=by_hand,
                thought_off="closed" if by_hand else kind.thought_off,
                tells_cached=kind.tells_cached,
            ),
            Server(server, version),
            model_context_tokens=limit,
            listed_instead=() if mine else tuple(self._known),
        )
        return await completed(info, self._endpoint)

    async def _listed(self) -> tuple[list[catalogue.Entry], Mapping[str, str]]:
        """Return the models there are, and the headers that came with them.

        There are none where a model is named and the server lists none.
        """
        try:
            body, headers = await self._endpoint.get_with_headers("/models")
        except Refused as refusal:
            if self._name is None or refusal.status in _TELLING:
                raise self._explained(refusal, "-", "/models") from refusal
            return [], {}
        try:
            return catalogue.parse(body), headers
        except ValidationError as error:
            why = self._endpoint.said(body) or "0 bytes"
            raise ModelUnavailable("openai-odd", url=self._endpoint.url, why=why) from error

    def _chosen(self, names: Sequence[str]) -> str:
        return catalogue.chosen(names, self._endpoint.url)

    async def _takes_raw(self, name: str, version: str, tokens: Sequence[str]) -> bool:
        """Tell whether a raw prompt is taken: as a probe shows, or one of the last day has."""
        key, probes = (self._endpoint.url, version, name), self._probes
        if probes and (known := await asyncio.to_thread(probes.raw, *key)) is not None:
            return known
        verdict: bool | None
        try:
            verdict = await takes_raw(self._endpoint, name, tokens)
        except Refused as refusal:
            if refusal.status in _TELLING:
                raise self._explained(refusal, name, _COMPLETIONS) from refusal
            verdict = None if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR else False
        if probes and verdict is not None:
            await asyncio.to_thread(probes.keep_raw, *key, verdict=verdict)
        return bool(verdict)

    def _payload(self, info: ModelInfo, request: Request) -> tuple[str, dict[str, Any]]:
        raw = info.format == "r1" or request.prompt is not None
        by_hand = info.format == "r1" and request.prompt is None
        prompt = r1.render(request.turns, request.beginning) if by_hand else request.readable
        room = max(1, info.context_tokens - estimate_tokens(prompt))
        payload: dict[str, Any] = {
            "model": info.name,
            "stream": True,
            "temperature": request.temperature,
            "top_p": request.top_p,
            # Left out, it is 16 for a prompt written by hand, and anything for a chat.
            "max_tokens": room if request.max_tokens is None else min(room, request.max_tokens),
        }
        if request.stop:
            payload["stop"] = list(request.stop)
        if request.tells_spent and info.server.name == kinds.LLAMA_CPP:
            payload["timings_per_token"] = True
        if request.gap is not None:
            return _INFILL, payload | {"n_predict": payload["max_tokens"]} | request.gap.payload
        if raw:
            return _COMPLETIONS, payload | {"prompt": prompt}
        off = {} if request.thinks else without_thought(info.abilities.thought_off)
        return _CHAT, payload | {"messages": request.messages} | off

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
        # Only llama.cpp's server fills in, and not below /v1.
        endpoint = root_of(self._endpoint) if path == _INFILL else self._endpoint
        return endpoint.stream(path, payload, SseDecoder())

    def _forget(self, path: str) -> None:
        """Forget the probe of raw prompts where it turns out that ``path`` takes none after all."""
        if path == _COMPLETIONS and (info := self._info) is not None:
            self._info = None
            if self._probes:
                self._probes.forget(self._endpoint.url, info.server.version, info.name)

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
        if error := explained(refusal, key=self._key, context_tokens=context):
            return error
        missing = status == HTTPStatus.NOT_FOUND and "model" in why.lower()
        if missing or (status in _MALFORMED and _NO_MODEL.search(why)):
            self._info = None
            known = names_text(self._known, model)
            return ModelUnavailable("openai-no-model", url=url, model=model, known=known, why=why)
        if status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
            self._forget(path)
            return ModelUnavailable("openai-no-path", url=url, path=path, status=status)
        if status == HTTPStatus.OK:
            return ModelUnavailable("openai-odd", url=url, why=why or "0 bytes")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return ModelFailed("server-fault", url=url, status=status, why=why, retry=refusal.retry)
        return refusal
