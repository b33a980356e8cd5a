from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.tokens import estimate_tokens
from spyhop.prompting.budget import (
    CompletionBudget,
    Window,
    fit,
    room_for_answer,
    room_for_context,
    room_for_thought,
)
from strategies import documents

Count = Callable[[str], int]

budgets = st.integers(0, 30)
counts = st.sampled_from((estimate_tokens, len, lambda text: len(text.encode()), lambda _: 1))


@given(documents, documents, budgets, counts)
def test_a_window_never_costs_more_than_its_budget(
    before: list[str], after: list[str], tokens: int, count: Count
) -> None:
    window = fit(before, after, tokens, count)
    assert sum(map(count, window.before + window.after)) <= tokens


@given(documents, documents, budgets, counts)
def test_a_window_holds_the_nearest_lines_in_their_order(
    before: list[str], after: list[str], tokens: int, count: Count
) -> None:
    window = fit(before, after, tokens, count)
    assert list(window.before) == before[len(before) - len(window.before) :]
    assert list(window.after) == after[: len(window.after)]
    assert window.left_out == len(before + after) - len(window.before + window.after)


@given(documents, documents, budgets, counts)
def test_a_window_grows_until_a_line_does_not_fit(
    before: list[str], after: list[str], tokens: int, count: Count
) -> None:
    window = fit(before, after, tokens, count)
    rest = tokens - sum(map(count, window.before + window.after))
    if len(window.after) < len(after):
        assert count(after[len(window.after)]) > rest
    elif len(window.before) < len(before):
        assert count(before[-1 - len(window.before)]) > rest


@given(documents, documents)
def test_everything_fits_into_enough(before: list[str], after: list[str]) -> None:
    enough = sum(map(estimate_tokens, before + after))
    assert fit(before, after, enough) == Window(tuple(before), tuple(after), 0)


def test_the_lines_before_get_the_greater_share() -> None:
    lines = ["a\n"] * 100
    window = fit(lines, lines, 30, lambda _: 1)
    assert (len(window.before), len(window.after)) == (20, 10)


@pytest.mark.parametrize(("before", "after"), [(2, 100), (100, 2), (0, 100), (100, 0)])
def test_what_one_side_leaves_goes_to_the_other(before: int, after: int) -> None:
    window = fit(["a\n"] * before, ["b\n"] * after, 30, lambda _: 1)
    assert len(window.before) + len(window.after) == min(30, before + after)


contexts = st.integers(1024, 1 << 20)


@given(contexts, st.integers(0, 1 << 20))
def test_context_thought_and_what_is_fixed_fit_together(context: int, fixed: int) -> None:
    room = room_for_context(context, fixed)
    assert 0 <= room <= context // 4
    assert room == 0 or fixed + room + room_for_thought(context) <= context


@given(contexts)
def test_a_thought_gets_a_share_that_grows_with_the_context(context: int) -> None:
    assert 256 <= room_for_thought(context) <= context // 4
    assert room_for_thought(context) <= room_for_thought(2 * context)


@given(st.integers(0, 1 << 20))
def test_an_answer_may_be_longer_than_the_selection(selection: int) -> None:
    assert room_for_answer(selection) >= selection + 256
    assert room_for_answer(selection) <= room_for_answer(selection + 1)


@given(st.integers(0, 1 << 20))
def test_the_parts_of_a_completion_together_take_no_more_than_there_is(tokens: int) -> None:
    it = CompletionBudget.of(tokens)
    assert it.before >= it.after
    around = it.imports + it.heads + it.definitions + it.similar + it.edits
    assert it.before + it.after + around <= tokens


@given(st.integers(0, 1 << 20))
def test_a_completion_s_window_moves_by_a_third(tokens: int) -> None:
    it = CompletionBudget.of(tokens)
    assert it.kept + it.stride == it.before
    assert it.stride >= it.before // 3
