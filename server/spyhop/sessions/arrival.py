"""Changes on their way into a document, and what the editor reports meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from spyhop.core.anchors import Change
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


def is_like(change: Change, on_way: Sequence[Change]) -> bool:
    """Tell whether a change may be one of those on their way, wherever that is by now."""
    return any(one.text == change.text and len(one.span) == len(change.span) for one in on_way)
