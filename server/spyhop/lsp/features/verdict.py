"""``spyhop.accept`` and ``spyhop.reject``: the user's word on a hunk, or on all of an edit's."""

from __future__ import annotations

from typing import Final

from spyhop.lsp.application import bring
from spyhop.lsp.arguments import HunkArguments
from spyhop.lsp.server import SpyhopServer

ACCEPT: Final = "spyhop.accept"
REJECT: Final = "spyhop.reject"


def accept(server: SpyhopServer, arguments: HunkArguments) -> None:
    """Keep the new text, as the user has made it by now.

    Raises:
        UsageError: the edit or the hunk is not open any more.
    """
    session = server.session
    session.edits.accept(session.edits.get(arguments.edit_id), arguments.hunk_id)
    server.refresh_lenses()


async def reject(server: SpyhopServer, arguments: HunkArguments) -> None:
    """Put the old text back, in one step of undo.

    Raises:
        UsageError: the edit or the hunk is not open any more.
        NoEdit: the editor does not take the change.
    """
    session = server.session
    edit = session.edits.get(arguments.edit_id)
    label = session.say("edit-label", title=session.say("reject"))
    await bring(
        session,
        edit,
        label,
        lambda document: session.edits.reject(edit, document.source, arguments.hunk_id),
    )
