"""Changes on their way into a document, and what the editor reports meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from spyhop.core.anchors import Change, follow
from spyhop.core.positions import Span


def pieces_in(
    on_way: Sequence[Change], arrived: frozenset[int], reported: Sequence[Change]
) -> frozenset[int]:
    """Return which changes, by number, are the reported ones; none where another is among them.

    An editor may make disjoint changes in any order, and report them in several notifications.
    """
    found: set[int] = set()
    for change in reported:
        here = arrived | found
        for number, one in enumerate(on_way):
            shift = sum(on_way[n].growth for n in here if on_way[n].span.end <= one.span.start)
            place = Span(one.span.start + shift, one.span.end + shift)
            if number not in here and change == Change(place, one.text):
                found.add(number)
                break
        else:
            return frozenset()
    return frozenset(found)


def carried(
    on_way: Sequence[Change], changes: Sequence[Change]
) -> tuple[tuple[Change, ...], list[Change] | None]:
    """Return what is on its way after ``changes``, and those as they are in the text it leads to.

    The second is None where a change meets one that is on its way: its place is not known then.
    """
    pieces = tuple(on_way)
    later: list[Change] | None = []
    for change in changes:
        start, end = change.span.start, change.span.end
        before = [it for it in pieces if it.span.end <= start]
        if any(it.span.end > start and it.span.start < end for it in pieces):
            later = None
        if later is not None:
            shift = sum(it.growth for it in before)
            later.append(Change(Span(start + shift, end + shift), change.text))
        pieces = tuple(replace(it, span=follow(it.span, change)) for it in pieces)
    return pieces, later
