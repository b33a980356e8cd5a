"""The models that an Ollama has: installed, in memory, and what it tells of each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from spyhop.errors import ModelError
from spyhop.models.endpoint import Endpoint
from spyhop.models.errors import ModelUnavailable, Refused
from spyhop.models.listing import Listed, Loaded
from spyhop.models.ollama import names
from spyhop.models.ollama.wire import Details, Installed, Processes, Running, Show, Tags, Version
from spyhop.models.refusals import explained
from spyhop.models.secrets import KeyState
from spyhop.models.wire import Wire

_WireT = TypeVar("_WireT", bound=Wire)
# Each has Ollama read the model's file.
_SHOWN_AT_ONCE: Final = 4


class Library:
    """The models of the Ollama at ``endpoint``.

    Every method raises `ModelUnavailable` where Ollama cannot be asked.
    """

    def __init__(self, endpoint: Endpoint, *, key: KeyState, context_tokens: int) -> None:
        self._endpoint = endpoint
        self._key = key
        self._context_tokens = context_tokens
        self._shown: dict[str, Show | None] = {}

    async def version(self) -> str:
        """Return the server's version."""
        return (await self.ask("/api/version", Version)).version

    async def installed(self) -> list[Installed]:
        """Return the models that Ollama has, largest first."""
        tags = await self.ask("/api/tags", Tags)
        return sorted(tags.models or [], key=lambda model: -model.size)

    async def running(self) -> list[Running]:
        """Return the models that are in memory."""
        return (await self.ask("/api/ps", Processes)).models or []

    async def show(self, name: str) -> Show:
        """Return what Ollama tells of a model."""
        return await self.ask("/api/show", Show, {"model": name})

    async def listed(self) -> list[Listed]:
        """Return all there is to tell of every installed model, largest first."""
        installed, running = await asyncio.gather(self.installed(), self.running())
        await self._show_all(installed)
        return [_listed(model, self._shown[_identity(model)], running) for model in installed]

    async def ask(
        self, path: str, kind: type[_WireT], payload: Mapping[str, Any] | None = None
    ) -> _WireT:
        """Return Ollama's answer to a GET, or to a POST of ``payload``."""
        endpoint = self._endpoint
        try:
            body = await (endpoint.get(path) if payload is None else endpoint.post(path, payload))
        except Refused as refusal:
            raise self.gated(refusal) or odd(refusal, path) from refusal
        try:
            return kind.model_validate_json(body)
        except ValidationError as error:
            why = endpoint.said(body) or "0 bytes"
            raise ModelUnavailable("ollama-not-ollama", url=endpoint.url, why=why) from error

    def gated(self, refusal: Refused, context_tokens: int | None = None) -> ModelError | None:
        """Return the error of what stands before Ollama: a proxy, or a gate that wants a key."""
        url, why, status = refusal.url, refusal.why, refusal.status
        if status != HTTPStatus.UNAUTHORIZED and why.startswith("<"):
            why = f"HTTP {status}: {why}"
            retry = refusal.retry
            return ModelUnavailable("ollama-not-ollama", url=url, why=why, retry=retry)
        context = context_tokens or self._context_tokens
        return explained(refusal, key=self._key, context_tokens=context)

    async def _show_all(self, installed: Iterable[Installed]) -> None:
        """Show every model that was not shown yet, one with several names once."""
        fresh = {_identity(it): it.name for it in installed if _identity(it) not in self._shown}
        places = asyncio.Semaphore(_SHOWN_AT_ONCE)

        async def show(name: str) -> Show | None:
            async with places:
                try:
                    return await self.show(name)
                except ModelUnavailable:
                    # One broken model must not hide the others.
                    return None

        shown = await asyncio.gather(*map(show, fresh.values()))
        self._shown.update(zip(fresh, shown, strict=True))


def _identity(model: Installed) -> str:
    """Return what is the same for all names of a model; older versions tell no digest."""
    return model.digest or model.name


def odd(refusal: Refused, path: str) -> ModelUnavailable:
    """Return the error of a server that refuses what every Ollama answers, or fails at it."""
    if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ModelUnavailable(
            "server-fault",
            url=refusal.url,
            status=refusal.status,
            why=refusal.why,
            retry=refusal.retry,
        )
    why = f"{path}: HTTP {refusal.status}: {refusal.why}"
    return ModelUnavailable("ollama-not-ollama", url=refusal.url, why=why, retry=refusal.retry)


def _listed(model: Installed, show: Show | None, running: Iterable[Running]) -> Listed:
    told, shown = model.details or Details(), (show and show.details) or Details()
    abilities = tuple((show and show.capabilities) or ())
    return Listed(
        model.name,
        model.size or None,
        told.parameter_size or shown.parameter_size,
        told.quantization_level or shown.quantization_level,
        show.context_tokens if show else None,
        (*abilities, "cloud") if show and show.remote_host else abilities,
        next((_loaded(it) for it in running if names.exact(it.name, [model.name])), None),
    )


def _loaded(running: Running) -> Loaded:
    share = min(1.0, running.size_vram / running.size) if running.size else None
    try:
        until = datetime.fromisoformat(running.expires_at)
    except ValueError:
        until = None
    return Loaded(share, running.context_length or None, until)
