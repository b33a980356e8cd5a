"""Ollama's native API.

R1 models get a prompt written by hand (``/api/generate`` with ``raw``): the thought is forced open
and the output's start is known, whatever the model's template does. Others go through
``/api/chat``.

``num_ctx`` is the same in every request, and so is ``shift``: a change makes Ollama load the model
anew. ``truncate: false`` turns the silent cutting of a long prompt into an error.

Source: docs/api.md and api/types.go of ollama/ollama.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from http import HTTPStatus
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from spyhop.core.stream import Text, Thought
from spyhop.core.wire import NdjsonDecoder
from spyhop.errors import ModelError
from spyhop.models.endpoint import STALL_SECONDS, Endpoint
from spyhop.models.errors import Broken, ModelFailed, ModelUnavailable, Refused
from spyhop.models.port import (
    Abilities,
    Delta,
    Done,
    ModelInfo,
    Request,
    Server,
    ThoughtOff,
    Usage,
)
from spyhop.models.refusals import explained
from spyhop.models.secrets import key_state
from spyhop.models.wire import Wire
from spyhop.prompting import r1

_NAME: Final = "Ollama"
_R1: Final = re.compile(r"deepseek-r1|r1-distill", re.IGNORECASE)
_WireT = TypeVar("_WireT", bound=Wire)


class Installed(Wire):
    """A model as ``/api/tags`` lists it; ``size`` is in bytes."""

    name: str
    size: int = 0


class _Tags(Wire):
    # null where nothing is installed; another server's JSON lacks the field.
    models: list[Installed] | None


class _Details(Wire):
    family: str = ""
    parameter_size: str = ""
    quantization_level: str = ""


class _Show(Wire):
    template: str = ""
    details: _Details | None = None
    model_info: dict[str, Any] | None = None
    capabilities: list[str] | None = None


class _Version(Wire):
    version: str


class _Running(Wire):
    """A model in memory; old versions do not tell its context."""

    name: str
    context_length: int | None = None


class _Processes(Wire):
    models: list[_Running] | None


class _Message(Wire):
    content: str | None = None
    thinking: str | None = None


class _Record(Wire):
    """A line of a stream, of ``/api/chat`` and ``/api/generate`` alike."""

    message: _Message | None = None
    response: str | None = None
    thinking: str | None = None
    done: bool = False
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    load_duration: int | None = None
    """This and the two below are in nanoseconds."""
    prompt_eval_duration: int | None = None
    eval_duration: int | None = None
    error: str | None = None


class Ollama:
    """A model that Ollama serves at ``url``; with no name, the largest DeepSeek-R1 it has."""

    def __init__(
        self,
        url: str,
        model: str | None,
        *,
        context_tokens: int,
        keep_alive: str = "30m",
        headers: Mapping[str, str] | None = None,
        stall_seconds: float = STALL_SECONDS,
        url_of_project: bool = False,
    ) -> None:
        self._endpoint = Endpoint(url, "ollama-unreachable", headers, stall_seconds=stall_seconds)
        self._key = key_state(headers or {}, url_of_project=url_of_project)
        self._name = model
        self._context_tokens = context_tokens
        self._keep_alive = keep_alive
        self._info: ModelInfo | None = None
        self._asking = asyncio.Lock()

    async def info(self) -> ModelInfo:
        """See `Model.info`."""
        async with self._asking:
            if self._info is None:
                self._info = await self._ask_info()
            return self._info

    async def version(self) -> str:
        """Return the server's version."""
        return (await self._ask("/api/version", _Version)).version

    async def server(self) -> Server:
        """See `Runtime.server`."""
        return Server(_NAME, await self.version())

    async def loaded_context_tokens(self) -> int | None:
        """See `Runtime.loaded_context_tokens`."""
        name = (await self.info()).name
        running = (await self._ask("/api/ps", _Processes)).models or []
        return next((it.context_length for it in running if it.name == name), None)

    async def installed(self) -> list[Installed]:
        """Return the models that Ollama has, largest first."""
        tags = await self._ask("/api/tags", _Tags)
        return sorted(tags.models or [], key=lambda model: -model.size)

    async def wire_prompt(self, request: Request) -> str:
        """See `Model.wire_prompt`."""
        path, payload = self._payload(await self.info(), request)
        if path == "/api/generate":
            return str(payload["prompt"])
        return request.readable

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        """See `Model.stream`."""
        info = await self.info()
        path, payload = self._payload(info, request)
        first = True
        try:
            async with aclosing(self._endpoint.stream(path, payload, NdjsonDecoder())) as records:
                async for line in records:
                    record = self._parse(line, first=first)
                    first = False
                    for delta in _deltas(record):
                        yield delta
                    if record.done:
                        return
        except Refused as refusal:
            raise await self._explained(refusal, info) from refusal
        raise Broken("stream-unfinished", url=self._endpoint.url)

    async def aclose(self) -> None:
        """See `Model.aclose`."""
        await self._endpoint.aclose()

    async def _ask_info(self) -> ModelInfo:
        chosen = await self._choose()
        show = await self._ask("/api/show", _Show, {"model": chosen.name})
        facts, details = show.model_info or {}, show.details or _Details()
        told = facts.get(f"{facts.get('general.architecture')}.context_length")
        limit = told if isinstance(told, int) and told > 0 else None
        by_hand = r1.is_r1(chosen.name, show.template)
        return ModelInfo(
            chosen.name,
            min(self._context_tokens, limit or self._context_tokens),
            "r1" if by_hand else "chat",
            Abilities(
                raw=True,
                prefill=by_hand,
                thought_off="closed" if by_hand else _switch(show, details),
                infill=None if show.capabilities is None else "insert" in show.capabilities,
                counts_tokens=False,
                tells_cached=False,
            ),
            Server(_NAME, await self._version()),
            model_context_tokens=limit,
            size_bytes=chosen.size or None,
            parameters=details.parameter_size,
            quantisation=details.quantization_level,
            template_opens=r1.opens_thought(show.template),
        )

    async def _version(self) -> str:
        """Return the server's version; empty where something in between does not tell it."""
        try:
            return await self.version()
        except ModelError:
            return ""

    def _payload(self, info: ModelInfo, request: Request) -> tuple[str, dict[str, Any]]:
        options: dict[str, Any] = {
            "num_ctx": info.context_tokens,
            "temperature": request.temperature,
            "top_p": request.top_p,
        }
        if request.stop:
            options["stop"] = list(request.stop)
        if request.max_tokens is not None:
            options["num_predict"] = request.max_tokens
        common = {
            "model": info.name,
            "options": options,
            "stream": True,
            "truncate": False,
            "shift": False,
            "keep_alive": self._keep_alive,
        }
        if info.format == "r1":
            prompt = r1.render(request.turns, request.beginning)
            # Without think:false Ollama's own parser would run on the raw output.
            return "/api/generate", common | {"prompt": prompt, "raw": True, "think": False}
        match info.abilities.thought_off:
            case "needless":
                think = {}
            case "think" if not request.thinks:
                think = {"think": False}
            case _:
                think = {"think": True}
        return "/api/chat", common | {"messages": request.messages} | think

    def _parse(self, line: bytes, *, first: bool) -> _Record:
        try:
            record = _Record.model_validate_json(line)
        except ValidationError as error:
            text, url = self._endpoint.said(line), self._endpoint.url
            if first:
                raise ModelUnavailable("ollama-not-ollama", url=url, why=text) from error
            raise Broken("stream-broken", url=url, why=text) from error
        if record.error is not None:
            raise ModelFailed("model-fault", url=self._endpoint.url, why=self._endpoint.said(line))
        return record

    async def _explained(self, refusal: Refused, info: ModelInfo) -> Exception:
        """Return the error that says what a refusal means and what mends it."""
        url, why, status = refusal.url, refusal.why, refusal.status
        if status == HTTPStatus.NOT_FOUND and "model" in why:
            self._info = None
            return _missing(url, info.name, [model.name for model in await self.installed()])
        if status == HTTPStatus.SERVICE_UNAVAILABLE and not why.startswith("<"):
            return ModelUnavailable("ollama-busy", url=url, why=why, retry=refusal.retry)
        plain = ModelFailed("ollama-refused", url=url, why=why, retry=refusal.retry)
        return self._guarded(refusal) or plain

    def _guarded(self, refusal: Refused) -> ModelError | None:
        """Return the error of what stands before Ollama: a proxy, or a gate that wants a key."""
        url, why, status = refusal.url, refusal.why, refusal.status
        if status != HTTPStatus.UNAUTHORIZED and why.startswith("<"):
            why = f"HTTP {status}: {why}"
            retry = refusal.retry
            return ModelUnavailable("ollama-not-ollama", url=url, why=why, retry=retry)
        context = self._info.context_tokens if self._info else self._context_tokens
        return explained(refusal, key=self._key, context_tokens=context)

    async def _choose(self) -> Installed:
        """Return the model to use, under its exact name."""
        models = await self.installed()
        names = [model.name for model in models]
        if self._name is None:
            chosen = next((model for model in models if _R1.search(model.name)), None)
            if chosen is None:
                shown = _listed(names)
                raise ModelUnavailable("ollama-no-r1", url=self._endpoint.url, installed=shown)
            return chosen
        for name in (self._name, f"{self._name}:latest"):
            for model in models:
                if model.name == name:
                    return model
        raise _missing(self._endpoint.url, self._name, names)

    async def _ask(
        self, path: str, kind: type[_WireT], payload: dict[str, Any] | None = None
    ) -> _WireT:
        endpoint = self._endpoint
        try:
            body = await (endpoint.get(path) if payload is None else endpoint.post(path, payload))
        except Refused as refusal:
            why = f"{path}: HTTP {refusal.status}: {refusal.why}"
            retry = refusal.retry
            odd = ModelUnavailable("ollama-not-ollama", url=endpoint.url, why=why, retry=retry)
            raise self._guarded(refusal) or odd from refusal
        try:
            return kind.model_validate_json(body)
        except ValidationError as error:
            why = endpoint.said(body) or "0 bytes"
            raise ModelUnavailable("ollama-not-ollama", url=endpoint.url, why=why) from error


def _switch(show: _Show, details: _Details) -> ThoughtOff | None:
    """Return how a chat leaves out the thought."""
    if show.capabilities is None:
        return None
    if "thinking" not in show.capabilities:
        return "needless"
    # It thinks more or less, but always.
    return "impossible" if details.family == "gptoss" else "think"


def _deltas(record: _Record) -> list[Delta]:
    """Return the thought, the text and the end that a record holds."""
    message = record.message or _Message()
    deltas: list[Delta] = []
    if thought := message.thinking or record.thinking:
        deltas.append(Thought(thought))
    if text := message.content or record.response:
        deltas.append(Text(text))
    if record.done:
        usage = Usage(
            prompt_tokens=record.prompt_eval_count,
            answer_tokens=record.eval_count,
            prompt_seconds=_seconds(record.prompt_eval_duration),
            answer_seconds=_seconds(record.eval_duration),
            loading_seconds=_seconds(record.load_duration),
        )
        deltas.append(Done("length" if record.done_reason == "length" else "stop", usage))
    return deltas


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / 1e9


def _missing(url: str, model: str, names: list[str]) -> ModelUnavailable:
    return ModelUnavailable("ollama-no-model", url=url, model=model, installed=_listed(names))


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "-"
