from __future__ import annotations

import pytest

from spyhop.core.completion.lexis import DEFINITION, lexis_of


@pytest.mark.parametrize(
    "head",
    [
        "def gcd(a, b",
        "    async def load(",
        "class Stack",
        "export default function App",
        "export async function* pages(",
        "pub(crate) fn gcd",
        "func (s Stack) Pop",
        "private static final class A",
        "data class Point(",
        "local function max(a",
        "struct point {",
        "impl Display for Point",
    ],
)
def test_heads_of_definitions(head: str) -> None:
    assert DEFINITION.match(head)


@pytest.mark.parametrize(
    "line", ["define(x)", "x = function(a) {", "classes = []", "return fn", "default:", "if a"]
)
def test_other_lines(line: str) -> None:
    assert not DEFINITION.match(line)


@pytest.mark.parametrize(
    ("language", "line", "opens"),
    [
        ("python", "if a:", True),
        ("python", "x[1:2]", False),
        ("ruby", "if a", True),
        ("ruby", "x = 1 if a", False),
        ("ruby", "items.each do |a, b|", True),
        ("ruby", "def f = 1 end", False),
        ("lua", "if a then", True),
        ("lua", "local function f(a)", True),
        ("lua", "f(a)", False),
        ("shellscript", "for a in b; do", True),
        ("shellscript", "case $1 in", True),
        ("shellscript", "  start)", True),
        ("shellscript", "x=$(ls)", False),
        ("html", '<div class="a">', True),
        ("html", "<br>", False),
        ("html", "<br/>", False),
        ("html", "<p>a</p>", False),
        ("sql", "begin", True),
        ("yaml", "a:", True),
        ("java", "else", False),
    ],
)
def test_words_that_open_a_block(language: str, line: str, *, opens: bool) -> None:
    assert bool(lexis_of(language).opener.search(line)) == opens


@pytest.mark.parametrize(
    ("language", "line", "ends"),
    [
        ("ruby", "  end", True),
        ("ruby", "ending", False),
        ("lua", "until a", True),
        ("shellscript", "esac", True),
        ("shellscript", "}", True),
        ("shellscript", "finish", False),
        ("html", "</p>", True),
        ("sql", "END;", True),
        ("python", "end", False),
    ],
)
def test_words_that_end_a_block(language: str, line: str, *, ends: bool) -> None:
    assert bool(lexis_of(language).ends.match(line)) == ends


def test_an_unknown_language_is_guessed_and_none_is_prose() -> None:
    assert lexis_of("klingon").blocks == "indentation"
    assert lexis_of("").is_prose
    assert lexis_of("markdown").is_prose
