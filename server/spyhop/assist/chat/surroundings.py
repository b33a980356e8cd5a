"""What a user has set up, as it is at the moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from spyhop.messages import Language
from spyhop.models.patience import Tell
from spyhop.prompting.library import Library
from spyhop.settings import Settings


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Functions, for what they return may change at any time."""

    settings: Callable[[], Settings]
    library: Callable[[], Library]
    language: Callable[[], Language]
    """The language to speak to the user."""
    announce: Tell
    """Shows a notice to the user."""
