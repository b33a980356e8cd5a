"""The embedded engine as a model that can be asked."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from spyhop.core.transfer import bytes_text
from spyhop.models.embedded.engine import Engine, Later
from spyhop.models.embedded.process import EngineProcess
from spyhop.models.embedded.store import find
from spyhop.models.endpoint import STALL_SECONDS
from spyhop.models.errors import Broken, ModelUnavailable, Unreachable
from spyhop.models.keep_alive import keep_alive_seconds
from spyhop.models.llamacpp import LlamaCpp
from spyhop.models.port import Delta, ModelInfo, Request, Server


@dataclass(frozen=True, slots=True)
class Running:
    """A process with the model loaded, and the way to ask it."""

    process: EngineProcess
    server: LlamaCpp

    @property
    def ended(self) -> bool:
        """Whether the process has died."""
        return self.process.ended

    async def aclose(self) -> None:
        """Close the connections and end the process."""
        await self.server.aclose()
        await self.process.aclose()


class Embedded:
    """A GGUF model in llama.cpp, in a process that starts on first use and ends when idle.

    ``model`` is a file's path or a model's name (see `store.find`), looked up at each start; None
    for the largest DeepSeek-R1 there is. ``keep_alive`` is written as Ollama takes it.

    Raises:
        ValueError: ``keep_alive`` is no duration.
    """

    def __init__(
        self,
        model: str | Path | None,
        *,
        context_tokens: int,
        keep_alive: str = "30m",
        stall_seconds: float = STALL_SECONDS,
        later: Later | None = None,
    ) -> None:
        self._model = None if model is None else os.fspath(model)
        self._context_tokens = context_tokens
        self._stall_seconds = stall_seconds
        self._engine = Engine(self._start, keep_alive_seconds(keep_alive), later=later)

    async def info(self) -> ModelInfo:
        """See `Model.info`."""
        async with self.running() as it:
            return await it.server.info()

    async def wire_prompt(self, request: Request) -> str:
        """See `Model.wire_prompt`."""
        async with self.running() as it:
            return await it.server.wire_prompt(request)

    async def server(self) -> Server:
        """See `Runtime.server`: the engine is installed and the model is there; nothing starts."""
        try:
            version = metadata.version("xllamacpp")
        except metadata.PackageNotFoundError as error:
            raise ModelUnavailable("embedded-missing") from error
        await asyncio.to_thread(find, self._model)
        return Server("xllamacpp", version)

    async def loaded_context_tokens(self) -> None:
        """See `Runtime.loaded_context_tokens`: `info` tells what is loaded."""

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        """See `Model.stream`."""
        async with self.running() as it, aclosing(it.server.stream(request)) as deltas:
            async for delta in deltas:
                yield delta

    async def aclose(self) -> None:
        """Close the connections and end the process; the next use starts it again."""
        await self._engine.aclose()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Running]:
        """Give the running engine, which is not ended for idleness within.

        Raises:
            ModelUnavailable: there is no such model, or it cannot be loaded.
            Broken: the engine died over what was asked of it.
        """
        async with self._engine.use() as it:
            try:
                yield it
            except (Broken, Unreachable) as error:
                how = await it.process.how_it_ended()
                # One that lives and no longer answers is no better.
                self._engine.give_up(it)
                if how is None:
                    raise
                raise await _death(it.process, how) from error

    async def _start(self) -> Running:
        file = await asyncio.to_thread(find, self._model)
        process = await EngineProcess.start(file, self._context_tokens)
        headers = {"Authorization": f"Bearer {process.key}"}
        server = LlamaCpp(process.address, file.name, headers, stall_seconds=self._stall_seconds)
        return Running(process, server)


async def _death(process: EngineProcess, how: str) -> Broken:
    file, why = process.file, await process.last_words()
    return Broken(
        "embedded-crashed", path=str(file.path), size=bytes_text(file.bytes), how=how, why=why
    )
