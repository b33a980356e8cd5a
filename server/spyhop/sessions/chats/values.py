"""What a chat is made of: values that are the same in memory, on disk and on the wire.

As JSON their names are in camelCase. What a newer Spyhop has added to a value is ignored.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Kind: TypeAlias = Literal["selection", "file", "diagnostics", "diff"]
TurnState: TypeAlias = Literal["streaming", "done", "stopped", "failed", "interrupted"]


class Value(BaseModel):
    """A value that does not change."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True
    )


class Lines(Value):
    """Whole lines of a text, 0-based: from ``start`` up to, not including, ``end``."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Attachment(Value):
    """Something that is shown to the model together with a message."""

    id: str
    kind: Kind
    uri: str = ""
    """The file's; empty for a diff."""
    path: str = ""
    """The file's, as prompts and people read it; empty for a diff."""
    language: str = ""
    """LSP's identifier of the file's language; empty where it is unknown."""
    range: Lines | None = None
    """The lines, as they were numbered in the file when ``text`` was read; None: all of it."""
    text: str = ""
    """What the model is shown: the lines as they were when they were read last. For diagnostics,
    the problems, one a line."""
    state: Literal["live", "changed", "gone"] = "live"
    """Whether the file still says so: ``changed`` since it was attached, or not there any more."""
    left_out: int = 0
    """How many lines at the end did not fit into the model's context."""


class Thought(Value):
    """What the model thought before it answered: for the reader, and never sent back."""

    text: str = ""
    tokens: int = 0
    seconds: float = 0.0


class TurnUsage(Value):
    """What an answer cost, as the runtime tells; None where it does not."""

    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    """How many of the prompt's tokens were read from its cache."""
    answer_tokens: int | None = None
    """Thought and answer together."""


class Turn(Value):
    """A message of the user's, or the model's answer to it."""

    id: str
    role: Literal["user", "assistant"]
    text: str = ""
    """In Markdown; the user's own words, or the answer without its thought."""
    created: int
    """When it began, in milliseconds since 1970, UTC."""
    state: TurnState = "done"
    """A user's turn is always ``done``. ``interrupted``: Spyhop ended while the model answered."""
    prompt: str = ""
    """The prompt that was asked for by name; its text is in ``instruction``."""
    instruction: str = ""
    """What the model is told in a user's turn: a prompt's text, the user's words, or both."""
    answer_language: str = ""
    """The English name of the language to answer in; empty: that of the message."""
    attachments: tuple[Attachment, ...] = ()
    thought: Thought | None = None
    warnings: tuple[str, ...] = ()
    """What to tell the user about it, in their language."""
    error: str = ""
    """Why it ``failed``, in the user's language."""
    model: str = ""
    """The name of the model that answers."""
    usage: TurnUsage | None = None


class Chat(Value):
    """A chat without its turns. Times are in milliseconds since 1970, UTC."""

    id: str
    title: str = ""
    """Empty before the first message."""
    created: int
    updated: int
