"""Texts to read, as files that an editor can open: private, and gone with the server."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path


class Pages:
    """Files in a folder of their own, which only the user can read."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    def write(self, name: str, text: str) -> str:
        """Write a page over the one of the same name, if there is one, and return its URI."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="spyhop-"))
        path = self._folder / name
        path.write_bytes(text.encode("utf-8", "replace"))
        return path.as_uri()

    def close(self) -> None:
        """Take all pages away."""
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
