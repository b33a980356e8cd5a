"""A model in memory, for tests of what stands above the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable

from spyhop.models.port import Abilities, Delta, Format, ModelInfo, Request


class FakeModel:
    """A model that answers every request with the same deltas, the later ones with ``then``.

    With ``error`` it raises that behind them; with ``hangs`` it never ends by itself, and
    ``waiting`` is set once all deltas are taken.
    """

    def __init__(
        self,
        deltas: Iterable[Delta],
        form: Format = "r1",
        *,
        error: Exception | None = None,
        hangs: bool = False,
        context_tokens: int = 8192,
        then: Iterable[Delta] | None = None,
        abilities: Abilities | None = None,
    ) -> None:
        self._deltas = list(deltas)
        self._then = None if then is None else list(then)
        self._info = ModelInfo("fake", context_tokens, form, abilities or Abilities())
        self._error = error
        self._hangs = hangs
        self.waiting = asyncio.Event()
        self.requests: list[Request] = []
        self.closed = False
        """Whether the last stream has ended or was closed."""

    async def info(self) -> ModelInfo:
        return self._info

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        self.requests.append(request)
        self.closed = False
        later = len(self.requests) > 1 and self._then is not None
        try:
            for delta in (self._then or []) if later else self._deltas:
                yield delta
            if self._error:
                raise self._error
            if self._hangs:
                self.waiting.set()
                await asyncio.Event().wait()
        finally:
            self.closed = True

    async def wire_prompt(self, request: Request) -> str:
        return "".join(turn.text for turn in request.turns)

    async def aclose(self) -> None:
        pass
