"""Documents with a caret in them, for tests."""

from __future__ import annotations

from typing import Final

from spyhop.core.completion.lexis import lexis_of
from spyhop.core.completion.place import Place, Trigger, place_of
from spyhop.core.completion.window import Window

CARET: Final = "‸"


def split(marked: str) -> tuple[str, str]:
    """Return what stands before and behind the caret."""
    prefix, found, suffix = marked.partition(CARET)
    assert found
    return prefix, suffix


def around(marked: str, language: str = "python") -> Window:
    """Return the surroundings of the caret."""
    return Window.of(lexis_of(language), *split(marked))


def place(marked: str, language: str = "python", trigger: Trigger = "automatic") -> Place:
    """Return where the caret stands, told by lines."""
    return place_of(language, around(marked, language), trigger)
