from __future__ import annotations

import pytest
from hypothesis import given

from spyhop.core.code_names import file_above, file_in_first_line, file_in_info, matching
from strategies import texts


@pytest.mark.parametrize(
    ("info", "path"),
    [
        ("python src/a.py", "src/a.py"),
        ("src/a.py", "src/a.py"),
        ('python title="src/a.py"', "src/a.py"),
        ("python:src/a.py", "src/a.py"),
        ("python file=src/a.py", "src/a.py"),
        ("python {src/a.py}", "src/a.py"),
        ("python src\\a.py", "src/a.py"),
        ("python ./a.py", "./a.py"),
        ("python", None),
        ("c++", None),
        ("python 3.11", None),
        ("", None),
        ("text Makefile", None),
    ],
)
def test_an_info_string_may_name_a_file(info: str, path: str | None) -> None:
    assert file_in_info(info) == path


@pytest.mark.parametrize(
    ("prose", "path"),
    [
        (["In `src/a.py`:\n", "\n"], "src/a.py"),
        (["**src/a.py**\n"], "src/a.py"),
        (["### src/a.py\n"], "src/a.py"),
        (["File: src/a.py\n"], "src/a.py"),
        (["修改文件 src/a.py：\n"], None),
        (["文件 src/a.py：\n"], "src/a.py"),
        (["Change `gcd` in `src/a.py:4-7` so:\n"], "src/a.py"),
        (["Move it from `a.py` to `b.py`:\n"], None),
        (["`a.py` is long.\n", "So:\n", "Like this:\n", "Here:\n"], None),
        (["input.py\n"], "input.py"),
        (["It takes 0.5 seconds.\n"], None),
        ([], None),
    ],
)
def test_the_lines_above_may_name_a_file(prose: list[str], path: str | None) -> None:
    assert file_above(prose) == path


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("# src/a.py\n", "src/a.py"),
        ("// src/a.ts\r\n", "src/a.ts"),
        ("<!-- a/b.html -->", "a/b.html"),
        ("/* a.css */", "a.css"),
        ("# file: a.py", "a.py"),
        ("# see a.py for more", None),
        ("import a.py", None),
        ("# 1.5", None),
    ],
)
def test_a_comment_in_the_first_line_may_name_a_file(line: str, path: str | None) -> None:
    assert file_in_first_line(line) == path


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a.py", ["src/a.py", "tests/a.py"]),
        ("src/a.py", ["src/a.py"]),
        ("./b.py", ["b.py"]),
        ("/home/me/work/b.py", ["b.py"]),
        ("c.py", []),
    ],
)
def test_a_name_means_the_paths_that_end_in_it(name: str, found: list[str]) -> None:
    assert matching(name, ["src/a.py", "tests/a.py", "b.py"]) == found


@given(texts, texts)
def test_any_text_names_a_file_or_none(one: str, other: str) -> None:
    for path in (file_in_info(one), file_above([one, other]), file_in_first_line(one)):
        assert path is None or "." in path
