"""From settings to a model."""

from __future__ import annotations

from pathlib import Path

from spyhop.models.errors import ModelUnavailable
from spyhop.models.port import Runtime
from spyhop.models.secrets import headers_of
from spyhop.settings import Settings


def connect(settings: Settings) -> Runtime:
    """Return the model that ``settings`` name; nothing is sent yet.

    Raises:
        ModelUnavailable: the embedded engine is asked for without a model file, or the address is
            none.
    """
    if settings.backend == "embedded":
        from spyhop.models.embedded import Embedded  # noqa: PLC0415 - an extra

        if settings.model is None:
            raise ModelUnavailable("embedded-no-path")
        path = Path(settings.model).expanduser()
        return Embedded(path, context_tokens=settings.context_tokens)
    if settings.backend == "openai":
        from spyhop.models.openai import OpenAi  # noqa: PLC0415 - start-up counts

        return OpenAi(
            settings.url,
            settings.model,
            context_tokens=settings.context_tokens,
            key=settings.key,
            headers=settings.headers,
            stall_seconds=settings.stall_seconds,
        )
    from spyhop.models.ollama import Ollama  # noqa: PLC0415

    return Ollama(
        settings.url,
        settings.model,
        context_tokens=settings.context_tokens,
        keep_alive=settings.keep_alive,
        headers=headers_of(settings.key, settings.headers),
        stall_seconds=settings.stall_seconds,
    )
