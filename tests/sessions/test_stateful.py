"""Edits, their journal and an editor with undo, against a plain model of what must stand there.

The model is the document in pieces: text of the user's own, and hunks with their old text. It knows
no offsets. Whatever happens, the document is what the pieces say, every open hunk is where its
piece is, nothing that was typed is lost, and once all hunks are rejected the pieces' old texts are
there again, byte for byte. Every line and every word typed is another one, so that what is lost,
doubled or in the wrong place shows.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, TypeAlias

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from spyhop.core.anchors import Change, apply, follow
from spyhop.core.positions import Source, Span
from spyhop.errors import NoEdit, UsageError
from spyhop.lsp.documents import full_change
from spyhop.sessions.edit import Applying, Edit
from spyhop.sessions.edits import Edits
from spyhop.sessions.proposal import State
from spyhop.sessions.records import changes_line, edits_line, replay, snapshot

URI: Final = "file:///a.py"
EXAMPLES: Final = int(os.environ.get("SPYHOP_EXAMPLES", "200"))


@dataclass(frozen=True)
class Piece:
    """A stretch of the document; with an edit's and a hunk's id, that pending hunk's."""

    text: str
    key: tuple[str, str] | None = None
    old: str = ""


Key: TypeAlias = tuple[str, str]
Pieces: TypeAlias = tuple[Piece, ...]
# Stands in no text.
MARK: Final = "\0"


def text_of(pieces: Pieces) -> str:
    return "".join(piece.text for piece in pieces)


def changed(pieces: Pieces, change: Change) -> Pieces:
    """What the user's change makes of the pieces.

    What is typed at an edge of a hunk is the user's own; what is typed within is the hunk's. A hunk
    that a change replaces together with more than itself is no hunk any more.
    """
    first, last = change.span.start, change.span.end
    before: list[Piece] = []
    within: list[Piece] = []
    behind: list[Piece] = []
    at = 0
    for piece in pieces:
        start, end = at, at + len(piece.text)
        at = end
        if (start < first <= last < end) or (start <= first < last <= end):
            text = piece.text[: first - start] + change.text + piece.text[last - start :]
            within.append(replace(piece, text=text))
        elif end <= first or (start == end and start == first):
            before.append(piece)
        elif start >= last:
            behind.append(piece)
        elif start < first:
            before.append(replace(piece, text=piece.text[: first - start]))
        elif end > last:
            behind.append(replace(piece, text=piece.text[last - start :]))
    return tidied([*before, *(within or [Piece(change.text)]), *behind])


def tidied(pieces: Sequence[Piece]) -> Pieces:
    """The pieces with neighbours of the user's own joined; hunks whose old text is back are own."""
    found: list[Piece] = []
    for piece in pieces:
        own = piece.key is None or piece.text == piece.old
        if own and not piece.text:
            continue
        if own and found and found[-1].key is None:
            found[-1] = Piece(found[-1].text + piece.text)
        else:
            found.append(Piece(piece.text) if own else piece)
    return tuple(found)


def replaced(pieces: Pieces, span: Span, new: Piece, key: Key) -> Pieces:
    """The pieces with a hunk put in the place of the user's own text, or that in a hunk's place."""
    if any(piece.key == key for piece in pieces):
        assert places_of(pieces)[key] == span
        return tuple(new if piece.key == key else piece for piece in pieces)
    found: list[Piece] = []
    for piece in changed(pieces, Change(span, MARK)):
        if MARK in piece.text:
            assert piece.key is None
            left, _, right = piece.text.partition(MARK)
            found += [Piece(left), new, Piece(right)]
        else:
            found.append(piece)
    return tuple(found)


def places_of(pieces: Pieces) -> dict[Key, Span]:
    """Where the hunks stand."""
    places: dict[Key, Span] = {}
    at = 0
    for piece in pieces:
        if piece.key is not None:
            places[piece.key] = Span(at, at + len(piece.text))
        at += len(piece.text)
    return places


class Machine(RuleBasedStateMachine):
    """An editor's document and everything that happens to it."""

    def __init__(self) -> None:
        super().__init__()
        self.words = 0
        self.pieces: Pieces = ()
        self.reported = ""
        """The text as far as the server knows."""
        self.undo: list[Pieces] = []
        self.redo: list[Pieces] = []
        self.seen: dict[str, Pieces] = {}
        self.edits = Edits()
        self.journal: list[bytes] = []
        self.held: set[str] = set()
        self.asked: list[Edit] = []
        self.mixed = False
        """Hunks share lines with the user's own text, so lines do not tell them apart."""
        self.lossy = False
        """Hunks may have been dropped with good reason."""

    # What the editor and the server do

    @property
    def text(self) -> str:
        return text_of(self.pieces)

    @property
    def source(self) -> Source:
        return Source(self.text)

    def word(self, kind: str) -> str:
        self.words += 1
        return f"{kind}{self.words}."

    def keep(self) -> None:
        """Do as the journal does when edits have changed."""
        edits = self.edits.of(URI)
        self.held = {edit.id for edit in edits if edit.open}
        if not any(edit.open for edit in edits):
            self.journal = []
        elif self.journal:
            self.journal.append(edits_line(self.reported, edits))
        else:
            self.journal = [snapshot(URI, self.reported, edits)]

    def report(self, *changes: Change) -> None:
        """Report changes made one after the other."""
        before = after = self.reported
        for change in changes:
            after = apply(after, change)
        self.edits.changed(URI, Source(before), Source(after), changes)
        self.reported = after
        is_open = {edit.id for edit in self.edits.of(URI) if edit.open}
        if self.journal and is_open:
            self.journal.append(changes_line(changes))
        if not (self.journal and is_open and is_open <= self.held):
            self.keep()

    def report_whole(self, text: str) -> None:
        self.report(*full_change(Source(self.reported), text))

    def report_smallest(self, after: str) -> None:
        """Report one change, as small as what both texts begin and end with makes it."""
        before, limit = self.reported, min(len(self.reported), len(after))
        head = next((i for i in range(limit) if before[i] != after[i]), limit)
        rest = limit - head
        tail = next((i for i in range(rest) if before[-1 - i] != after[-1 - i]), rest)
        self.report(Change(Span(head, len(before) - tail), after[head : len(after) - tail]))

    def change(self, change: Change) -> None:
        """Have the user change something, and report it."""
        self.push()
        self.pieces = changed(self.pieces, change)
        self.report(change)

    def push(self) -> None:
        self.seen[self.text] = self.pieces
        self.undo.append(self.pieces)
        self.redo.clear()

    def apply_pieces(self, on_way: Applying, edit: Edit) -> None:
        """Do to the pieces what is on its way."""
        pieces = self.pieces
        pairs = zip(on_way.undone, on_way.done, strict=True)
        for old, new in sorted(pairs, key=lambda it: (it[0].span.start, it[0].span.end))[::-1]:
            key = (edit.id, old.id)
            match old.state, new.state:
                case State.UNDONE, State.PENDING:
                    piece = Piece(new.new_text, key, new.old_text)
                    # What the user has typed since the question is not the model's to take away.
                    typed = set(re.findall(r"typed\d+\.", new.old_text))
                    assert typed <= set(re.findall(r"typed\d+\.", "".join(edit.base)))
                case State.PENDING, State.REJECTED:
                    piece = Piece(new.old_text)
                case State.CONFLICT, State.ACCEPTED:
                    piece = Piece(new.new_text)
                case _:
                    continue
            pieces = replaced(pieces, old.span, piece, key)
        self.pieces = tidied(pieces)

    def arrive(self, edit: Edit, way: str, data: st.DataObject) -> None:
        """Have the editor apply what is on its way, and report it."""
        assert edit.applying is not None
        changes = list(edit.applying.changes)
        self.push()
        self.apply_pieces(edit.applying, edit)
        # Of two insertions at one place, the first stands above.
        ordered = sorted(changes, key=lambda it: (it.span.start, it.span.end))[::-1]
        match way:
            case "at once":
                self.report(*ordered)
            case "as a whole text":
                self.report_whole(self.text)
            case "piece by piece":
                waiting = data.draw(st.permutations(changes))
                while waiting:
                    change, *waiting = waiting
                    self.report(change)
                    waiting = [replace(it, span=follow(it.span, change)) for it in waiting]
            case _:
                self.push()
                typed = self.typing(data)
                self.pieces = changed(self.pieces, typed)
                self.report(*ordered, typed)
        assert self.reported == self.text
        assert edit.applying is None

    def typing(self, data: st.DataObject) -> Change:
        """A word typed well within the user's own text."""
        places = [0] if not self.pieces else []
        at = 0
        for piece in self.pieces:
            if piece.key is None and len(piece.text) > 2:
                places += [at + 1, at + len(piece.text) // 2]
            at += len(piece.text)
        place = data.draw(st.sampled_from(places or [at]))
        if self.text[place - 1 : place + 1] == "\r\n":
            place += 1
        return Change(Span(place, place), self.word("typed"))

    def bring(self, edit: Edit, make: Callable[[], Applying], data: st.DataObject) -> None:
        """Carry a change into the document, whatever comes in between."""
        if not make().changes:
            self.keep()
            return
        self.keep()
        ways = ["at once", "piece by piece", "refused", "typed first", "closed", "killed"]
        if not self.mixed:
            ways += ["as a whole text", "typed along", "typed under way"]
        way = data.draw(st.sampled_from(ways), "way")
        if way in {"typed first", "typed under way"}:
            self.type_under_way(edit, make, data, refused=way == "typed first")
        elif way == "refused":
            self.edits.refused(edit)
            self.keep()
            if edit.asked:
                self.edits.forget(edit.id)
        elif way in {"closed", "killed"}:
            self.come_back_under_way(edit, data, killed=way == "killed")
        elif edit.applying is not None:
            self.arrive(edit, way, data)

    def come_back_under_way(self, edit: Edit, data: st.DataObject, *, killed: bool) -> None:
        """Close, or kill, when it is not known whether what was on its way has arrived."""
        if data.draw(st.booleans(), "arrived"):
            assert edit.applying is not None
            self.push()
            self.apply_pieces(edit.applying, edit)
        self.come_back(killed=killed)

    def type_under_way(
        self, edit: Edit, make: Callable[[], Applying], data: st.DataObject, *, refused: bool
    ) -> None:
        """Type before what is on its way arrives: the editor refuses it, or moves it along."""
        if refused and data.draw(st.booleans()):
            self.changes_lines(data, whole=False)
        else:
            self.change(self.typing(data))
        if refused:
            self.refuse(edit, make)
        if edit.applying is not None:
            self.arrive(edit, "at once", data)

    def refuse(self, edit: Edit, make: Callable[[], Applying]) -> None:
        """Have the editor refuse what is on its way, for the text has another version by now."""
        self.edits.refused(edit)
        try:
            make()
        except UsageError:
            # What was to be rejected is no more.
            assert not edit.asked
        self.keep()

    def come_back(self, *, killed: bool) -> None:
        """Close the document, or kill the server, and open the document as the pieces are."""
        self.asked.clear()
        if killed:
            past = replay(b"".join(self.journal))
            self.edits = Edits()
            if past is not None:
                assert past.uri == URI
                self.edits.adopt(past.edits, past.text, URI, self.source)
            # What the new server does not know of is the user's own.
            known = {edit.id for edit in self.edits.of(URI)}
            self.own(lambda key: key[0] not in known)
        else:
            self.undo.clear()
            self.redo.clear()
            self.edits.closed(URI, Source(self.reported))
            self.edits.opened(URI, self.source)
        self.reported = self.text
        self.journal = []
        self.keep()

    # The rules

    @initialize(count=st.integers(1, 7), end=st.sampled_from(["\n", "\r\n", "\u2028\n"]))
    def open(self, count: int, end: str) -> None:
        self.pieces = tidied([Piece("".join(self.word("own") + end for _ in range(count)))])
        self.reported = self.text

    @rule(data=st.data())
    def types(self, data: st.DataObject) -> None:
        self.change(self.typing(data))

    @rule(data=st.data(), whole=st.booleans())
    def types_lines(self, data: st.DataObject, whole: bool) -> None:
        self.changes_lines(data, whole=whole)

    def changes_lines(self, data: st.DataObject, *, whole: bool) -> None:
        """Lines typed, taken out or written anew, among hunks, in them and across them."""
        source = self.source
        first = data.draw(st.integers(0, source.line_count - 1))
        last = data.draw(st.integers(first, min(first + 2, source.line_count)))
        span = Span(source.line_span(first).start, source.line_span(last).start)
        typed = "".join(self.word("typed") + "\n" for _ in range(data.draw(st.integers(0, 2))))
        if not len(span) and not typed:
            return
        change = Change(span, typed)
        self.push()
        self.pieces = changed(self.pieces, change)
        if whole and not self.mixed and not len(span):
            self.report_whole(self.text)
        else:
            self.report(change)

    @rule(data=st.data())
    def changes_anything(self, data: st.DataObject) -> None:
        """Any characters replaced by any."""
        start = data.draw(st.integers(0, len(self.text)))
        end = data.draw(st.integers(start, min(len(self.text), start + 12)))
        typed = self.word("typed") if data.draw(st.booleans()) else ""
        if start == end and not typed:
            return
        self.mixed = True
        self.change(Change(Span(start, end), typed))

    @rule(data=st.data())
    def asks(self, data: st.DataObject) -> None:
        source = self.source
        first = data.draw(st.integers(0, source.line_count - 1))
        last = data.draw(st.integers(first, source.line_count - 1))
        try:
            edit = self.edits.begin(URI, source, source.lines_span(first, last), "Edit")
        except UsageError:
            return
        others = [hunk.span for _, hunk in self.edits.open_hunks(URI)]
        others += [other.target for other in self.asked]
        if any(it.start <= edit.target.end and edit.target.start <= it.end for it in others):
            # See `untangle`.
            self.edits.forget(edit.id)
            return
        self.asked.append(edit)

    @rule(data=st.data(), typing=st.integers(0, 2))
    def asks_and_changes_the_same_lines(self, data: st.DataObject, typing: int) -> None:
        before = list(self.asked)
        self.asks(data)
        for edit in self.asked[len(before) :]:
            for _ in range(typing):
                at = data.draw(st.integers(edit.target.start, edit.target.end))
                self.change(Change(Span(at, at), self.word("typed") + "\n"))
            self.answer(edit, data)

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def answers(self, data: st.DataObject) -> None:
        self.answer(self.asked[data.draw(st.integers(0, len(self.asked) - 1))], data)

    def answer(self, edit: Edit, data: st.DataObject) -> None:
        """Have the model's lines brought in: some of what it was shown, some new ones."""
        self.asked.remove(edit)
        others = [hunk.span for _, hunk in self.edits.open_hunks(URI)]
        # An undo may have brought back another edit's hunks there since.
        if (edit.base and not len(edit.target)) or any(map(edit.target.overlaps, others)):
            self.edits.forget(edit.id)
            return
        lines: list[str] = []
        for line in [*edit.base, ""]:
            lines += [self.word("model") for _ in range(data.draw(st.integers(0, 1)))]
            if data.draw(st.integers(0, 2)):
                lines.append(line)
        try:
            self.bring(edit, lambda: self.edits.propose(edit, self.source, lines), data)
        except NoEdit:
            self.edits.forget(edit.id)
            self.keep()
        if edit.pending and any(text_of(pieces) == self.text for pieces in self.undo):
            # It took away just what was typed: undoing that and redoing this look alike.
            self.accept(edit)

    def chosen(self, data: st.DataObject, *states: State) -> tuple[Edit, str] | None:
        found = [
            (edit, hunk.id)
            for edit in self.edits.of(URI)
            for hunk in edit.hunks
            if hunk.state in states
        ]
        return found[data.draw(st.integers(0, len(found) - 1))] if found else None

    @precondition(lambda self: self.held)
    @rule(data=st.data(), every=st.booleans())
    def accepts(self, data: st.DataObject, every: bool) -> None:
        if (found := self.chosen(data, State.PENDING)) is not None:
            edit, hunk_id = found
            keys = {(edit.id, it.id) for it in edit.pending if every or it.id == hunk_id}
            self.edits.accept(edit, None if every else hunk_id)
            self.keep()
            self.own(lambda key: key in keys)

    def accept(self, edit: Edit) -> None:
        self.edits.accept(edit)
        self.keep()
        self.own(lambda key: key[0] == edit.id)

    def own(self, settled: Callable[[Key], bool]) -> None:
        """Make hunks the user's own, now and at every undo."""

        def owned(pieces: Pieces) -> Pieces:
            return tidied(
                [Piece(it.text) if it.key is not None and settled(it.key) else it for it in pieces]
            )

        self.pieces = owned(self.pieces)
        self.undo = [owned(pieces) for pieces in self.undo]
        self.redo = [owned(pieces) for pieces in self.redo]
        self.seen = {text: owned(pieces) for text, pieces in self.seen.items()}

    @precondition(lambda self: self.held)
    @rule(data=st.data(), every=st.booleans())
    def rejects(self, data: st.DataObject, every: bool) -> None:
        if (found := self.chosen(data, State.PENDING, State.CONFLICT)) is not None:
            edit, hunk_id = found
            chosen = None if every else hunk_id
            self.bring(edit, lambda: self.edits.reject(edit, self.source, chosen), data)

    @precondition(lambda self: any(edit.conflicts for edit in self.edits.of(URI)))
    @rule(data=st.data())
    def takes_the_models(self, data: st.DataObject) -> None:
        if (found := self.chosen(data, State.CONFLICT)) is not None:
            edit, hunk_id = found
            (span,) = (hunk.span for hunk in edit.hunks if hunk.id == hunk_id)
            if any(map(span.overlaps, places_of(self.pieces).values())):
                return
            self.bring(edit, lambda: self.edits.take(edit, self.source, hunk_id), data)

    def go(self, there: list[Pieces], back: list[Pieces], whole: bool) -> None:
        """Undo or redo."""
        back.append(self.pieces)
        self.pieces = there.pop()
        if whole:
            self.report_whole(self.text)
        else:
            self.report_smallest(self.text)

    @precondition(lambda self: self.undo)
    @rule(whole=st.booleans())
    def undoes(self, whole: bool) -> None:
        self.go(self.undo, self.redo, whole)

    @precondition(lambda self: self.redo)
    @rule(whole=st.booleans())
    def redoes(self, whole: bool) -> None:
        self.go(self.redo, self.undo, whole)

    @precondition(lambda self: self.held)
    @rule(killed=st.booleans())
    def comes_back_as_it_was(self, killed: bool) -> None:
        self.come_back(killed=killed)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), killed=st.booleans())
    def comes_back_with_another_text(self, data: st.DataObject, killed: bool) -> None:
        """Lines were typed or taken out while nobody looked, or the last report never came."""
        self.lossy = True
        source = self.source
        first = data.draw(st.integers(0, source.line_count - 1))
        last = data.draw(st.integers(first, min(first + 2, source.line_count)))
        span = Span(source.line_span(first).start, source.line_span(last).start)
        self.pieces = changed(self.pieces, Change(span, self.word("typed") + "\n"))
        self.undo.clear()
        self.redo.clear()
        self.come_back(killed=killed)

    def untangle(self) -> None:
        """Accept where two edits have removed all between them: nothing tells which was above."""
        for one, other in pairwise(self.pieces):
            if one.key and other.key and not one.text and not other.text:
                edit_id, other_id = one.key[0], other.key[0]
                if edit_id != other_id:
                    self.accept(self.edits.get(edit_id))
                    self.untangle()
                    return

    # What is always so

    @invariant()
    def the_document_is_what_the_pieces_say(self) -> None:
        assert self.reported == self.text

    @invariant()
    def the_journal_tells_of_what_is_open(self) -> None:
        past = replay(b"".join(self.journal))
        kept = [it.hunks for it in past.edits if it.open] if past is not None else []
        assert kept == [edit.hunks for edit in self.edits.of(URI) if edit.open]
        assert past is None or past.text == self.text

    @invariant()
    def hunks_are_where_their_pieces_are(self) -> None:
        self.untangle()
        pending = {(edit.id, it.id): it.span for edit, it in self.edits.pending(URI)}
        if pending != places_of(self.pieces):
            # The text may be one that was there before: its hunks are what they were then.
            self.pieces = self.seen.get(self.text, self.pieces)
        places = places_of(self.pieces)
        if not self.lossy:
            assert pending == places
        assert pending.items() <= places.items()
        self.pieces = tidied(
            [piece if piece.key in pending else Piece(piece.text) for piece in self.pieces]
        )
        self.seen[self.text] = self.pieces

    def teardown(self) -> None:
        """Reject all there is: the old texts are back, and what was typed elsewhere is there."""
        expected = "".join(piece.text if piece.key is None else piece.old for piece in self.pieces)
        for edit in self.edits.of(URI):
            if edit.pending:
                on_way = self.edits.reject(edit, self.source)
                self.apply_pieces(on_way, edit)
                ordered = sorted(on_way.changes, key=lambda it: (it.span.start, it.span.end))
                self.report(*ordered[::-1])
        assert self.reported == self.text == expected
        assert not self.edits.pending(URI)


@pytest.mark.timeout(1800)
def test_whatever_happens_the_document_is_what_it_should_be() -> None:
    profile = settings(
        max_examples=EXAMPLES,
        stateful_step_count=40,
        # Every run of `make test` is the same; the nightly one looks further.
        derandomize=EXAMPLES <= 200,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=profile)
