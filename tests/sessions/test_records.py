"""A journal's lines: what is read again is what was written, however much of it there is."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.anchors import Change, apply, apply_all
from spyhop.core.positions import Source, Span
from spyhop.sessions.edit import Applying, Edit
from spyhop.sessions.edits import Edits
from spyhop.sessions.following import Hunks
from spyhop.sessions.proposal import ProposedHunk, State
from spyhop.sessions.records import (
    Past,
    changes_line,
    edit_from,
    edit_to,
    edits_line,
    replay,
    snapshot,
)
from strategies import subsets, texts

URI = "file:///a%20b.py"
any_text = st.one_of(texts, st.text(st.characters(exclude_categories=()), max_size=9))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(st.integers(0, 50))
    return Span(start, draw(st.integers(start, 60)))


hunks = st.lists(
    st.builds(
        ProposedHunk,
        st.sampled_from("123"),
        spans(),
        any_text,
        any_text,
        st.sampled_from(State),
        st.none() | any_text,
    ),
    max_size=3,
    unique_by=lambda hunk: hunk.id,
).map(tuple)
checkpoints = st.dictionaries(st.text("0123456789abcdef", min_size=1), hunks, max_size=3)


@st.composite
def changes_in(draw: st.DrawFn, text: str) -> list[Change]:
    """Disjoint changes of a text."""
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pairs = zip(places[::2], places[1::2], strict=False)
    return [Change(Span(start, end), draw(any_text)) for start, end in pairs]


@st.composite
def edits_in(draw: st.DrawFn, text: str) -> Edit:
    """Any edit in a document of this text."""
    on_way = None
    if draw(st.booleans()):
        before = draw(st.just(text) | any_text)
        made = tuple(draw(changes_in(before)))
        undone = draw(hunks)
        done = tuple(
            replace(hunk, span=draw(spans()), state=draw(st.sampled_from(State))) for hunk in undone
        )
        arrived = frozenset(draw(subsets(range(len(made)))))
        on_way = Applying(
            made,
            before,
            apply_all(before, made),
            undone,
            done,
            draw(st.booleans()),
            arrived,
        )
    edit = Edit(draw(st.sampled_from("789")), URI, draw(any_text), draw(spans()), ())
    edit.hunks, edit.applying = draw(hunks), on_way
    edit.checkpoints, edit.recent = draw(checkpoints), draw(checkpoints)
    return edit


documents = any_text.flatmap(
    lambda text: st.tuples(st.just(text), st.lists(edits_in(text), max_size=2))
)


@given(any_text.flatmap(lambda text: st.tuples(st.just(text), edits_in(text))))
def test_an_edit_is_what_it_was(pair: tuple[str, Edit]) -> None:
    text, edit = pair
    values = json.loads(json.dumps(edit_to(edit, text)))
    assert edit_from(values, URI, text) == edit


@given(documents)
def test_a_snapshot_holds_the_open_edits_and_no_thoughts(pair: tuple[str, list[Edit]]) -> None:
    text, edits = pair
    thinking = [replace(edit, thinking="secret", base=("secret\n",)) for edit in edits]
    line = snapshot(URI, text, thinking)
    assert b"secret" not in line
    assert line.count(b"\n") == 1
    assert replay(line) == Past(URI, text, tuple(edit for edit in edits if edit.open))


@given(documents, st.data())
def test_a_replay_ends_where_the_document_and_its_edits_did(
    pair: tuple[str, list[Edit]], data: st.DataObject
) -> None:
    text, edits = pair
    live = Edits()
    for number, edit in enumerate(edits):
        # What is on its way must fit the text: `test_stateful` has that.
        edit.id, edit.applying = str(number), None
        live.put(edit)
    lines = snapshot(URI, text, edits)
    open_ids = [edit.id for edit in edits if edit.open]
    for _ in range(data.draw(st.integers(0, 3))):
        if data.draw(st.booleans()):
            changes = data.draw(changes_in(text))[:1]
            before = text
            for change in changes:
                text = apply(text, change)
            live.changed(URI, Source(before), Source(text), changes)
            lines += changes_line(changes)
        else:
            lines += edits_line(text, edits)
            open_ids = [edit.id for edit in edits if edit.open]
    past = replay(lines)
    assert past is not None
    assert past.text == text
    assert list(past.edits) == [edit for edit in edits if edit.id in open_ids]


@given(documents, st.data())
def test_a_torn_last_line_is_left_out(pair: tuple[str, list[Edit]], data: st.DataObject) -> None:
    text, edits = pair
    whole = snapshot(URI, text, edits)
    more = changes_line([Change(Span(0, 0), "typed")])
    cut = data.draw(st.integers(0, len(more) - 1))
    assert replay(whole + more[:cut]) == replay(whole)
    assert replay(whole[: data.draw(st.integers(0, len(whole) - 1))]) is None


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"null\n",
        b"[]\n",
        b"7\n",
        b"{}\n",
        b'{"changes": [[0, 1]]}\n',
        b'{"changes": [[2, 1, ""]]}\n',
        b'{"changes": [["a", 1, ""]]}\n',
        b'{"edits": [{"id": "1"}]}\n',
        b'{"edits": 7}\n',
        b"\xff\xfe\n",
    ],
)
def test_what_follows_a_line_that_cannot_be_read_is_left_out(line: bytes) -> None:
    whole = snapshot(URI, "text\n", [])
    typed = changes_line([Change(Span(0, 0), "typed")])
    assert replay(whole + line + typed) == Past(URI, "text\n", ())
    assert replay(line + whole) is None


def test_a_journal_of_another_version_is_not_read() -> None:
    line = snapshot(URI, "text\n", []).replace(b'"version":1', b'"version":2')
    assert replay(line) is None


def test_the_texts_of_a_hunk_stand_once_in_a_line() -> None:
    hunk = ProposedHunk("1", Span(0, 4), "old-text", "new-text")
    marks: dict[str, Hunks] = {str(number): (hunk,) for number in range(5)}
    edit = Edit("1", URI, "Edit", Span(0, 4), (), (hunk,), checkpoints=marks, recent=marks)
    assert snapshot(URI, "", [edit]).count(b"new-text") == 1
