"""What a model's output is made of: thoughts and text, in the order they arrive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Thought:
    """A piece of the model's reasoning. It is never written into a document."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the model's answer."""

    text: str


_Event = TypeVar("_Event")


def merge(events: Iterable[_Event]) -> list[_Event | Thought | Text]:
    """Join neighbouring thoughts, and neighbouring texts, so that streams can be compared."""
    merged: list[_Event | Thought | Text] = []
    for event in events:
        last = merged[-1] if merged else None
        if isinstance(event, Thought) and isinstance(last, Thought):
            merged[-1] = Thought(last.text + event.text)
        elif isinstance(event, Text) and isinstance(last, Text):
            merged[-1] = Text(last.text + event.text)
        else:
            merged.append(event)
    return merged
