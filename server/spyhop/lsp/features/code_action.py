"""``textDocument/codeAction``: edits for the selection, verdicts for the hunk at the caret."""

from __future__ import annotations

from typing import Any, Final

from lsprotocol import types

from spyhop.core.positions import Source, Span
from spyhop.lsp.convert import range_from
from spyhop.lsp.features import answer_now, ask, chat, edit, show, verdict
from spyhop.lsp.server import SpyhopServer
from spyhop.prompting.template import Template
from spyhop.sessions.proposal import State

# LSP4IJ hides what is exactly "quickfix".
KIND: Final = types.CodeActionKind.RefactorRewrite
_FIX: Final = "fix"


def code_action(
    server: SpyhopServer, params: types.CodeActionParams
) -> list[types.CodeAction | types.Command] | None:
    """Return what can be done at the selection; answered from memory alone."""
    session = server.session
    document = session.documents.find(params.text_document.uri)
    if document is None or not _wanted(params.context.only):
        return None
    span = document.source.span_of(range_from(params.range), session.documents.encoding)
    session.cursor = document.uri, span.end
    actions = _verdicts(server, document.uri, document.source, span)
    actions += _answer_now(server, document.uri, document.source, span)
    if len(span):
        actions += _presets(server, params)
        actions.append(_chat(server, params))
    elif params.context.diagnostics:
        actions.append(_fix(server, params))
    return list(actions)


def _wanted(only: Any) -> bool:
    """Tell whether the client asks for our kind, or for one that holds it."""
    return not only or any(kind == KIND or KIND.startswith(f"{kind}.") for kind in only)


def _presets(server: SpyhopServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    presets = server.session.setup.library.presets()
    return [_preset(server, preset, params, params.range) for preset in presets]


def _chat(server: SpyhopServer, params: types.CodeActionParams) -> types.CodeAction:
    """Return the action that takes the selection into the chat."""
    argument = {"uri": params.text_document.uri, "range": _as_json(params.range)}
    return _action(server.session.say("chat-add-action"), chat.ADD, argument)


def _as_json(at: types.Range) -> dict[str, Any]:
    return {
        "start": {"line": at.start.line, "character": at.start.character},
        "end": {"line": at.end.line, "character": at.end.character},
    }


def _fix(server: SpyhopServer, params: types.CodeActionParams) -> types.CodeAction:
    """Return the action that fixes the problems at the caret, where nothing is selected."""
    ranges = [diagnostic.range for diagnostic in params.context.diagnostics]
    start = min((it.start for it in ranges), key=lambda at: (at.line, at.character))
    end = max((it.end for it in ranges), key=lambda at: (at.line, at.character))
    return _preset(server, server.session.setup.library.get(_FIX), params, types.Range(start, end))


def _preset(
    server: SpyhopServer, preset: Template, params: types.CodeActionParams, at: types.Range
) -> types.CodeAction:
    session = server.session
    argument: dict[str, Any] = {
        "uri": params.text_document.uri,
        "range": _as_json(at),
        "preset": preset.name,
    }
    if preset.name == _FIX:
        argument["diagnostics"] = [_problem(one) for one in params.context.diagnostics]
    title = session.say("preset-action", title=preset.title(session.language))
    return _action(title, ask.COMMAND if preset.kind == "answer" else edit.COMMAND, argument)


def _problem(diagnostic: types.Diagnostic) -> str:
    """Return a problem as the model reads it; lines are counted from 1."""
    message = " ".join(diagnostic.message.split())
    code = f" ({diagnostic.code})" if diagnostic.code else ""
    return f"line {diagnostic.range.start.line + 1}: {message}{code}"


def _answer_now(
    server: SpyhopServer, uri: str, source: Source, span: Span
) -> list[types.CodeAction]:
    """Return the actions for the edits that the model thinks about, where the caret is in one."""
    session = server.session
    lines = _lines(source, span)
    return [
        _action(session.say(key), command, {"editId": one.id})
        for one in session.edits.of(uri)
        if one.id in session.steering and _meet(lines, _lines(source, one.target))
        for key, command in (
            ("answer-now-action", answer_now.COMMAND),
            ("stop-action", edit.CANCEL),
        )
    ]


def _verdicts(server: SpyhopServer, uri: str, source: Source, span: Span) -> list[types.CodeAction]:
    session = server.session
    actions: list[types.CodeAction] = []
    lines = _lines(source, span)
    at_hand = [
        (owner, hunk)
        for owner, hunk in session.edits.open_hunks(uri)
        if _meet(lines, _lines(source, hunk.span))
    ]
    for owner, hunk in at_hand:
        one = {"editId": owner.id, "hunkId": hunk.id}
        conflict = hunk.state is State.CONFLICT
        accept = session.say("take-model-action" if conflict else "accept-action")
        reject = session.say("keep-mine-action" if conflict else "reject-action")
        actions.append(_action(accept, verdict.ACCEPT, one))
        actions.append(_action(reject, verdict.REJECT, one))
    for owner in {owner.id: owner for owner, _ in at_hand}.values():
        actions += [
            _action(session.say(key, count=count), command, {"editId": owner.id})
            for _, key, command, count in verdict.on_all(owner)
        ]
        whole = {"editId": owner.id}
        actions.append(_action(session.say("show-diff-action"), show.DIFF, whole))
        if owner.thinking:
            actions.append(_action(session.say("show-thinking-action"), show.THINKING, whole))
    return actions


def _lines(source: Source, span: Span) -> range:
    """Return the lines that a span touches; one that ends at a line's start does not touch it."""
    return range(source.line_at(span.start), source.line_at(max(span.start, span.end - 1)) + 1)


def _meet(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop


def _action(title: str, command: str, argument: dict[str, Any]) -> types.CodeAction:
    return types.CodeAction(
        title, kind=KIND, command=types.Command(title, command, arguments=[argument])
    )
