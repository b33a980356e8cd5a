"""From settings to a model."""

from __future__ import annotations

from spyhop.models.port import Model
from spyhop.models.secrets import headers_of
from spyhop.settings import Settings


def connect(settings: Settings) -> Model:
    """Return the model that ``settings`` name; nothing is sent yet.

    Raises:
        Unreachable: the address is none.
    """
    if settings.backend == "embedded":
        from spyhop.models.embedded import Embedded  # noqa: PLC0415 - start-up counts

        return Embedded(
            settings.model,
            context_tokens=settings.context_tokens,
            keep_alive=settings.keep_alive,
            stall_seconds=settings.stall_seconds,
        )
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
