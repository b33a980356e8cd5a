from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carets import around, place
from spyhop.core.completion.fitting import GhostText, fit, whole_lines
from spyhop.core.lines import split_lines

names = st.text("abcdefgh", min_size=3, max_size=8)
arguments = st.lists(names, min_size=1, max_size=4).map(", ".join)


def _fit(marked: str, line: str) -> GhostText | None:
    return fit(place(marked), around(marked), [line])


@given(names, arguments, st.sampled_from([")", "))", ");", ")\t", "):"]))
def test_what_stands_behind_the_caret_is_not_doubled(name: str, text: str, rest: str) -> None:
    marked = f"f({name}(‸{rest}\n"
    shown = _fit(marked, text + rest)
    assert shown == GhostText(text, text, 0)
    assert _fit(marked, text) == shown


@given(names, names, arguments)
def test_words_behind_the_caret_are_not_doubled(name: str, word: str, text: str) -> None:
    rest = f", {word}_last)"
    assert _fit(f"{name}(‸{rest}\n", text + rest) == GhostText(text, text, 0)


@given(names, arguments, names)
def test_what_rewrites_the_rest_of_the_line_is_offered_as_such(
    name: str, text: str, more: str
) -> None:
    line = f"{text}) + {more}"
    assert _fit(f"{name}(‸)\n", line) == GhostText(text, line, 1)


@pytest.mark.parametrize(
    ("marked", "line", "insert"),
    [
        ("f(‸)", "a, g(b)", "a, g(b)"),
        ("f(‸)", "a, g(b", "a, g"),
        ("f(‸", "a)", "a)"),
        ("f(g(‸)", "a))", "a)"),
        ("x = [‸]", "1, 2]  # two", "1, 2"),
        ("x = '‸'", "a'", "a"),
        ("x = '‸'", "a' + b + 'c'", "a' + b + 'c"),
        ("x = ‸ + 1", "a + 1", "a"),
        ("x = ‸ + 1", "a", "a"),
        ("x = ‸ + 1", "a + b", "a"),
        ("f(‸, b)", "a, c)", "a"),
        ("f(a‸)", ")", ""),
        ("f(‸)  ", "a)", "a"),
    ],
)
def test_what_is_inserted_in_a_line(marked: str, line: str, insert: str) -> None:
    shown = _fit(marked + "\n", line)
    assert (shown.insert if shown else "") == insert


def test_a_bracket_behind_the_caret_comes_to_a_line_of_its_own() -> None:
    marked = "if a {‸}\n"
    lines = ["\n", "    b()"]
    shown = fit(place(marked, "javascript"), around(marked, "javascript"), lines)
    assert shown
    assert shown.insert == "\n    b()\n"


@pytest.mark.parametrize(
    ("below", "kept"),
    [("    b()\n", "a()"), ("    b()\n    c()\n", "a()"), ("  b()\n", "a()\n    b()")],
)
def test_lines_that_stand_below_as_deep_are_left_away(below: str, kept: str) -> None:
    marked = f"    ‸\n{below}"
    lines = ["a()\n", *split_lines(below.replace("  b", "    b").replace("      b", "    b"))]
    shown = fit(place(marked), around(marked), lines)
    assert shown
    assert shown.insert == kept


@given(st.lists(st.sampled_from(["a()\n", "if a:\n", "f(\n", ")\n", "x = 'a\n", "\n", "@b\n"])))
def test_whole_lines_are_the_first_ones(lines: list[str]) -> None:
    whole = whole_lines(place("‸"), lines)
    assert lines[: len(whole)] == whole
    assert not whole or whole[-1] in {"a()\n", ")\n"}


@pytest.mark.parametrize(
    ("language", "text", "whole"),
    [
        ("python", "a()\nif b:\n", "a()\n"),
        ("python", "a()\nx = f(\n  1,\n", "a()\n"),
        ("python", "a()\nx = 1 +\n", "a()\n"),
        ("python", "a()\n'''b\n", "a()\n"),
        ("javascript", "a();\nif (b) {\n  c();\n", "a();\n"),
        ("javascript", "a();\nif (b) {\n  c();\n}\n", "a();\nif (b) {\n  c();\n}\n"),
        ("ruby", "a\ndef b\n", "a\n"),
        ("ruby", "a\nb do |c|\n", "a\n"),
        ("markdown", "a (\n", "a (\n"),
    ],
)
def test_statements_end(language: str, text: str, whole: str) -> None:
    assert "".join(whole_lines(place("‸", language), split_lines(text))) == whole
