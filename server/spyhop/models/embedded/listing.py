"""The models on this machine, as every backend lists its own."""

from __future__ import annotations

import asyncio

from spyhop.models.embedded.store import available, find
from spyhop.models.errors import ModelUnavailable
from spyhop.models.listing import Listed, Listing


class StoreLister:
    """Lists what the embedded engine can load, and which of it ``model`` names (see `find`)."""

    def __init__(self, model: str | None) -> None:
        self._model = model

    async def listing(self) -> Listing:
        """See `Lister.listing`."""
        return await asyncio.to_thread(self._look)

    async def aclose(self) -> None:
        """See `Lister.aclose`: nothing is open."""

    def _look(self) -> Listing:
        models = [
            _listed(it.name, it.bytes, it.quantisation, it.context_tokens) for it in available()
        ]
        try:
            chosen = find(self._model)
        except ModelUnavailable as error:
            return Listing(tuple(models), None, error)
        if chosen.name not in {it.name for it in models}:
            # It is named by its path.
            gguf = chosen.gguf
            models.append(
                _listed(chosen.name, chosen.bytes, gguf.quantisation, gguf.context_tokens)
            )
        return Listing(tuple(models), chosen.name)


def _listed(name: str, size: int, quantisation: str, context_tokens: int | None) -> Listed:
    return Listed(name, size, quantisation=quantisation, context_tokens=context_tokens)
