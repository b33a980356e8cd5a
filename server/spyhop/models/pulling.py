"""How far the download of a model has come."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PullProgress:
    """A step of a download; ``completed`` and ``total`` are bytes, None where there are none."""

    status: str
    completed: int | None
    total: int | None
