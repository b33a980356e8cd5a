"""A request for a completion that a model works on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from spyhop.core.surroundings import Surroundings
from spyhop.sessions.completion import CompletionRequest
from spyhop.sessions.remembered import Remembered

# What is typed faster than a model answers. A guess at more than this is no guess any more.
_MOST_TYPED: Final = 64


@dataclass(slots=True)
class Running:
    """A request on its way; what has arrived of it is a beginning of what it will give."""

    request: CompletionRequest
    place: Surroundings
    started: float
    follows: Remembered | None = None
    """The completion that it comes after, for one that is fetched ahead."""
    arrived: str | None = None
    """None before the first token."""
    unattended: float | None = None
    """Since when no ask has waited for it; None while one does, and for one fetched ahead."""

    def fits(self, text: str, caret: int) -> bool:
        """Tell whether what was typed up to ``caret`` since may be what the model is to give."""
        arrived = self.arrived or ""
        return any(
            arrived.startswith(typed) or typed.startswith(arrived)
            for typed in self.place.typed(text, caret, len(arrived) + _MOST_TYPED)
        ) and (self.place.stands_behind(text, caret) or bool(self.place.closers(text, caret)))

    def may_serve(self, text: str, carets: Iterable[int]) -> bool:
        """Tell whether it fits at one of ``carets``, or will once the one before it is taken."""
        return any(
            self.fits(text, caret)
            or (self.follows is not None and self.follows.rest(text, caret) is not None)
            for caret in carets
        )
