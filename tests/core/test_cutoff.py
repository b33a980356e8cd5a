from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.cutoff import Rewritten, candidates, rewritten
from spyhop.core.lines import split_lines
from strategies import documents

_TRIVIAL = ("", "}", "    pass", "    return None", ");", "else:", "x")


@dataclass(frozen=True)
class Edit:
    """An original, an edit of it that was meant to be whole, and the lines that it keeps."""

    original: tuple[str, ...]
    full: tuple[str, ...]
    kept: tuple[tuple[int, int], ...]
    """(line of the original, line of the full answer)"""


@st.composite
def _edits(draw: st.DrawFn) -> Edit:
    own = st.one_of(
        st.integers(0, 15).map(lambda number: f"    old_line({number})"), st.sampled_from(_TRIVIAL)
    )
    new = st.one_of(
        st.integers(0, 99).map(lambda number: f"    new_line({number})"), st.sampled_from(_TRIVIAL)
    )
    original = draw(st.lists(own, max_size=25))
    full: list[str] = []
    kept: list[tuple[int, int]] = []
    for place, line in enumerate(original):
        if draw(st.integers(0, 3)) == 0:
            full += draw(st.lists(new, max_size=3))
        if draw(st.integers(0, 4)) > 0:
            kept.append((place, len(full)))
            full.append(line)
    full += draw(st.lists(new, max_size=3))
    return Edit(
        tuple(f"{line}\n" for line in original), tuple(f"{line}\n" for line in full), tuple(kept)
    )


edits = _edits()
pairs = st.one_of(
    st.tuples(documents, documents), edits.map(lambda edit: (list(edit.full), list(edit.original)))
)


def is_subsequence(few: Sequence[str], many: Sequence[str]) -> bool:
    rest = iter(many)
    return all(line in rest for line in few)


# Laws


@given(pairs)
def test_a_reading_is_a_beginning_of_the_answer_and_an_end_of_the_original(
    pair: tuple[list[str], list[str]],
) -> None:
    partial, original = pair
    for reading in candidates(partial, original):
        assert reading.lines[: reading.kept] == tuple(partial[: reading.kept])
        assert reading.lines[reading.kept :] == tuple(original[reading.covered :])
        anchor, place = partial[reading.kept - 1], original[reading.covered - 1]
        assert anchor.rstrip() == place.rstrip() != ""


@given(pairs)
def test_candidates_are_few_different_and_ever_shorter(pair: tuple[list[str], list[str]]) -> None:
    partial, original = pair
    readings = list(candidates(partial, original))
    assert len(readings) <= 40
    assert len({reading.lines for reading in readings}) == len(readings)
    covers = [reading.covered for reading in readings]
    assert covers == sorted(set(covers), reverse=True)
    assert rewritten(partial, original) == (readings[0] if readings else None)


@given(pairs)
def test_a_reading_always_changes_something(pair: tuple[list[str], list[str]]) -> None:
    partial, original = pair
    for reading in candidates(partial, original):
        assert reading.lines != tuple(original)


@given(edits, st.integers(0, 60))
def test_no_line_is_lost_that_the_whole_answer_would_have_kept(edit: Edit, cut: int) -> None:
    kept = [edit.original[place] for place, _ in edit.kept]
    for reading in candidates(edit.full[:cut], edit.original):
        assert is_subsequence(kept, reading.lines)


@given(edits)
def test_a_later_cut_never_covers_less(edit: Edit) -> None:
    covers = [
        reading.covered if (reading := rewritten(edit.full[:cut], edit.original)) else 0
        for cut in range(len(edit.full) + 1)
    ]
    assert covers == sorted(covers)


@given(pairs)
def test_a_later_cut_of_any_answer_never_covers_less(pair: tuple[list[str], list[str]]) -> None:
    partial, original = pair
    lines = [line for line in partial if line.endswith(("\n", "\r"))]
    last = 0
    for cut in range(len(lines) + 1):
        reading = rewritten(lines[:cut], original)
        assert last <= (reading.covered if reading else last)
        last = max(last, reading.covered if reading else 0)


@given(edits)
def test_half_a_line_says_nothing(edit: Edit) -> None:
    for cut in range(len(edit.full)):
        half = [*edit.full[:cut], edit.full[cut][:-1]]
        assert rewritten(half, edit.original) == rewritten(edit.full[:cut], edit.original)


@given(documents)
def test_an_answer_that_repeats_the_original_changes_nothing(lines: list[str]) -> None:
    for cut in range(len(lines) + 1):
        assert rewritten(lines[:cut], lines) is None


# Examples

_ORIGINAL = """\
def total(prices):
    result = 0
    for price in prices:
        result += price
    return result


def mean(prices):
    print("debug")
    return total(prices) / len(prices)


def worst(prices):
    best = None
    for price in prices:
        if best is None or price > best:
            best = price
    return best
"""


def reading_of(partial: str, original: str = _ORIGINAL) -> str | None:
    reading = rewritten(split_lines(partial), split_lines(original))
    return "".join(reading.lines) if reading else None


def test_the_original_goes_on_behind_the_last_line_that_is_its_own() -> None:
    partial = """\
def total(prices: list[float]) -> float:
    result = 0
    for price in prices:
        if price > 0:
            resu"""
    expected = _ORIGINAL.replace("def total(prices)", "def total(prices: list[float]) -> float", 1)
    assert reading_of(partial) == expected


def test_new_lines_before_the_cut_are_dropped() -> None:
    partial = _ORIGINAL.split("    print", maxsplit=1)[0].replace("result = 0", "result = 0.0")
    partial += '    """Return the mean."""\n    if not prices:\n        raise ValueError\n'
    assert reading_of(partial) == _ORIGINAL.replace("result = 0\n", "result = 0.0\n")


def test_a_deletion_counts_when_the_answer_goes_on_like_the_original() -> None:
    deleted = _ORIGINAL.replace('    print("debug")\n', "")
    up_to_mean = deleted[: deleted.index("def worst")]
    assert reading_of(up_to_mean) is None
    assert reading_of(deleted[: deleted.index("    best = ")]) == deleted


def test_a_renamed_variable_counts_line_by_line() -> None:
    original = "".join(f"a{n} = f({n})\nuse(value, {n})\n" for n in range(6))
    partial = "".join(f"a{n} = f({n})\nuse(amount, {n})\n" for n in range(4))
    assert reading_of(partial, original) == (
        "".join(f"a{n} = f({n})\nuse(amount, {n})\n" for n in range(3))
        + "".join(f"a{n} = f({n})\nuse(value, {n})\n" for n in range(3, 6))
    )


@pytest.mark.parametrize(
    "partial",
    [
        "",
        "def",
        "import math\nimport numpy\n",
        # Everything anew: only trivial lines match.
        "class Prices:\n    def sum(self):\n        return None\n\n\n    pass\n}\n",
        # A line of the end, at the beginning: nobody knows whether the lines between shall go.
        "    return best\n",
        "def worst(prices):\n    best = None\n",
    ],
)
def test_without_an_anchor_nothing_changes(partial: str) -> None:
    assert reading_of(partial) is None


def test_a_moved_function_neither_deletes_nor_doubles() -> None:
    head, tail = _ORIGINAL.split("\n\ndef worst")
    moved = f"def worst{tail}\n\n{head}"
    for cut in range(len(split_lines(moved)) + 1):
        assert rewritten(split_lines(moved)[:cut], split_lines(_ORIGINAL)) is None


def test_white_space_at_the_end_and_terminators_do_not_matter() -> None:
    original = "first_line\r\nsecond_line  \r\nthird_line\r\n"
    partial = "new_first\nsecond_line\n"
    assert rewritten(split_lines(partial), split_lines(original)) == Rewritten(
        ("new_first\n", "second_line\n", "third_line\r\n"), covered=2, kept=2
    )


def test_a_line_that_stands_twice_is_an_anchor_only_where_it_comes_next() -> None:
    original = "start_it()\nrepeat_it()\nmiddle()\nrepeat_it()\nfinish_it()\n"
    assert reading_of("start_now()\nrepeat_it()\n", original) is None
    assert reading_of("start_it()\nonce_more()\nrepeat_it()\n", original) == (
        "start_it()\nonce_more()\nrepeat_it()\nmiddle()\nrepeat_it()\nfinish_it()\n"
    )


def test_shorter_readings_go_back_change_by_change() -> None:
    original = [f"line_{number}()\n" for number in range(300)]
    partial = [line for number in range(200) for line in (f"new_{number}()\n", original[number])]
    readings = list(candidates(partial, original))
    assert [reading.covered for reading in readings[:3]] == [200, 199, 198]
    assert len(readings) == 40
    assert readings[-1].covered < 20
