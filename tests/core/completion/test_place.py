from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carets import place
from spyhop.core.completion.place import Refusal, Wanted, Where, closes_only
from strategies import texts


@given(texts, texts, st.sampled_from(["python", "go", "ruby", "html", "markdown", "", "klingon"]))
def test_every_caret_has_a_place(prefix: str, suffix: str, language: str) -> None:
    there = place(f"{prefix}‸{suffix}", language)
    assert there.unit
    assert not (there.indent + there.base).strip()
    assert not place(f"{prefix}‸{suffix}", language, "invoked").refusal


@pytest.mark.parametrize(
    ("language", "marked", "refusal"),
    [
        ("python", "‸", "blank"),
        ("python", "\n  ‸\n", "blank"),
        ("python", "x = 1‸", ""),
        ("python", "ma‸th", "identifier"),
        ("python", "f(‸x)", "identifier"),
        ("python", "f(‸, x)", ""),
        ("python", "f(‸)", ""),
        ("python", "math‸", ""),
        ("python", "# a‸", "comment"),
        ("python", "x = 1  # a‸", "comment"),
        ("python", "# a\n‸", ""),
        ("python", "def f():\n    '''Re‸\n    '''", "comment"),
        ("python", "x = '''Re‸\n'''", ""),
        ("python", "x = '# a‸'", ""),
        ("python", "  ‸x = 1", "indentation"),
        ("python", "‸x = 1", "indentation"),
        ("python", "f(\n)‸", "closing-line"),
        ("javascript", "f({\n  a\n‸})", "closing-line"),
        ("javascript", "f({\n  a\n});‸", "closing-line"),
        ("javascript", "} else ‸", ""),
        ("javascript", "if (a) {‸}", ""),
        ("lua", "if a then\nend‸", "closing-line"),
        ("lua", "ending‸", ""),
        ("html", "<p>\n</p>‸", "closing-line"),
        ("html", "<p>‸</p>", ""),
        ("markdown", "- (a\n)‸", ""),
    ],
)
def test_where_nothing_is_wanted(language: str, marked: str, refusal: Refusal) -> None:
    assert place(marked, language).refusal == refusal


@pytest.mark.parametrize(
    ("language", "marked", "wanted"),
    [
        ("python", "x = ‸\n", "line"),
        ("python", "def f():‸\n", "body"),
        ("python", "def f():  # why\n    ‸\n", "body"),
        ("python", "def f():\n    ‸\n    return 1\n", "line"),
        ("python", "def f():\n    x = 1\n    ‸\n", "line"),
        ("python", "def f(a‸\n", "definition"),
        ("python", "def f(a‸)\n", "line"),
        ("python", "class A‸\n", "definition"),
        ("python", "# read it\n‸\n", "statements"),
        ("python", "@cached\n‸\n", "statements"),
        ("python", "def f():\n    # read it\n    ‸\n", "body"),
        ("python", "def f():\n    # read it\n    ‸\n    x = 1\n", "statements"),
        ("python", 'def f():\n    """Read it."""\n    ‸\n', "body"),
        ("python", "x = {‸\n", "body"),
        ("python", "x = f(\n    ‸\n)\n", "body"),
        ("python", "x = f(‸)\n", "line"),
        ("python", "x = {'a':‸}\n", "line"),
        ("javascript", "function f() {‸}\n", "body"),
        ("javascript", "if (a) {\n  ‸\n}\n", "body"),
        ("javascript", "export async function f‸\n", "definition"),
        ("javascript", "const s = '{‸\n", "line"),
        ("ruby", "items.each do |item|‸\n", "body"),
        ("ruby", "return if a\n‸\n", "line"),
        ("shellscript", "if true; then\n  ‸\nfi\n", "body"),
        ("html", "<ul>\n  ‸\n</ul>\n", "body"),
        ("html", "<br>\n‸\n", "line"),
        ("yaml", "env:\n  ‸\n", "body"),
        ("toml", "[a]\n‸\n", "line"),
        ("markdown", "# Head:\n‸\n", "line"),
        ("swift", "func f() {\n    ‸\n}\n", "body"),
    ],
)
def test_how_much_is_wanted(language: str, marked: str, wanted: Wanted) -> None:
    assert place(marked, language).wanted == wanted


@pytest.mark.parametrize(
    ("marked", "base", "indent"),
    [
        ("def f():\n‸\n", "", "    "),
        ("def f():\n    ‸\n", "", "    "),
        ("class A:\n  def f():\n‸\n", "  ", "    "),
        ("    x = 1\n    ‸\n", "    ", "    "),
        ("    x = 1\n  ‸\n", "  ", "    "),
        ("    x = 1\n‸\n", "", ""),
        ("    x = ‸\n", "    ", "    "),
    ],
)
def test_how_deep_a_line_belongs(marked: str, base: str, indent: str) -> None:
    there = place(marked)
    assert (there.base, there.indent) == (base, indent)


@pytest.mark.parametrize(
    ("language", "marked", "unit"),
    [
        ("python", "‸", "    "),
        ("go", "‸", "\t"),
        ("python", "def f():\n\tx\n‸", "\t"),
        ("python", "def f():\n  x\n‸", "  "),
    ],
)
def test_one_step_of_indentation(language: str, marked: str, unit: str) -> None:
    assert place(marked, language).unit == unit


@pytest.mark.parametrize(
    ("marked", "where", "inside"),
    [
        ("x = 1‸", "code", ""),
        ("x = 'a‸'", "string", "'"),
        ("x = '''a‸\n'''", "string", "'''"),
        ("# a‸", "comment", "\n"),
        ("'''a‸", "comment", "'''"),
    ],
)
def test_what_the_caret_stands_in(marked: str, where: Where, inside: str) -> None:
    there = place(marked)
    assert (there.where, there.state.inside) == (where, inside)


@given(st.text(" )]};,>\t"))
def test_closers(text: str) -> None:
    assert closes_only(text)
    assert not closes_only(text + "a")
    assert not closes_only(text + "(")
