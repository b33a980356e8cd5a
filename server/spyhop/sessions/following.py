"""Hunks that follow a document: its changes, and what it comes back to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from hashlib import blake2b
from typing import TypeAlias

from spyhop.core.anchors import Change, apply, follow, follow_all
from spyhop.core.diff import diff_lines
from spyhop.core.lines import end_of, split_lines
from spyhop.core.positions import Span
from spyhop.sessions.proposal import ProposedHunk, State

Hunks: TypeAlias = tuple[ProposedHunk, ...]


def fingerprint(text: str) -> str:
    """Return what tells a text from every other one, in each process alike."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def followed(
    hunks: Hunks, text: str, changes: Sequence[Change], *, puts_back: bool = True
) -> Hunks:
    """Return the hunks after ``changes`` of ``text``, made one after the other.

    - A pending hunk whose old text stands there again is undone.
    - A hunk that a change writes anew together with what is around it is dropped.

    ``puts_back``: what comes in beside a hunk without lines may be the lines it took away; a change
    of another edit is not.
    """
    for change in changes:
        parts = cache(partial(_parts, text, change))
        hunks = tuple(_carried(hunk, change, parts, puts_back=puts_back) for hunk in hunks)
        text = apply(text, change)
    return tuple(
        replace(hunk, state=State.UNDONE)
        if hunk.state is State.PENDING and text[hunk.span.start : hunk.span.end] == hunk.old_text
        else hunk
        for hunk in hunks
    )


def relocated(hunks: Hunks, old: str, new: str) -> Hunks:
    """Return the hunks of the text ``old`` in another text, which came of it in an unknown way.

    An open hunk stays only where its lines are exactly what they were and nothing else can be meant
    by them. `State.DROPPED` are those that changed, those without lines beside which something
    changed, and those whose lines, with what stayed around them, stand in a text more than once.
    """
    changes = line_changes(old, new)
    return tuple(
        replace(
            hunk,
            span=follow_all(hunk.span, changes),
            state=State.DROPPED if hunk.open and _doubtful(hunk, old, new, changes) else hunk.state,
        )
        for hunk in hunks
    )


def line_changes(old: str, new: str) -> list[Change]:
    """Return the changes, last first, that turn ``old`` into ``new``."""
    lines = split_lines(old)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    return [
        Change(Span(starts[hunk.old_start], starts[hunk.old_end]), "".join(hunk.new))
        for hunk in reversed(diff_lines(lines, split_lines(new)))
    ]


def _doubtful(hunk: ProposedHunk, old: str, new: str, changes: Sequence[Change]) -> bool:
    start, end = hunk.span.start, hunk.span.end
    near = [it.span for it in changes if it.span.start <= end and start <= it.span.end]
    if near and start == end:
        return True
    if any(span.start < end and start < span.end for span in near):
        return True
    # What stayed around it, up to the next change, must not stand elsewhere too.
    first = max((it.span.end for it in changes if it.span.end <= start), default=0)
    last = min((it.span.start for it in changes if it.span.start >= end), default=len(old))
    alone = [old[first:last], old[start:end]] if near else [old[first:last]]
    return any(text.find(it) != text.rfind(it) for it in alone for text in (old, new))


def _carried(
    hunk: ProposedHunk, change: Change, parts: Callable[[], Sequence[Change]], *, puts_back: bool
) -> ProposedHunk:
    """Return a hunk after a change; where that crosses an edge of it, after its parts."""
    start, end, old = hunk.span.start, hunk.span.end, change.span
    inside = start <= old.start and old.end <= end
    if inside or old.end <= start or end <= old.start:
        steps: Sequence[Change] = (change,)
    else:
        steps = parts()
    for step in steps:
        moved = _stepped(hunk, step)
        hunk = _brought_back(moved, hunk, step) if puts_back else moved
    return hunk


def _parts(text: str, change: Change) -> list[Change]:
    """Return changes of lines, last first, that come to the same as ``change``.

    Editors tell of a file that changed on disk by one change from its first difference to its last.
    """
    old = text[change.span.start : change.span.end]
    if not change.text:
        return [change]
    at = change.span.start
    return [
        Change(Span(at + part.span.start, at + part.span.end), part.text)
        for part in line_changes(old, change.text)
    ]


def _stepped(hunk: ProposedHunk, change: Change) -> ProposedHunk:
    """Return a hunk after one change."""
    start, end, old = hunk.span.start, hunk.span.end, change.span
    span = follow(hunk.span, change)
    if old.start <= start and end <= old.end and len(old) > len(hunk.span):
        inside = start == end and start in {old.start, old.end}
        if not inside and (hunk.open or hunk.state is State.UNDONE):
            return replace(hunk, span=span, state=State.DROPPED)
    return replace(hunk, span=span)


def _brought_back(hunk: ProposedHunk, was: ProposedHunk, change: Change) -> ProposedHunk:
    """Return a hunk after a change that may put back the lines that it has lost or taken away.

    Where it had lines, or these came in the place of others and alone, they are others.
    """
    at, old, new = was.span.start, hunk.old_text, change.text
    if hunk.state is not State.PENDING or len(was.span):
        return hunk
    first, last = change.span.start, change.span.start + len(new)
    inserted = not len(change.span)
    if inserted and at == first and new == hunk.new_text:
        return replace(hunk, span=Span(first, last))
    if not old or not (inserted or len(new) > len(old)):
        return hunk
    before, after = new.removesuffix(old), new.removeprefix(old)
    if at == first and after != new and (not after or end_of(old)):
        return replace(hunk, span=Span(first, first + len(old)), state=State.UNDONE)
    if at == change.span.end and before != new and (not before or end_of(before)):
        return replace(hunk, span=Span(last - len(old), last), state=State.UNDONE)
    return hunk
