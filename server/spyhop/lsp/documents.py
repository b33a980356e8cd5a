"""The documents that the editor has open.

pygls's own workspace splits lines as ``str.splitlines`` does, so its positions go wrong behind a
form feed or U+2028, and it rebuilds a text line by line at each change. This one does neither.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lsprotocol import types

from spyhop.core.anchors import Change
from spyhop.core.diff import diff_lines
from spyhop.core.lines import split_lines
from spyhop.core.positions import Encoding, Source, Span
from spyhop.errors import UsageError
from spyhop.lsp.convert import range_from


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was at one version."""

    uri: str
    language: str
    version: int
    source: Source


@dataclass(frozen=True, slots=True)
class Changed:
    """A document before and after a notification, and the changes, made one after the other."""

    before: Document
    after: Document
    changes: tuple[Change, ...]


class Documents:
    """The open documents by URI."""

    def __init__(self) -> None:
        self.encoding: Encoding = "utf-16"
        self._open: dict[str, Document] = {}
        self._awaited: dict[str, list[asyncio.Future[Document]]] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter(self._open.values())

    def get(self, uri: str) -> Document:
        """Return an open document.

        Raises:
            UsageError: it is not open.
        """
        if uri not in self._open:
            raise UsageError("document-closed", uri=uri)
        return self._open[uri]

    def find(self, uri: str) -> Document | None:
        """Return a document, None when it is not open."""
        return self._open.get(uri)

    def open(self, item: types.TextDocumentItem) -> Document:
        """Take in a document."""
        document = Document(item.uri, item.language_id, item.version, Source(item.text))
        self._open[item.uri] = document
        for waiting in self._awaited.pop(item.uri, []):
            if not waiting.done():
                waiting.set_result(document)
        return document

    def opened(self, uri: str) -> asyncio.Future[Document]:
        """Return the document once it is opened; may be cancelled."""
        waiting: asyncio.Future[Document] = asyncio.get_running_loop().create_future()
        self._awaited.setdefault(uri, []).append(waiting)
        return waiting

    def close(self, uri: str) -> Document | None:
        """Let go of a document and return it as it was last."""
        return self._open.pop(uri, None)

    def change(
        self, uri: str, version: int, events: Sequence[types.TextDocumentContentChangeEvent]
    ) -> Changed | None:
        """Make the changes that the editor reports; None when the document is not open."""
        before = self._open.get(uri)
        if before is None:
            return None
        source, changes = before.source, list[Change]()
        for event in events:
            for change in self._changes(source, event):
                changes.append(change)
                source = source.changed(change.span, change.text)
        after = replace(before, version=version, source=source)
        self._open[uri] = after
        return Changed(before, after, tuple(changes))

    def _changes(self, source: Source, event: types.TextDocumentContentChangeEvent) -> list[Change]:
        if isinstance(event, types.TextDocumentContentChangePartial):
            span = source.span_of(range_from(event.range), self.encoding)
            return [Change(span, event.text)]
        return list(full_change(source, event.text))


def full_change(source: Source, text: str) -> Iterator[Change]:
    """Yield the changes, last first, that turn a source into ``text``: spans can follow those."""
    for hunk in reversed(diff_lines(split_lines(source.text), split_lines(text))):
        start = source.line_span(hunk.old_start).start
        end = source.line_span(hunk.old_end).start
        yield Change(Span(start, end), "".join(hunk.new))
