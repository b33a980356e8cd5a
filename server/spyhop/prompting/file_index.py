"""What a completion looks up in a file, read once a version of it."""

from __future__ import annotations

from dataclasses import dataclass

from spyhop.core.similar import Windows, windows_of
from spyhop.syntax.outline import Outline, read_outline


@dataclass(frozen=True)
class FileIndex:
    """A version of a file: what it declares, and its windows to compare with."""

    path: str
    """As prompts name it."""
    outline: Outline
    windows: Windows


def index_file(path: str, language: str, text: str) -> FileIndex:
    """Read a file; a second or two for 20,000 lines, so never on the event loop."""
    return FileIndex(path, read_outline(language, text), windows_of(text))
