"""A completion: the model is asked, and its stream is closed as soon as enough has come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from spyhop.assist.completion_task import CompletionTask
from spyhop.assist.pump import Looping, pump
from spyhop.core.completion.fitting import GhostText
from spyhop.core.completion.ghost import Ghost
from spyhop.core.stream import Text
from spyhop.models.port import Done, Model, Spent, Usage
from spyhop.sessions.completion import Completion

MOST_SECONDS: Final = 5.0
"""How long a completion may be written, from its first token on: nobody waits for the rest."""

Ending: TypeAlias = Literal["enough", "stop", "length", "timeout", "loop"]
"""Why no more was read: it was whole, the model was done, or at a limit, or it repeated itself."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What could be shown so far: the beginning of what will be, in whole statements."""

    text: str


@dataclass(frozen=True, slots=True)
class Completed:
    """What came of it."""

    completion: Completion | None
    """None: nothing that is worth showing."""
    ending: Ending
    usage: Usage
    """What it cost, as far as the runtime has told before the stream was closed."""
    seconds: float


async def complete(
    model: Model, task: CompletionTask, *, insert_only: bool = False, seconds: float = MOST_SECONDS
) -> AsyncGenerator[Arrived | Completed, None]:
    """Ask the model; yield what arrives, and last what is `Completed`.

    ``insert_only``: nothing behind the caret may be replaced. ``seconds`` are counted from the
    first token: what has come until then is offered up to its last whole statement.

    Raises:
        ModelError: the model cannot be asked or broke off.
    """
    began = time.monotonic()
    reading = _Reading(task, insert_only=insert_only)
    until: float | None = None
    known = task.before + task.after
    async with aclosing(pump(model, task.asked.request, known=known)) as outputs:
        while reading.ending is None:
            try:
                async with asyncio.timeout_at(until):
                    output = await anext(outputs)
            except TimeoutError:
                reading.ending = "timeout"
                break
            except StopAsyncIteration:
                break
            first = until is None
            until = until or asyncio.get_running_loop().time() + seconds
            match output:
                case Text(text):
                    if reading.take(text) or first:
                        yield Arrived(reading.text_so_far)
                case Spent(usage):
                    reading.usage = usage
                case Looping():
                    reading.ending = "loop"
                case Done(reason, usage):
                    reading.ending, reading.usage = reason, usage
    reading.learn()
    took = time.monotonic() - began
    yield Completed(reading.finish(), reading.ending or "stop", reading.usage, took)


class _Reading:
    """What has come of the output so far."""

    def __init__(self, task: CompletionTask, *, insert_only: bool) -> None:
        self.ending: Ending | None = None
        self.usage = Usage()
        self._task = task
        self._insert_only = insert_only
        self._held_back = task.asked.held_back
        self._head: str | None = ""
        """What has come while it may be what was held back; None behind that."""
        self._ghost = Ghost(
            task.place,
            task.before,
            task.after,
            fence=task.asked.fence,
            disguise=task.asked.disguise,
        )

    def take(self, text: str) -> bool:
        """Take the next piece; tell whether it ends a line."""
        if self._head is not None:
            text = self._head + text
            if text == self._held_back:
                self._head = text
                return False
            self._head = None
            text = _without(self._held_back, text)
        if self._ghost.feed(text):
            self.ending = "enough"
        return "\n" in text

    @property
    def text_so_far(self) -> str:
        fitted = self._ghost.preview()
        return "" if fitted is None else self._shown(fitted)[0]

    def finish(self) -> Completion | None:
        """Return what is offered now that no more comes."""
        match self.ending:
            case "length" | "loop":
                fitted = self._ghost.finish("length")
            case "timeout":
                fitted = self._ghost.finish("timeout")
            case _:
                fitted = self._ghost.finish()
        if fitted is None:
            return None
        text, replaces = self._shown(fitted)
        whole = self.ending in {"enough", "stop"} and not self._ghost.is_cut
        return Completion(text, replaces, whole) if text.strip() else None

    def learn(self) -> None:
        """Learn from what the prompt has cost how many tokens the model has for a text."""
        counts, prompt, usage = self._task.counts, self._task.asked.counted, self.usage
        if not prompt or usage.prompt_tokens is None:
            return
        # Some versions of Ollama leave out what they had read before, and say so nowhere.
        whole = usage.cached_tokens is not None
        if whole or 2 * usage.prompt_tokens >= counts(prompt):
            counts.learn(prompt, usage.prompt_tokens)

    def _shown(self, fitted: GhostText) -> tuple[str, int]:
        if self._insert_only:
            return fitted.insert, 0
        return fitted.text, fitted.replace_end


def _without(held_back: str, output: str) -> str:
    """Return ``output`` without the space that the document has before the caret already.

    More white space than that is an indentation that was written anew.
    """
    rest = output.removeprefix(held_back)
    return output if rest[:1].isspace() else rest
