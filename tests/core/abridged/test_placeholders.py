from __future__ import annotations

import sysconfig
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import spyhop
from spyhop.core.abridged.placeholders import placeholders, whole_placeholders
from spyhop.core.lines import split_lines
from strategies import documents

_STDLIB = Path(sysconfig.get_path("stdlib"))
_OURS = Path(spyhop.__file__).parent


@cache
def _corpus() -> dict[str, list[str]]:
    """The lines of real Python files: the standard library's and our own."""
    files = [*_STDLIB.glob("*.py"), *_STDLIB.glob("[ae]*/*.py"), *_OURS.rglob("*.py")]
    found: dict[str, list[str]] = {}
    for file in files:
        with tokenize.open(file) as text:
            found[str(file)] = split_lines(text.read())
    return found


def _comments() -> Iterator[str]:
    for lines in _corpus().values():
        yield from (line for line in lines if line.lstrip().startswith("#"))


def test_nothing_a_real_file_holds_is_a_placeholder_in_it() -> None:
    for lines in _corpus().values():
        assert placeholders(lines, lines) == []
        assert placeholders([*lines, "added = 1\n"], lines) == []


def test_of_real_comments_added_to_code_hardly_one_is_taken_for_a_placeholder() -> None:
    comments = list(_comments())
    flagged = [line for line in comments if placeholders(["x\n", line], ["x\n"])]
    assert len(comments) > 5000
    assert len(flagged) <= len(comments) / 1000, flagged


def test_of_real_comments_that_take_a_lines_place_few_are_taken_for_placeholders() -> None:
    comments = list(_comments())
    flagged = [line for line in comments if placeholders([line], ["x = 1\n"])]
    assert len(flagged) <= len(comments) / 300, flagged


@given(documents, documents)
def test_lines_of_the_original_are_none_and_numbers_are_in_order(
    code: list[str], original: list[str]
) -> None:
    found = placeholders(code, original)
    assert found == sorted(set(found))
    own = {line.strip() for line in original}
    assert all(code[number].strip() not in own for number in found)


def _lines_of(name: str) -> list[str]:
    """The lines of a file beside this test, one a line; blank ones part them."""
    text = Path(__file__).with_name("abbreviations").joinpath(name).read_text(encoding="utf-8")
    return [line.removesuffix("\n") for line in split_lines(text) if line.strip()]


_PLACEHOLDERS = _lines_of("placeholders.txt")
_GENUINE = _lines_of("genuine.txt")


@pytest.mark.parametrize("line", _PLACEHOLDERS)
def test_a_placeholder_in_the_place_of_lines_is_found(line: str) -> None:
    original = ["def f():\n", "    a = 1\n", "    b = 2\n", "    return a\n"]
    assert placeholders([f"{line}\n", "    return a\n"], original) == [0]


@given(st.sampled_from(_PLACEHOLDERS), documents)
def test_a_placeholder_that_the_file_has_itself_is_none(line: str, original: list[str]) -> None:
    assert placeholders([line], [*original, f"  {line}\r\n"]) == []


@pytest.mark.parametrize("line", _GENUINE)
def test_code_and_comments_with_dots_or_such_words_are_none(line: str) -> None:
    assert placeholders([line], ["old = 1\n", "older = 2\n"]) == []


def test_dots_are_a_body_behind_a_colon_and_a_docstring() -> None:
    original = ["def f(): return 1\n", "x = 1\n", "y = 2\n"]
    assert placeholders(["def f():\n", "    ...\n"], original) == []
    assert placeholders(["def f():\n", '    """One."""\n', "\n", "    ...\n"], original) == []
    assert placeholders(["x = 0\n", "...\n"], original) == [1]


def test_words_behind_a_line_of_the_original_stand_for_others_only_when_some_are_gone() -> None:
    original = ["a:  # first\n", "  b: 1\n", "  c: 2\n"]
    assert placeholders(["a:  # unchanged\n"], original) == [0]
    assert placeholders(["a:  # unchanged\n", "  b: 1  # as above\n", "  c: 3\n"], original) == []
    assert placeholders(["a:\n", "  d: 1  # as above\n"], original) == [1]


def test_dots_for_the_other_arguments_are_told_by_the_line_that_has_them() -> None:
    original = ["    run(first, second, third)\n", "    names = [one, two]\n"]
    assert placeholders(["    run(first, ...)\n"], original) == [0]
    assert placeholders(["    names = [one, ...]\n"], original) == [0]
    assert placeholders(["    run(second, ...)\n"], original) == []


@pytest.mark.parametrize(
    ("line", "whole"),
    [
        ("# ... existing code ...", True),
        ("/* ... */", True),
        ("{/* ... rest of the component ... */}", True),
        ("...", True),
        ("[rest of the code unchanged]", True),
        ("/* ... */ return x;", False),
        ("/* ... existing code ...", False),
        (" * ... existing code ...", False),
        ("int f() { ... }", False),
        ("function go() { // ... existing code ...", False),
    ],
)
def test_a_placeholder_stands_alone_or_inside_a_line(line: str, *, whole: bool) -> None:
    assert whole_placeholders([line], [0]) == (frozenset({0}) if whole else None)


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (["/*", " * ... existing code ...", " */"], 1),
        (["/* ... existing code", "   goes here */"], 0),
        (["<!--", "... existing markup ...", "-->"], 1),
        (['"""', "... existing code ...", '"""'], 1),
    ],
)
def test_the_rest_of_a_comment_over_more_lines_belongs_to_the_placeholder(
    lines: list[str], number: int
) -> None:
    assert whole_placeholders([*lines, "x"], [number]) == frozenset(range(len(lines)))
