from __future__ import annotations

import pytest
from hypothesis import given

from spyhop.core.tokens import estimate_tokens
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
