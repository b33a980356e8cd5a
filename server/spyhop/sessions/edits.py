"""Edits in open documents, from the request to the user's verdict on the last hunk.

An edit is *asked* while the model works: its target follows what the user types. Then its hunks
are *proposed*: first on their way into the document (`Applying`), then standing in it, each
pending until it is accepted or rejected. Where the user has changed the same lines meanwhile, the
hunk is a *conflict*: theirs stay until they choose. The document is known only by the changes the
editor reports:

- What the editor was asked to apply has arrived when the text is what it must be then; some
  editors report it piece by piece. When other changes came in between or along with it, the nearer
  of "before" and "after" tells which.
- The texts before and after each application are remembered, and the latest ones besides. Where
  the document comes back to one of them, by the editor's undo and redo or by another program, the
  hunks are what they were then.
- A file that another program changed is one more change: hunks follow its lines. Where old lines
  are back (a checkout), the hunk is undone.

What happens to the document as a whole:

- *Closed and opened again* with the text it had, or with that of a checkpoint: the hunks are there
  again. What was on its way has arrived or not, as the text says. With another text: hunks follow
  the difference between the two, and an open one stays only where its lines are still exactly what
  they were (`following.relocated`); the others are dropped, and their number is told.
- *Renamed*: the edits move along (`moved`), also where the editor only closes one document and
  opens another with the same text, when the first is gone (`heir`).
- *Deleted*, or closed and gone: dropped (`forget_document`, `drop_gone`).
- *The server was killed*: what a journal kept is taken over (`adopt`) as if the document had only
  been closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from spyhop.core.anchors import Change, apply_all
from spyhop.core.lines import split_lines
from spyhop.core.positions import Source, Span
from spyhop.errors import UsageError
from spyhop.sessions.course import follow_changes, follow_reopening
from spyhop.sessions.edit import Applying, Edit
from spyhop.sessions.following import Hunks
from spyhop.sessions.proposal import (
    OPEN,
    ProposedHunk,
    State,
    after_applying,
    after_changing,
    propose,
)

# Closed edits are kept as long as an undo may bring them back.
_MOST_REMEMBERED: Final = 64


@dataclass(frozen=True, slots=True)
class _Closed:
    """A document as it was when it was closed."""

    text: str
    gone: bool
    """Whether its file was no longer there."""


class Edits:
    """All edits of one editor."""

    def __init__(self) -> None:
        self._edits: dict[str, Edit] = {}
        self._last_id = 0
        self._closed: dict[str, _Closed] = {}

    def begin(self, uri: str, source: Source, target: Span, title: str) -> Edit:
        """Open an edit of ``target``, which is in whole lines.

        Raises:
            UsageError: another edit of these lines is open.
        """
        for other in self.of(uri):
            if other.asked and other.applying is not None and other.applying.confirmed:
                # The editor said it had applied this one, and did not.
                self.forget(other.id)
            elif any(span.overlaps(target) for span in other.taken):
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

    def uris(self) -> set[str]:
        """Return the documents that have edits."""
        return {edit.uri for edit in self._edits.values()}

    def put(self, edit: Edit) -> None:
        """Take in an edit as it is."""
        self._edits[edit.id] = edit

    def of(self, uri: str) -> list[Edit]:
        """Return the edits of a document, oldest first."""
        return [edit for edit in self._edits.values() if edit.uri == uri]

    def open_hunks(self, uri: str) -> list[tuple[Edit, ProposedHunk]]:
        """Return the hunks of a document that wait for a verdict, top to bottom."""
        found = [(edit, hunk) for edit in self.of(uri) for hunk in edit.hunks if hunk.open]
        return sorted(found, key=lambda pair: (pair[1].span.start, pair[1].span.end))

    def pending(self, uri: str) -> list[tuple[Edit, ProposedHunk]]:
        """Return the hunks that stand in a document and wait for a verdict, top to bottom."""
        return [pair for pair in self.open_hunks(uri) if pair[1].state is State.PENDING]

    def open_ids(self, uri: str) -> list[tuple[str, str, State]]:
        """Return edit, hunk and state of what waits for a verdict, top to bottom."""
        return [(edit.id, hunk.id, hunk.state) for edit, hunk in self.open_hunks(uri)]

    def forget(self, edit_id: str) -> None:
        """Drop an edit."""
        self._edits.pop(edit_id, None)

    def propose(self, edit: Edit, source: Source, lines: Sequence[str]) -> Applying:
        """Return what brings the model's ``lines`` into the document as it is now.

        Where that is nothing, because the user has changed every line that the model has, the
        edit stands there already, with its conflicts.

        Raises:
            NoEdit: nothing would change.
        """
        hunks = propose(source, edit.target, edit.base, lines)
        undone = tuple(
            replace(hunk, state=State.UNDONE) if hunk.state is State.PENDING else hunk
            for hunk in hunks
        )
        changes = [hunk.change for hunk in hunks if hunk.state is State.PENDING]
        return self._apply(edit, source, changes, undone, after_applying(hunks))

    def accept(self, edit: Edit, hunk_id: str | None = None) -> None:
        """Keep a pending hunk, or all of them, as the user has made them by now.

        Raises:
            UsageError: the hunk is not pending any more.
        """
        _settle(edit, _chosen(edit, hunk_id, frozenset({State.PENDING})).values(), State.ACCEPTED)

    def take(self, edit: Edit, source: Source, hunk_id: str) -> Applying:
        """Return what puts the model's text in the place of the user's lines in a conflict.

        Raises:
            UsageError: the hunk is no conflict any more.
        """
        (hunk,) = _chosen(edit, hunk_id, frozenset({State.CONFLICT})).values()
        grown = replace(hunk, span=_whole_lines(edit, hunk, source))
        edit.hunks = tuple(grown if it is hunk else it for it in edit.hunks)
        return self._replace(edit, source, {hunk.id: hunk.new_text}, State.ACCEPTED)

    def reject(self, edit: Edit, source: Source, hunk_id: str | None = None) -> Applying:
        """Return what puts the old text back for an open hunk, or for all; conflicts keep theirs.

        Raises:
            UsageError: the hunk is not open any more.
        """
        chosen = _chosen(edit, hunk_id, OPEN).values()
        _settle(edit, [it for it in chosen if it.state is State.CONFLICT], State.REJECTED)
        texts = {it.id: it.old_text for it in chosen if it.state is State.PENDING}
        return self._replace(edit, source, texts, State.REJECTED)

    def refused(self, edit: Edit) -> None:
        """Note that the editor did not apply what was on its way."""
        edit.applying = None
        if edit.unless_refused is not None:
            # The user's own change had looked like it.
            edit.hunks, edit.unless_refused = edit.unless_refused, None

    def confirmed(self, edit: Edit) -> None:
        """Note that the editor says it has applied what was on its way."""
        edit.unless_refused = None
        if edit.applying is not None:
            edit.applying = replace(edit.applying, confirmed=True)

    def changed(self, uri: str, before: Source, after: Source, changes: Sequence[Change]) -> None:
        """Follow what the editor reports: ``changes`` made one after the other."""
        follow_changes(self.of(uri), before, after, changes)

    def closed(self, uri: str, source: Source, *, gone: bool = False) -> None:
        """Note that a document was closed with this text; ``gone``: its file is not there."""
        if self.of(uri):
            self._closed[uri] = _Closed(source.text, gone)

    def opened(self, uri: str, source: Source) -> int:
        """Follow a document that was closed to the text it comes back with.

        Returns how many open hunks were dropped, for their lines are no longer what they were.
        """
        closed = self._closed.pop(uri, None)
        if closed is None:
            return 0
        return follow_reopening(self.of(uri), closed.text, source)

    def closed_text(self, uri: str) -> str | None:
        """Return the text that a closed document with edits had last; None where it is open."""
        closed = self._closed.get(uri)
        return closed.text if closed is not None else None

    def heir(self, source: Source) -> str | None:
        """Return the closed document, its file gone, that one opened with this text has been."""
        for uri, closed in reversed(self._closed.items()):
            if closed.gone and closed.text == source.text:
                return uri
        return None

    def moved(self, old: str, new: str) -> None:
        """Note that a closed document has got another URI."""
        for edit in self.of(old):
            edit.uri = new
        if (closed := self._closed.pop(old, None)) is not None:
            self._closed[new] = closed

    def forget_document(self, uri: str) -> None:
        """Drop all edits of a document."""
        self._closed.pop(uri, None)
        for edit in self.of(uri):
            self.forget(edit.id)

    def drop_gone(self) -> list[str]:
        """Drop the edits of the documents whose files were gone at closing; return their URIs."""
        gone = [uri for uri, closed in self._closed.items() if closed.gone]
        for uri in gone:
            self.forget_document(uri)
        return gone

    def adopt(self, edits: Iterable[Edit], text: str, uri: str, source: Source) -> int:
        """Take over another process's edits of a document that had this ``text`` last.

        They get new ids where theirs are taken. Returns how many open hunks were dropped.
        """
        adopted = list(edits)
        dropped = follow_reopening(adopted, text, source)
        for edit in adopted:
            edit.uri = uri
            taken = [span for other in self.of(uri) for span in other.taken]
            if not edit.open or any(a.overlaps(b) for a in edit.taken for b in taken):
                continue
            if edit.id in self._edits or not edit.id.isdecimal():
                edit.id = str(self._last_id + 1)
            self._last_id = max(self._last_id, int(edit.id))
            self._edits[edit.id] = edit
        return dropped

    def _replace(self, edit: Edit, source: Source, texts: dict[str, str], state: State) -> Applying:
        """Have hunks get these texts by id; they are in ``state`` then."""
        changes = [Change(hunk.span, texts[hunk.id]) for hunk in edit.hunks if hunk.id in texts]
        done = tuple(
            replace(hunk, state=state) if hunk.id in texts else hunk
            for hunk in after_changing(edit.hunks, texts)
        )
        return self._apply(edit, source, changes, edit.hunks, done)

    def _apply(
        self, edit: Edit, source: Source, changes: Sequence[Change], undone: Hunks, done: Hunks
    ) -> Applying:
        made = Applying(tuple(changes), source.text, apply_all(source.text, changes), undone, done)
        if changes:
            edit.applying = made
        else:
            edit.applying, edit.hunks = None, done
        return made

    def _forget_oldest(self) -> None:
        settled = [edit for edit in self._edits.values() if edit.hunks and not edit.open]
        for edit in settled[: max(0, len(self._edits) - _MOST_REMEMBERED)]:
            self.forget(edit.id)


def _whole_lines(edit: Edit, hunk: ProposedHunk, source: Source) -> Span:
    """Return the span of a hunk grown to whole lines: the user may have typed at their start."""
    span = hunk.span
    if not len(span):
        return span
    start = source.line_span(source.line_at(span.start)).start
    end = source.line_span(source.line_at(span.end - 1)).end
    grown = Span(start, max(span.end, end))
    others = [it.span for it in edit.hunks if it is not hunk]
    return span if any(grown.overlaps(other) for other in others if len(other)) else grown


def _chosen(edit: Edit, hunk_id: str | None, states: frozenset[State]) -> dict[str, ProposedHunk]:
    chosen = {
        hunk.id: hunk for hunk in edit.hunks if hunk.state in states and hunk_id in {None, hunk.id}
    }
    if not chosen:
        raise UsageError("already-answered")
    return chosen


def _settle(edit: Edit, chosen: Iterable[ProposedHunk], state: State) -> None:
    """Note a verdict that changes no text: it stands at every text that may come back."""
    was = {hunk.id: hunk.state for hunk in chosen}

    def settled(hunks: Hunks) -> Hunks:
        return tuple(
            replace(hunk, state=state) if was.get(hunk.id) is hunk.state else hunk for hunk in hunks
        )

    edit.hunks = settled(edit.hunks)
    for texts in (edit.checkpoints, edit.recent):
        texts.update({mark: settled(hunks) for mark, hunks in texts.items()})
    if (on_way := edit.applying) is not None:
        undone, done = settled(on_way.undone), settled(on_way.done)
        edit.applying = replace(on_way, undone=undone, done=done)
