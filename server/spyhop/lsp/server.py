"""The server: pygls's, with our protocol and one session."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from spyhop import __version__
from spyhop.lsp.completer import Completer
from spyhop.lsp.documents import Document
from spyhop.lsp.editor import Editor
from spyhop.lsp.protocol import SpyhopProtocol
from spyhop.lsp.session import Session


class SpyhopServer(LanguageServer):
    """A language server that holds the session of one editor."""

    def __init__(self) -> None:
        super().__init__("spyhop", __version__, protocol_cls=SpyhopProtocol)
        self.log = logging.getLogger("spyhop")
        self.completer = Completer(self)
        self.session = Session(Editor(self), self.completer.give_way)
        self._background: set[asyncio.Task[None]] = set()

    @property
    def document(self) -> Document | None:
        """The document that the request at hand is about, as it was when the request came."""
        return self.protocol.document if isinstance(self.protocol, SpyhopProtocol) else None

    def cancel(self, work_id: str) -> None:
        """Stop an edit that the model works on, or a pull; its stream is closed at once."""
        if task := self.session.running.get(work_id) or self.session.pulls.get(work_id):
            task.cancel()

    def late_cancel(self, request_id: str | int) -> None:
        """Stop what an answered request had begun."""
        if work_id := self.session.requests.get(request_id):
            self.cancel(work_id)

    def refresh_lenses(self) -> None:
        """Have the code lenses asked for again, without waiting for it."""
        task = asyncio.create_task(self.session.editor.refresh_lenses())
        # The loop keeps only weak references to tasks.
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def path_of(self, uri: str) -> str:
        """Return the path that a prompt shows for a document: from its folder, where it has one."""
        path = to_fs_path(uri)
        if path is None:
            return uri.rpartition("/")[2]
        for root in self.session.setup.roots:
            if Path(path).is_relative_to(root):
                return Path(path).relative_to(root).as_posix()
        return Path(path).name

    async def show_page(self, name: str, text: str) -> None:
        """Have the user read ``text``: in the editor where it can open it, else as a message."""
        if self.session.editor.can_show_documents:
            uri = self.session.pages.write(name, text)
            if await self.session.editor.show_document(uri):
                return
        self.session.editor.show(types.MessageType.Info, text)

    def report_unexpected(self, error: Exception) -> None:
        """Log a fault of our own and tell the user that it happened."""
        self.log.error("A fault of Spyhop's own", exc_info=error)
        why = f"{type(error).__name__}: {error}"
        self.session.editor.show(types.MessageType.Error, self.session.say("unexpected", why=why))

    def report_server_error(self, error: Exception, source: Any) -> None:  # noqa: ARG002
        """Log what pygls could not handle: the client has its answer already."""
        self.log.error("A message was not handled: %s", error)
