"""``textDocument/codeLens``: what can be said to each hunk that waits for a verdict, above it."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from spyhop.core.positions import Position, Range, Source, Span
from spyhop.lsp.convert import range_to
from spyhop.lsp.features import answer_now, show, verdict
from spyhop.lsp.features import edit as edit_feature
from spyhop.lsp.server import SpyhopServer
from spyhop.sessions.proposal import State


def code_lens(server: SpyhopServer, params: types.CodeLensParams) -> list[types.CodeLens]:
    """Return the lenses, top to bottom; plain titles, for not every editor draws icons."""
    session = server.session
    document = session.documents.find(params.text_document.uri)
    if document is None:
        return []
    lenses: list[types.CodeLens] = []
    for working in session.edits.of(document.uri):
        if working.id in session.steering:
            one = {"editId": working.id}
            lenses += [
                types.CodeLens(
                    range_to(_first_line(document.source, working.target)), command=command
                )
                for command in (
                    _command(session.say("answer-now"), answer_now.COMMAND, one),
                    _command(session.say("stop"), edit_feature.CANCEL, one),
                )
            ]
    seen: set[str] = set()
    for edit, hunk in session.edits.open_hunks(document.uri):
        one = {"editId": edit.id, "hunkId": hunk.id}
        conflict = hunk.state is State.CONFLICT
        accept = session.say("take-model" if conflict else "accept")
        reject = session.say("keep-mine" if conflict else "reject")
        commands = [_command(accept, verdict.ACCEPT, one), _command(reject, verdict.REJECT, one)]
        if conflict:
            commands.append(_command(session.say("show-both"), show.DIFF, one))
        if edit.id not in seen:
            commands += [
                _command(session.say(key, count=count), command, {"editId": edit.id})
                for key, _, command, count in verdict.on_all(edit)
            ]
        seen.add(edit.id)
        at = range_to(_first_line(document.source, hunk.span))
        lenses += [types.CodeLens(at, command=command) for command in commands]
    return lenses


def _first_line(source: Source, span: Span) -> Range:
    line = source.line_at(span.start)
    return Range(Position(line, 0), Position(line, 0))


def _command(title: str, command: str, argument: dict[str, Any]) -> types.Command:
    return types.Command(title, command, arguments=[argument])
