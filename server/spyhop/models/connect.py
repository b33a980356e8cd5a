"""From an endpoint's settings to a model."""

from __future__ import annotations

from spyhop.models.port import Model
from spyhop.models.secrets import headers_of
from spyhop.settings import EndpointSettings


def connect(endpoint: EndpointSettings) -> Model:
    """Return the model that ``endpoint`` names; nothing is sent yet.

    Raises:
        Unreachable: the address is none.
    """
    if endpoint.backend == "embedded":
        from spyhop.models.embedded import Embedded  # noqa: PLC0415 - start-up counts

        return Embedded(
            endpoint.model,
            context_tokens=endpoint.context_tokens,
            keep_alive=endpoint.keep_alive,
            stall_seconds=endpoint.stall_seconds,
        )
    if endpoint.backend == "openai":
        from spyhop.models.openai import OpenAi  # noqa: PLC0415 - start-up counts

        return OpenAi(
            endpoint.url,
            endpoint.model,
            context_tokens=endpoint.context_tokens,
            key=endpoint.key,
            headers=endpoint.headers,
            stall_seconds=endpoint.stall_seconds,
        )
    from spyhop.models.ollama import Ollama  # noqa: PLC0415

    return Ollama(
        endpoint.url,
        endpoint.model,
        context_tokens=endpoint.context_tokens,
        keep_alive=endpoint.keep_alive,
        headers=headers_of(endpoint.key, endpoint.headers),
        stall_seconds=endpoint.stall_seconds,
    )
