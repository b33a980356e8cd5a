"""A short question to a model, bounded in tokens and in seconds, and how the answer came."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from spyhop.assist.pump import pump
from spyhop.assist.reading import Reading
from spyhop.assist.steering import Steering
from spyhop.core.stream import Text, Thought
from spyhop.models.port import Model, Request, Usage

# Fewer pieces than this came too quickly one after the other to tell a speed.
_ENOUGH: Final = 8


@dataclass
class Heard:
    """What a question gave."""

    reading: Reading = field(default_factory=Reading)
    pieces: int = 0
    """How many pieces of thought and answer came, mostly one a token."""
    first_seconds: float = 0.0
    """How long the first piece took; of no meaning where none came."""
    seconds: float = 0.0
    """How long all took."""
    late: bool = False
    """Whether the time was up before the end."""

    @property
    def usage(self) -> Usage:
        """What it cost, as the runtime tells."""
        return self.reading.usage

    @property
    def tokens_per_second(self) -> float | None:
        """How fast thought and answer were written; None where too little came to tell."""
        tokens, seconds = self.usage.answer_tokens, self.usage.answer_seconds
        if tokens and seconds:
            return tokens / seconds
        writing = self.seconds - self.first_seconds
        return (self.pieces - 1) / writing if self.pieces >= _ENOUGH and writing > 0 else None


async def hear(
    model: Model, request: Request, seconds: float, steering: Steering | None = None
) -> Heard:
    """Ask, and listen for at most so many seconds; then the stream is closed.

    Raises:
        ModelError: the model cannot be asked or broke off.
    """
    heard = Heard()
    began = time.monotonic()
    try:
        async with (
            asyncio.timeout(seconds),
            aclosing(pump(model, request, steering)) as outputs,
        ):
            async for output in outputs:
                heard.reading.take(output)
                if isinstance(output, Thought | Text):
                    heard.pieces += 1
                    if heard.pieces == 1:
                        heard.first_seconds = time.monotonic() - began
    except TimeoutError:
        heard.late = True
    heard.seconds = time.monotonic() - began
    return heard
