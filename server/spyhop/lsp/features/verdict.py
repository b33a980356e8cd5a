"""``spyhop.accept`` and ``spyhop.reject``: the user's word on a hunk, or on all of an edit's."""

from __future__ import annotations

from typing import Final

from spyhop.lsp.application import bring
from spyhop.lsp.arguments import HunkArguments
from spyhop.lsp.server import SpyhopServer
from spyhop.sessions.edit import Edit

ACCEPT: Final = "spyhop.accept"
REJECT: Final = "spyhop.reject"


def on_all(edit: Edit) -> list[tuple[str, str, str, int]]:
    """Return a lens's key, an action's key, command and number of what goes to several hunks."""
    pending = len(edit.pending)
    every = pending + len(edit.conflicts)
    found = [
        ("accept-all", "accept-all-action", ACCEPT, pending),
        ("reject-all", "reject-all-action", REJECT, every),
    ]
    return [one for one in found if one[-1] > 1]


async def accept(server: SpyhopServer, arguments: HunkArguments) -> None:
    """Keep the new text, as the user has made it by now; in a conflict, put the model's in.

    Raises:
        UsageError: the edit or the hunk is not open any more.
        NoEdit: the editor does not take the change.
    """
    session = server.session
    edit, hunk_id = session.edits.get(arguments.edit_id), arguments.hunk_id
    if hunk_id is not None and any(hunk.id == hunk_id for hunk in edit.conflicts):
        label = session.say("edit-label", title=session.say("take-model"))
        await bring(
            session,
            edit,
            label,
            lambda document: session.edits.take(edit, document.source, hunk_id),
        )
    else:
        session.edits.accept(edit, hunk_id)
        session.keep(edit.uri)
    server.refresh_lenses()


async def reject(server: SpyhopServer, arguments: HunkArguments) -> None:
    """Put the old text back, in one step of undo; in a conflict, keep the user's.

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
    server.refresh_lenses()
