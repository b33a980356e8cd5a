from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.quotes import straighten_quotes
from strategies import documents

_PIECES = (
    "“",
    "”",
    "‘",
    "’",
    '"',
    "'",
    "`",
    "(",
    ")",
    ", ",
    " = ",
    "a",
    "中",
    "\\",
    "# ",
    "//",
    "/*",
    '"""',
)

lines = st.lists(st.lists(st.sampled_from(_PIECES), max_size=10).map("".join), max_size=4).map(
    lambda texts: [f"{text}\n" for text in texts]
)
_TO_ASCII = str.maketrans("“”‘’", "\"\"''")


@given(lines)
def test_only_quotes_change_and_only_to_ascii(code: list[str]) -> None:
    straight = straighten_quotes(code, [])
    for old, new in zip(code, straight, strict=True):
        assert all(
            one == other or one.translate(_TO_ASCII) == other
            for one, other in zip(old, new, strict=True)
        )


@given(lines)
def test_doing_it_twice_is_doing_it_once(code: list[str]) -> None:
    once = straighten_quotes(code, [])
    assert straighten_quotes(once, []) == once


@given(documents, documents)
def test_code_without_typographic_quotes_stays(code: list[str], original: list[str]) -> None:
    plain = [line.translate(_TO_ASCII) for line in code]
    assert straighten_quotes(plain, original) == plain


@given(lines, st.sampled_from("“”‘’"))
def test_an_original_with_such_quotes_keeps_them_all(code: list[str], quote: str) -> None:
    assert straighten_quotes(code, [f"x {quote}\n"]) == code


@given(st.text(st.characters(exclude_characters="“”‘’\"'`\\\r\n"), max_size=10), st.booleans())
def test_a_literal_gets_the_quotes_of_its_kind(text: str, double: bool) -> None:
    typographic, ascii_ = ("“{}”", '"{}"') if double else ("‘{}’", "'{}'")
    code = [f"f(1, {typographic.format(text)})\n"]
    assert straighten_quotes(code, []) == [f"f(1, {ascii_.format(text)})\n"]


@pytest.mark.parametrize(
    "line",
    [
        '"He said “hi”, twice"',
        "'“', '”'",
        "`“${x}”`",
        "x = 1  # say “x”",
        "x = 1; // say “x”",
        "-- say “x”",
        "/* say “x” */",
        "<!-- “x” -->",
        "don't say “x”",
        "say “x” here",
    ],
)
def test_quotes_in_strings_comments_and_sentences_stay(line: str) -> None:
    assert straighten_quotes([line], []) == [line]


def test_a_block_keeps_its_quotes_over_several_lines() -> None:
    code = ['"""Text.\n', " “x”\n", '"""\n', "f(“x”)\n"]
    assert straighten_quotes(code, []) == [*code[:3], 'f("x")\n']
