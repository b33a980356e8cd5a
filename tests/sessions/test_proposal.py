from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spyhop.core.anchors import Change, apply_all
from spyhop.core.lines import common_end, end_of, is_blank, split_lines, without_end
from spyhop.core.positions import Source, Span
from spyhop.errors import NoEdit
from spyhop.sessions.proposal import (
    ProposedHunk,
    State,
    after_applying,
    in_document_style,
    propose,
)
from strategies import LINE_ENDS, documents

ends = st.sampled_from((*LINE_ENDS, ""))


@st.composite
def _selections(draw: st.DrawFn) -> tuple[list[str], int, int]:
    lines = draw(documents)
    first = draw(st.integers(0, len(lines)))
    return lines, first, draw(st.integers(first, len(lines)))


selections = _selections()


@st.composite
def _answers(draw: st.DrawFn) -> tuple[list[str], int, int, list[str]]:
    """A document, a selection of it, and lines for that: some of its own, some new."""
    lines, first, last = draw(selections)
    own = st.sampled_from([without_end(line) for line in lines[first:last]] or ["x"])
    fresh = st.sampled_from(["new = 1", "b", "", "  ", "}"])
    texts = draw(st.lists(st.one_of(own, own, fresh), max_size=12))
    return lines, first, last, [text + draw(ends) for text in texts]


answers = _answers()


def _target(lines: Sequence[str], first: int, last: int) -> Span:
    return Span(len("".join(lines[:first])), len("".join(lines[:last])))


def _key(line: str) -> str:
    return "" if is_blank(line) else without_end(line)


def _applied(text: str, hunks: Sequence[ProposedHunk]) -> str:
    return apply_all(text, [hunk.change for hunk in hunks])


def _refusal(source: Source, target: Span, base: Sequence[str], new: Sequence[str]) -> str:
    with pytest.raises(NoEdit) as refused:
        propose(source, target, base, new)
    return refused.value.key


@given(answers)
def test_applying_every_hunk_gives_the_new_lines_in_the_documents_style(
    answer: tuple[list[str], int, int, list[str]],
) -> None:
    lines, first, last, new = answer
    source, base = Source("".join(lines)), lines[first:last]
    wanted = in_document_style(new, base, source)
    assume(wanted != base)
    hunks = propose(source, _target(lines, first, last), base, new)
    expected = [*lines[:first], *wanted, *lines[last:]]
    assert _applied(source.text, hunks) == "".join(expected)


@given(answers)
def test_rejecting_every_hunk_gives_the_document_back(
    answer: tuple[list[str], int, int, list[str]],
) -> None:
    lines, first, last, new = answer
    source, base = Source("".join(lines)), lines[first:last]
    assume(in_document_style(new, base, source) != base)
    hunks = propose(source, _target(lines, first, last), base, new)
    after = _applied(source.text, hunks)
    placed = after_applying(hunks)
    assert [after[hunk.span.start : hunk.span.end] for hunk in placed] == [
        hunk.new_text for hunk in hunks
    ]
    back = [Change(hunk.span, hunk.old_text) for hunk in placed]
    assert apply_all(after, back) == source.text


@given(answers)
def test_the_documents_style_changes_terminators_and_blank_lines_only(
    answer: tuple[list[str], int, int, list[str]],
) -> None:
    lines, first, last, new = answer
    base = lines[first:last]
    source = Source("".join(lines))
    wanted = in_document_style(new, base, source)
    assert [_key(line) for line in wanted] == [_key(line) for line in new]
    known = {end_of(line) for line in base} | {common_end(source.text)}
    assert all(end_of(line) in known - {""} for line in wanted[:-1])
    if base and wanted:
        assert bool(end_of(wanted[-1])) == bool(end_of(base[-1]))


@given(selections, st.data())
def test_lines_that_differ_in_terminators_and_blanks_only_are_the_same(
    selection: tuple[list[str], int, int], data: st.DataObject
) -> None:
    lines, first, last = selection
    base = lines[first:last]
    blanks = st.sampled_from(["", "  ", "\t"])
    new = [
        (data.draw(blanks) if is_blank(line) else without_end(line)) + data.draw(ends)
        for line in base
    ]
    target = _target(lines, first, last)
    assert _refusal(Source("".join(lines)), target, base, new) == "no-edit-same"


@given(selections, st.data())
def test_lines_that_stay_keep_their_bytes(
    selection: tuple[list[str], int, int], data: st.DataObject
) -> None:
    lines, first, last = selection
    base = lines[first:last]
    assume(base and end_of(base[-1]))
    place = data.draw(st.integers(0, len(base)))
    shown = [_key(line) for line in base]
    new = [*shown[:place], "fresh", *shown[place:]]
    source = Source("".join(lines))
    hunks = propose(source, _target(lines, first, last), base, new)
    fresh = "fresh" + common_end(source.text)
    expected = [*lines[: first + place], fresh, *lines[first + place :]]
    assert _applied(source.text, hunks) == "".join(expected)


def _numbered(count: int) -> list[str]:
    return [f"line {number}\n" for number in range(count)]


@given(st.integers(1, 6), st.data())
def test_changes_of_different_lines_by_user_and_model_are_both_kept(
    count: int, data: st.DataObject
) -> None:
    base = _numbered(count)
    users = data.draw(st.integers(0, count - 1))
    models = data.draw(st.integers(0, count - 1))
    now, new = list(base), list(base)
    now[users], new[models] = "the user's\n", "the model's\n"
    source = Source("".join(["before\n", *now]))
    target = Span(len("before\n"), len(source.text))
    if users == models:
        (hunk,) = propose(source, target, base, new)
        assert hunk.state is State.CONFLICT
        assert (hunk.base_text, hunk.old_text, hunk.new_text) == (
            base[users],
            "the user's\n",
            "the model's\n",
        )
        assert source.text[hunk.span.start : hunk.span.end] == hunk.old_text
    else:
        now[models] = "the model's\n"
        hunks = propose(source, target, base, new)
        assert _applied(source.text, hunks) == "".join(["before\n", *now])


@given(st.integers(0, 6), st.data())
def test_insertions_by_user_and_model_conflict_at_the_same_place_only(
    count: int, data: st.DataObject
) -> None:
    base = _numbered(count)
    users, models = data.draw(st.integers(0, count)), data.draw(st.integers(0, count))
    now = [*base[:users], "the user's\n", *base[users:]]
    new = [*base[:models], "the model's\n", *base[models:]]
    source = Source("".join(now))
    target = Span(0, len(source.text))
    if users == models:
        (hunk,) = propose(source, target, base, new)
        assert (hunk.state, hunk.base_text) == (State.CONFLICT, "")
    else:
        both = list(new)
        both.insert(users + (users > models), "the user's\n")
        assert _applied(source.text, propose(source, target, base, new)) == "".join(both)


@given(st.integers(1, 6), st.data())
def test_what_the_user_has_done_already_is_not_proposed_again(
    count: int, data: st.DataObject
) -> None:
    base = _numbered(count)
    place = data.draw(st.integers(0, count - 1))
    new = [*base[:place], "changed\n", *base[place + 1 :]]
    source = Source("".join(new))
    assert _refusal(source, Span(0, len(source.text)), base, new) == "no-edit-same"


def test_hunks_and_conflicts_are_numbered_from_the_top() -> None:
    source = Source("a\nB\nuser's\nd\n")
    base, new = ["b\n", "c\n", "d\n"], ["b", "model's", "D"]
    hunks = propose(source, Span(2, len(source.text)), ["B\n", *base[1:]], ["B", *new[1:]])
    assert [(hunk.id, hunk.state, hunk.old_text, hunk.new_text) for hunk in hunks] == [
        ("1", State.CONFLICT, "user's\nd\n", "model's\nD\n")
    ]
    hunks = propose(source, Span(2, len(source.text)), ["B\n", "c\n"], ["b", "c"])
    assert [(hunk.id, hunk.state) for hunk in hunks] == [("1", State.PENDING)]


def test_a_last_line_without_a_terminator_passes_it_on() -> None:
    assert in_document_style(["a", "b"], ["a"], Source("a")) == ["a\n", "b"]
    assert in_document_style(["a"], ["a\r\n", "b"], Source("a\r\nb")) == ["a"]


def test_hunks_hold_whole_lines_of_the_document() -> None:
    source = Source("a\r\nb\rc\n")
    hunks = propose(source, Span(0, len(source.text)), split_lines(source.text), ["A", "b", "C"])
    assert [(hunk.old_text, hunk.new_text) for hunk in hunks] == [
        ("a\r\n", "A\r\n"),
        ("c\n", "C\r\n"),
    ]
