from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.lines import split_lines
from spyhop.syntax.errors import SyntaxFault, added_errors
from spyhop.syntax.grammars import LANGUAGES
from strategies import texts

# Language: (a document, its line that is edited, a good edit of it, a bad one, the fault's line).
_EDITS: Final[dict[str, tuple[str, int, str, str, int]]] = {
    "c": ("int f(void) {\n  int a = 1;\n  return a;\n}\n", 1, "  int a = 2;", "  int a = ;", 1),
    "cpp": ("int f() {\n  auto a = 1;\n  return a;\n}\n", 1, "  auto a = 2;", "  auto a = (1;", 1),
    "csharp": (
        "class A {\n  int F() {\n    return 1;\n  }\n}\n",
        2,
        "    return 2;",
        "    return (1;",
        2,
    ),
    "css": ("a {\n  color: red;\n}\n", 1, "  color: blue;", "  color red;;{", 1),
    "go": ("package a\n\nfunc f() int {\n\treturn 1\n}\n", 3, "\treturn 2", "\treturn 1 +", 3),
    "html": ("<ul>\n  <li>a</li>\n</ul>\n", 1, "  <li>b</li>", "  <li>b</li></p", 1),
    "java": (
        "class A {\n  int f() {\n    return 1;\n  }\n}\n",
        2,
        "    return 2;",
        "    return 1",
        2,
    ),
    "javascript": ("function f() {\n  return 1;\n}\n", 1, "  return 2;", "  return (1;", 1),
    "javascriptreact": ("const a = () => (\n  <b>x</b>\n);\n", 1, "  <b>y</b>", "  <b>y</b", 1),
    "kotlin": ("fun f(): Int {\n  val a = 1\n  return a\n}\n", 1, "  val a = 2", "  val = 2", 1),
    "lua": ("function f()\n  return 1\nend\n", 1, "  return 2", "  return 1 1", 1),
    "php": ("<?php\nfunction f() {\n  return 1;\n}\n", 2, "  return 2;", "  return (1;", 2),
    "python": ("def f():\n    a = 1\n    return a\n", 1, "    a = 2", "    a = (1", 1),
    "ruby": ("def f\n  a = 1\n  a\nend\n", 1, "  a = 2", "  a = )", 1),
    "rust": (
        "fn f() -> i32 {\n    let a = 1;\n    a\n}\n",
        1,
        "    let a = 2;",
        "    let a = ;",
        1,
    ),
    "scala": ("object A {\n  def f = {\n    1\n  }\n}\n", 2, "    2", "    (1", 2),
    "shellscript": ("f() {\n  echo a\n}\n", 1, "  echo b", "  if true; then", 1),
    "sql": ("SELECT a\nFROM b\nWHERE c = 1;\n", 1, "FROM d", "FRO d", 1),
    "toml": ("[a]\nb = 1\nc = 2\n", 1, "b = 3", "b = ", 1),
    "typescript": ("function f(): number {\n  return 1;\n}\n", 1, "  return 2;", "  return (1;", 1),
    "typescriptreact": ("const a = () => (\n  <b>x</b>\n);\n", 1, "  <b>y</b>", "  <b>y</b", 1),
    "yaml": ("a:\n  - b\nc: d\n", 1, "  - e", "  - [b", 1),
}


def replaced(document: str, line: int, new: str) -> str:
    lines = split_lines(document)
    lines[line] = new + "\n"
    return "".join(lines)


def test_every_language_has_an_example() -> None:
    assert set(_EDITS) == LANGUAGES


@pytest.mark.parametrize("language", sorted(_EDITS))
def test_a_good_edit_adds_no_error(language: str) -> None:
    old, line, good, _, _ = _EDITS[language]
    assert added_errors(language, old, replaced(old, line, good), line, line) == []


@pytest.mark.parametrize("language", sorted(_EDITS))
def test_a_bad_edit_adds_an_error_at_its_line(language: str) -> None:
    old, line, _, bad, where = _EDITS[language]
    new = replaced(old, line, bad)
    fault = added_errors(language, old, new, line, line)[0]
    assert (fault.line, fault.text) == (where, split_lines(new)[where].strip())


# Laws

_unicode = st.text(alphabet=st.characters(exclude_categories=[]), max_size=40)
_languages = st.sampled_from([*sorted(LANGUAGES), "cobol"])
_documents = st.sampled_from([document for document, *_ in _EDITS.values()])
_any = st.one_of(texts, _unicode, _documents, st.tuples(_documents, _unicode).map("".join))
_COMMENTS: Final = {
    "css": "/* word */",
    "html": "<!-- word -->",
    "lua": "-- word",
    "sql": "-- word",
    **dict.fromkeys(["python", "ruby", "shellscript", "toml", "yaml"], "# word"),
}


@given(_languages, _any, _any, st.integers(-2, 9), st.integers(-2, 9))
def test_it_never_fails_and_tells_lines_from_the_edits_first_on(
    language: str, old: str, new: str, first: int, last: int
) -> None:
    lines = split_lines(new)
    faults = added_errors(language, old, new, first, last)
    where = [fault.line for fault in faults]
    assert where == sorted(set(where))
    for fault in faults:
        assert min(first, len(lines) - 1) <= fault.line < max(1, len(lines))
        assert fault.text == (lines[fault.line].strip()[:160] if lines else "")
        assert bool(fault.missing) == (fault.kind == "missing")


@given(_languages, _any, st.integers(0, 9), st.integers(0, 9))
def test_an_edit_that_changes_nothing_adds_nothing(
    language: str, text: str, first: int, last: int
) -> None:
    assert added_errors(language, text, text, first, last) == []


@pytest.mark.parametrize("language", sorted(_EDITS))
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_comment_below_adds_nothing(language: str, end: str) -> None:
    old = _EDITS[language][0].replace("\n", end)
    count = len(split_lines(old))
    comment = _COMMENTS.get(language, "// word")
    assert added_errors(language, old, f"{old}{comment}{end}", count, count - 1) == []


@given(_languages, _unicode)
def test_the_first_word_in_an_empty_document_may_be_wrong(language: str, text: str) -> None:
    faults = added_errors(language, "", text, 0, -1)
    assert all(0 <= fault.line < max(1, len(split_lines(text))) for fault in faults)


# What stands already

_BROKEN: Final = "int a = ;\n\n\nint f(void) {\n  return 1;\n}\n\n\nint b = ;\n"


def test_a_document_broken_elsewhere_tells_what_is_new_only() -> None:
    good = replaced(_BROKEN, 4, "  int c = 2;\n  return c;")
    assert added_errors("c", _BROKEN, good, 4, 4) == []
    bad = replaced(_BROKEN, 4, "  int c = ;\n  return c;")
    assert added_errors("c", _BROKEN, bad, 4, 4) == [
        SyntaxFault(4, "int c = ;", "missing", "identifier")
    ]


@pytest.mark.parametrize(("line", "new"), [(0, "int a = = 2;"), (1, "int c = ;")])
def test_where_the_document_was_broken_nothing_is_told(line: int, new: str) -> None:
    assert added_errors("c", _BROKEN, replaced(_BROKEN, line, new), line, line) == []


def test_where_the_grammar_misses_something_a_comment_below_adds_nothing() -> None:
    old = "T_DEC\nC_DEC::\nf(int a)\n: b(a)\n{ ASSERT((*this)) }\n\nT_DEC\nint\nC_DEC::\ng()\n"
    new = old.replace("\n\n", "\n\n// word\n")
    assert added_errors("cpp", old, new, 6, 5) == []


def test_without_a_grammar_nothing_is_told() -> None:
    assert added_errors("cobol", "a", "(", 0, 0) == []


# Where an error is told

_TWO: Final = (
    "function f() {\n  if (x) {\n    return 1;\n  }\n}\n\nfunction g() {\n  return 2;\n}\n"
)


def test_a_brace_left_open_is_told_where_the_grammar_misses_it() -> None:
    new = _TWO.replace("  }\n", "")
    assert added_errors("javascript", _TWO, new, 1, 3) == [SyntaxFault(7, "}", "missing", "}")]


def test_an_error_above_the_edit_is_told_at_its_first_line() -> None:
    old = "def f\n  1\nend\n"
    assert added_errors("ruby", old, "def f\n  1\n", 2, 2) == [SyntaxFault(1, "1", "error")]


def test_lines_end_where_the_editor_ends_them() -> None:
    old = "int a;\rint 中;\r\n// 😀\u2028\nint b;\n"
    new = old.replace("int b;", "int b = ;")
    assert added_errors("c", old, new, 3, 3) == [
        SyntaxFault(3, "int b = ;", "missing", "identifier")
    ]


def test_an_insertion_has_no_lines_of_the_old_document() -> None:
    old = "int a;\nint b;\n"
    new = "int a;\nint c = ;\nint b;\n"
    assert added_errors("c", old, new, 1, 0) == [
        SyntaxFault(1, "int c = ;", "missing", "identifier")
    ]


# Python's compiler

_PYTHON: Final = "def f(x):\n    if x:\n        return 1\n    return 2\n\n\nprint(f(1))\n"


@pytest.mark.parametrize(
    ("old_text", "new_text", "where"),
    [
        ("        return 1", "    return 1", 2),
        ("        return 1", "      a = 1\n        return a", 3),
        ("        return 1", "        a = 1\n      return a", 3),
        ("        return 1", "\t\ta = 1\n        return a", 2),
        ("        return 1", "return 1", 2),
        ("    return 2", "return 2", 3),
        ("    return 2", "    return 2\n}", 4),
        ("    return 2", "    continue", 3),
        ("    return 2", "    print 2", 3),
        ("    return 2", "    return 'a", 3),
        ("    return 2", "    f(x) = 2", 3),
    ],
)
def test_what_python_refuses_is_told_at_its_line(old_text: str, new_text: str, where: int) -> None:
    new = _PYTHON.replace(old_text, new_text)
    first = split_lines(_PYTHON).index(old_text + "\n")
    fault = added_errors("python", _PYTHON, new, first, first)[0]
    assert (fault.line, fault.text) == (where, split_lines(new)[where].strip())


def test_what_python_accepts_is_right_whatever_the_grammar_says() -> None:
    old, new = "\ufeffprint(1)\n", "\ufeffprint(1)\nassert (a, 'x') is not 1\n'\\d'\n"
    assert added_errors("python", old, new, 1, 0) == []


def test_a_document_that_python_refuses_is_read_by_the_grammar_alone() -> None:
    old = "print 'a'\nx = 1\n"
    assert added_errors("python", old, "print 'a'\n  x = 1\n", 1, 1) == []
    assert [it.line for it in added_errors("python", old, "print 'a'\nx = (1\n", 1, 1)] == [1]


@pytest.mark.parametrize(
    "new",
    ["type A = int\n", "def f[T](x: T) -> T:\n    return x\n", "class A[T]:\n    pass\n"],
)
def test_syntax_newer_than_the_compiler_is_no_error(new: str) -> None:
    assert added_errors("python", "x = 1\n", new, 0, 0) == []


@pytest.mark.parametrize("wild", ["(" * 5000, "x = " + "-" * 20_000 + "1", "a\0b", "\ud800 = 1"])
def test_what_the_compiler_cannot_take_is_left_to_the_grammar(wild: str) -> None:
    assert isinstance(added_errors("python", "x = 1\n", wild, 0, 0), list)
