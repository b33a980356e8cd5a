from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.abridged.kinship import (
    is_definition,
    is_same_block,
    may_be_same,
    name_of,
    names_same,
)


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("def f(x):", "def f():"),
        ("async def f():", "def f():"),
        ("export function total(tax) {", "function total() {"),
        ("func (s *Shop) Total(tax int) int {", "func (s *Shop) Total() int {"),
        ("public static int total(int a) {", "int total(int a) {"),
        ("return Math.floor(sum);", "return sum;"),
        ("age?: number;", "age: number;"),
        ("image: postgres:16", "image: postgres:15"),
        ('"version": "2.0.0",', '"version": "1.0.0",'),
        ('level = "debug"', 'level = "info"'),
        ("const total = count(items, tax);", "const total = count(items);"),
        ("Op::Div => a.checked_div(b),", "Op::Div => a / b,"),
        ("ORDER BY total DESC;", "ORDER BY name;"),
        ("email TEXT,", "email TEXT"),
    ],
)
def test_lines_that_name_the_same_are_the_same_changed(new: str, old: str) -> None:
    assert names_same(new, old)
    assert may_be_same(new, old) or new.rstrip(",") == old


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("import re", "import os"),
        ("from a import b", "from c import d"),
        ("import java.util.List;", "import java.util.Map;"),
        ("age INT,", "id INT,"),
        ("<li>Two</li>", "<li>One</li>"),
        ("def g():", "def f():"),
        ("self.open = True", "self.items = items"),
    ],
)
def test_lines_that_only_look_alike_are_not_the_same(new: str, old: str) -> None:
    assert not names_same(new, old)
    assert not may_be_same(new, old)


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("int total(int a, int b) {", "int total(int a) {"),
        ("text = text.strip()", "text = read(path)"),
        ("from a import b, c", "from a import b"),
        ('import { a, b } from "./x";', 'import { a } from "./x";'),
        ("log(second)", "log(first)"),
        ("print(a)", "print(b)"),
        ("<p>Goodbye</p>", "<p>End</p>"),
    ],
)
def test_lines_that_may_be_either(new: str, old: str) -> None:
    assert not names_same(new, old)
    assert may_be_same(new, old)


def test_blocks_are_told_apart_by_what_they_define() -> None:
    assert is_same_block("def f(x):", "def f():")
    assert not is_same_block("func new() {", "func last() {")
    assert not is_same_block("if (x) {", "if (x && y) {")
    assert is_definition("class A:")
    assert not is_definition("for a in b:")


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_lines_are_compared(new: str, old: str) -> None:
    assert is_same_block(new, new)
    assert isinstance(may_be_same(new, old), bool)
    if names_same(new, old):
        assert name_of(new) == name_of(old) or new.rstrip(",;") == old.rstrip(",;")
