"""Files renamed and deleted in the editor, and the edits that move or go with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lsprotocol import types

from spyhop.lsp.server import SpyhopServer

OPTIONS: Final = types.FileOperationRegistrationOptions(
    filters=[types.FileOperationFilter(types.FileOperationPattern("**/*"))]
)


def did_rename(server: SpyhopServer, params: types.RenameFilesParams) -> None:
    """Have edits move along with their files, and with the folders of those."""
    session = server.session
    for file in params.files:
        for uri in _within(server, file.old_uri):
            new = file.new_uri + uri.removeprefix(file.old_uri)
            if session.documents.find(uri) is not None:
                # The editor will close it under the old name.
                session.renamed[uri] = new
            else:
                move(server, uri, new)


def did_delete(server: SpyhopServer, params: types.DeleteFilesParams) -> None:
    """Drop the edits of deleted files, and of those in deleted folders."""
    session = server.session
    for file in params.files:
        server.completer.deleted(file.uri)
        for uri in _within(server, file.uri):
            for edit in session.edits.of(uri):
                server.cancel(edit.id)
            session.edits.forget_document(uri)
            session.journal.forget(uri)
            server.refresh_lenses()


def move(server: SpyhopServer, old: str, new: str) -> None:
    """Have the edits of a closed document move to another URI, which may be open already."""
    session = server.session
    session.edits.moved(old, new)
    session.journal.forget(old)
    document = session.documents.find(new)
    settle(server, new, 0 if document is None else session.edits.opened(new, document.source))


def settle(server: SpyhopServer, uri: str, dropped: int) -> None:
    """Note what has become of a document's edits, and say how many hunks were dropped."""
    session = server.session
    session.keep(uri)
    if dropped:
        message = session.say("hunks-dropped", count=dropped, path=server.path_of(uri))
        session.editor.show(types.MessageType.Warning, message)
    if dropped or session.edits.open_ids(uri):
        server.refresh_lenses()


def _within(server: SpyhopServer, uri: str) -> Iterator[str]:
    """Return the documents with edits that a file or folder is or holds."""
    for one in sorted(server.session.edits.uris()):
        if one == uri or one.startswith(f"{uri.rstrip('/')}/"):
            yield one
