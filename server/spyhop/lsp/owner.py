"""Whose a file is, while its process lives."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from spyhop.locks import lock


class Owner:
    """This process in a folder: a file that it holds locked, and that the system frees with it.

    A process's number would not do: it is given again, and another machine may share the folder.
    """

    def __init__(self, folder: Path) -> None:
        """Take a name in the folder.

        Raises:
            OSError: the folder cannot be written, or knows no locks.
        """
        self.name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._path = _lock_path(folder, self.name)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        if not lock(self._file):
            self.release()
            raise OSError("no lock")

    def release(self) -> None:
        """Give up what is owned; it is free for others then."""
        os.close(self._file)
        self._path.unlink(missing_ok=True)


def is_alive(folder: Path, name: str) -> bool:
    """Tell whether the process of this name still owns its files in the folder."""
    try:
        file = os.open(_lock_path(folder, name), os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        # Two that look at once must not take each other for the owner.
        return not lock(file, shared=True)
    finally:
        os.close(file)


def _lock_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.lock"
