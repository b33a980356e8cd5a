from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carets import split
from spyhop.core.completion.place import Place, Scope, Where
from spyhop.syntax.caret import place_at
from spyhop.syntax.grammars import LANGUAGES
from strategies import texts
from syntax.comments.snippets import SNIPPETS


def _place(language: str, marked: str) -> Place:
    prefix, suffix = split(marked)
    return place_at(language, prefix + suffix, len(prefix))


@given(texts, texts, st.sampled_from([*sorted(LANGUAGES), "", "klingon"]))
def test_every_caret_in_any_text_has_a_place(prefix: str, suffix: str, language: str) -> None:
    assert place_at(language, prefix + suffix, len(prefix)).language == language


@pytest.mark.parametrize("language", sorted(SNIPPETS))
def test_every_caret_in_code_has_a_place_within_the_document(language: str) -> None:
    text = SNIPPETS[language]
    for offset in range(len(text) + 1):
        scope = place_at(language, text, offset).scope
        if scope:
            assert 0 <= scope.first <= text.count("\n", 0, offset) <= scope.last + 1
            assert scope.last <= text.count("\n")


@pytest.mark.parametrize(
    ("language", "marked", "where"),
    [
        ("c", "int a; // b‸\n", "comment"),
        ("c", "int a; // b\n‸", "code"),
        ("c", "/* a‸ */", "comment"),
        ("c", "/* a */‸", "code"),
        ("c", "/* a‸\n", "comment"),
        ("cpp", 'auto s = R"(a\n// ‸\n)";', "string"),
        ("csharp", 'var s = @"a\n‸b";', "string"),
        ("css", "/* a‸ */ p {}", "comment"),
        ("go", "s := `a\n// ‸`\n", "string"),
        ("go", "var a = 1 // ‸\n", "comment"),
        ("html", "<!-- a‸ -->", "comment"),
        ("html", "<p>it's ‸</p>", "code"),
        ("java", "/** a‸ */ class A {}", "comment"),
        ("javascript", "const s = `a ${‸b} c`;", "code"),
        ("javascript", "const s = `a ‸${b}`;", "string"),
        ("javascript", "const s = /[\"']/; f(‸);", "code"),
        ("javascriptreact", "const e = <p>{/* a‸ */}</p>;", "comment"),
        ("kotlin", 'val s = """a\n‸"""', "string"),
        ("lua", "--[[ a\n‸ ]]", "comment"),
        ("php", "<?php\n# a‸\n", "comment"),
        ("python", "x = f'{‸a}'", "code"),
        ("python", "x = f'a‸{a}'", "string"),
        ("python", "x = 'a‸", "string"),
        ("python", "print('a‸\ny = 1\n", "string"),
        ("python", "def f():\n    '''A ‸\n    '''\n", "comment"),
        ("python", "x = '''A ‸\n'''\n", "string"),
        ("ruby", "s = <<~TEXT\n  it's ‸\nTEXT\n", "string"),
        ("ruby", "=begin\nit's ‸\n=end\n", "comment"),
        ("rust", 'let s = r#"a "‸ b"#;', "string"),
        ("rust", "/// a‸\nfn f() {}", "comment"),
        ("rust", "fn f<'a>(a: &'a str) { ‸ }", "code"),
        ("scala", 'val s = s"a ${‸b}"', "code"),
        ("shellscript", "echo a # b‸\n", "comment"),
        ("shellscript", "echo ${#a} ‸\n", "code"),
        ("sql", "SELECT 1 -- a‸\n", "comment"),
        ("toml", "a = 1 # b‸\n", "comment"),
        ("typescript", "type A = 'b‸';", "string"),
        ("yaml", "a: b # c‸\n", "comment"),
        ("yaml", "a: it's ‸\n", "code"),
        ("swift", "let a = 1 // b‸\n", "comment"),
        ("dart", "var a = 1; // b‸\n", "comment"),
    ],
)
def test_what_the_caret_stands_in(language: str, marked: str, where: Where) -> None:
    assert _place(language, marked).where == where


@pytest.mark.parametrize(
    ("language", "marked", "scope"),
    [
        (
            "python",
            "class A:\n    def f(self):\n        ‸x = 1\n",
            Scope(1, 2, "function_definition"),
        ),
        ("python", "x = 1\n‸", None),
        ("java", "class A {\n  int f() {\n    ‸x();\n  }\n}\n", Scope(1, 3, "method_declaration")),
        ("javascript", "const f = () => {\n  ‸x();\n};\n", Scope(0, 2, "arrow_function")),
        ("swift", "func f() {\n    x()\n    ‸\n}\ny()\n", Scope(0, 2, "")),
        ("swift", "‸", None),
    ],
)
def test_what_encloses_the_caret(language: str, marked: str, scope: Scope | None) -> None:
    assert _place(language, marked).scope == scope


def test_lines_of_scopes_count_from_the_document_s_first() -> None:
    above = "".join(f"def f{number}():\n    return {number}\n\n\n" for number in range(500))
    scope = _place("python", f"{above}def last():\n    a = 1\n    ‸b = 2\n").scope
    assert scope == Scope(2000, 2002, "function_definition")


def test_a_comment_that_began_far_above_is_one() -> None:
    above = "/*\n" + " * it's (\n" * 1000
    assert _place("c", f"{above} * and ‸\n */\nint x;\n").refusal == "comment"


def test_a_string_in_an_unfinished_line_is_told_by_the_line() -> None:
    there = _place("python", 'def f():\n    print("a‸\n\n\ndef g():\n    pass\n')
    assert (there.where, there.state.inside) == ("string", '"')
