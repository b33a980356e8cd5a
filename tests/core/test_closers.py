from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.closers import closed_at, is_closers

_leaves = st.sampled_from(["", "x", " ", "\n", ", ", "don't\n", '")"', "'}'", "`]`", '"\\")"'])
balanced = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map("".join),
        st.tuples(st.sampled_from(["()", "[]", "{}"]), inner).map(
            lambda drawn: f"{drawn[0][0]}{drawn[1]}{drawn[0][1]}"
        ),
    ),
    max_leaves=6,
)
"""Code that opens what it closes, and closes what it opens."""


@given(st.lists(st.tuples(balanced, st.sampled_from(")]}")), min_size=1, max_size=4), st.text())
def test_the_brackets_that_code_does_not_open_are_found(
    parts: list[tuple[str, str]], rest: str
) -> None:
    text = "".join(map("".join, parts))
    closers = "".join(closer for _, closer in parts)
    assert closed_at(text + rest, closers) == len(parts[0][0])


@given(balanced, st.sampled_from([")", "]", "}", "))", '"', '")']))
def test_balanced_code_closes_nothing_of_anyones(text: str, closers: str) -> None:
    unquoted = text.replace('"', "")
    assert closed_at(unquoted if closers[0] == '"' else text, closers) is None


@given(st.text(), st.text())
def test_any_text_is_read(text: str, closers: str) -> None:
    found = closed_at(text, closers)
    assert found is None or text[found] == closers.split(maxsplit=1)[0][0]


@pytest.mark.parametrize(
    ("text", "closers", "place"),
    [
        ("a, b):\n    pass", ")", 4),
        ('hello")', '")', 5),
        ('say \\"hi\\"", x)', '"', 10),
        ("return 1;\n}", "\n}", 10),
        ("len(x))", "))", None),
        ("x))", "))", 1),
        ("f(')'))", ")", 6),
        ("a]", ")", None),
        ("a)", "", None),
        ("a)", "  ", None),
        ("no end", '"', None),
    ],
)
def test_examples(text: str, closers: str, place: int | None) -> None:
    assert closed_at(text, closers) == place


def test_closers_are_closing_brackets_quotes_and_white_space() -> None:
    assert is_closers("")
    assert is_closers(" \n)]}\"'`")
    assert not is_closers(")a")
    assert not is_closers("(")
