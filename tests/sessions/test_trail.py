"""Where a user has been, and what they have edited, from the changes alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.anchors import Change, apply
from spyhop.core.positions import Span
from spyhop.core.recent_edits import FileEdit, recent_edits
from spyhop.sessions.trail import Trail

URI = "file:///a.py"
TEXT = "".join(f"line {number}\n" for number in range(200))

_edits = st.lists(
    st.tuples(st.integers(0, 1800), st.integers(0, 12), st.text("ab\n", max_size=8)), max_size=30
)


def type_at(trail: Trail, text: str, start: int, end: int, new: str, uri: str = URI) -> str:
    change = Change(Span(start, end), new)
    after = apply(text, change)
    trail.changed(uri, text, after, [change])
    return after


def edits_of(trail: Trail) -> list[FileEdit]:
    return trail.edits(lambda uri: uri.rpartition("/")[2])


@given(_edits)
def test_each_edit_stands_in_the_text_as_it_was_then(edits: list[tuple[int, int, str]]) -> None:
    trail, text = Trail(), TEXT
    texts = [text]
    for start, length, new in edits:
        at = min(start, len(text))
        text = type_at(trail, text, at, min(len(text), at + length), new)
        texts.append(text)
    for edit in edits_of(trail):
        first = edit.first_line
        assert any(
            "".join(it.splitlines(keepends=True)[first:]).startswith(edit.before) for it in texts
        )
        assert any(
            "".join(it.splitlines(keepends=True)[first:]).startswith(edit.after) for it in texts
        )


@given(_edits)
def test_the_last_edit_turns_its_lines_into_those_that_are_there(
    edits: list[tuple[int, int, str]],
) -> None:
    trail, text = Trail(), TEXT
    for start, length, new in edits:
        at = min(start, len(text))
        text = type_at(trail, text, at, min(len(text), at + length), new)
    if edits:
        last = edits_of(trail)[-1]
        lines = text.splitlines(keepends=True)[last.first_line :]
        assert "".join(lines).startswith(last.after)


@given(st.permutations([20, 900, 1500]), st.text("xy", min_size=1, max_size=3))
def test_several_changes_in_one_piece_are_as_many_one_after_the_other(
    places: list[int], new: str
) -> None:
    together, apart = Trail(), Trail()
    changes = [Change(Span(place, place + 2), new) for place in places]
    text = TEXT
    for change in changes:
        text = type_at(apart, text, change.span.start, change.span.end, new)
    together.changed(URI, TEXT, text, changes)
    assert edits_of(together) == edits_of(apart)
    assert len(edits_of(apart)) == 3


def test_what_is_typed_at_one_place_is_one_edit() -> None:
    trail, text = Trail(), TEXT
    at = text.index("line 150")
    for number, character in enumerate("old "):
        text = type_at(trail, text, at + number, at + number, character)
    text = type_at(trail, text, 0, 0, "x = 1\n")
    assert [(it.path, it.first_line, it.before, it.after) for it in edits_of(trail)] == [
        ("a.py", 150, "line 150\n", "old line 150\n"),
        ("a.py", 0, "line 0\n", "x = 1\nline 0\n"),
    ]
    assert [it.text for it in recent_edits(edits_of(trail), 9)] == [
        "a.py\n-line 150\n+old line 150",
        "a.py\n+x = 1",
    ]


def test_another_file_is_another_edit() -> None:
    trail = Trail()
    type_at(trail, TEXT, 0, 0, "a")
    type_at(trail, TEXT, 0, 0, "b", "file:///b.py")
    assert [it.path for it in edits_of(trail)] == ["a.py", "b.py"]


def test_a_file_that_was_formatted_tells_nothing() -> None:
    trail = Trail()
    type_at(trail, TEXT * 20, 0, len(TEXT) * 20, TEXT)
    assert edits_of(trail) == []


def test_only_the_last_edits_are_known() -> None:
    trail, text = Trail(), TEXT * 20
    for number in range(20):
        text = type_at(trail, text, number * 1500, number * 1500, "x\n")
    assert len(edits_of(trail)) == 8


def test_files_come_in_the_order_of_the_visits() -> None:
    trail = Trail()
    for number in [*range(20), 15]:
        trail.visited(f"file:///{number}", "python", str(number))
    assert [it.text for it in trail.others("file:///18")][:3] == ["15", "19", "17"]
    assert len(trail.others("file:///18")) == 11
    trail.forget("file:///19")
    assert [it.text for it in trail.others("file:///18")][:2] == ["15", "17"]
