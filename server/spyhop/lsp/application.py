"""Bringing a change into a document that may move on at any moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from spyhop.errors import NoEdit
from spyhop.lsp.documents import Document
from spyhop.sessions.edit import Applying, Edit
from spyhop.sessions.proposal import State

if TYPE_CHECKING:
    from spyhop.lsp.session import Session

# How often a change is made anew because the document moved on before the editor got it.
_ATTEMPTS: Final = 5


async def bring(
    session: Session, edit: Edit, label: str, make: Callable[[Document], Applying]
) -> None:
    """Have the editor apply what ``make`` returns for the document as it is now.

    What else is to be brought into the same document waits until this has arrived, for it must
    count in the text as it is then. Conflicts that come with a proposal are told, once.

    Raises:
        NoEdit: the document was closed, or the editor does not take the change.
        SpyhopError: what ``make`` raises.
    """
    proposing = edit.asked
    async with session.traffic.turn(edit.uri):
        try:
            await _bring(session, edit, label, make)
        finally:
            session.keep(edit.uri)
    if proposing:
        await _tell_conflicts(session, edit)


async def _bring(
    session: Session, edit: Edit, label: str, make: Callable[[Document], Applying]
) -> None:
    why = "-"
    for _ in range(_ATTEMPTS):
        document = session.documents.find(edit.uri)
        if document is None:
            raise NoEdit("no-edit-target-gone")
        applying = make(document)
        if not applying.changes:
            return
        await session.keep_ahead(edit.uri)
        if session.documents.find(edit.uri) != document:
            session.edits.refused(edit)
            continue
        result = await session.editor.apply(document, applying.changes, label)
        if result.applied:
            session.edits.confirmed(edit)
            await session.traffic.arrival(edit)
            return
        session.edits.refused(edit)
        why = result.failure_reason or why
        if session.documents.find(edit.uri) == document:
            break
    raise NoEdit("no-edit-not-applied", why=why)


async def _tell_conflicts(session: Session, edit: Edit) -> None:
    """Say that some of the model's lines wait for a choice, and where the first of them is."""
    document = session.documents.find(edit.uri)
    hunks = edit.hunks or (edit.applying.done if edit.applying is not None else ())
    conflicts = [hunk for hunk in hunks if hunk.state is State.CONFLICT]
    if document is None or not conflicts:
        return
    line = document.source.line_at(conflicts[0].span.start) + 1
    message = session.say("conflicts", count=len(conflicts), line=line)
    session.editor.show(types.MessageType.Warning, message)
    await session.editor.refresh_lenses()
