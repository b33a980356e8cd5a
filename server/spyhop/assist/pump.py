"""The one pump from a model: thoughts and text apart, whatever the runtime did."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeAlias

from spyhop.core.stream import Text, Thought
from spyhop.core.thinking import Event, Start, ThoughtSplitter
from spyhop.models.port import Done, Model, Request

Output: TypeAlias = Event | Done


async def pump(model: Model, request: Request) -> AsyncGenerator[Output, None]:
    """Yield the model's output, split; the last event is the one `Done`.

    Once a runtime has sent thoughts of its own, its text starts outside any thought.

    Raises:
        ModelError: the model cannot be asked or broke off.
    """
    start = (await model.info()).start_of(request)
    splitter: ThoughtSplitter | None = None
    async with aclosing(model.stream(request)) as deltas:
        async for delta in deltas:
            match delta:
                case Thought():
                    start = Start.CLOSED
                    yield delta
                case Text(text):
                    splitter = splitter or ThoughtSplitter(start)
                    for event in splitter.feed(text):
                        yield event
                case Done():
                    if splitter:
                        for event in splitter.finish():
                            yield event
                    yield delta
