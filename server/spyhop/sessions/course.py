"""How edits follow their document from one text to the next: what arrives, what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from spyhop.core.anchors import Change, apply, apply_all, follow_all
from spyhop.core.distance import distance
from spyhop.core.positions import Source
from spyhop.sessions.arrival import is_like, pieces_in
from spyhop.sessions.edit import Applying, Edit
from spyhop.sessions.following import Hunks, fingerprint, followed, line_changes, relocated
from spyhop.sessions.proposal import State, after_changing

# Texts besides those of applications: as many as an undo of a keystroke or two needs.
_MOST_RECENT: Final = 32


def follow_changes(
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


def follow_reopening(edits: Sequence[Edit], text: str, source: Source) -> int:
    """Bring edits to what their document, last of this text, comes back with.

    Returns how many open hunks were dropped.
    """
    for edit in edits:
        if (on_way := edit.applying) is None:
            continue
        if _is_nearer(on_way, source):
            # It arrived while nobody looked.
            made = sorted(on_way.changes, key=lambda it: (it.span.start, it.span.end))[::-1]
            whole = made if on_way.before == text else line_changes(text, on_way.after)
            follow_changes(edits, Source(text), Source(on_way.after), whole)
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
