"""From an endpoint's settings to what asks it, lists what it has, and gets it more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_dir

from spyhop.core.urls import without_user
from spyhop.models.errors import ModelUnavailable
from spyhop.models.listing import Lister
from spyhop.models.port import Runtime
from spyhop.models.probes import Probes
from spyhop.models.pulling import Puller
from spyhop.models.secrets import headers_of
from spyhop.settings import EndpointSettings

if TYPE_CHECKING:
    from spyhop.models.ollama import Ollama
    from spyhop.models.openai import OpenAi


def connect(endpoint: EndpointSettings, *, refresh: bool = False) -> Runtime:
    """Return the model that ``endpoint`` names; nothing is sent yet.

    With ``refresh`` nothing that was found out about its server before is taken for granted.

    Raises:
        Unreachable: the address is none.
    """
    match endpoint.backend:
        case "embedded":
            from spyhop.models.embedded import Embedded  # noqa: PLC0415 - start-up counts

            return Embedded(
                endpoint.model,
                context_tokens=endpoint.context_tokens,
                keep_alive=endpoint.keep_alive,
                stall_seconds=endpoint.stall_seconds,
            )
        case "openai":
            return _openai_of(endpoint, refresh=refresh)
        case "ollama":
            return ollama_of(endpoint)


def lister_for(endpoint: EndpointSettings) -> Lister:
    """Return what lists the models of ``endpoint``; nothing is sent yet.

    Raises:
        ModelUnavailable: as `connect` does.
    """
    match endpoint.backend:
        case "embedded":
            from spyhop.models.embedded.listing import StoreLister  # noqa: PLC0415

            return StoreLister(endpoint.model)
        case "openai":
            return _openai_of(endpoint)
        case "ollama":
            return ollama_of(endpoint)


def puller_for(endpoint: EndpointSettings) -> Puller:
    """Return what gets models for ``endpoint``; nothing is sent yet.

    Raises:
        ModelUnavailable: it cannot be told to get any, or the address is none.
    """
    match endpoint.backend:
        case "embedded":
            from spyhop.models.embedded.download import Downloads  # noqa: PLC0415

            return Downloads()
        case "openai":
            raise ModelUnavailable("pull-not-openai", url=without_user(endpoint.url))
        case "ollama":
            return ollama_of(endpoint)


def ollama_of(endpoint: EndpointSettings) -> Ollama:
    """Return the Ollama at ``endpoint``; nothing is sent yet.

    Raises:
        ModelUnavailable: the address is none.
    """
    from spyhop.models.ollama import Ollama  # noqa: PLC0415 - start-up counts

    return Ollama(
        endpoint.url,
        endpoint.model,
        context_tokens=endpoint.context_tokens,
        keep_alive=endpoint.keep_alive,
        headers=headers_of(endpoint.key, endpoint.headers),
        stall_seconds=endpoint.stall_seconds,
        url_of_project=endpoint.of_project,
    )


def _openai_of(endpoint: EndpointSettings, *, refresh: bool = False) -> OpenAi:
    from spyhop.models.openai import OpenAi  # noqa: PLC0415 - start-up counts

    return OpenAi(
        endpoint.url,
        endpoint.model,
        context_tokens=endpoint.context_tokens,
        key=endpoint.key,
        headers=endpoint.headers,
        stall_seconds=endpoint.stall_seconds,
        url_of_project=endpoint.of_project,
        probes=Probes(Path(user_cache_dir("spyhop", appauthor=False), "probes"), refresh),
    )
