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
from dataclasses import dataclass, field, replace
from typing import Final

from spyhop.core.anchors import Change, apply, apply_all, follow_all
from spyhop.core.distance import distance
from spyhop.core.lines import split_lines
from spyhop.core.positions import Source, Span
from spyhop.errors import UsageError
from spyhop.messages import Notice
from spyhop.sessions.arrival import is_like, pieces_in
from spyhop.sessions.following import (
    Hunks,
    fingerprint,
    followed,
    line_changes,
    relocated,
)
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
# Texts besides those of applications: as many as an undo of a keystroke or two needs.
_MOST_RECENT: Final = 32


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
    arrived: frozenset[int] = frozenset()
    """The changes, by number, that the editor has reported already."""


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
    checkpoints: dict[str, Hunks] = field(default_factory=dict)
    """The hunks by the fingerprint of a text that the document had at an application."""
    recent: dict[str, Hunks] = field(default_factory=dict)
    """The same for the latest texts, oldest first."""
    unless_refused: Hunks | None = field(default=None, compare=False)
    """The hunks if what seems to have arrived has not: the editor's answer is still to come."""

    @property
    def asked(self) -> bool:
        """Whether the model still works on it."""
        return not self.hunks

    @property
    def pending(self) -> list[ProposedHunk]:
        """The hunks that stand in the document and wait for a verdict."""
        return [hunk for hunk in self.hunks if hunk.state is State.PENDING]

    @property
    def conflicts(self) -> list[ProposedHunk]:
        """The hunks that wait for a choice between the user's lines and the model's."""
        return [hunk for hunk in self.hunks if hunk.state is State.CONFLICT]

    @property
    def open(self) -> bool:
        """Whether something of it waits for a verdict or is on its way."""
        return self.applying is not None or any(hunk.open for hunk in self.hunks)


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
            elif any(span.overlaps(target) for span in _taken(other)):
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
        _change(self.of(uri), before, after, changes)

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
        return _reopen(self.of(uri), closed.text, source)

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
        dropped = _reopen(adopted, text, source)
        for edit in adopted:
            edit.uri = uri
            taken = [span for other in self.of(uri) for span in _taken(other)]
            if not edit.open or any(a.overlaps(b) for a in _taken(edit) for b in taken):
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


def _taken(edit: Edit) -> list[Span]:
    """Return the places at which no other edit may begin."""
    return [edit.target] if edit.asked else [hunk.span for hunk in edit.hunks if hunk.open]


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


def _change(
    edits: Sequence[Edit], before: Source, after: Source, changes: Sequence[Change]
) -> None:
    """Bring a document's edits from one text to the next."""
    for edit in edits:
        edit.target = follow_all(edit.target, changes)
    proposed = [edit for edit in edits if edit.hunks or edit.applying is not None]
    # Reading the whole text at each keystroke is for those who need it.
    mark = fingerprint(after.text) if proposed else ""
    on_way = {it.id: it.applying for it in proposed if it.applying is not None}
    for edit in proposed:
        if edit.unless_refused is not None:
            edit.unless_refused = followed(edit.unless_refused, before.text, changes)
        if edit.id in on_way:
            _arrive(edit, before, after, changes)
    ours: set[str] = set()
    for edit in proposed:
        was, now = on_way.get(edit.id), edit.applying
        if was is not None and (now is None or now.arrived != was.arrived):
            ours |= {mark, fingerprint(was.after)}
    for edit in proposed:
        if edit.id not in on_way:
            _follow(edit, before, mark, changes, ours)
        if edit.applying is None and edit.open:
            _remember(edit, mark)


def _follow(
    edit: Edit, before: Source, mark: str, changes: Sequence[Change], ours: set[str]
) -> None:
    """Bring an edit from one text to the next: its hunks are what they were there before, if ever.

    ``ours``: the texts that another edit's change has led to, whose hunks stand there from now on.
    """
    for other in ours:
        edit.checkpoints.pop(other, None)
        edit.recent.pop(other, None)
    known = _known(edit, mark)
    if known is None:
        known = followed(edit.hunks, before.text, changes, puts_back=not ours)
    edit.hunks = known


def _known(edit: Edit, mark: str) -> Hunks | None:
    """Return the hunks at the text of this fingerprint; None where it is a new one."""
    return edit.checkpoints.get(mark) or edit.recent.get(mark)


def _remember(edit: Edit, mark: str) -> None:
    edit.recent.pop(mark, None)
    edit.recent[mark] = edit.hunks
    if len(edit.recent) > _MOST_RECENT:
        del edit.recent[next(iter(edit.recent))]


def _land(edit: Edit, on_way: Applying, hunks: Hunks) -> None:
    """Note that what was on its way stands in the document, and the hunks there."""
    edit.applying = None
    edit.checkpoints[fingerprint(on_way.before)] = on_way.undone
    edit.checkpoints[fingerprint(on_way.after)] = on_way.done
    edit.hunks = hunks


def _arrive(
    edit: Edit, before: Source, after: Source, changes: Sequence[Change], *, guess: bool = True
) -> None:
    """See whether an application has arrived with these changes.

    ``guess``: where they do not tell, the text they lead to may.
    """
    on_way = edit.applying
    if on_way is None:
        edit.hunks = followed(edit.hunks, before.text, changes)
    elif after.text == on_way.after:
        _land(edit, on_way, on_way.done)
    elif pieces := pieces_in(on_way.changes, on_way.arrived, changes):
        edit.applying = replace(on_way, arrived=on_way.arrived | pieces)
        edit.hunks = followed(edit.hunks, before.text, changes)
    elif len(changes) > 1 and any(is_like(change, on_way.changes) for change in changes):
        # The user's changes came along with it.
        for change in changes:
            after = Source(apply(before.text, change))
            _arrive(edit, before, after, [change], guess=False)
            before = after
    elif on_way.arrived or (
        guess and distance(on_way.after, after.text) < distance(before.text, after.text)
    ):
        unsure = followed(on_way.undone, before.text, changes) if edit.hunks else ()
        since = line_changes(on_way.after, after.text)
        _land(edit, on_way, followed(on_way.done, on_way.after, since))
        edit.unless_refused = unsure
    else:
        # The user's own change came first: what is on its way moves along.
        edit.hunks = followed(edit.hunks, before.text, changes)
        edit.applying = _moved(on_way, followed(on_way.undone, before.text, changes), after)


def _moved(on_way: Applying, undone: Hunks, source: Source) -> Applying:
    """Return what is on its way once the document, and its hunks there, have become these."""
    changing = {
        new.id: new.new_text if new.state in {State.PENDING, State.ACCEPTED} else new.old_text
        for old, new in zip(on_way.undone, on_way.done, strict=True)
        if old.state is not new.state
    }
    states = {hunk.id: hunk.state for hunk in on_way.done}
    changes = tuple(Change(hunk.span, changing[hunk.id]) for hunk in undone if hunk.id in changing)
    done = tuple(replace(hunk, state=states[hunk.id]) for hunk in after_changing(undone, changing))
    after = apply_all(source.text, changes)
    return replace(
        on_way, changes=changes, before=source.text, after=after, undone=undone, done=done
    )


def _reopen(edits: Sequence[Edit], text: str, source: Source) -> int:
    """Bring edits to what their document, last of this text, comes back with.

    Returns how many open hunks were dropped.
    """
    for edit in edits:
        if (on_way := edit.applying) is None:
            continue
        if _is_nearer(on_way, source):
            # It arrived while nobody looked.
            made = sorted(on_way.changes, key=lambda it: (it.span.start, it.span.end), reverse=True)
            whole = made if on_way.before == text else line_changes(text, on_way.after)
            _change(edits, Source(text), Source(on_way.after), whole)
            text = on_way.after
        else:
            _land(edit, on_way, on_way.undone)
    changes, mark = line_changes(text, source.text), fingerprint(source.text)
    dropped = 0
    for edit in edits:
        edit.target = follow_all(edit.target, changes)
        known = _known(edit, mark)
        if changes and known is not None:
            edit.hunks = known
        elif changes:
            dropped += sum(hunk.open for hunk in edit.hunks)
            edit.hunks = relocated(edit.hunks, text, source.text)
            dropped -= sum(hunk.open for hunk in edit.hunks)
        if edit.hunks:
            _remember(edit, mark)
    return dropped


def _is_nearer(on_way: Applying, source: Source) -> bool:
    """Tell whether a text is nearer to what an application leads to than to what was before."""
    if source.text in {on_way.before, on_way.after}:
        return source.text == on_way.after
    return distance(on_way.after, source.text) < distance(on_way.before, source.text)
