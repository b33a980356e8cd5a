from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.tokens import TokenCeiling, TokenCounts, estimate_tokens
from strategies import texts


@given(texts, texts)
def test_texts_cost_together_at_most_what_they_cost_apart(one: str, other: str) -> None:
    together = estimate_tokens(one + other)
    apart = estimate_tokens(one) + estimate_tokens(other)
    assert max(estimate_tokens(one), estimate_tokens(other)) <= together <= apart


@given(texts)
def test_only_the_empty_text_costs_nothing(text: str) -> None:
    assert (estimate_tokens(text) == 0) == (text == "")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("a", 1), ("abc", 1), ("abcd", 2), ("最大公约数", 5), ("最大 gcd", 4)],
)
def test_three_ascii_characters_or_one_other_make_a_token(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


@given(texts)
def test_before_the_first_answer_tokens_are_estimated(text: str) -> None:
    assert TokenCounts()(text) == estimate_tokens(text)


@given(st.lists(st.tuples(texts, st.integers(0, 1 << 20)), max_size=20), texts, texts)
def test_whatever_was_learnt_more_text_costs_more_up_to_four_times_the_estimate(
    learnt: list[tuple[str, int]], one: str, other: str
) -> None:
    counts = TokenCounts()
    for text, tokens in learnt:
        counts.learn(text, tokens)
    assert counts(one) <= counts(one + other)
    assert estimate_tokens(one) // 4 <= counts(one) <= 4 * estimate_tokens(one)


@given(st.integers(500, 2000))
def test_what_a_text_has_cost_it_costs_again(tokens: int) -> None:
    counts, text = TokenCounts(), "x = 1\n" * 500
    counts.learn(text, tokens)
    assert abs(counts(text) - tokens) <= 1


def test_what_was_learnt_last_tells_most() -> None:
    counts, code, chinese = TokenCounts(), "x = 1\n" * 5000, "中" * 10000
    for _ in range(20):
        counts.learn(chinese, 5000)
    for _ in range(20):
        counts.learn(code, 10000)
    assert counts.ratio == pytest.approx(1, abs=0.05)


@given(st.lists(st.tuples(texts.filter(bool), st.floats(0, 5))))
def test_a_ceiling_only_rises_and_is_never_below_what_it_was_told(
    told: list[tuple[str, float]],
) -> None:
    ceiling = TokenCeiling()
    before = 0
    for text, factor in told:
        tokens = int(estimate_tokens(text) * factor)
        ceiling.learn(ceiling(text), tokens)
        assert ceiling(text) >= tokens
        now = ceiling("x" * 3000)
        assert now >= max(before, 1000)
        before = now


def test_a_ceiling_rises_by_half_where_nobody_knows() -> None:
    ceiling = TokenCeiling()
    ceiling.rise()
    assert ceiling("x" * 3000) == 1500
