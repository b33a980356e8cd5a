"""The events of a completion's stream: OpenAI's, and llama.cpp's own beside them.

    {"choices": [{"delta": {"content": "x", "reasoning_content": "hm"}}]}    /v1/chat/completions
    {"choices": [{"text": "x", "finish_reason": "stop"}]}                    /v1/completions
    {"content": "x", "stop": true, "stop_type": "eos"}                       /completion, /infill

Runtimes differ in the name of the field that holds thoughts; some send it under two names at once.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import ValidationError

from spyhop.core.stream import Text, Thought
from spyhop.models.endpoint import Endpoint
from spyhop.models.errors import Broken, ModelFailed
from spyhop.models.port import Usage
from spyhop.models.wire import Wire

DONE: Final = b"[DONE]"
"""The data of the event that ends a stream of OpenAI's API."""


class _Timings(Wire):
    prompt_n: int | None = None
    cache_n: int | None = None
    predicted_n: int | None = None
    prompt_ms: float | None = None
    predicted_ms: float | None = None


class _Details(Wire):
    cached_tokens: int | None = None


class _Counts(Wire):
    """OpenAI's ``usage``."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _Details | None = None


class _Delta(Wire):
    content: str | None = None
    reasoning_content: str | None = None
    # Gateways give these names other meanings too, so only text counts.
    reasoning: Any = None
    thinking: Any = None

    @property
    def thought(self) -> str:
        for field in (self.reasoning_content, self.reasoning, self.thinking):
            if isinstance(field, str) and field:
                return field
        return ""


class _Choice(Wire):
    delta: _Delta | None = None
    text: str | None = None
    finish_reason: str | None = None


class Event(Wire):
    """The data of one event."""

    content: str | None = None
    stop: bool = False
    stop_type: str | None = None
    choices: list[_Choice] | None = None
    usage: _Counts | None = None
    timings: _Timings | None = None
    error: Any = None
    object: Any = None
    message: Any = None
    detail: Any = None

    @property
    def reason(self) -> str | None:
        """Why the model is done; None while it is not."""
        if self.stop:
            return self.stop_type or "stop"
        return next((it.finish_reason for it in self.choices or () if it.finish_reason), None)

    @property
    def deltas(self) -> list[Thought | Text]:
        """The thoughts and the text that the event holds."""
        found: list[Thought | Text] = []
        for choice in self.choices or ():
            delta = choice.delta or _Delta()
            if thought := delta.thought:
                found.append(Thought(thought))
            if text := delta.content or choice.text:
                found.append(Text(text))
        if self.content:
            found.append(Text(self.content))
        return found

    @property
    def cost(self) -> Usage | None:
        """What the generation cost; None where the event does not say."""
        if (timings := self.timings) is not None:
            cached, evaluated = timings.cache_n, timings.prompt_n
            prompt = None if evaluated is None else evaluated + (cached or 0)
            reading, writing = _seconds(timings.prompt_ms), _seconds(timings.predicted_ms)
            return Usage(prompt, cached, timings.predicted_n, reading, writing)
        if (counts := self.usage) is not None:
            cached = (counts.prompt_tokens_details or _Details()).cached_tokens
            return Usage(counts.prompt_tokens, cached, counts.completion_tokens)
        return None


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def parse(data: bytes, endpoint: Endpoint) -> Event:
    """Return the event that ``data`` is.

    Raises:
        Broken: it is none.
        ModelFailed: it reports a fault of the server.
    """
    try:
        event = Event.model_validate_json(data)
    except ValidationError as error:
        raise Broken("stream-broken", url=endpoint.url, why=endpoint.said(data)) from error
    told = event.message if event.object == "error" else event.detail
    if event.error is not None or told is not None:
        raise ModelFailed("model-fault", url=endpoint.url, why=endpoint.said(data))
    return event
