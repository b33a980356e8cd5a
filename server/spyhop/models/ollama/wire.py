"""What Ollama sends, as far as anyone here needs it.

Source: docs/api.md and api/types.go of ollama/ollama.
"""

from __future__ import annotations

from typing import Any

from spyhop.models.wire import Wire


class Details(Wire):
    """What kind of model it is; empty where Ollama does not know."""

    family: str = ""
    """``qwen2``"""
    parameter_size: str = ""
    """``7.6B``"""
    quantization_level: str = ""
    """``Q4_K_M``"""


class Installed(Wire):
    """A model as ``/api/tags`` lists it; ``size`` is in bytes."""

    name: str
    size: int = 0
    digest: str = ""
    details: Details | None = None


class Tags(Wire):
    """The answer of ``/api/tags``."""

    # null where nothing is installed; another server's JSON lacks the field.
    models: list[Installed] | None


class Running(Wire):
    """A model in memory, as ``/api/ps`` lists it; sizes are in bytes."""

    name: str
    digest: str = ""
    size: int = 0
    """All of the memory that it takes."""
    size_vram: int = 0
    """The part of it on graphics cards."""
    context_length: int | None = None
    """What it was loaded with; older versions do not tell."""
    expires_at: str = ""
    """RFC 3339; more than a century ahead where it is kept for good."""


class Processes(Wire):
    """The answer of ``/api/ps``."""

    models: list[Running] | None


class Show(Wire):
    """The answer of ``/api/show``."""

    template: str = ""
    model_info: dict[str, Any] | None = None
    capabilities: list[str] | None = None
    details: Details | None = None
    remote_host: str = ""
    """Set where the model runs in a cloud, and only its name is installed."""

    @property
    def context_tokens(self) -> int | None:
        """The longest context that the model was made for; None where it is not told."""
        facts = self.model_info or {}
        limit = facts.get(f"{facts.get('general.architecture')}.context_length")
        return limit if isinstance(limit, int) and limit > 0 else None


class Version(Wire):
    """The answer of ``/api/version``."""

    version: str


class Message(Wire):
    """The message in a line of ``/api/chat``."""

    content: str | None = None
    thinking: str | None = None


class Record(Wire):
    """A line of an answer, of ``/api/chat`` and ``/api/generate`` alike."""

    message: Message | None = None
    response: str | None = None
    thinking: str | None = None
    done: bool = False
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    load_duration: int | None = None
    """This and the two below are in nanoseconds."""
    prompt_eval_duration: int | None = None
    eval_duration: int | None = None
    error: str | None = None


class PullRecord(Wire):
    """A line of ``/api/pull``; sizes are in bytes, and left out at 0."""

    status: str = ""
    digest: str = ""
    total: int = 0
    completed: int = 0
    error: str | None = None
