"""LSP's values to ours and back."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from spyhop.core.anchors import Change
from spyhop.core.positions import Encoding, Position, Range, Source


def range_from(range_: types.Range) -> Range:
    """Return LSP's range as ours."""
    start, end = range_.start, range_.end
    return Range(Position(start.line, start.character), Position(end.line, end.character))


def range_to(range_: Range) -> types.Range:
    """Return our range as LSP's."""
    return types.Range(
        types.Position(range_.start.line, range_.start.character),
        types.Position(range_.end.line, range_.end.character),
    )


def text_edits(
    source: Source, changes: Sequence[Change], encoding: Encoding
) -> list[types.TextEdit]:
    """Return disjoint changes of ``source`` as text edits."""
    return [
        types.TextEdit(range_to(source.range_of(change.span, encoding)), change.text)
        for change in changes
    ]


def encoding_from(kind: types.PositionEncodingKind | str | None) -> Encoding:
    """Return the position encoding agreed on; LSP's default is UTF-16."""
    match types.PositionEncodingKind(kind) if kind else None:
        case types.PositionEncodingKind.Utf8:
            return "utf-8"
        case types.PositionEncodingKind.Utf32:
            return "utf-32"
        case _:
            return "utf-16"
