"""Locks on open files: the system frees them with the process that holds them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def lock(file: int, *, shared: bool = False) -> bool:
        """Lock an open file at once; tell whether it was free. Closing it unlocks it.

        Windows has no shared locks: there such a lock is one like any other.
        """
        del shared
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def lock(file: int, *, shared: bool = False) -> bool:
        """Lock an open file at once; tell whether it was free. Closing it unlocks it."""
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Hold the lock file at ``path``, and give whether it was free; it goes with its holder.

    Raises:
        OSError: there can be no such file.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    mine = False
    try:
        # A holder that has just left may have taken the file away between the two calls.
        mine = lock(file) and _is_at(file, path)
        yield mine
    finally:
        if mine:
            # Windows deletes no open file: there it stays, and does no harm.
            with suppress(OSError):
                path.unlink()
        os.close(file)


def _is_at(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except OSError:
        return False
