"""The models that an endpoint has, as every backend lists them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from spyhop.models.errors import ModelUnavailable


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is in memory."""

    gpu_share: float | None
    """How much of it is on graphics cards, 0 to 1; None where it is not told."""
    context_tokens: int | None
    """The context that it was loaded with; None where it is not told."""
    until: datetime | None
    """When it will be unloaded, if nobody asks it; None where it is not told."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A model that is there; what is not told is None or empty."""

    name: str
    size: int | None = None
    """In bytes."""
    parameters: str = ""
    """``7.6B``"""
    quantisation: str = ""
    """``Q4_K_M``"""
    context_tokens: int | None = None
    """The longest context that it can have."""
    abilities: tuple[str, ...] = ()
    """The runtime's words: ``thinking``, ``insert``, ``tools``, …; ``cloud`` for one elsewhere."""
    loaded: Loaded | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What an endpoint has, in its own order, and which of it would be asked."""

    models: tuple[Listed, ...]
    chosen: str | None
    """The name of one of them; None where none fits the settings."""
    fault: ModelUnavailable | None = None
    """Why none is chosen, and what mends it."""
    tells_loaded: bool = False
    """Whether a model that is not `Listed.loaded` is known not to be."""


class Lister(Protocol):
    """What can list its models."""

    async def listing(self) -> Listing:
        """Return the models that are there.

        Raises:
            ModelError: they cannot be known.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...
