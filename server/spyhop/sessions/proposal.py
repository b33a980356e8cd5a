"""From new lines to a proposal: the hunks to put into the document as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from spyhop.core.anchors import Change
from spyhop.core.diff import Hunk, diff_lines, patch
from spyhop.core.lines import common_end, end_of, is_blank, split_lines, without_end
from spyhop.core.merge import merge
from spyhop.core.positions import Source, Span
from spyhop.errors import NoEdit


class State(StrEnum):
    """What has become of a proposed hunk."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNDONE = "undone"
    """The editor's undo took it out; its redo brings it back."""


@dataclass(frozen=True, slots=True)
class ProposedHunk:
    """``new_text`` for ``old_text``; ``span`` is where one of the two stands in the document."""

    id: str
    span: Span
    old_text: str
    new_text: str
    state: State = State.PENDING

    @property
    def change(self) -> Change:
        """The change that puts the new text where the old one stands."""
        return Change(self.span, self.new_text)


def propose(
    source: Source, target: Span, base: Sequence[str], new: Sequence[str]
) -> tuple[ProposedHunk, ...]:
    """Return the hunks that bring the change from ``base`` to ``new`` into ``source``.

    ``target`` is where the selection stands now, in whole lines; ``base`` are its lines as the
    model was shown them. What the user changed in it meanwhile stays. The spans of the hunks count
    in ``source``.

    Raises:
        NoEdit: the lines would stay as they are, or the user has changed the same lines.
    """
    now = split_lines(source.text[target.start : target.end])
    wanted = in_document_style(new, base, source)
    merged = merge(base, now, wanted)
    if merged.conflicts:
        line = source.line_at(target.start) + merged.conflicts[0].old_start + 1
        raise NoEdit("no-edit-conflict", line=line)
    if not merged.hunks:
        raise NoEdit("no-edit-same")
    return tuple(_placed(merged.hunks, now, target.start))


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


def _placed(hunks: Sequence[Hunk], now: Sequence[str], offset: int) -> list[ProposedHunk]:
    starts = [offset]
    for line in now:
        starts.append(starts[-1] + len(line))
    return [
        ProposedHunk(
            str(number),
            Span(starts[hunk.old_start], starts[hunk.old_end]),
            "".join(hunk.old),
            "".join(hunk.new),
        )
        for number, hunk in enumerate(hunks, 1)
    ]


def after_applying(hunks: Sequence[ProposedHunk]) -> tuple[ProposedHunk, ...]:
    """Return the hunks with their spans where the new texts stand once all are applied."""
    growth = 0
    moved: list[ProposedHunk] = []
    for hunk in hunks:
        start = hunk.span.start + growth
        moved.append(replace(hunk, span=Span(start, start + len(hunk.new_text))))
        growth += hunk.change.growth
    return tuple(moved)
