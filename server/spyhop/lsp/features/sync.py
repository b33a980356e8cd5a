"""Documents opened, changed and closed, and the edits that follow them."""

from __future__ import annotations

from lsprotocol import types

from spyhop.lsp.server import SpyhopServer


def did_open(server: SpyhopServer, params: types.DidOpenTextDocumentParams) -> None:
    """Take in a document."""
    document = server.session.documents.open(params.text_document)
    server.session.edits.opened(document.uri, document.source)


def did_change(server: SpyhopServer, params: types.DidChangeTextDocumentParams) -> None:
    """Follow the changes of a document."""
    session = server.session
    identifier = params.text_document
    changed = session.documents.change(identifier.uri, identifier.version, params.content_changes)
    if changed is None:
        return
    before = session.edits.open_ids(identifier.uri)
    session.edits.changed(
        identifier.uri, changed.before.source, changed.after.source, changed.changes
    )
    session.traffic.moved(session.edits.of(identifier.uri))
    if before != session.edits.open_ids(identifier.uri):
        server.refresh_lenses()


def did_close(server: SpyhopServer, params: types.DidCloseTextDocumentParams) -> None:
    """Let go of a document, and of the work on it that is not done."""
    session = server.session
    uri = params.text_document.uri
    for edit in session.edits.of(uri):
        server.cancel(edit.id)
    document = session.documents.close(uri)
    if document is not None:
        session.edits.closed(uri, document.source)
