from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core import diff as module
from spyhop.core.diff import Hunk, diff, diff_lines, patch
from spyhop.core.lines import split_lines
from strategies import documents, lf_lines, subsets, texts


@pytest.fixture(params=["whole matrix", "cut at anchors"], autouse=True)
def _matrix(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All laws hold too where the texts are too large for one matrix."""
    if request.param == "cut at anchors":
        monkeypatch.setattr(module, "_MATRIX_BITS", 2)


in_one_matrix = pytest.mark.parametrize("_matrix", ["whole matrix"], indirect=True)


def least_changes(old: Sequence[str], new: Sequence[str]) -> int:
    """How many lines must be deleted and inserted: the textbook's table of common subsequences."""
    row = [0] * (len(new) + 1)
    for line in old:
        above, row = row, [0]
        for place, other in enumerate(new):
            longer = above[place] + 1 if line == other else max(above[place + 1], row[place])
            row.append(longer)
    return len(old) + len(new) - 2 * row[-1]


_few = st.lists(st.sampled_from(("\n", "a\n", "b\n")), max_size=7)
pairs = st.one_of(
    st.tuples(documents, documents), st.tuples(lf_lines, lf_lines), st.tuples(_few, _few)
)


@given(pairs)
def test_hunks_say_where_their_lines_stand(pair: tuple[list[str], list[str]]) -> None:
    old, new = pair
    for hunk in diff_lines(old, new):
        assert hunk.old == tuple(old[hunk.old_start : hunk.old_end])
        assert hunk.new == tuple(new[hunk.new_start : hunk.new_end])
        assert hunk.old != hunk.new


@given(pairs)
def test_what_stays_is_the_same_in_both(pair: tuple[list[str], list[str]]) -> None:
    old, new = pair
    hunks = diff_lines(old, new)
    outside = [Hunk(0, (), 0, ()), *hunks, Hunk(len(old), (), len(new), ())]
    for one, other in pairwise(outside):
        assert old[one.old_end : other.old_start] == new[one.new_end : other.new_start]


@given(pairs)
def test_all_hunks_give_the_new_lines_and_none_the_old(pair: tuple[list[str], list[str]]) -> None:
    old, new = pair
    assert patch(old, diff_lines(old, new)) == new
    assert patch(old, []) == old


@given(pairs)
def test_hunks_are_in_order_and_not_adjacent(pair: tuple[list[str], list[str]]) -> None:
    for one, other in pairwise(diff_lines(*pair)):
        assert one.old_end < other.old_start
        assert one.new_end < other.new_start


@given(pairs, st.data())
def test_some_hunks_first_and_the_others_later_give_the_same_as_all(
    pair: tuple[list[str], list[str]], data: st.DataObject
) -> None:
    old, new = pair
    hunks = diff_lines(old, new)
    taken = data.draw(subsets(hunks))
    some = patch(old, taken)
    growth = 0
    moved: list[Hunk] = []
    for hunk in hunks:
        if hunk in taken:
            growth += len(hunk.new) - len(hunk.old)
        else:
            moved.append(Hunk(hunk.old_start + growth, hunk.old, hunk.new_start, hunk.new))
    assert patch(some, moved) == new


@given(texts, texts)
def test_texts_are_compared_by_their_lines(old: str, new: str) -> None:
    assert diff(old, new) == diff_lines(split_lines(old), split_lines(new))
    assert "".join(patch(split_lines(old), diff(old, new))) == new


@given(documents)
def test_equal_texts_have_no_hunks(lines: list[str]) -> None:
    assert diff_lines(lines, list(lines)) == []


@given(st.lists(st.integers(0, 30), max_size=30, unique=True), st.data())
def test_unique_lines_that_move_nowhere_stay(numbers: list[int], data: st.DataObject) -> None:
    old = [f"{number}\n" for number in numbers]
    new = data.draw(subsets(old))
    assert [line for hunk in diff_lines(old, new) for line in hunk.new] == []


def test_lines_are_compared_by_what_they_are_not_by_their_hashes() -> None:
    assert hash("") == hash(0)
    old, new = ["a", "", "b"], ["c", "\0", "d"]
    assert diff_lines(old, new) == [Hunk(0, tuple(old), 0, tuple(new))]


@in_one_matrix
@given(pairs)
def test_no_diff_of_texts_that_fit_into_one_matrix_is_smaller(
    pair: tuple[list[str], list[str]],
) -> None:
    hunks = diff_lines(*pair)
    size = sum(len(hunk.old) + len(hunk.new) for hunk in hunks)
    assert size == least_changes(*pair)


def test_large_texts_that_share_lines_are_cut_at_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MATRIX_BITS", 4)
    old = ["a\n", "x\n", "b\n", "x\n", "c\n"]
    new = ["1\n", "a\n", "y\n", "b\n", "z\n", "c\n", "2\n"]
    assert diff_lines(old, new) == [
        Hunk(0, (), 0, ("1\n",)),
        Hunk(1, ("x\n",), 2, ("y\n",)),
        Hunk(3, ("x\n",), 4, ("z\n",)),
        Hunk(5, (), 6, ("2\n",)),
    ]


def test_large_texts_that_share_no_line_are_one_hunk() -> None:
    old, new = ["a\n"] * 3, ["b\n"] * 2
    assert diff_lines(old, new) == [Hunk(0, tuple(old), 0, tuple(new))]


# Where a hunk stands when it could stand in several places


def test_an_inserted_function_begins_a_paragraph() -> None:
    old = "def a():\n    pass\n\ndef b():\n    pass\n"
    new = "def a():\n    pass\n\ndef c():\n    pass\n\ndef b():\n    pass\n"
    assert diff(old, new) == [Hunk(3, (), 3, ("def c():\n", "    pass\n", "\n"))]


def test_a_deleted_function_begins_a_paragraph() -> None:
    old = "def a():\n    pass\n\ndef c():\n    pass\n\ndef b():\n    pass\n"
    new = "def a():\n    pass\n\ndef b():\n    pass\n"
    assert diff(old, new) == [Hunk(3, ("def c():\n", "    pass\n", "\n"), 3, ())]


def test_an_insertion_at_the_top_stands_at_the_top() -> None:
    assert diff("x\n", "x\nx\n") == [Hunk(0, (), 0, ("x\n",))]


@in_one_matrix
def test_a_hunk_does_not_slide_up_to_another() -> None:
    old, new = ["a\n", "m\n", "a\n", "m\n"], ["m\n", "m\n", "a\n", "a\n"]
    assert diff_lines(old, new)[:2] == [
        Hunk(0, ("a\n",), 0, ()),
        Hunk(2, (), 1, ("m\n",)),
    ]


# Examples


@pytest.mark.parametrize(
    ("old", "new", "hunks"),
    [
        ("", "a\n", [Hunk(0, (), 0, ("a\n",))]),
        ("a\n", "", [Hunk(0, ("a\n",), 0, ())]),
        ("a", "a\n", [Hunk(0, ("a",), 0, ("a\n",))]),
        ("a\r\n", "a\n", [Hunk(0, ("a\r\n",), 0, ("a\n",))]),
        ("a\u2028b\n", "a\u2028c\n", [Hunk(0, ("a\u2028b\n",), 0, ("a\u2028c\n",))]),
        ("a\nb\nc\n", "a\nB\nc\n", [Hunk(1, ("b\n",), 1, ("B\n",))]),
    ],
)
def test_a_diff(old: str, new: str, hunks: list[Hunk]) -> None:
    assert diff(old, new) == hunks
