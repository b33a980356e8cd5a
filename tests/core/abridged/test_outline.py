from __future__ import annotations

from hypothesis import given

from spyhop.core.abridged.outline import outline
from spyhop.core.lines import is_blank
from strategies import documents


@given(documents)
def test_every_line_that_is_not_blank_is_an_entry(lines: list[str]) -> None:
    entries = outline(lines)
    assert [entry.number for entry in entries] == [
        number for number, line in enumerate(lines) if not is_blank(line)
    ]
    assert [entry.text for entry in entries] == [
        line.strip() for line in lines if not is_blank(line)
    ]


def test_a_line_is_nested_in_the_shallower_ones_above() -> None:
    lines = ["class A:\n", "    def f():\n", "\n", "        x\n", "    def g():\n", "        y\n"]
    assert [entry.parents for entry in outline(lines)] == [
        (),
        ("class A:",),
        ("def f():", "class A:"),
        ("class A:",),
        ("def g():", "class A:"),
    ]


def test_a_closing_line_is_nested_in_what_it_closes() -> None:
    lines = ["f {\n", "\tx\n", "}\n", "g {\n", "\ty\n", "}\n"]
    assert [entry.parents for entry in outline(lines) if entry.closes] == [("f {",), ("g {",)]


def test_a_placeholder_hides_what_a_line_is_nested_in() -> None:
    lines = ["f {\n", "\t# ...\n", "\t\tx\n", "\ty\n", "}\n"]
    entries = outline(lines, {1})
    assert [(entry.parents, entry.is_rooted) for entry in entries[2:]] == [
        ((), False),
        (("f {",), True),
        (("f {",), True),
    ]


def test_a_closing_line_beside_one_that_opens_nothing_has_no_known_parent() -> None:
    entries = outline(["<ul>\n", "<li>One</li>\n", "x = 1\n", "</ul>\n"])
    assert not entries[-1].is_rooted
