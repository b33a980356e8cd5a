"""``textDocument/inlineCompletion``: ghost text at the caret, and what becomes of it."""

from __future__ import annotations

from typing import Any, Final

from lsprotocol import types

from spyhop.core.positions import Position, Span
from spyhop.lsp.arguments import CompletionArguments
from spyhop.lsp.convert import range_from, range_to
from spyhop.lsp.documents import Document
from spyhop.lsp.server import SpyhopServer
from spyhop.sessions.completion import Answer

ACCEPTED: Final = "spyhop.completionAccepted"
SHOWN: Final = "spyhop/completionShown"
DISMISSED: Final = "spyhop/completionDismissed"


async def inline_completion(
    server: SpyhopServer, params: types.InlineCompletionParams
) -> list[types.InlineCompletionItem]:
    """Return the completion at the caret, if there is one."""
    document = server.document
    if document is None:
        return []
    encoding = server.session.documents.encoding
    at = Position(params.position.line, params.position.character)
    offset = document.source.offset_at(at, encoding)
    kind = params.context.trigger_kind
    explicit = kind is types.InlineCompletionTriggerKind.Invoked
    answer = await server.completer.complete(document, offset, explicit=explicit)
    if answer is None:
        return []
    span = Span(offset, offset + answer.replaces)
    text = answer.text
    if (selected := params.context.selected_completion_info) is not None:
        # Of a list that is open the editor shows only what goes on from its chosen entry.
        chosen = document.source.span_of(range_from(selected.range), encoding)
        text = document.source.text[chosen.start : offset] + text
        span = Span(chosen.start, max(chosen.end, span.end))
        if not text.startswith(selected.text):
            return []
    range_ = range_to(document.source.range_of(span, encoding))
    return [
        types.InlineCompletionItem(text, range=range_, command=command(server, document, answer))
    ]


def command(server: SpyhopServer, document: Document, answer: Answer) -> types.Command:
    """Return what the client is to run when the user accepts a completion."""
    told = {"uri": document.uri, "id": answer.id}
    return types.Command(server.session.say("completion-accepted"), ACCEPTED, arguments=[told])


def accepted(server: SpyhopServer, arguments: CompletionArguments) -> None:
    """Note that a completion, or a part of it, was accepted."""
    server.completer.accepted(arguments.uri, arguments.id)


def shown(server: SpyhopServer, params: Any) -> None:
    """Note that a completion has come to the screen."""
    arguments = CompletionArguments.read(params, SHOWN)
    server.completer.shown(arguments.uri, arguments.id)


def dismissed(server: SpyhopServer, params: Any) -> None:
    """Note that a completion was sent away."""
    arguments = CompletionArguments.read(params, DISMISSED)
    server.completer.dismissed(arguments.uri, arguments.id)
