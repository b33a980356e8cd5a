"""Bringing a change into a document that may move on at any moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from spyhop.errors import NoEdit
from spyhop.lsp.documents import Document
from spyhop.sessions.edits import Applying, Edit

if TYPE_CHECKING:
    from spyhop.lsp.session import Session

# How often a change is made anew because the document moved on before the editor got it.
_ATTEMPTS: Final = 5


async def bring(
    session: Session, edit: Edit, label: str, make: Callable[[Document], Applying]
) -> None:
    """Have the editor apply what ``make`` returns for the document as it is now.

    Raises:
        NoEdit: the document was closed, or the editor does not take the change.
        SpyhopError: what ``make`` raises.
    """
    why = "-"
    for _ in range(_ATTEMPTS):
        document = session.documents.find(edit.uri)
        if document is None:
            raise NoEdit("no-edit-target-gone")
        result = await session.editor.apply(document, make(document).changes, label)
        if result.applied:
            session.edits.confirmed(edit)
            return
        session.edits.refused(edit)
        why = result.failure_reason or why
        if session.documents.find(edit.uri) == document:
            break
    raise NoEdit("no-edit-not-applied", why=why)
