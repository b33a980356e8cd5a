"""Documents opened, changed and closed, and the edits that follow them."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types
from pygls.uris import to_fs_path

from spyhop.lsp.documents import Document
from spyhop.lsp.features import files
from spyhop.lsp.server import SpyhopServer


def did_open(server: SpyhopServer, params: types.DidOpenTextDocumentParams) -> None:
    """Take in a document, and the edits that it had when it or the server was last there."""
    session = server.session
    uri = params.text_document.uri
    known = session.documents.find(uri)
    if known is not None:
        # An editor that opens twice says what the text is by now.
        session.edits.closed(uri, known.source)
    document = session.documents.open(params.text_document)
    heir_of = None if session.edits.of(uri) else session.edits.heir(document.source)
    if heir_of is not None:
        session.edits.moved(heir_of, uri)
        session.journal.forget(heir_of)
    dropped = session.edits.opened(uri, document.source)
    for past in session.journal.take_over(uri):
        dropped += session.edits.adopt(past.edits, past.text, uri, document.source)
    for gone in session.edits.drop_gone():
        session.journal.forget(gone)
    files.settle(server, uri, dropped)


def did_change(server: SpyhopServer, params: types.DidChangeTextDocumentParams) -> None:
    """Follow the changes of a document."""
    session = server.session
    identifier = params.text_document
    uri = identifier.uri
    changed = session.documents.change(uri, identifier.version, params.content_changes)
    if changed is None:
        return
    before, after = changed.before.source, changed.after.source
    open_before = session.edits.open_ids(uri)
    session.edits.changed(uri, before, after, changed.changes)
    session.journal.changed(uri, changed.changes, after.text, session.edits.of(uri))
    session.traffic.moved(session.edits.of(uri))
    if changed.changes:
        last = changed.changes[-1]
        session.cursor = uri, last.span.start + len(last.text)
    if session.chats is not None and session.chats.watches(uri):
        session.aside(session.chats.changed(uri))
    if open_before != session.edits.open_ids(uri):
        server.refresh_lenses()


def did_close(server: SpyhopServer, params: types.DidCloseTextDocumentParams) -> None:
    """Let go of a document, and of the work on it that is not done."""
    session = server.session
    uri = params.text_document.uri
    for edit in session.edits.of(uri):
        server.cancel(edit.id)
    document = session.documents.close(uri)
    if document is None:
        return
    gone = _is_gone(uri)
    session.edits.closed(uri, document.source, gone=gone)
    new = session.renamed.pop(uri, None)
    if new is None and gone:
        # Some editors open a renamed document before they close the old one.
        new = next((it.uri for it in session.documents if _continues(server, it, document)), None)
    if new is not None:
        files.move(server, uri, new)


def _continues(server: SpyhopServer, document: Document, closed: Document) -> bool:
    same = document.source.text == closed.source.text
    return same and not server.session.edits.of(document.uri)


def _is_gone(uri: str) -> bool:
    """Tell whether a document that is closed is nowhere else: never saved, or no longer there."""
    if uri.startswith("untitled:"):
        return True
    path = to_fs_path(uri)
    return uri.startswith("file:") and path is not None and not Path(path).exists()
