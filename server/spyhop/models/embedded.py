"""The embedded engine: llama.cpp in this process, through xllamacpp, on any GGUF file.

Its HTTP server is opened on a loopback port of its own, behind a key that only this process knows,
and asked as any llama.cpp server is: raw prompts, and a closed connection frees the slot at once.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from spyhop.models.errors import ModelUnavailable
from spyhop.models.llamacpp import LlamaCpp
from spyhop.models.port import Delta, ModelInfo, Request, Server
from spyhop.models.words import reason

_MAGIC: Final = b"GGUF"


class Embedded:
    """The GGUF model at ``path``, loaded on first use into llama.cpp in this process."""

    def __init__(self, path: Path, *, context_tokens: int) -> None:
        self._path = path
        self._context_tokens = context_tokens
        self._loading: asyncio.Task[LlamaCpp] | None = None
        self._engine: Any = None

    async def info(self) -> ModelInfo:
        """See `Model.info`."""
        return await (await self._server()).info()

    async def server(self) -> Server:
        """See `Runtime.server`: the engine is installed and the file is a model, nothing starts."""
        version = _installed()
        await asyncio.to_thread(check_gguf, self._path)
        return Server("xllamacpp", version)

    async def loaded_context_tokens(self) -> None:
        """See `Runtime.loaded_context_tokens`: `info` tells what is loaded."""

    async def wire_prompt(self, request: Request) -> str:
        """See `Model.wire_prompt`."""
        return await (await self._server()).wire_prompt(request)

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        """See `Model.stream`."""
        server = await self._server()
        async with aclosing(server.stream(request)) as deltas:
            async for delta in deltas:
                yield delta

    async def aclose(self) -> None:
        """Close the connections and unload the model."""
        if self._loading is not None and not self._loading.cancelled():
            await (await self._loading).aclose()
        self._loading = self._engine = None

    async def _server(self) -> LlamaCpp:
        # Shared: two first requests must not load the model twice, nor may cancelling one of them
        # cancel the other's.
        if self._loading is None:
            self._loading = asyncio.create_task(self._load())
            self._loading.add_done_callback(self._forget_failure)
        return await asyncio.shield(self._loading)

    def _forget_failure(self, loading: asyncio.Task[LlamaCpp]) -> None:
        if loading.cancelled() or loading.exception() is not None:
            self._loading = None

    async def _load(self) -> LlamaCpp:
        key = secrets.token_urlsafe()
        self._engine = await asyncio.to_thread(self._open, key)
        headers = {"Authorization": f"Bearer {key}"}
        return LlamaCpp(self._engine.listening_address, self._path.stem, headers)

    def _open(self, key: str) -> Any:
        try:
            import xllamacpp  # noqa: PLC0415 - an extra, and slow to load
        except ImportError as error:
            raise ModelUnavailable("embedded-missing") from error
        check_gguf(self._path)
        params = xllamacpp.CommonParams()
        params.model.path = str(self._path)
        params.n_ctx, params.n_parallel, params.port = self._context_tokens, 1, 0
        params.api_keys, params.verbosity = [key], 0
        try:
            return xllamacpp.Server(params)
        except Exception as error:
            why = reason(error)
            raise ModelUnavailable("embedded-failed", path=str(self._path), why=why) from error


def _installed() -> str:
    """Return the version of the engine.

    Raises:
        ModelUnavailable: it is not installed.
    """
    try:
        return metadata.version("xllamacpp")
    except metadata.PackageNotFoundError as error:
        raise ModelUnavailable("embedded-missing") from error


def check_gguf(path: Path) -> None:
    """Refuse a path that llama.cpp would fail on: it reports such faults poorly.

    Raises:
        ModelUnavailable: there is no such file, or it is no GGUF file.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        raise ModelUnavailable("embedded-no-file", path=str(path)) from error
    if magic != _MAGIC:
        raise ModelUnavailable("embedded-not-gguf", path=str(path))
