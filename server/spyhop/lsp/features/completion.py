"""``textDocument/completion``: an entry in the list, for editors that show no ghost text."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import Final

from lsprotocol import types

from spyhop.core.fences import fence_for
from spyhop.core.positions import Position, Span
from spyhop.languages import info_string
from spyhop.lsp.convert import range_to
from spyhop.lsp.documents import Document
from spyhop.lsp.features.inline_completion import command
from spyhop.lsp.server import SpyhopServer
from spyhop.sessions.completion import Answer

# Seconds: some editors show no list before all servers have answered.
_PATIENCE: Final = 2.0
_WORD: Final = re.compile(r"\w*\Z")
_LONGEST_WORD: Final = 100
_LABEL: Final = 60
# Before digits and letters.
_FIRST: Final = "!"


async def completion(server: SpyhopServer, params: types.CompletionParams) -> types.CompletionList:
    """Return a list with the completion at the caret, if there is one in time.

    The list is never complete, so that the editor asks again as the user types.
    """
    document = server.document
    kind = params.context.trigger_kind if params.context else types.CompletionTriggerKind.Invoked
    if document is None or kind is types.CompletionTriggerKind.TriggerCharacter:
        return types.CompletionList(is_incomplete=True, items=[])
    at = Position(params.position.line, params.position.character)
    offset = document.source.offset_at(at, server.session.documents.encoding)
    answer = None
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            answer = await server.completer.complete(document, offset)
    items = [] if answer is None else [_item(server, document, offset, answer)]
    return types.CompletionList(is_incomplete=True, items=items)


def _item(
    server: SpyhopServer, document: Document, offset: int, answer: Answer
) -> types.CompletionItem:
    before = document.source.text[max(0, offset - _LONGEST_WORD) : offset]
    word = _WORD.search(before)
    begun = word.group() if word is not None else ""
    span = Span(offset - len(begun), offset + answer.replaces)
    range_ = document.source.range_of(span, server.session.documents.encoding)
    text = begun + answer.text
    first = text.strip().splitlines()[0]
    label = first if len(first) <= _LABEL else f"{first[: _LABEL - 1]}…"
    return types.CompletionItem(
        label=label,
        kind=types.CompletionItemKind.Snippet,
        detail="Spyhop",
        documentation=_documentation(server, text, document.language),
        preselect=False,
        sort_text=_FIRST,
        filter_text=first,
        insert_text_mode=types.InsertTextMode.AsIs,
        text_edit=types.TextEdit(range_to(range_), text),
        command=command(server, document, answer),
    )


def _documentation(server: SpyhopServer, text: str, language: str) -> types.MarkupContent:
    if not server.session.editor.reads_markdown:
        return types.MarkupContent(types.MarkupKind.PlainText, text)
    fence = fence_for(text)
    code = f"{fence}{info_string(language)}\n{text}\n{fence}"
    return types.MarkupContent(types.MarkupKind.Markdown, code)
