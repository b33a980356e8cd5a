from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.abridged.stretches import Stretch, cut
from spyhop.core.lines import split_lines
from strategies import documents


def _cut(answer: str, original: str) -> list[Stretch]:
    lines = split_lines(answer)
    hidden = frozenset(number for number, line in enumerate(lines) if line.strip() == "...")
    stretches = cut(lines, split_lines(original), hidden)
    assert stretches is not None
    return stretches


@given(documents, documents, st.frozensets(st.integers(0, 12)))
def test_the_stretches_are_all_of_both_texts(
    answer: list[str], original: list[str], hidden: frozenset[int]
) -> None:
    stretches = cut(answer, original, hidden)
    if stretches is None:
        return
    new = [line for it in stretches for line in [*it.lines, it.below] if line]
    old = [line for it in stretches for line in [*it.old, it.old_below] if line]
    assert (new, old) == (answer, original)
    for stretch in stretches:
        assert stretch.above.strip() == stretch.old_above.strip() or stretch.above


def test_a_stretch_holds_what_stands_between_two_certain_lines() -> None:
    first, second, last = _cut("one\n...\nnew\nfour\n", "one\ntwo\nthree\nfour\n")
    assert (first.lines, last.lines) == ([], [])
    assert (second.lines, second.old) == (["...\n", "new\n"], ["two\n", "three\n"])
    assert (second.above, second.below, second.old_start) == ("one\n", "four\n", 1)
    assert second.is_certain


def test_moved_code_is_not_certain() -> None:
    stretches = _cut("three\n...\nfour\n", "one\ntwo\nthree\nfour\n")
    assert [it.is_certain for it in stretches if it.hidden] == [False]


def test_one_line_behind_lines_passed_over_may_be_a_new_one() -> None:
    stretches = _cut("one\nfour\n...\n", "one\ntwo\nthree\nfour\nfive\n")
    assert [it.is_certain for it in stretches if it.hidden] == [False]
    stretches = _cut("one\nfour\nfive\n...\n", "one\ntwo\nthree\nfour\nfive\nsix\n")
    assert [it.is_certain for it in stretches if it.hidden] == [True]


def test_most_of_a_text_missing_at_an_end_is_left_out() -> None:
    whole = "".join(
        f"{word}\n" for word in ["one", "two", "three", "four", "five", "six", "seven", "eight"]
    )
    head, *_ = _cut("five\nsix\n...\neight\n", whole)
    assert head.is_left_out
    head, *_ = _cut("four\nfive\n...\neight\n", whole)
    assert not head.is_left_out


def test_the_new_line_around_a_placeholder_is_its_parent() -> None:
    _, stretch, _ = _cut("one\ntry:\n  ...\nfour\n", "one\ntwo\nthree\nfour\n")
    assert stretch.parent == "try:\n"
