"""The models that an endpoint has, as every backend lists them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is in memory."""

    gpu_share: float | None
    """How much of it is on graphics cards, 0 to 1; None where it is not told."""
    context_tokens: int | None
    """The context that it was loaded with; None where it is not told."""
    until: datetime | None
    """When it will be unloaded, if nobody asks it; None where it is not told."""
