"""From a document and a selection to what an edit is about."""

from __future__ import annotations

import re
from typing import Final

from spyhop.core.lines import split_lines
from spyhop.core.positions import Source, Span
from spyhop.prompting.edit import Material

_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


def whole_lines(source: Source, span: Span) -> Span:
    """Return ``span`` grown to whole lines; an end at a line's start does not take that line."""
    first = source.line_at(span.start)
    last = source.line_at(span.end)
    if last > first and source.line_starts[last] == span.end:
        last -= 1
    return source.lines_span(first, last)


def material_for(
    source: Source, target: Span, path: str, language: str, instruction: str
) -> Material:
    """Return the material of an edit of ``target``, which is in whole lines."""
    text = source.text
    return Material(
        path,
        language,
        split_lines(_sendable(text[: target.start])),
        split_lines(_sendable(text[target.start : target.end])),
        split_lines(_sendable(text[target.end :])),
        instruction,
    )


def _sendable(text: str) -> str:
    """Return ``text`` with lone surrogates, which no JSON may hold, as U+FFFD."""
    return _LONE_SURROGATE.sub("\ufffd", text)
