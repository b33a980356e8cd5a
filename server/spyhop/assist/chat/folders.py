"""The files below a workspace's folders, as chats may read and make them.

Nothing outside is ever read or written: links count as what they point to.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import stat
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from spyhop.core.positions import Source
from spyhop.errors import UsageError

MOST_BYTES: Final = 2 << 20
"""A larger file is data, or was made by a machine."""
MOST_FILES: Final = 20_000
_MOST_DIFF: Final = 400_000
_SECONDS_FOR_GIT: Final = 20.0
_LEFT_OUT: Final = frozenset({"node_modules", "__pycache__", "dist", "build", "target", "venv"})
# A repository's own settings must not have it run anything.
_GIT: Final = ("git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "--no-pager")
_DIFF: Final = ("diff", "--no-ext-diff", "--no-textconv", "--no-color", "HEAD")


class Folders:
    """The folders of a workspace; the first one is where new files go."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = [root.resolve() for root in roots]

    def read(self, path: Path) -> Source | None:
        """Return a file's text without a byte order mark; None where there is none.

        Bytes that are no UTF-8 are kept as lone surrogates.

        Raises:
            UsageError: it is no text, too large, or not below the folders.
        """
        try:
            real = path.resolve()
            if not any(real.is_relative_to(root) for root in self._roots):
                raise UsageError("file-outside", path=str(path))
            status = real.stat()
            if not stat.S_ISREG(status.st_mode):
                key = "file-is-folder" if stat.S_ISDIR(status.st_mode) else "file-special"
                raise UsageError(key, path=str(path))
            if status.st_size > MOST_BYTES:
                raise UsageError("file-too-large", path=str(path), most=MOST_BYTES >> 20)
            data = real.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, RuntimeError, ValueError) as error:
            raise UsageError("file-unreadable", path=str(path), why=str(error)) from error
        if b"\0" in data:
            raise UsageError("file-binary", path=str(path))
        return Source(data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape"))

    def create(self, path: str, text: str) -> Path:
        """Make a file at a path below the first folder, with the folders it needs.

        Raises:
            UsageError: there is such a file, it cannot be made, or the path leads outside.
        """
        if not self._roots:
            raise UsageError("chat-no-folder")
        root = self._roots[0]
        try:
            target = (root / path).resolve()
            if target == root or not target.is_relative_to(root) or ".git" in target.parts:
                raise UsageError("file-outside", path=path)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("x", encoding="utf-8", newline="", errors="surrogateescape") as file:
                file.write(text)
        except FileExistsError as error:
            raise UsageError("file-exists", path=path) from error
        except (OSError, RuntimeError, ValueError) as error:
            raise UsageError("file-unwritable", path=path, why=str(error)) from error
        return target

    def files(self) -> list[tuple[Path, str]]:
        """Return the files, each with its path below its folder: those that Git knows, or all.

        Folders of dependencies and hidden ones are left out; there are 20,000 files at the most.
        """
        found: list[tuple[Path, str]] = []
        for root in self._roots:
            for path in _tracked(root) or _walked(root):
                found.append((root / path, path))
                if len(found) == MOST_FILES:
                    return found
        return found

    async def diff(self) -> str:
        """Return what has changed in the first folder since Git's last commit.

        Raises:
            UsageError: there is no Git, or no repository.
        """
        if not self._roots:
            raise UsageError("chat-no-folder")
        done = await asyncio.to_thread(_git, self._roots[0], *_DIFF)
        if done is None or done.returncode:
            why = "" if done is None else done.stderr.decode("utf-8", "replace").strip()
            raise UsageError("chat-no-git", path=str(self._roots[0]), why=why or "git")
        return done.stdout.decode("utf-8", "replace")[:_MOST_DIFF]


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes] | None:
    """Run Git in a folder; None where there is none, or it takes too long."""
    try:
        return subprocess.run(  # noqa: S603 - a command of ours
            (*_GIT, *arguments),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_SECONDS_FOR_GIT,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def _tracked(root: Path) -> list[str]:
    done = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if done is None or done.returncode:
        return []
    names = done.stdout.decode("utf-8", "replace").split("\0")
    return [name for name in names if name and (root / name).is_file()]


def _walked(root: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in _LEFT_OUT
        )
        for name in sorted(names):
            if not name.startswith("."):
                yield (Path(folder) / name).relative_to(root).as_posix()
