"""``spyhop.edit``: ask the model for an edit, follow it, put the proposal into the document."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from lsprotocol import types

from spyhop.assist.material import material_for, whole_lines
from spyhop.core.lines import is_blank
from spyhop.core.positions import Span
from spyhop.errors import NoEdit, SpyhopError, UsageError
from spyhop.lsp.application import bring
from spyhop.lsp.arguments import EditArguments, HunkArguments
from spyhop.lsp.convert import range_from
from spyhop.lsp.documents import Document
from spyhop.lsp.progress import EditProgress, edit_id_of
from spyhop.lsp.server import SpyhopServer
from spyhop.messages import Notice
from spyhop.prompting.edit import Material
from spyhop.sessions.edits import Applying, Edit

COMMAND: Final = "spyhop.edit"
CANCEL: Final = "spyhop.cancel"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked, and of which text: the document moves on, and the edit's target with it."""

    document: Document
    target: Span
    arguments: EditArguments

    def material(self, path: str) -> Material:
        """Return what the edit is about."""
        words = self.arguments.instruction or ""
        source, language = self.document.source, self.document.language
        material = material_for(source, self.target, path, language, words)
        return replace(material, diagnostics=self.arguments.diagnostics)


def edit(server: SpyhopServer, arguments: EditArguments) -> dict[str, str]:
    """Begin an edit and answer at once with its id; all else comes by progress and messages.

    Raises:
        UsageError: the document is not open, the lines are taken, or nothing is asked for.
    """
    session = server.session
    name = arguments.preset or "edit"
    template, instruction = session.library.resolve(name, arguments.instruction or "")
    if not instruction.strip():
        raise UsageError("no-instruction")
    session.worker.warm()
    document = session.documents.get(arguments.uri)
    span = document.source.span_of(range_from(arguments.range), session.documents.encoding)
    target = whole_lines(document.source, span)
    selected = document.source.text[target.start : target.end]
    if template.kind == "comment" and is_blank(selected):
        raise UsageError("nothing-to-comment")
    title = session.library.get(name).title(session.language)
    begun = session.edits.begin(document.uri, document.source, target, title)
    session.started(
        begun.id,
        asyncio.create_task(_work(server, begun, _Asked(document, target, arguments))),
        server.protocol.msg_id,
    )
    return {"editId": begun.id}


def cancel(server: SpyhopServer, arguments: HunkArguments) -> None:
    """Stop an edit that the model still works on."""
    server.cancel(arguments.edit_id)


def progress_cancelled(server: SpyhopServer, params: types.WorkDoneProgressCancelParams) -> None:
    """Stop the edit whose progress the user cancelled."""
    if edit_id := edit_id_of(params.token):
        server.cancel(edit_id)


async def _work(server: SpyhopServer, begun: Edit, asked: _Asked) -> None:
    """Carry an edit through, and say so when it comes to nothing."""
    session = server.session
    progress = EditProgress(server, begun.id, session.say("progress-title", title=begun.title))
    progress.begin()
    try:
        await _ask(server, begun, asked, progress)
    except SpyhopError as error:
        session.edits.forget(begun.id)
        kind = types.MessageType.Warning if isinstance(error, NoEdit) else types.MessageType.Error
        session.editor.show(kind, error.say(session.language))
    except asyncio.CancelledError:
        # A proposal that is on its way into the document may still arrive there.
        if begun.applying is None:
            session.edits.forget(begun.id)
    except Exception as error:  # noqa: BLE001 - the task's last resort
        session.edits.forget(begun.id)
        server.report_unexpected(error)
    finally:
        if session.steering.pop(begun.id, None):
            server.refresh_lenses()
        progress.end()


async def _ask(server: SpyhopServer, begun: Edit, asked: _Asked, progress: EditProgress) -> None:
    from spyhop.assist.edit import Outcome, Repairing  # noqa: PLC0415 - start-up counts
    from spyhop.assist.edit import edit as ask  # noqa: PLC0415
    from spyhop.assist.reading import Thinking, Writing  # noqa: PLC0415
    from spyhop.assist.task import prepare  # noqa: PLC0415

    session = server.session
    # Off the loop: splitting a long document takes long.
    material = await asyncio.to_thread(asked.material, server.path_of(begun.uri))
    await session.configured.wait()
    model, name = session.model, asked.arguments.preset or "edit"
    task = await prepare(model, session.library, name, material, session.settings, session.language)
    if task.can_end_early:
        session.steering[begun.id] = task.steering
        server.refresh_lenses()
    async for step in ask(model, task, session.worker.run):
        match step:
            case Thinking(tokens, seconds):
                progress.report(
                    session.say("thinking-seconds", tokens=tokens, seconds=int(seconds))
                )
            case Writing(lines):
                if session.steering.pop(begun.id, None):
                    server.refresh_lenses()
                progress.report(session.say("writing", lines=lines))
            case Repairing(fault):
                progress.report(session.say("repairing", line=fault.line + 1), now=True)
            case Outcome(lines, thinking, warnings):
                begun.thinking, begun.warnings = thinking, warnings
                await _put(server, begun, lines)
                _warn(server, warnings)


async def _put(server: SpyhopServer, begun: Edit, lines: Sequence[str]) -> None:
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
