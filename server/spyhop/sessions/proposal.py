"""From new lines to a proposal: the hunks to put into the document as it is now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate
from operator import itemgetter
from typing import Final

from spyhop.core.anchors import Change
from spyhop.core.diff import Hunk, diff_lines, patch
from spyhop.core.lines import common_end, end_of, is_blank, split_lines, without_end
from spyhop.core.merge import Merge, merge
from spyhop.core.positions import Source, Span
from spyhop.errors import NoEdit


class State(StrEnum):
    """What has become of a proposed hunk."""

    PENDING = "pending"
    """The new text stands in the document."""
    CONFLICT = "conflict"
    """The user has changed the same lines: theirs stand in the document until one is chosen."""
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNDONE = "undone"
    """The old text is back, by the editor's undo for one; its redo brings the new one back."""
    DROPPED = "dropped"
    """Its lines were written anew together with others; only the editor's undo brings it back."""


OPEN: Final = frozenset({State.PENDING, State.CONFLICT})
"""The states that wait for a verdict."""


@dataclass(frozen=True, slots=True)
class ProposedHunk:
    """``new_text`` for ``old_text``; ``span`` is where one of the two stands in the document."""

    id: str
    span: Span
    old_text: str
    """What stood there before the hunk; in a conflict the user's lines as they were found."""
    new_text: str
    """The model's lines."""
    state: State = State.PENDING
    base_text: str | None = None
    """In a conflict the lines that the model was shown."""

    @property
    def open(self) -> bool:
        """Whether it waits for a verdict."""
        return self.state in OPEN

    @property
    def change(self) -> Change:
        """The change that puts the new text where the old one stands."""
        return Change(self.span, self.new_text)


def propose(
    source: Source, target: Span, base: Sequence[str], new: Sequence[str]
) -> tuple[ProposedHunk, ...]:
    """Return the hunks that bring the change from ``base`` to ``new`` into ``source``.

    ``target`` is where the selection stands now, in whole lines; ``base`` are its lines as the
    model was shown them. What the user changed in it meanwhile stays: where the model changed the
    same lines otherwise, the hunk is a conflict. The spans of the hunks count in ``source``.

    Raises:
        NoEdit: the lines would stay as they are.
    """
    now = split_lines(source.text[target.start : target.end])
    wanted = in_document_style(new, base, source)
    merged = merge(base, now, wanted)
    if not merged.hunks and not merged.conflicts:
        raise NoEdit("no-edit-same")
    return tuple(_placed(merged, now, target.start))


def in_document_style(new: Sequence[str], base: Sequence[str], source: Source) -> list[str]:
    """Return the lines ``new`` with the document's line terminators.

    Lines that stay, be it with other white space where they are blank or another terminator, stay
    byte for byte. The last one ends as the last of ``base`` did.
    """
    ending = common_end(source.text)
    keys = [_key(line) for line in base]
    hunks = [
        Hunk(
            hunk.old_start,
            tuple(base[hunk.old_start : hunk.old_end]),
            hunk.new_start,
            tuple(without_end(line) + ending for line in new[hunk.new_start : hunk.new_end]),
        )
        for hunk in diff_lines(keys, [_key(line) for line in new])
    ]
    lines = patch(base, hunks)
    if base and lines and not end_of(base[-1]):
        lines = [without_end(line) + (end_of(line) or ending) for line in lines]
        lines[-1] = without_end(lines[-1])
    return lines


def _key(line: str) -> str:
    return "" if is_blank(line) else without_end(line)


def _placed(merged: Merge, now: Sequence[str], offset: int) -> Iterator[ProposedHunk]:
    """Yield the hunks, numbered from the top, with their places in the document."""
    starts = list(accumulate(map(len, now), initial=offset))
    found: list[tuple[int, int, Sequence[str], State, str | None]] = [
        (hunk.old_start, hunk.old_end, hunk.new, State.PENDING, None) for hunk in merged.hunks
    ]
    found += [
        (it.start, it.end, it.model, State.CONFLICT, "".join(it.base)) for it in merged.conflicts
    ]
    for number, (start, end, new, state, base) in enumerate(sorted(found, key=itemgetter(0, 1)), 1):
        old, span = "".join(now[start:end]), Span(starts[start], starts[end])
        yield ProposedHunk(str(number), span, old, "".join(new), state, base)


def after_changing(
    hunks: Sequence[ProposedHunk], texts: Mapping[str, str]
) -> tuple[ProposedHunk, ...]:
    """Return the hunks with their spans as they are once those of these ids have these texts."""
    moved: dict[str, ProposedHunk] = {}
    growth = 0
    for hunk in sorted(hunks, key=lambda hunk: (hunk.span.start, hunk.span.end)):
        start = hunk.span.start + growth
        length = len(texts.get(hunk.id, hunk.span))
        moved[hunk.id] = replace(hunk, span=Span(start, start + length))
        growth += length - len(hunk.span)
    return tuple(moved[hunk.id] for hunk in hunks)


def after_applying(hunks: Sequence[ProposedHunk]) -> tuple[ProposedHunk, ...]:
    """Return the hunks with their spans as they are once the pending ones' new texts stand."""
    return after_changing(
        hunks, {hunk.id: hunk.new_text for hunk in hunks if hunk.state is State.PENDING}
    )
