from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Query

from spyhop import syntax
from spyhop.syntax.grammars import LANGUAGES, grammar
from spyhop.syntax.outline import MOST_CHARACTERS, Declaration, Outline, query_text, read_outline
from strategies import texts
from syntax.outlines import EXAMPLES, Example

_MANGLED = st.sampled_from(sorted(EXAMPLES)).flatmap(
    lambda language: st.tuples(
        st.just(language),
        st.lists(
            st.one_of(st.sampled_from(EXAMPLES[language].text.split("\n")), texts), max_size=12
        ).map("\n".join),
    )
)

_LINE_COMMENTS = {
    **dict.fromkeys(("c", "csharp", "go", "java", "javascript", "rust", "typescript"), "//"),
    **dict.fromkeys(("python", "ruby", "shellscript", "toml"), "#"),
    **dict.fromkeys(("lua", "sql"), "--"),
}
_words = st.text(alphabet=["a", " ", "中", "𝄞", "é", "'", "("], max_size=9)


def example(language: str) -> tuple[Example, Outline, int]:
    it = EXAMPLES[language]
    caret = it.text.index("‸")
    return it, read_outline(language, it.text.replace("‸", "")), caret


def named(outline: Outline, name: str) -> Declaration:
    [index] = outline.names[name]
    return outline.declarations[index]


@given(_MANGLED)
def test_whatever_stands_in_a_file_its_outline_lies_within_it(drawn: tuple[str, str]) -> None:
    language, text = drawn
    outline = read_outline(language, text)
    for index, one in enumerate(outline.declarations):
        assert 0 <= one.span.start <= one.span.end <= len(text)
        assert one.body is None or one.span.start <= one.body.start <= one.body.end <= one.span.end
        assert one.parent < index
        around = list(outline.around(index))
        assert all(it.span.start <= one.span.start for it in around)
        assert all(it.span.end >= one.span.end for it in around)
    assert all(one.span.start <= two.span.start for one, two in pairwise(outline.declarations))
    assert all(0 <= span.start < span.end <= len(text) for span in outline.imports)


@given(_MANGLED, st.floats(0, 1))
def test_scopes_around_a_place_contain_each_other(drawn: tuple[str, str], where: float) -> None:
    language, text = drawn
    around = read_outline(language, text).enclosing(int(where * len(text)))
    assert all(one.span.end >= two.span.end for one, two in pairwise(around))


@given(st.sampled_from(sorted(_LINE_COMMENTS)), st.lists(_words, max_size=5))
def test_comments_above_move_an_outline_and_change_nothing_else(
    language: str, above: list[str]
) -> None:
    text = EXAMPLES[language].text.replace("‸", "")
    added = "".join(f"{_LINE_COMMENTS[language]} {line}\n\n" for line in above)
    plain, moved = read_outline(language, text), read_outline(language, added + text)
    assert [(one.kind, one.name) for one in plain.declarations] == [
        (one.kind, one.name) for one in moved.declarations
    ]
    assert [one.span.start + len(added) for one in plain.declarations] == [
        one.span.start for one in moved.declarations
    ]


def test_every_language_has_an_example() -> None:
    assert set(EXAMPLES) == LANGUAGES


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_pattern_is_one_of_its_grammar(language: str) -> None:
    known = grammar(language)
    assert known is not None
    Query(known, query_text(language))


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_heads_of_the_scopes_around_the_caret(language: str) -> None:
    it, outline, caret = example(language)
    assert [outline.head(one) for one in outline.enclosing(caret)] == it.heads


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_imports_are_whole_statements(language: str) -> None:
    it, outline, _ = example(language)
    assert [outline.text[span.start : span.end] for span in outline.imports] == it.imports


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_what_a_file_declares(language: str) -> None:
    it, outline, _ = example(language)
    assert it.names <= set(outline.names)


def test_without_a_grammar_there_is_an_empty_outline() -> None:
    assert read_outline("cobol", "x") == Outline("cobol", "x")


def test_a_file_that_is_too_long_has_an_empty_outline() -> None:
    assert not read_outline("python", "x = 1\n" * (MOST_CHARACTERS // 6 + 1)).declarations


def test_offsets_count_characters() -> None:
    text = 's = "中𝄞"\ndef f():\n    "é"\n'
    outline = read_outline("python", text)
    assert named(outline, "f").span.start == text.index("def")
    assert outline.head(named(outline, "f")) == "def f():"


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_line_ends_are_no_part_of_a_head(line_end: str) -> None:
    text = line_end.join(["import os", "class A:", "    def f(self):", "        pass", ""])
    outline = read_outline("python", text)
    heads = [outline.head(one) for one in outline.enclosing(text.index("pass"))]
    assert heads == ["class A:", "    def f(self):"]
    assert [text[span.start : span.end] for span in outline.imports] == ["import os"]


@pytest.mark.parametrize(("indent", "inside"), [("        ", 2), ("    ", 1), ("", 0)])
def test_behind_a_body_the_depth_tells_where_the_next_line_is_written(
    indent: str, inside: int
) -> None:
    text = f"class A:\n    def f(self):\n        pass\n\n{indent}\nx = 1\n"
    caret = text.index(f"\n{indent}\nx") + 1 + len(indent)
    assert len(read_outline("python", text).enclosing(caret)) == inside


def test_the_caret_between_braces_stands_inside() -> None:
    text = "int f() {}\n"
    outline = read_outline("c", text)
    assert len(outline.enclosing(text.index("}"))) == 1
    assert outline.enclosing(text.index("{")) == outline.enclosing(len(text)) == []


def test_broken_code_is_read_as_far_as_it_goes() -> None:
    text = "import os\n\nclass A:\n    def f(self):\n        return (\n\n\ndef g():\n    pass\n"
    outline = read_outline("python", text)
    assert [text[span.start : span.end] for span in outline.imports] == ["import os"]
    assert "g" in outline.names


def test_queries_ship_with_the_package() -> None:
    assert syntax.__file__
    assert all(query_text(language) for language in LANGUAGES)
