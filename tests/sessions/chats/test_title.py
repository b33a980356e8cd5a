from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.sessions.chats.title import MOST, title_of


@given(st.text())
def test_a_title_is_one_short_line_and_never_empty_for_words(message: str) -> None:
    title = title_of(message)
    assert len(title) <= MOST
    assert len(title.splitlines()) <= 1
    assert bool(title) == bool(message.strip())


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("Why is this slow?", "Why is this slow?"),
        ("\n\n  Why?\nBecause.", "Why?"),
        ("```python\nx = 1\n```\nWhat does it do?", "x = 1"),
        ("## A *heading* of `mine`", "A heading of mine"),
        ("- 1. first", "first"),
        ("***", "***"),
        ("word " * 20, "word " * 11 + "word…"),
        ("字" * 80, "字" * (MOST - 1) + "…"),
        ("x" * 80, "x" * (MOST - 1) + "…"),
    ],
)
def test_the_first_line_that_says_something_is_the_title(message: str, title: str) -> None:
    assert title_of(message) == title
