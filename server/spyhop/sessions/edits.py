"""Edits in open documents, from the request to the user's verdict on the last hunk.

An edit is *asked* while the model works: its target follows what the user types. Then its hunks
are *proposed*: first on their way into the document (`Applying`), then standing in it, each
pending until it is accepted or rejected. The document is known only by the changes the editor
reports:

- What the editor was asked to apply has arrived when the text is what it must be then. When other
  changes came in between or along with it, the nearer of "before" and "after" tells which.
- The texts before and after each application are remembered. Where the document comes back to one
  of them, the editor has undone or redone the application, and the hunks' states follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from spyhop.core.anchors import Change, apply_all, follow_all
from spyhop.core.diff import diff_lines
from spyhop.core.distance import distance
from spyhop.core.lines import split_lines
from spyhop.core.positions import Source, Span
from spyhop.errors import UsageError
from spyhop.messages import Notice
from spyhop.sessions.proposal import ProposedHunk, State, after_applying, propose

# Closed edits are kept as long as an undo may bring them back.
_MOST_REMEMBERED: Final = 64

Hunks = tuple[ProposedHunk, ...]


@dataclass(frozen=True, slots=True)
class Applying:
    """Changes on their way into the document."""

    changes: tuple[Change, ...]
    """Disjoint, counted in the text they were made for."""
    before: str
    after: str
    undone: Hunks
    """The hunks when the changes are not, or no longer, in the document."""
    done: Hunks
    """The hunks when they are."""
    confirmed: bool = False
    """Whether the editor says that it has applied them."""


@dataclass(slots=True)
class Edit:
    """One edit of one document; changed only by `Edits`."""

    id: str
    uri: str
    title: str
    target: Span
    base: tuple[str, ...]
    """The target's lines as the model was shown them."""
    hunks: Hunks = ()
    """Empty while the model works."""
    thinking: str = ""
    warnings: tuple[Notice, ...] = ()
    applying: Applying | None = None
    checkpoints: dict[int, Hunks] = field(default_factory=dict)
    """The hunks by the hash of a text that the document had at an application."""

    @property
    def asked(self) -> bool:
        """Whether the model still works on it."""
        return not self.hunks

    @property
    def pending(self) -> list[ProposedHunk]:
        """The hunks that stand in the document and wait for a verdict."""
        return [hunk for hunk in self.hunks if hunk.state is State.PENDING]


class Edits:
    """All edits of one editor."""

    def __init__(self) -> None:
        self._edits: dict[str, Edit] = {}
        self._last_id = 0
        self._closed_texts: dict[str, int] = {}

    def begin(self, uri: str, source: Source, target: Span, title: str) -> Edit:
        """Open an edit of ``target``, which is in whole lines.

        Raises:
            UsageError: another edit of these lines is open.
        """
        for other in self.of(uri):
            if other.asked and other.applying is not None and other.applying.confirmed:
                # The editor said it had applied this one, and did not.
                self.forget(other.id)
                continue
            spans = [other.target] if other.asked else [hunk.span for hunk in other.pending]
            if any(span.overlaps(target) for span in spans):
                raise UsageError("edit-overlaps")
        self._last_id += 1
        base = split_lines(source.text[target.start : target.end])
        edit = Edit(str(self._last_id), uri, title, target, tuple(base))
        self._edits[edit.id] = edit
        self._forget_oldest()
        return edit

    def get(self, edit_id: str) -> Edit:
        """Return an edit.

        Raises:
            UsageError: there is none of this id any more.
        """
        if edit_id not in self._edits:
            raise UsageError("edit-unknown", id=edit_id)
        return self._edits[edit_id]

    def of(self, uri: str) -> list[Edit]:
        """Return the edits of a document, oldest first."""
        return [edit for edit in self._edits.values() if edit.uri == uri]

    def pending(self, uri: str) -> list[tuple[Edit, ProposedHunk]]:
        """Return the hunks of a document that wait for a verdict, top to bottom."""
        found = [(edit, hunk) for edit in self.of(uri) for hunk in edit.pending]
        return sorted(found, key=lambda pair: pair[1].span.start)

    def pending_ids(self, uri: str) -> list[tuple[str, str]]:
        """Return the edit and hunk ids of the hunks that wait for a verdict, top to bottom."""
        return [(edit.id, hunk.id) for edit, hunk in self.pending(uri)]

    def forget(self, edit_id: str) -> None:
        """Drop an edit."""
        self._edits.pop(edit_id, None)

    def propose(self, edit: Edit, source: Source, lines: Sequence[str]) -> Applying:
        """Return what brings the model's ``lines`` into the document as it is now.

        Raises:
            NoEdit: nothing would change, or the user has changed the same lines.
        """
        hunks = propose(source, edit.target, edit.base, lines)
        undone = tuple(replace(hunk, state=State.UNDONE) for hunk in hunks)
        return self._apply(edit, source, [h.change for h in hunks], undone, after_applying(hunks))

    def accept(self, edit: Edit, hunk_id: str | None = None) -> None:
        """Keep a hunk, or all pending ones, as the user has made them by now.

        Raises:
            UsageError: the hunk is not pending any more.
        """
        chosen = self._chosen(edit, hunk_id)
        edit.hunks = tuple(
            replace(hunk, state=State.ACCEPTED) if hunk in chosen else hunk for hunk in edit.hunks
        )

    def reject(self, edit: Edit, source: Source, hunk_id: str | None = None) -> Applying:
        """Return what puts the old text back for a hunk, or for all pending ones.

        Raises:
            UsageError: the hunk is not pending any more.
        """
        chosen = {hunk.id for hunk in self._chosen(edit, hunk_id)}
        changes = [Change(h.span, h.old_text) for h in edit.hunks if h.id in chosen]
        growth = 0
        after: list[ProposedHunk] = []
        for hunk in sorted(edit.hunks, key=lambda hunk: hunk.span.start):
            start = hunk.span.start + growth
            if hunk.id in chosen:
                growth += len(hunk.old_text) - len(hunk.span)
                span = Span(start, start + len(hunk.old_text))
                after.append(replace(hunk, span=span, state=State.REJECTED))
            else:
                after.append(replace(hunk, span=Span(start, start + len(hunk.span))))
        return self._apply(edit, source, changes, edit.hunks, tuple(after))

    def refused(self, edit: Edit) -> None:
        """Note that the editor did not apply what was on its way."""
        edit.applying = None

    def confirmed(self, edit: Edit) -> None:
        """Note that the editor says it has applied what was on its way."""
        if edit.applying is not None:
            edit.applying = replace(edit.applying, confirmed=True)

    def changed(self, uri: str, before: Source, after: Source, changes: Sequence[Change]) -> None:
        """Follow what the editor reports: ``changes`` made one after the other."""
        for edit in self.of(uri):
            edit.target = follow_all(edit.target, changes)
            known = edit.checkpoints.get(hash(after.text))
            if edit.applying is not None:
                self._arrived(edit, edit.applying, before, after, changes)
            elif known is not None:
                edit.hunks = _recalled(edit.hunks, known)
            else:
                edit.hunks = _followed(edit.hunks, changes)

    def closed(self, uri: str, source: Source) -> None:
        """Note that a document was closed with this text."""
        self._closed_texts[uri] = hash(source.text)

    def opened(self, uri: str, source: Source) -> None:
        """Drop the edits of a document that comes back with another text than it had."""
        text = self._closed_texts.pop(uri, None)
        if text is not None and text != hash(source.text):
            for edit in self.of(uri):
                self.forget(edit.id)

    def _chosen(self, edit: Edit, hunk_id: str | None) -> list[ProposedHunk]:
        chosen = [hunk for hunk in edit.pending if hunk_id in {None, hunk.id}]
        if not chosen:
            raise UsageError("already-answered")
        return chosen

    def _apply(
        self, edit: Edit, source: Source, changes: Iterable[Change], undone: Hunks, done: Hunks
    ) -> Applying:
        made = tuple(changes)
        after = apply_all(source.text, made)
        edit.applying = Applying(made, source.text, after, undone, done)
        return edit.applying

    def _arrived(
        self, edit: Edit, on_way: Applying, before: Source, after: Source, changes: Sequence[Change]
    ) -> None:
        """See whether the application has arrived with these changes."""
        if after.text == on_way.after:
            edit.applying = None
            edit.checkpoints[hash(on_way.before)] = on_way.undone
            edit.checkpoints[hash(on_way.after)] = edit.hunks = on_way.done
            return
        if distance(on_way.after, after.text) < distance(before.text, after.text):
            edit.applying = None
            edit.checkpoints[hash(on_way.before)] = on_way.undone
            edit.hunks = _followed(on_way.done, _line_changes(on_way.after, after.text))
            return
        # The user's own change came first: what is on its way moves along.
        moved = tuple(
            replace(change, span=follow_all(change.span, changes)) for change in on_way.changes
        )
        edit.hunks = _followed(edit.hunks, changes)
        edit.applying = replace(
            on_way,
            changes=moved,
            before=after.text,
            after=apply_all(after.text, moved),
            undone=_followed(on_way.undone, changes),
            done=_followed(on_way.done, changes),
        )

    def _forget_oldest(self) -> None:
        settled = [edit for edit in self._edits.values() if edit.hunks and not edit.pending]
        for edit in settled[: max(0, len(self._edits) - _MOST_REMEMBERED)]:
            self.forget(edit.id)


def _recalled(now: Hunks, known: Hunks) -> Hunks:
    """Return the hunks as they were at a checkpoint; what was accepted since stays so."""
    accepted = {hunk.id for hunk in now if hunk.state is State.ACCEPTED}
    return tuple(
        replace(hunk, state=State.ACCEPTED)
        if hunk.id in accepted and hunk.state is State.PENDING
        else hunk
        for hunk in known
    )


def _followed(hunks: Hunks, changes: Sequence[Change]) -> Hunks:
    return tuple(replace(hunk, span=follow_all(hunk.span, changes)) for hunk in hunks)


def _line_changes(old: str, new: str) -> list[Change]:
    """Return the changes, last first, that turn ``old`` into ``new``."""
    lines = split_lines(old)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    return [
        Change(Span(starts[hunk.old_start], starts[hunk.old_end]), "".join(hunk.new))
        for hunk in reversed(diff_lines(lines, split_lines(new)))
    ]
