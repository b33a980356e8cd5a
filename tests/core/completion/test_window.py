from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carets import around
from spyhop.core.completion.lexis import lexis_of
from spyhop.core.completion.scan import State
from spyhop.core.completion.window import Window, closing_of, open_at
from strategies import texts


@given(texts, texts)
def test_small_documents_are_looked_at_whole(prefix: str, suffix: str) -> None:
    near = Window.of(lexis_of("python"), prefix, suffix)
    assert (near.before, near.after, near.first, near.is_last) == (prefix, suffix, 0, True)
    assert "".join(near.above) + near.head == prefix
    assert suffix.startswith(near.rest)
    assert suffix.endswith("".join(near.below))


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_of_large_documents_only_what_is_near(above: int, below: int) -> None:
    prefix = "".join(f"line {number}\n" for number in range(above))
    suffix = "\n" + "".join(f"line {number}\n" for number in range(below))
    near = Window.of(lexis_of("python"), prefix, suffix)
    assert prefix[near.first :] == near.before
    assert suffix.startswith(near.after)
    assert near.is_last == (near.after == suffix)
    assert len(near.above) <= 200
    assert len(near.above) >= min(100, above)
    assert len(near.below) <= 200


def test_reading_begins_at_the_margin() -> None:
    prefix = "".join(f"def f{number}():\n    a\n    b\n\n" for number in range(200))
    assert Window.of(lexis_of("python"), prefix, "").before.startswith("def f")


@pytest.mark.parametrize(
    ("language", "opening", "closing"),
    [("python", '"""', '"""\n'), ("c", "/*\n", "*/\n"), ("html", "<!--\n", "-->\n")],
)
def test_reading_begins_in_code(language: str, opening: str, closing: str) -> None:
    text = "it's (\n" * 150
    prefix = opening + text + closing + "code\n" * 100
    near = Window.of(lexis_of(language), prefix, "")
    assert open_at(lexis_of(language), near.before).inside is None
    open_end = Window.of(lexis_of(language), opening + text * 2, "")
    assert open_at(lexis_of(language), open_end.before).inside


def test_a_star_in_a_string_begins_no_comment() -> None:
    prefix = 'glob("src/*.ts");\n' * 300
    near = Window.of(lexis_of("javascript"), prefix, "")
    assert len(near.above) > 100


@pytest.mark.parametrize(
    ("marked", "missing", "surplus"),
    [
        ("f(g(‸))\n", "", ""),
        ("f(g(‸)\n", ")", ""),
        ("f(g(‸\n", "))", ""),
        ("f(‸))\n", "", ")"),
        ("‸\n  g();\n}\n", "", "}"),
        ("class A {\n  f() {\n    ‸\n  }\n}\n", "", ""),
        ("class A {\n  f() {\n    ‸\n}\n", "}", ""),
        ("class A {\n  f() {\n    ‸\n\n  g() {\n  }\n}\n", "}", ""),
        ("f(() => {\n  ‸\n", "})", ""),
        ("f(() => {\n  ‸\n});\n", "", ""),
        ("f(‸')')\n", "", ""),
        ("f('‸)')\n", "", ""),
        ("f('‸\n", ")", ""),
    ],
)
def test_what_the_document_closes(marked: str, missing: str, surplus: str) -> None:
    near, lexis = around(marked, "javascript"), lexis_of("javascript")
    there = open_at(lexis, near.before)
    inside = State(there.inside.closing if there.inside else "")
    closing = closing_of(lexis, inside, there.brackets, near)
    assert ("".join(closing.missing), "".join(closing.surplus)) == (missing, surplus)
