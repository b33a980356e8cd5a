"""``spyhop.edit``: ask the model for an edit, follow it, put the proposal into the document."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from lsprotocol import types

from spyhop.core.lines import is_blank
from spyhop.errors import NoEdit, UsageError
from spyhop.lsp.application import bring
from spyhop.lsp.arguments import EditArguments, HunkArguments
from spyhop.lsp.asked import Asked, asked, carry
from spyhop.lsp.documents import Document
from spyhop.lsp.progress import EditProgress, edit_id_of
from spyhop.lsp.server import SpyhopServer
from spyhop.messages import Notice
from spyhop.sessions.edit import Applying, Edit

COMMAND: Final = "spyhop.edit"
CANCEL: Final = "spyhop.cancel"


def edit(server: SpyhopServer, arguments: EditArguments) -> dict[str, str]:
    """Begin an edit and answer at once with its id; all else comes by progress and messages.

    Raises:
        UsageError: the document is not open, the lines are taken, or nothing is asked for.
    """
    session = server.session
    wanted, template = asked(server, arguments, "edit", "no-instruction")
    if template.kind == "answer":
        raise UsageError("prompt-not-edit", name=wanted.prompt)
    if template.kind == "comment" and is_blank(wanted.selected):
        raise UsageError("nothing-to-comment")
    title, document = wanted.title(server), wanted.document
    begun = session.edits.begin(document.uri, document.source, wanted.target, title)

    def drop() -> None:
        # A proposal that is on its way into the document may still arrive there.
        if begun.applying is None:
            session.edits.forget(begun.id)

    work = carry(server, begun.id, title, lambda it: _ask(server, begun, wanted, it), drop)
    session.started(begun.id, asyncio.create_task(work), server.protocol.msg_id)
    return {"editId": begun.id}


def cancel(server: SpyhopServer, arguments: HunkArguments) -> None:
    """Stop an edit that the model still works on."""
    server.cancel(arguments.edit_id)


def progress_cancelled(server: SpyhopServer, params: types.WorkDoneProgressCancelParams) -> None:
    """Stop the edit whose progress the user cancelled."""
    if edit_id := edit_id_of(params.token):
        server.cancel(edit_id)


async def _ask(server: SpyhopServer, begun: Edit, wanted: Asked, progress: EditProgress) -> None:
    from spyhop.assist.edit import Outcome, Repairing  # noqa: PLC0415 - start-up counts
    from spyhop.assist.edit import edit as ask  # noqa: PLC0415
    from spyhop.assist.reading import Thinking, Writing  # noqa: PLC0415

    session = server.session
    model, task = await wanted.begin(server, begun.id, progress)
    async for step in ask(model, task, session.worker.run):
        # Something comes of it, so its answer will be checked.
        session.worker.warm()
        match step:
            case Thinking(tokens, seconds):
                progress.thinking(tokens, seconds)
            case Writing(lines):
                if session.steering.pop(begun.id, None):
                    server.refresh_lenses()
                progress.report(session.say("writing", lines=lines))
            case Repairing(fault):
                if task.can_end_early:
                    session.steering[begun.id] = task.steering
                    server.refresh_lenses()
                progress.report(session.say("repairing", line=fault.line + 1), now=True)
            case Outcome(lines, thinking, warnings):
                begun.thinking, begun.warnings = thinking, warnings
                await put(server, begun, lines)
                _warn(server, warnings)


async def put(server: SpyhopServer, begun: Edit, lines: Sequence[str]) -> None:
    """Put the proposal into the document as it is by now.

    Raises:
        NoEdit: the lines have changed, or the editor does not take the change.
    """
    session = server.session

    def proposal(document: Document) -> Applying:
        if begun.base and not len(begun.target):
            raise NoEdit("no-edit-target-gone")
        return session.edits.propose(begun, document.source, lines)

    await bring(session, begun, session.say("edit-label", title=begun.title), proposal)


def _warn(server: SpyhopServer, warnings: Sequence[Notice]) -> None:
    for warning in warnings:
        server.session.editor.show(types.MessageType.Info, warning.say(server.session.language))
