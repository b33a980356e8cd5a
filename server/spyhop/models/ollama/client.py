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
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from http import HTTPStatus
from typing import Any, Final

from pydantic import ValidationError

from spyhop.core.paths import is_path
from spyhop.core.stream import Text, Thought
from spyhop.core.wire import NdjsonDecoder
from spyhop.errors import ModelError
from spyhop.models.endpoint import STALL_SECONDS, Endpoint
from spyhop.models.errors import Broken, ModelFailed, ModelMissing, ModelUnavailable, Refused
from spyhop.models.listing import Listing
from spyhop.models.ollama import names
from spyhop.models.ollama.library import Library, odd
from spyhop.models.ollama.pull import PATH, failure, pull
from spyhop.models.ollama.wire import Details, Installed, Message, Record, Show
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
from spyhop.models.pulling import DONE, PullProgress
from spyhop.models.secrets import key_state
from spyhop.models.words import names_text
from spyhop.prompting import r1

_NAME: Final = "Ollama"
_R1: Final = re.compile(r"deepseek-r1|r1-distill", re.IGNORECASE)


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
        key = key_state(headers or {}, url_of_project=url_of_project)
        self.library = Library(self._endpoint, key=key, context_tokens=context_tokens)
        """The models that this Ollama has."""
        self._stall_seconds = stall_seconds
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

    async def server(self) -> Server:
        """See `Runtime.server`."""
        return Server(_NAME, await self.library.version())

    async def loaded_context_tokens(self) -> int | None:
        """See `Runtime.loaded_context_tokens`."""
        name = (await self.info()).name
        running = await self.library.running()
        return next((it.context_length for it in running if names.exact(it.name, [name])), None)

    async def wire_prompt(self, request: Request) -> str:
        """See `Model.wire_prompt`."""
        _, payload = self._payload(await self.info(), request)
        if "raw" in payload:
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

    async def preload(self) -> None:
        """Have Ollama load the model, so that the first answer does not wait for it.

        Raises:
            ModelError: it is not there, or cannot be loaded.
        """
        if not _keeps(self._keep_alive):
            return
        info = await self.info()
        path, payload = self._payload(info, Request(()))
        # Without a prompt, or messages, a request only loads; with other options it would have to
        # be done again.
        empty = {"prompt": ""} if "prompt" in payload else {}
        try:
            await self._endpoint.post(path, payload | empty)
        except Refused as refusal:
            raise await self._explained(refusal, info) from refusal

    async def pull(self, name: str) -> AsyncGenerator[PullProgress, None]:
        """See `Puller.pull`; the model is done when Ollama can show it."""
        total = None
        steps = pull(self._endpoint, name, stall_seconds=self._stall_seconds)
        try:
            async with aclosing(steps):
                async for progress in steps:
                    total = progress.total
                    yield progress
        except Refused as refusal:
            raise self._pull_refused(refusal, name) from refusal
        await self.library.show(name)
        yield PullProgress(DONE, total, total)

    async def listing(self) -> Listing:
        """See `Lister.listing`."""
        models = await self.library.listed()
        try:
            chosen, fault = self._chosen([model.name for model in models]), None
        except ModelUnavailable as error:
            chosen, fault = None, error
        return Listing(tuple(models), chosen, fault, tells_loaded=True)

    async def aclose(self) -> None:
        """See `Model.aclose`."""
        await self._endpoint.aclose()

    async def _ask_info(self) -> ModelInfo:
        chosen = await self._choose()
        show = await self.library.show(chosen.name)
        details, limit = show.details or Details(), show.context_tokens
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
            template=show.template,
            template_opens=r1.opens_thought(show.template),
        )

    async def _version(self) -> str:
        """Return the server's version; empty where something in between does not tell it."""
        try:
            return await self.library.version()
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
        if request.gap is not None:
            gap = {"prompt": request.gap.before, "suffix": request.gap.after}
            return "/api/generate", common | gap
        prompt = request.prompt
        if prompt is None and info.format == "r1":
            prompt = r1.render(request.turns, request.beginning)
        if prompt is not None:
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

    def _parse(self, line: bytes, *, first: bool) -> Record:
        try:
            record = Record.model_validate_json(line)
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
            installed = [model.name for model in await self.library.installed()]
            return _missing(url, info.name, installed)
        if status == HTTPStatus.SERVICE_UNAVAILABLE and not why.startswith("<"):
            return ModelUnavailable("ollama-busy", url=url, why=why, retry=refusal.retry)
        gated = self.library.gated(refusal, self._info.context_tokens if self._info else None)
        return gated or ModelFailed("ollama-refused", url=url, why=why, retry=refusal.retry)

    def _pull_refused(self, refusal: Refused, name: str) -> ModelError:
        if gated := self.library.gated(refusal):
            return gated
        if refusal.status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
            return odd(refusal, PATH)
        return failure(refusal.url, name, refusal.why)

    async def _choose(self) -> Installed:
        """Return the model to use, under its exact name."""
        installed = await self.library.installed()
        chosen = self._chosen([model.name for model in installed])
        return next(model for model in installed if model.name == chosen)

    def _chosen(self, installed: Sequence[str]) -> str:
        """Return which of the ``installed`` models, largest first, the settings mean."""
        url = self._endpoint.url
        if self._name is not None:
            chosen = names.exact(self._name, installed)
            if chosen is None:
                raise _missing(url, self._name, installed)
            return chosen
        chosen = next((name for name in installed if _R1.search(name)), None)
        if chosen is None:
            known = names_text(installed, names.R1)
            raise ModelMissing("ollama-no-r1", url=url, installed=known, pull=names.DEFAULT)
        return chosen


def _switch(show: Show, details: Details) -> ThoughtOff | None:
    """Return how a chat leaves out the thought."""
    if show.capabilities is None:
        return None
    if "thinking" not in show.capabilities:
        return "needless"
    # It thinks more or less, but always.
    return "impossible" if details.family == "gptoss" else "think"


def _deltas(record: Record) -> list[Delta]:
    """Return the thought, the text and the end that a record holds."""
    message = record.message or Message()
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


def _keeps(keep_alive: str) -> bool:
    """Tell whether a model stays in memory for any time; with none, an empty request unloads it."""
    return any(digit in keep_alive for digit in "123456789")


def _missing(url: str, model: str, installed: Sequence[str]) -> ModelUnavailable:
    """Return the error of a name that no installed model has."""
    if is_path(model) or (model.lower().endswith(".gguf") and ":" not in model):
        return ModelUnavailable("ollama-model-file", url=url, model=model)
    known, meant = names_text(installed, model), names.to_pull(model)
    # One that is listed but cannot be loaded has to be pulled anew.
    others = [name for name in installed if name != names.exact(model, installed)]
    if right := names.exact(meant, others):
        return ModelUnavailable(
            "ollama-misspelt", url=url, model=model, installed=known, near=right
        )
    if meant != model:
        key, near = "ollama-no-model-spelling", ""
    elif likely := names.near(model, others):
        key, near = "ollama-no-model-near", ", ".join(likely)
    else:
        key, near = "ollama-no-model", ""
    return ModelMissing(key, url=url, model=model, installed=known, pull=meant, near=near)
