"""Edits in a document that its user goes on changing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spyhop.core.anchors import Change, apply, apply_all, follow
from spyhop.core.positions import Source, Span
from spyhop.errors import UsageError
from spyhop.sessions.edit import Edit
from spyhop.sessions.edits import Edits
from spyhop.sessions.proposal import State

URI = "file:///a.py"


@dataclass
class Editor:
    """A document that reports its changes as an editor does."""

    text: str
    edits: Edits = field(default_factory=Edits)

    @property
    def source(self) -> Source:
        return Source(self.text)

    def change(self, *changes: Change) -> None:
        """Make changes one after the other and report them at once."""
        before = self.source
        for change in changes:
            self.text = apply(self.text, change)
        self.edits.changed(URI, before, self.source, changes)

    def become(self, text: str) -> None:
        """Go to another text, as undo and redo do: by one change of all that differs."""
        old, limit = self.text, min(len(self.text), len(text))
        head = next((i for i in range(limit) if old[i] != text[i]), limit)
        rest = limit - head
        tail = next((i for i in range(rest) if old[-1 - i] != text[-1 - i]), rest)
        self.change(Change(Span(head, len(old) - tail), text[head : len(text) - tail]))

    def apply(self, edit: Edit) -> None:
        """Make the changes that are on their way, last first, and report them at once."""
        assert edit.applying is not None
        ordered = sorted(edit.applying.changes, key=lambda it: it.span.start, reverse=True)
        self.change(*ordered)

    def begin(self, first: int, last: int) -> Edit:
        return self.edits.begin(URI, self.source, self.source.lines_span(first, last), "Edit")

    def propose(self, edit: Edit, new: list[str]) -> Edit:
        self.edits.propose(edit, self.source, new)
        self.apply(edit)
        return edit


line = st.sampled_from(["a\n", "b\n", "cc\n", "\n", "    d\n", "圆🔵\n", "e\u2028f\n"])
lines = st.lists(line, min_size=1, max_size=8)


def states(edit: Edit) -> list[State]:
    return [hunk.state for hunk in edit.hunks]


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, int, int, list[str]]:
    """A text, the first and last line of a selection in it, and other lines for those."""
    above, base, below = draw(lines), draw(lines), draw(lines)
    new = draw(lines.filter(lambda it: [x.strip() for x in it] != [x.strip() for x in base]))
    if all(not it.strip() for it in [*new, *base]):
        new = [*new, "z\n"]
    return "".join([*above, *base, *below]), len(above), len(above) + len(base) - 1, new


@st.composite
def proposals(draw: st.DrawFn) -> tuple[Editor, Edit, str]:
    """An editor with a proposal in it, and its text before."""
    before, first, last, new = draw(questions())
    editor = Editor(before)
    return editor, editor.propose(editor.begin(first, last), new), before


@given(proposals())
def test_the_hunks_stand_where_the_new_text_stands(made: tuple[Editor, Edit, str]) -> None:
    editor, edit, _ = made
    for hunk in edit.pending:
        assert editor.text[hunk.span.start : hunk.span.end] == hunk.new_text


@given(proposals())
def test_rejecting_all_gives_the_original_text_back(made: tuple[Editor, Edit, str]) -> None:
    editor, edit, before = made
    editor.edits.reject(edit, editor.source)
    editor.apply(edit)
    assert editor.text == before
    assert set(states(edit)) == {State.REJECTED}


@given(proposals(), st.randoms(use_true_random=False))
def test_rejecting_one_by_one_in_any_order_gives_the_original_text_back(
    made: tuple[Editor, Edit, str], random: object
) -> None:
    editor, edit, before = made
    order = [hunk.id for hunk in edit.pending]
    random.shuffle(order)  # type: ignore[attr-defined]
    for hunk_id in order:
        editor.edits.reject(edit, editor.source, hunk_id)
        editor.apply(edit)
    assert editor.text == before


@given(proposals(), st.data())
def test_what_the_user_types_outside_the_hunks_survives_rejecting_all(
    made: tuple[Editor, Edit, str], data: st.DataObject
) -> None:
    editor, edit, before = made
    spans = sorted((hunk.span for hunk in edit.pending), key=lambda span: span.start)
    # The text outside the hunks, in pieces; the user types at one place of one piece.
    edges = [0, *(at for span in spans for at in (span.start, span.end)), len(editor.text)]
    gaps = [Span(one, two) for one, two in list(pairwise(edges))[::2]]
    number = data.draw(st.integers(0, len(gaps) - 1))
    gap = gaps[number]
    at = data.draw(st.integers(gap.start, gap.end))
    end = data.draw(st.integers(at, gap.end))
    typed = data.draw(st.text("xy\n", min_size=1, max_size=3))
    # Typing between two hunks' edges or beside an emptied hunk has no one right place.
    if at == end and at in set(edges[1:-1]):
        at = end = 0 if gap.start == 0 and 0 not in edges[1:-1] else len(editor.text)
        number = 0 if at == 0 else len(gaps) - 1
        if at in edges[1:-1]:
            return
    before_hunks = sum(len(hunk.change.text) - len(hunk.old_text) for hunk in edit.pending[:number])
    editor.change(Change(Span(at, end), typed))
    expected = apply(before, Change(Span(at - before_hunks, end - before_hunks), typed))
    editor.edits.reject(edit, editor.source)
    editor.apply(edit)
    assert editor.text == expected


@given(proposals(), st.data())
def test_what_the_user_types_into_a_hunk_is_kept_by_accept_and_taken_back_by_reject(
    made: tuple[Editor, Edit, str], data: st.DataObject
) -> None:
    editor, edit, before = made
    filled = [hunk for hunk in edit.pending if len(hunk.span) > 1]
    if not filled:
        return
    hunk = data.draw(st.sampled_from(filled))
    at = data.draw(st.integers(hunk.span.start + 1, hunk.span.end - 1))
    editor.change(Change(Span(at, at), "typed"))
    text = editor.text
    if data.draw(st.booleans()):
        editor.edits.accept(edit)
        assert editor.text == text
        assert edit.pending == []
    else:
        editor.edits.reject(edit, editor.source)
        editor.apply(edit)
        assert editor.text == before


@given(proposals())
def test_undo_and_redo_by_the_editor_are_noticed(made: tuple[Editor, Edit, str]) -> None:
    editor, edit, before = made
    after, hunks = editor.text, edit.hunks
    editor.become(before)
    assert set(states(edit)) == {State.UNDONE}
    editor.become(after)
    assert edit.hunks == hunks
    editor.edits.reject(edit, editor.source)
    editor.apply(edit)
    editor.become(after)
    assert set(states(edit)) == {State.PENDING}
    editor.edits.accept(edit)
    editor.become(before)
    editor.become(after)
    assert editor.text == after


@given(questions(), st.sampled_from(["x", "x\n"]))
def test_a_change_reported_together_with_the_proposal_is_told_apart_from_it(
    question: tuple[str, int, int, list[str]], typed: str
) -> None:
    before, first, last, new = question
    editor = Editor(before)
    edit = editor.begin(first, last)
    on_way = editor.edits.propose(edit, editor.source, new)
    ordered = sorted(on_way.changes, key=lambda it: it.span.start, reverse=True)
    editor.change(*ordered, Change(Span(0, 0), typed))
    assert edit.applying is None
    editor.edits.reject(edit, editor.source)
    editor.apply(edit)
    assert editor.text == typed + before


def test_a_keystroke_that_comes_before_the_proposal_moves_what_is_on_its_way() -> None:
    editor = Editor("a\nb\nc\n")
    edit = editor.begin(1, 1)
    editor.edits.propose(edit, editor.source, ["B\n", "BB\n"])
    editor.change(Change(Span(0, 1), "aaaa"))
    assert edit.applying is not None
    editor.apply(edit)
    assert editor.text == "aaaa\nB\nBB\nc\n"
    assert [hunk.span for hunk in edit.pending] == [Span(5, 10)]


@given(proposals(), st.randoms(use_true_random=False))
def test_a_proposal_that_is_reported_piece_by_piece_arrives_with_the_last(
    made: tuple[Editor, Edit, str], random: object
) -> None:
    """In any order, and so do what takes it back, and undo and redo."""
    editor, edit, before = made
    after, hunks = editor.text, edit.hunks

    def piece_by_piece() -> None:
        assert edit.applying is not None
        waiting = list(edit.applying.changes)
        random.shuffle(waiting)  # type: ignore[attr-defined]
        while waiting:
            change, *waiting = waiting
            editor.change(change)
            waiting = [replace(it, span=follow(it.span, change)) for it in waiting]

    editor.edits.reject(edit, editor.source)
    piece_by_piece()
    assert editor.text == before
    assert set(states(edit)) == {State.REJECTED}
    editor.become(after)
    assert edit.hunks == hunks


def test_typing_that_looks_like_what_the_proposal_took_away_is_told_from_it() -> None:
    editor = Editor("typed2.\nown1.\n")
    edit = editor.begin(0, 0)
    (deletion,) = editor.edits.propose(edit, editor.source, []).changes
    editor.change(deletion, Change(Span(1, 1), "typed3."))
    assert edit.applying is None
    assert [hunk.span for hunk in edit.pending] == [Span(0, 0)]


def test_a_refusal_takes_back_what_seemed_to_have_arrived() -> None:
    editor = Editor("a\nlong line\n")
    edit = editor.propose(editor.begin(1, 1), ["another line\n", "and one\n"])
    editor.edits.reject(edit, editor.source)
    editor.change(Change(Span(2, 14), "long line"))
    assert edit.pending == []
    editor.change(Change(Span(0, 0), "x"))
    editor.edits.refused(edit)
    assert [editor.text[it.span.start : it.span.end] for it in edit.pending] == [
        "long line\nand one\n"
    ]


def test_an_accepted_hunk_stays_so_when_a_rejection_under_way_arrives() -> None:
    editor = Editor("a\nb\nc\n")
    edit = editor.propose(editor.begin(0, 2), ["A\n", "b\n", "C\n"])
    editor.edits.reject(edit, editor.source, "1")
    editor.edits.accept(edit, "2")
    editor.apply(edit)
    assert states(edit) == [State.REJECTED, State.ACCEPTED]


def test_a_key_before_the_proposal_is_placed_by_what_the_proposal_adds_above_it() -> None:
    editor = Editor("a\nb\nc\n")
    edit = editor.begin(0, 2)
    editor.edits.propose(edit, editor.source, ["A" * 50 + "\n", "b\n", "C\n"])
    editor.change(Change(Span(3, 3), "!"))
    editor.apply(edit)
    assert [editor.text[h.span.start : h.span.end] for h in edit.pending] == [
        "A" * 50 + "\n",
        "C\n",
    ]


def test_lines_that_another_program_put_back_are_undone() -> None:
    editor = Editor("a\nb\nc\nd\n")
    edit = editor.propose(editor.begin(0, 3), ["A\n", "c\n", "D\n"])
    editor.change(Change(Span(len(editor.text), len(editor.text)), "more\n"))
    editor.change(Change(Span(0, len("A\nc\nD\nmore\n")), "a\nb\nc\nd\nelse\n"))
    assert State.PENDING not in states(edit)
    editor = Editor("a\nb\nc\nd\n")
    edit = editor.propose(editor.begin(0, 3), ["a\n", "c\n", "D\n"])
    editor.change(Change(Span(0, len("a\nc\nD\n")), "!\na\nb\nc\nD\n"))
    assert states(edit) == [State.UNDONE, State.PENDING]
    assert edit.hunks[0].span == Span(4, 6)


def test_a_removal_whose_lines_come_back_with_what_is_beside_them_is_undone() -> None:
    editor = Editor("a\nb\nc\n")
    edit = editor.propose(editor.begin(0, 0), [])
    editor.change(Change(Span(0, 2), "a\nB\n"))
    assert (states(edit), edit.hunks[0].span) == ([State.UNDONE], Span(0, 2))
    editor = Editor("a\nb\nc\n")
    edit = editor.propose(editor.begin(1, 1), [])
    editor.change(Change(Span(0, 2), "A\nb\n"))
    assert (states(edit), edit.hunks[0].span) == ([State.UNDONE], Span(2, 4))


def test_lines_written_anew_together_with_others_are_dropped_until_undone() -> None:
    editor = Editor("a\nb\nc\n")
    edit = editor.propose(editor.begin(1, 1), ["B\n"])
    editor.change(Change(Span(0, 0), "x"))
    text = editor.text
    editor.change(Change(Span(0, len(text)), ""))
    assert states(edit) == [State.DROPPED]
    editor.change(Change(Span(0, 0), text))
    assert states(edit) == [State.PENDING]
    editor.edits.reject(edit, editor.source)
    editor.apply(edit)
    assert editor.text == "xa\nb\nc\n"


def conflicting() -> tuple[Editor, Edit]:
    """Four lines, of which both changed the second, and the model the last one too."""
    editor = Editor("a\nb\nc\nd\n")
    edit = editor.begin(0, 3)
    editor.change(Change(Span(2, 4), "mine\n"))
    return editor, editor.propose(edit, ["a\n", "model's\n", "c\n", "D\n", "DD\n"])


def test_what_both_changed_waits_and_the_rest_is_applied() -> None:
    editor, edit = conflicting()
    assert editor.text == "a\nmine\nc\nD\nDD\n"
    conflict, pending = edit.hunks
    assert (conflict.state, conflict.span) == (State.CONFLICT, Span(2, 7))
    assert (conflict.base_text, conflict.old_text, conflict.new_text) == (
        "b\n",
        "mine\n",
        "model's\n",
    )
    assert pending.state is State.PENDING
    assert editor.edits.pending(URI) == [(edit, pending)]
    assert editor.edits.open_hunks(URI) == [(edit, conflict), (edit, pending)]


def test_the_models_lines_are_taken_in_the_place_of_the_users_as_they_are_then() -> None:
    editor, edit = conflicting()
    editor.change(Change(Span(3, 3), "<still typing>"))
    typed = editor.text
    on_way = editor.edits.take(edit, editor.source, "1")
    assert len(on_way.changes) == 1
    editor.apply(edit)
    assert editor.text == "a\nmodel's\nc\nD\nDD\n"
    assert states(edit) == [State.ACCEPTED, State.PENDING]
    editor.become(typed)
    assert states(edit) == [State.CONFLICT, State.PENDING]
    editor.edits.reject(edit, editor.source, "1")
    assert edit.applying is None
    assert editor.text == typed
    assert states(edit) == [State.REJECTED, State.PENDING]
    editor.change(Change(Span(0, 0), "x"))
    editor.change(Change(Span(0, 1), ""))
    assert states(edit) == [State.REJECTED, State.PENDING]


def test_accepting_all_leaves_conflicts_and_rejecting_all_keeps_the_users_lines() -> None:
    editor, edit = conflicting()
    editor.edits.accept(edit)
    assert states(edit) == [State.CONFLICT, State.ACCEPTED]
    with pytest.raises(UsageError):
        editor.edits.accept(edit)
    with pytest.raises(UsageError):
        editor.edits.take(edit, editor.source, "2")
    editor, edit = conflicting()
    editor.edits.reject(edit, editor.source)
    editor.apply(edit)
    assert editor.text == "a\nmine\nc\nd\n"
    assert states(edit) == [State.REJECTED, State.REJECTED]


def test_an_edit_of_conflicts_only_stands_without_a_change() -> None:
    editor = Editor("a\n")
    edit = editor.begin(0, 0)
    editor.change(Change(Span(0, 1), "mine"))
    on_way = editor.edits.propose(edit, editor.source, ["model's\n"])
    assert on_way.changes == ()
    assert edit.applying is None
    assert states(edit) == [State.CONFLICT]
    with pytest.raises(UsageError, match="still open"):
        editor.begin(0, 0)
    editor.change(Change(Span(0, 0), "# "))
    editor.edits.take(edit, editor.source, "1")
    editor.apply(edit)
    assert editor.text == "model's\n"


def test_a_conflict_outlives_the_undo_of_what_was_applied_with_it() -> None:
    editor, edit = conflicting()
    after = editor.text
    editor.become("a\nmine\nc\nd\n")
    assert states(edit) == [State.CONFLICT, State.UNDONE]
    editor.become(after)
    assert states(edit) == [State.CONFLICT, State.PENDING]


def test_an_edit_of_lines_under_another_edit_is_refused_until_that_one_is_settled() -> None:
    editor = Editor("a\nb\nc\n")
    first = editor.begin(0, 1)
    with pytest.raises(UsageError, match="still open"):
        editor.begin(1, 2)
    editor.begin(2, 2)
    editor.propose(first, ["A\n", "b\n"])
    editor.begin(1, 1)
    with pytest.raises(UsageError, match="still open"):
        editor.begin(0, 0)
    editor.edits.accept(first)
    editor.begin(0, 0)


def test_an_application_that_the_editor_only_claims_to_have_made_blocks_nothing() -> None:
    editor = Editor("a\nb\n")
    edit = editor.begin(0, 0)
    editor.edits.propose(edit, editor.source, ["A\n"])
    editor.edits.confirmed(edit)
    again = editor.begin(0, 0)
    assert editor.edits.of(URI) == [again]


def test_a_verdict_on_what_is_settled_is_refused() -> None:
    editor = Editor("a\n")
    edit = editor.propose(editor.begin(0, 0), ["A\n"])
    editor.edits.accept(edit, "1")
    with pytest.raises(UsageError, match="accepted or rejected already"):
        editor.edits.accept(edit)
    with pytest.raises(UsageError, match="accepted or rejected already"):
        editor.edits.reject(edit, editor.source, "1")
    with pytest.raises(UsageError, match="no open edit 99"):
        editor.edits.get("99")


def test_the_same_answer_again_stands_for_itself_and_not_for_what_was_rejected() -> None:
    editor = Editor("a\nb\n")
    first = editor.propose(editor.begin(0, 1), ["A\n", "b\n"])
    after = editor.text
    editor.edits.reject(first, editor.source)
    editor.apply(first)
    second = editor.propose(editor.begin(0, 1), ["A\n", "b\n"])
    assert (states(first), states(second)) == ([State.REJECTED], [State.PENDING])
    editor.become("a\nb\n")
    editor.become(after)
    assert (states(first), states(second)) == ([State.REJECTED], [State.PENDING])


def test_the_same_answer_with_a_key_typed_along_stands_for_itself_too() -> None:
    editor = Editor("a\nb\n")
    first = editor.propose(editor.begin(0, 1), ["A\n", "b\n"])
    after = editor.text
    editor.become("a\nb\n")
    second = editor.begin(0, 1)
    (change,) = editor.edits.propose(second, editor.source, ["A\n", "b\n"]).changes
    editor.change(change, Change(Span(4, 4), "typed"))
    editor.become(after)
    assert (states(first), states(second)) == ([State.UNDONE], [State.PENDING])


def reopen(editor: Editor, text: str) -> int:
    """Close the document and open it with another text."""
    editor.edits.closed(URI, editor.source)
    editor.text = text
    return editor.edits.opened(URI, editor.source)


@given(proposals())
def test_a_document_reopened_as_it_was_has_its_hunks_again(made: tuple[Editor, Edit, str]) -> None:
    editor, edit, before = made
    hunks = edit.hunks
    assert reopen(editor, editor.text) == 0
    assert edit.hunks == hunks
    editor.edits.reject(edit, editor.source)
    editor.apply(edit)
    assert editor.text == before


@given(proposals())
def test_a_document_reopened_with_a_text_of_before_is_recalled(
    made: tuple[Editor, Edit, str],
) -> None:
    editor, edit, before = made
    after, hunks = editor.text, edit.hunks
    assert reopen(editor, before) == 0
    assert set(states(edit)) == {State.UNDONE}
    assert reopen(editor, after) == 0
    assert edit.hunks == hunks


@given(proposals(), lines, lines)
def test_hunks_follow_to_a_text_that_has_grown_while_closed_and_reject_is_exact(
    made: tuple[Editor, Edit, str], above: list[str], below: list[str]
) -> None:
    editor, edit, before = made
    head, tail = "".join([*above, "first\n"]), "".join(["last\n", *below])
    assume(head + editor.text + tail != before)
    dropped = reopen(editor, head + editor.text + tail)
    assert dropped + len(edit.pending) == len(edit.hunks)
    if dropped == 0:
        editor.edits.reject(edit, editor.source)
        editor.apply(edit)
        assert editor.text == head + before + tail


@given(proposals(), st.lists(line, max_size=8))
def test_a_hunk_stays_in_another_text_only_where_its_lines_are_what_they_were(
    made: tuple[Editor, Edit, str], other: list[str]
) -> None:
    editor, edit, _ = made
    reopen(editor, "".join(other))
    for hunk in edit.pending:
        assert editor.text[hunk.span.start : hunk.span.end] == hunk.new_text


def test_an_undo_to_the_text_that_a_document_came_back_with_finds_its_hunks() -> None:
    editor = Editor("a\n")
    edit = editor.propose(editor.begin(0, 0), ["A\n", "B\n"])
    reopen(editor, "A\nB\nmore\n")
    editor.change(Change(Span(0, 1), ""))
    editor.become("A\nB\nmore\n")
    assert [hunk.span for hunk in edit.pending] == [Span(0, 4)]


def test_a_hunk_whose_lines_changed_while_closed_is_dropped_and_counted() -> None:
    editor = Editor("a\nb\nc\nd\n")
    edit = editor.propose(editor.begin(0, 3), ["A\n", "b\n", "c\n", "D\n"])
    assert reopen(editor, "A\nb\nc\nDD\n") == 1
    assert states(edit) == [State.PENDING, State.DROPPED]
    assert reopen(editor, "A\nb\nc\nD\n") == 0
    assert states(edit) == [State.PENDING, State.PENDING]


def test_a_hunk_beside_a_change_is_dropped_where_another_of_the_same_lines_may_be_meant() -> None:
    editor = Editor("a\nx\nb\n")
    edit = editor.propose(editor.begin(1, 1), ["}\n"])
    assert reopen(editor, "a\n}\n}\nb\n") == 1
    assert edit.pending == []


def test_a_removal_beside_a_change_is_dropped() -> None:
    editor = Editor("a\nx\nb\nc\n")
    edit = editor.propose(editor.begin(0, 1), ["a\n"])
    assert reopen(editor, "a\nb\nC\n") == 0
    assert [hunk.span for hunk in edit.pending] == [Span(2, 2)]
    assert reopen(editor, "a\nB\nC\n") == 1


def test_what_was_on_its_way_at_closing_has_arrived_or_not_as_the_text_says() -> None:
    for text, expected in (("a\nb\n", State.UNDONE), ("A\nb\n", State.PENDING)):
        editor = Editor("a\nb\n")
        edit = editor.begin(0, 0)
        editor.edits.propose(edit, editor.source, ["A\n"])
        reopen(editor, text)
        assert states(edit) == [expected]
        assert edit.applying is None
    editor = Editor("a\nb\n")
    edit = editor.propose(editor.begin(0, 0), ["A\n"])
    editor.edits.reject(edit, editor.source)
    reopen(editor, "A\nb\nc\n")
    assert states(edit) == [State.PENDING]
    editor.edits.reject(edit, editor.source)
    reopen(editor, "a\nb\nc\n")
    assert states(edit) == [State.REJECTED]


def test_two_rejected_removals_at_one_place_arrive_in_order_while_closed() -> None:
    editor = Editor("a\nb\nc\nd\n")
    edit = editor.propose(editor.begin(0, 2), ["b\n"])
    editor.change(Change(Span(0, 2), ""))
    on_way = editor.edits.reject(edit, editor.source)
    assert on_way.after == "a\nc\nd\n"
    assert reopen(editor, on_way.after) == 0
    assert [(hunk.state, hunk.span) for hunk in edit.hunks] == [
        (State.REJECTED, Span(0, 2)),
        (State.REJECTED, Span(2, 4)),
    ]


def test_edits_move_along_with_a_renamed_document() -> None:
    editor = Editor("a\n")
    edit = editor.propose(editor.begin(0, 0), ["A\n"])
    editor.edits.closed(URI, editor.source, gone=True)
    assert editor.edits.heir(Source("a\n")) is None
    assert editor.edits.heir(editor.source) == URI
    editor.edits.moved(URI, "file:///b.py")
    assert editor.edits.heir(editor.source) == "file:///b.py"
    assert editor.edits.opened("file:///b.py", editor.source) == 0
    assert editor.edits.pending("file:///b.py") == [(edit, edit.hunks[0])]
    assert editor.edits.of(URI) == []


def test_a_document_that_is_still_there_has_no_heir() -> None:
    editor = Editor("a\n")
    editor.propose(editor.begin(0, 0), ["A\n"])
    editor.edits.closed(URI, editor.source)
    assert editor.edits.heir(editor.source) is None
    assert editor.edits.drop_gone() == []


def test_the_edits_of_a_document_that_is_gone_are_dropped() -> None:
    editor = Editor("a\n")
    editor.propose(editor.begin(0, 0), ["A\n"])
    editor.edits.closed(URI, editor.source, gone=True)
    assert editor.edits.drop_gone() == [URI]
    assert editor.edits.of(URI) == []
    editor.propose(editor.begin(0, 0), ["B\n"])
    editor.edits.forget_document(URI)
    assert editor.edits.of(URI) == []


def test_settled_edits_are_forgotten_in_the_end() -> None:
    editor = Editor("a\n")
    for number in range(100):
        edit = editor.propose(editor.begin(0, 0), [f"{number}\n"])
        editor.edits.accept(edit)
    assert len(editor.edits.of(URI)) <= 65


def test_two_hunks_rejected_in_either_order_with_apply_all() -> None:
    editor = Editor("a\nb\nc\n")
    edit = editor.propose(editor.begin(0, 2), ["A\n", "b\n", "C\n"])
    on_way = editor.edits.reject(edit, editor.source, "2")
    assert apply_all(editor.text, on_way.changes) == "A\nb\nc\n"
