"""Spans that follow a document's changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spyhop.core.positions import Span


@dataclass(frozen=True, slots=True)
class Change:
    """``text`` takes the place of ``span``."""

    span: Span
    text: str

    @property
    def growth(self) -> int:
        """By how many characters the document grows; negative when it shrinks."""
        return len(self.text) - len(self.span)


def apply(text: str, change: Change) -> str:
    """Return ``text`` with the change made."""
    return text[: change.span.start] + change.text + text[change.span.end :]


def apply_all(text: str, changes: Sequence[Change]) -> str:
    """Return ``text`` with all changes made, their spans counted in ``text`` itself, disjoint."""
    pieces: list[str] = []
    done = 0
    for change in sorted(changes, key=lambda change: (change.span.start, change.span.end)):
        pieces += [text[done : change.span.start], change.text]
        done = change.span.end
    return "".join([*pieces, text[done:]])


def follow(span: Span, change: Change) -> Span:
    """Return where ``span`` stands after ``change``.

    A change within the span belongs to it; what is inserted at either edge does not. A change
    across one edge takes that edge to the nearer end of the new text; one that covers more than
    the whole span leaves it empty, behind the new text. An empty span stays before what is
    inserted at it.
    """
    old = change.span
    if old.start >= span.end:
        return span
    if old.end <= span.start:
        return Span(span.start + change.growth, span.end + change.growth)
    if span.start <= old.start and old.end <= span.end:
        return Span(span.start, span.end + change.growth)
    behind = old.start + len(change.text)
    if old.start <= span.start:
        return Span(behind, max(behind, span.end + change.growth))
    return Span(span.start, old.start)


def follow_all(span: Span, changes: Iterable[Change]) -> Span:
    """Return where ``span`` stands after all changes, made one after the other."""
    for change in changes:
        span = follow(span, change)
    return span
