"""The one pump from a model: thoughts and text apart, whatever the runtime did.

Here a thought is ended before its time (`ThoughtEnded`): the stream is closed, and the model goes
on from what it has thought with the answer's first line already written. And here endless
repetition is noticed: in a thought it ends the thought, in the answer it ends the stream
(`Looping`). Where no thought is wanted and the prompt has closed it, the answer begins at once.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, TypeAlias

from spyhop.assist.steering import Steering, Why
from spyhop.core.repetition import Loop, LoopDetector
from spyhop.core.stream import Text, Thought
from spyhop.core.thinking import Event, Reclassified, Start, ThoughtSplitter, Unclosed
from spyhop.models.port import Done, Learned, Model, Request, Spent


@dataclass(frozen=True, slots=True)
class ThoughtEnded:
    """The thought was ended before its time; the answer follows from its first ``kept``."""

    why: Why
    kept: int
    """How many characters of the thought the model goes on from."""


@dataclass(frozen=True, slots=True)
class Looping:
    """The output repeats itself endlessly, so the stream was closed."""

    start: int
    """Where in the answer the repetition begins, in characters; 0 where it was the thought."""


Output: TypeAlias = Event | Spent | Done | ThoughtEnded | Looping

_FENCES: Final = ("```", "~~~")
_CLOSE: Final = "</think>"
_BLANK_LINES: Final = re.compile(r"\A(?:[^\S\n]*\n)+")


async def pump(
    model: Model, request: Request, steering: Steering | None = None, known: str = ""
) -> AsyncGenerator[Output, None]:
    """Yield the model's output, split; the last event is the one `Done`, or `Looping`.

    Once a runtime has sent thoughts of its own, its text starts outside any thought. ``known`` is
    text whose repetitions the answer may repeat: the user's own.

    Raises:
        ModelError: the model cannot be asked or broke off.
    """
    info = await model.info()
    steering = steering if info.can_go_on else None
    if steering is not None and not request.thinks:
        async with aclosing(_answer(model, request, steering.opening, known)) as outputs:
            async for output in outputs:
                yield output
        return
    start = info.start_of(request)
    lesson = _Lesson(info.learned, start)
    thought: list[str] = []
    async with aclosing(_run(model, request, start, steering, known)) as outputs:
        async for output in outputs:
            lesson.take(output)
            yield output
            match output:
                case Thought(text):
                    thought.append(text)
                case ThoughtEnded(_, kept) if steering is not None:
                    again = steering.answering(request, "".join(thought)[:kept])
                    opening = steering.opening
                    break
        else:
            return
    async with aclosing(_answer(model, again, opening, known)) as outputs:
        async for output in outputs:
            yield output


class _Lesson:
    """Learns from an output whether the model's outputs begin inside a thought.

    Where a template opens the thought and nothing takes it out, an output closes what it has not
    opened. What was learned so is given up as soon as a whole output closes nothing.
    """

    def __init__(self, learned: Learned, start: Start) -> None:
        self._learned = learned
        self._start = start
        self._unclosed = False

    def take(self, output: Output) -> None:
        match output:
            case Reclassified() if self._start is Start.UNKNOWN:
                self._learned.opens_thought = True
            case Unclosed():
                self._unclosed = True
            case Done("stop") if self._unclosed:
                self._learned.opens_thought = False


async def _run(
    model: Model, request: Request, start: Start, steering: Steering | None, known: str
) -> AsyncGenerator[Output, None]:
    """Yield one stream, split, up to where its thought is to end or it repeats itself."""
    watch = _Watch(steering, known)
    splitter: ThoughtSplitter | None = None
    async with aclosing(model.stream(request)) as deltas:
        async for delta in deltas:
            events: list[Event | Spent | Done]
            match delta:
                case Thought():
                    start = Start.CLOSED
                    events = [delta]
                case Text(text):
                    splitter = splitter or ThoughtSplitter(start)
                    events = [*splitter.feed(text)]
                case Spent():
                    events = [delta]
                case Done():
                    events = [*splitter.finish(), delta] if splitter else [delta]
            for event in events:
                yield event
                if end := watch.end_at(event):
                    yield end
                    return


class _Watch:
    """Tells where a stream is to be closed."""

    def __init__(self, steering: Steering | None, known: str) -> None:
        self._steering = steering
        self._thinking = LoopDetector(thought=True)
        self._writing = LoopDetector(known, thought=False)
        self._began = time.monotonic()
        self._tokens = 0
        self._length = 0

    def end_at(self, event: Event | Spent | Done) -> ThoughtEnded | Looping | None:
        """Return how the stream ends behind ``event``; None when it goes on."""
        match event:
            case Thought(text):
                self._tokens += 1
                self._length += len(text)
                return self._end_of_thought(self._thinking.feed(text))
            case Text(text):
                loop = self._writing.feed(text)
                return Looping(loop.start) if loop else None
            case _:
                return None

    def _end_of_thought(self, loop: Loop | None) -> ThoughtEnded | Looping | None:
        if self._steering is None:
            return Looping(0) if loop else None
        if loop:
            return ThoughtEnded("loop", loop.start)
        why = self._steering.due(self._tokens, time.monotonic() - self._began)
        return ThoughtEnded(why, self._length) if why else None


async def _answer(
    model: Model, request: Request, opening: str, known: str
) -> AsyncGenerator[Output, None]:
    """Yield an answer whose ``opening`` was written for the model.

    Where the model closes the thought once more, that is left out, unless it may be the user's own;
    where it opens a fence itself behind it, that fence counts.
    """
    head: str | None = ""
    start = (await model.info()).start_of(request)
    async with aclosing(_run(model, request, start, None, known)) as outputs:
        async for output in outputs:
            if head is None:
                yield output
                continue
            if isinstance(output, Text):
                head += output.text
                if _undecided(head):
                    continue
            yield Text(_begun(opening, head, known))
            head = None
            if not isinstance(output, Text):
                yield output


def _undecided(head: str) -> bool:
    """Tell whether ``head`` could still grow into a close and a fence."""
    visible = head.lstrip()
    behind = visible.removeprefix(_CLOSE).lstrip()
    closed = visible.startswith(_CLOSE) and len(behind) < len(_FENCES[0])
    return closed or (len(visible) < len(_CLOSE) and _CLOSE.startswith(visible))


def _begun(opening: str, head: str, known: str) -> str:
    """Return how the answer begins."""
    visible = head.lstrip()
    if not visible.startswith(_CLOSE):
        return opening + head
    rest = visible.removeprefix(_CLOSE)
    if rest.lstrip().startswith(_FENCES):
        return rest.lstrip()
    return opening + (head if _CLOSE in known else _BLANK_LINES.sub("", rest))
