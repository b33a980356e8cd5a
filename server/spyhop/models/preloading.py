"""Having the model in memory before it is asked."""

from __future__ import annotations

from collections.abc import Iterable

from spyhop.models.connect import ollama_of
from spyhop.models.errors import Unreachable
from spyhop.settings import EndpointSettings


async def preload(endpoints: Iterable[EndpointSettings]) -> None:
    """Have the first endpoint that answers load its model, if it is an Ollama.

    Others have their model in memory, or load it when they are asked.

    Raises:
        ModelError: the model is not there, or cannot be loaded.
    """
    for endpoint in endpoints:
        if endpoint.backend != "ollama":
            return
        try:
            model = ollama_of(endpoint)
            try:
                await model.preload()
            finally:
                await model.aclose()
        except Unreachable:
            continue
        return
