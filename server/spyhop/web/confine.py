"""No path that a page names leads out of the workspace.

A page's requests come from a browser: the last place to trust with any file of the user's. What
names a file in them is a URI, or a path below the workspace's first folder; links count as what
they point to. A file outside is still attached from the editor, where the user points at it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from spyhop.assist.chat.port import ChatPort
from spyhop.errors import UsageError

_URIS: Final = ("uri",)
_PATHS: Final = ("path",)
_NO_HOST: Final = frozenset({"", "localhost"})


class Confined:
    """A `ChatPort` that refuses what would leave the folders ``roots``."""

    def __init__(self, chats: ChatPort, roots: Callable[[], Sequence[Path]]) -> None:
        self._chats = chats
        self._roots = roots

    async def call(self, method: str, params: Any) -> dict[str, Any]:
        """Carry out a request, as the port does.

        Raises:
            SpyhopError: it cannot be, or it leads out of the workspace.
        """
        await asyncio.to_thread(self._check, params)
        return await self._chats.call(method, params)

    def follow(self, after: int) -> AsyncGenerator[dict[str, Any], None]:
        """Follow the events, as the port does."""
        return self._chats.follow(after)

    @property
    def seq(self) -> int:
        """The number of the last event."""
        return self._chats.seq

    def _check(self, params: Any) -> None:
        roots = self._roots()
        for uri in _named(params, _URIS):
            path = path_of(uri)
            if path is None or not any(is_inside(path, root) for root in roots):
                raise UsageError("page-outside-workspace", path=uri)
        for name in _named(params, _PATHS):
            if not roots or not _is_plain(name) or not is_inside(roots[0] / name, roots[0]):
                raise UsageError("page-outside-workspace", path=name)


def path_of(uri: str) -> Path | None:
    """Return the path of a ``file:`` URI of this machine; None: it is none."""
    try:
        parts = urlsplit(uri)
        if parts.scheme != "file" or parts.netloc not in _NO_HOST or parts.query or parts.fragment:
            return None
        path = url2pathname(parts.path)
    except ValueError:
        return None
    return Path(path) if _is_plain(path) and Path(path).is_absolute() else None


def is_inside(path: Path, root: Path) -> bool:
    """Tell whether a path, its links followed, is in a folder; the file need not be there."""
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):
        # A loop of links, a name that the system does not take.
        return False


def _is_plain(name: str) -> bool:
    """Tell whether a name has nothing that systems read in a way of their own."""
    drive, _, rest = name.partition(":")
    stream = ":" in (rest if len(drive.strip("/\\")) == 1 else name)
    # Windows opens a stream of a file, or a device, by such names.
    return "\0" not in name and not (stream and "\\" in str(Path("a/b")))


def _named(value: Any, keys: Sequence[str]) -> Iterator[str]:
    """Yield the texts that stand under one of the keys, at any depth."""
    match value:
        case dict():
            for key, inner in value.items():
                if key in keys and isinstance(inner, str) and inner:
                    yield inner
                else:
                    yield from _named(inner, keys)
        case list():
            for inner in value:
                yield from _named(inner, keys)
