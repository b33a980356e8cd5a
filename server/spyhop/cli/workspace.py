"""The user's files as chats on the command line reach them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from spyhop.assist.chat.folders import Folders
from spyhop.assist.chat.port import LiveText, Proposed
from spyhop.cli.files import TextFile, read_text
from spyhop.core.positions import Span
from spyhop.errors import UsageError
from spyhop.languages import language_of_path
from spyhop.sessions.proposal import ProposedHunk, propose

_FILE: Final = "file"


class CommandWorkspace:
    """The folder that the command is run in, and the files that its arguments name."""

    def __init__(self, folder: Path, named: Sequence[TextFile]) -> None:
        self._folder = folder
        self._folders = Folders([folder])
        self._named = {uri_of(file.path): file.shown for file in named}
        self.proposed: tuple[TextFile, tuple[ProposedHunk, ...]] | None = None
        """What was proposed last."""

    async def read(self, uri: str) -> LiveText | None:
        """Return a file as it is now; None where there is none."""
        shown = self._named.get(uri)
        if shown is not None:
            source = (await asyncio.to_thread(read_text, shown)).source
            return LiveText(uri, shown, language_of_path(shown), source)
        parts = urlsplit(uri)
        if parts.scheme != _FILE:
            return None
        path = Path(url2pathname(unquote(parts.path)))
        found = await asyncio.to_thread(self._folders.read, path)
        if found is None:
            return None
        name = path.name
        if path.is_relative_to(self._folder):
            name = path.relative_to(self._folder).as_posix()
        return LiveText(uri, name, language_of_path(name), found)

    async def uris(self) -> Sequence[tuple[str, str]]:
        """Return URI and path of the files that an answer may name."""
        files = await asyncio.to_thread(self._folders.files)
        below = [(path.as_uri(), shown) for path, shown in files]
        return [*self._named.items(), *(pair for pair in below if pair[0] not in self._named)]

    async def open_uris(self) -> Sequence[str]:
        """Return the files that the arguments name."""
        return [*self._named]

    async def diff(self) -> str:
        """Return what Git's working tree has changed."""
        return await self._folders.diff()

    async def propose(self, proposed: Proposed) -> None:
        """Keep new lines, for the user to review.

        Raises:
            NoEdit: they would change nothing.
        """
        source = proposed.source
        start = source.line_span(proposed.first).start
        end = source.line_span(proposed.first + len(proposed.base)).start
        hunks = propose(source, Span(start, end), proposed.base, proposed.lines)
        shown = self._named.get(proposed.uri) or url2pathname(unquote(urlsplit(proposed.uri).path))
        self.proposed = await asyncio.to_thread(read_text, shown), hunks

    async def insert(self, text: str) -> None:
        """Refuse: there is no cursor here."""
        del text
        raise UsageError("chat-no-cursor")

    async def create(self, path: str, text: str) -> str:
        """Make a new file below the folder."""
        return (await asyncio.to_thread(self._folders.create, path, text)).as_uri()


def uri_of(path: Path) -> str:
    """Return the URI of a file."""
    return path.absolute().as_uri()
