"""What has come of a model's output so far."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from spyhop.assist.pump import Looping, Output, ThoughtEnded
from spyhop.assist.steering import Why
from spyhop.core.fences import Code, FenceScanner
from spyhop.core.stream import Text, Thought
from spyhop.core.thinking import Reclassified, Unclosed
from spyhop.messages import Notice
from spyhop.models.port import Done, Usage

CutOff: TypeAlias = Literal["length", "loop", "broken"]

_ENDED: Final[dict[Why, str]] = {
    "asked": "warn-ended-asked",
    "tokens": "warn-ended-tokens",
    "seconds": "warn-ended-seconds",
    "loop": "warn-ended-loop",
}


@dataclass(frozen=True, slots=True)
class Thinking:
    """The model thinks: so many tokens and seconds so far, and what it thought last."""

    tokens: int
    seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class Writing:
    """The model writes: so many lines of code so far."""

    lines: int


@dataclass
class Reading:
    """A model's thought and answer, as far as they have come."""

    started: float = field(default_factory=time.monotonic)
    thoughts: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    scanner: FenceScanner = field(default_factory=FenceScanner)
    lines: int = 0
    unclosed: bool = False
    reclassified: bool = False
    ended_early: Why | None = None
    """Why the thought was ended before its time."""
    cut_off: CutOff | None = None
    """Why the output is not whole."""
    fault: str = "-"
    """What the runtime said when it broke off."""
    usage: Usage = field(default_factory=Usage)

    @property
    def thinking(self) -> str:
        """The thought, without outer white space."""
        return "".join(self.thoughts).strip()

    @property
    def answer(self) -> str:
        """The answer as the model wrote it."""
        return "".join(self.texts)

    def take(self, output: Output) -> Thinking | Writing | None:
        """Take in what came next; return what to tell of it."""
        match output:
            case Thought(text):
                self.thoughts.append(text)
                seconds = time.monotonic() - self.started
                return Thinking(len(self.thoughts), seconds, text)
            case Text(text):
                self.texts.append(text)
                self.lines += sum(isinstance(it, Code) for it in self.scanner.feed(text))
                return Writing(self.lines)
            case Reclassified():
                self.thoughts += self.texts
                self.texts, self.scanner, self.lines = [], FenceScanner(), 0
                self.reclassified = True
            case ThoughtEnded(why, kept):
                self.thoughts = ["".join(self.thoughts)[:kept]]
                self.ended_early = why
            case Looping(start):
                self.texts = [self.answer[:start]]
                self.cut_off = "loop"
            case Unclosed():
                self.unclosed = True
            case Done(reason, usage):
                self.cut_off = "length" if reason == "length" else None
                self.usage = usage
        return None

    def notices(self) -> list[Notice]:
        """Return what to tell of how the output came."""
        notices: list[Notice] = []
        if self.reclassified:
            notices.append(Notice.of("warn-reclassified"))
        if self.ended_early:
            notices.append(Notice.of(_ENDED[self.ended_early]))
            usage = self.usage
            if usage.prompt_tokens is not None and usage.cached_tokens is not None:
                again = usage.prompt_tokens - usage.cached_tokens
                notices.append(
                    Notice.of("warn-read-again", again=again, prompt=usage.prompt_tokens)
                )
        return notices
