"""The user's files as chats reach them: in the editor where they are open, else on disk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pygls.uris import from_fs_path, to_fs_path

from spyhop.assist.chat.folders import Folders
from spyhop.assist.chat.port import LiveText, Proposed
from spyhop.core.anchors import Change
from spyhop.core.positions import Span
from spyhop.errors import NoEdit, UsageError
from spyhop.languages import language_of_path
from spyhop.lsp.documents import Document
from spyhop.lsp.features.edit import put

if TYPE_CHECKING:
    from spyhop.lsp.server import SpyhopServer

# How long a list of files is good for: names are asked for letter by letter.
_SECONDS_KEPT: Final = 10.0
_SECONDS_TO_OPEN: Final = 10.0


class EditorWorkspace:
    """What `spyhop.assist.chat.port.Workspace` asks for."""

    def __init__(self, server: SpyhopServer) -> None:
        self._server = server
        self._session = server.session
        self._listed: list[tuple[str, str]] = []
        self._listed_at: float | None = None

    async def read(self, uri: str) -> LiveText | None:
        """Return a file as it is now; None where there is none."""
        document = self._session.documents.find(uri)
        path = self._server.path_of(uri)
        if document is not None:
            return LiveText(uri, path, document.language, document.source)
        name = to_fs_path(uri) if uri.startswith("file:") else None
        if name is None:
            return None
        source = await asyncio.to_thread(self._folders.read, Path(name))
        return None if source is None else LiveText(uri, path, language_of_path(path), source)

    async def uris(self) -> Sequence[tuple[str, str]]:
        """Return URI and path of the files that can be mentioned: open ones first."""
        now = time.monotonic()
        if self._listed_at is None or now - self._listed_at > _SECONDS_KEPT:
            files = await asyncio.to_thread(self._folders.files)
            self._listed = [(from_fs_path(str(path)) or "", shown) for path, shown in files]
            self._listed_at = now
        first = {uri: self._server.path_of(uri) for uri in await self.open_uris()}
        return [*first.items(), *(pair for pair in self._listed if pair[0] not in first)]

    async def open_uris(self) -> Sequence[str]:
        """Return the URIs of the files that the user has open, the one used last first."""
        uris = [document.uri for document in self._session.documents][::-1]
        cursor = self._session.cursor
        return sorted(uris, key=lambda uri: cursor is None or uri != cursor[0])

    async def diff(self) -> str:
        """Return what Git's working tree has changed."""
        return await self._folders.diff()

    async def propose(self, proposed: Proposed) -> None:
        """Show new lines as an edit; its file is opened where it is not."""
        session = self._session
        document = await self._opened(proposed.uri)
        if document.source.text != proposed.source.text:
            raise NoEdit("no-edit-target-gone")
        source = document.source
        start = source.line_span(proposed.first).start
        end = source.line_span(proposed.first + len(proposed.base)).start
        begun = session.edits.begin(document.uri, source, Span(start, end), proposed.title)
        begun.warnings = proposed.warnings
        try:
            await put(self._server, begun, proposed.lines)
        except BaseException:
            if begun.applying is None:
                session.edits.forget(begun.id)
            raise
        self._server.refresh_lenses()

    async def insert(self, text: str) -> None:
        """Put ``text`` where the cursor was last."""
        cursor = self._session.cursor
        document = self._session.documents.find(cursor[0]) if cursor is not None else None
        if cursor is None or document is None:
            raise UsageError("chat-no-cursor")
        at = min(cursor[1], len(document.source.text))
        change = Change(Span(at, at), text)
        label = self._session.say("edit-label", title=self._session.say("chat-insert"))
        result = await self._session.editor.apply(document, [change], label)
        if not result.applied:
            raise NoEdit("no-edit-not-applied", why=result.failure_reason or "-")

    async def create(self, path: str, text: str) -> str:
        """Make a new file and open it."""
        made = await asyncio.to_thread(self._folders.create, path, text)
        uri = from_fs_path(str(made)) or made.as_uri()
        self._listed_at = None
        if self._session.editor.can_show_documents:
            await self._session.editor.show_document(uri)
        return uri

    @property
    def _folders(self) -> Folders:
        return Folders(self._session.setup.roots)

    async def _opened(self, uri: str) -> Document:
        """Return a document, opened in the editor where it is not.

        Raises:
            UsageError: the editor does not open it.
        """
        document = self._session.documents.find(uri)
        if document is not None:
            return document
        if self._session.editor.can_show_documents:
            opened = self._session.documents.opened(uri)
            if await self._session.editor.show_document(uri):
                try:
                    return await asyncio.wait_for(opened, _SECONDS_TO_OPEN)
                except TimeoutError:
                    pass
            opened.cancel()
        raise UsageError("document-closed", uri=uri)
