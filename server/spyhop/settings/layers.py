"""Options as one source sent them, not yet checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from spyhop.errors import SettingsError

KeyPath: TypeAlias = tuple[str, ...]
"""A setting's name, below those of the tables that it is in."""

Whose: TypeAlias = Literal["user", "editor", "trusted-project", "project"]


@dataclass(frozen=True, slots=True)
class Layer:
    """Options from one source, not yet checked."""

    source: str
    """What to call the source in a message."""
    options: Mapping[str, Any]
    whose: Whose = "user"
    """Who says it. What came with a project perhaps came from a stranger."""
    places: Mapping[KeyPath, str] = field(default_factory=dict)
    """Where single keys stand, by their paths as written."""
    faults: tuple[SettingsError, ...] = ()
    """What is wrong with the source as a whole."""

    def place(self, written: KeyPath) -> str:
        """Return where a key stands, as exactly as it is known: the file and the line."""
        for length in range(len(written), 0, -1):
            if (place := self.places.get(written[:length])) is not None:
                return place
        return self.source
