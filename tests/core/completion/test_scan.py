from __future__ import annotations

from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spyhop.core.completion.lexis import Lexis, lexis_of
from spyhop.core.completion.scan import (
    CLOSING,
    State,
    state_behind,
    steps,
    without_comment,
    without_pairs,
)
from spyhop.core.lines import split_lines

LANGUAGES: Final = [
    "python",
    "javascript",
    "rust",
    "java",
    "shellscript",
    "ruby",
    "lua",
    "html",
    "sql",
    "css",
    "markdown",
    "unknown",
]
lexes = st.sampled_from(LANGUAGES).map(lexis_of)
codes = st.lists(
    st.one_of(
        st.sampled_from([*"()[]{}\"'`#/*\\<>!-", '"""', "'''", "//", "/*", "*/", "--", "<!--"]),
        st.sampled_from(["\n", "\r\n", "\r", " ", "a", "'a'", "中"]),
    ),
    max_size=40,
).map("".join)


@given(lexes, codes)
@example(lexis_of("javascript"), "(/\r//")
@example(lexis_of("javascript"), "\n/'/ '")
def test_reading_line_by_line_comes_to_the_same(lexis: Lexis, code: str) -> None:
    whole = state_behind(lexis, code)
    state = State()
    for line in split_lines(code):
        state = state_behind(lexis, line, state)
    assert state == whole


@given(lexes, st.lists(st.one_of(codes, st.sampled_from(["(a)", "()", "(a, b)"]))).map("".join))
def test_without_pairs_all_that_matters_is_the_same(lexis: Lexis, code: str) -> None:
    plain = without_pairs(code)
    assert len(plain) == len(code)
    assert state_behind(lexis, plain) == state_behind(lexis, code)
    strays, plain_strays = (
        [(it.start, it.what) for it in steps(lexis, text) if it.what not in {"open", "close"}]
        for text in (code, plain)
    )
    assert plain_strays == strays


def test_a_pair_with_words_in_between_is_left_out() -> None:
    assert without_pairs("f(a, b)(g())") == "f~~~~~~(g~~)"
    assert without_pairs('f("(")') == 'f("(")'


@given(lexes, codes)
def test_steps_go_forward_and_only_code_has_brackets(lexis: Lexis, code: str) -> None:
    end, inside = 0, ""
    for step in steps(lexis, code):
        assert end <= step.start < step.end <= len(code)
        if step.what in {"open", "close", "stray"}:
            assert not inside
            assert code[step.start] in "()[]{}"
        end, inside = step.end, step.state.inside


@given(st.text("()[]{} a\n"))
def test_brackets_in_plain_code_match_as_a_stack_says(code: str) -> None:
    stack: list[str] = []
    strays: list[int] = []
    for at, character in enumerate(code):
        if character in CLOSING:
            stack.append(CLOSING[character])
        elif character in CLOSING.values():
            if character in stack:
                while stack.pop() != character:
                    pass
            else:
                strays.append(at)
    found = list(steps(lexis_of("java"), code))
    assert [step.start for step in found if step.what == "stray"] == strays
    assert state_behind(lexis_of("java"), code).stack == tuple(stack)


@pytest.mark.parametrize(
    ("language", "code", "inside"),
    [
        ("python", "x = '(", "'"),
        ("python", "x = '(\n", ""),
        ("python", 'x = """(\n', '"""'),
        ("python", "x = 'it\\'s", "'"),
        ("python", "# it's", "\n"),
        ("python", "# it's\n", ""),
        ("javascript", "`a\n", "`"),
        ("javascript", "x = /[\"']/", ""),
        ("javascript", "return /'/;", ""),
        ("rust", "fn f<'a>(x: &'a str)", ""),
        ("rust", "let c = '\"';", ""),
        ("c", "char c = '\\'';", ""),
        ("c", "/* it's", "*/"),
        ("shellscript", "echo ${#list} $# a#b", ""),
        ("shellscript", "echo 'a\nb", "'"),
        ("shellscript", "case x in\n  'a')\n", ""),
        ("lua", "--[[ a\n", "]]"),
        ("html", "<!-- it's\n", "-->"),
        ("markdown", "it's (", ""),
    ],
)
def test_what_is_open(language: str, code: str, inside: str) -> None:
    assert state_behind(lexis_of(language), code).inside == inside


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("x = 1  # one", "x = 1"),
        ("# one", ""),
        ("x = '#'  # one", "x = '#'"),
        ("x = 1  ", "x = 1"),
    ],
)
def test_without_comment(line: str, code: str) -> None:
    assert without_comment(lexis_of("python"), line) == code


def test_a_comment_in_the_middle_of_a_line_is_no_end_of_it() -> None:
    assert without_comment(lexis_of("c"), "f(/* a */ x); // b") == "f(/* a */ x);"
