from __future__ import annotations

import pytest

from spyhop.languages import info_string, info_strings, language_of_path


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.py", "python"),
        ("src/a.TSX", "typescriptreact"),
        ("a.h", "c"),
        ("a.test.js", "javascript"),
        ("/work/run.sh", "shellscript"),
        ("a.unknown", ""),
        ("Makefile", ""),
        (".py", ""),
        ("", ""),
    ],
)
def test_a_files_name_tells_its_language(path: str, language: str) -> None:
    assert language_of_path(path) == language


@pytest.mark.parametrize(
    ("language", "info"),
    [("python", "python"), ("shellscript", "bash"), ("javascriptreact", "jsx"), ("cobol", "cobol")],
)
def test_a_language_is_asked_for_by_the_name_that_models_write(language: str, info: str) -> None:
    assert info_string(language) == info


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("python", {"python", "py", "python3"}),
        ("shellscript", {"shellscript", "bash", "sh", "shell", "zsh"}),
        ("cobol", {"cobol"}),
        ("", set()),
    ],
)
def test_an_answer_may_name_a_language_in_several_ways(language: str, names: set[str]) -> None:
    assert set(info_strings(language)) == names


@pytest.mark.parametrize("path", ["a.py", "a.js", "a.jsx", "a.ts", "a.cpp", "a.sh", "a.md", "a.kt"])
def test_the_name_that_is_asked_for_is_one_that_an_answer_may_have(path: str) -> None:
    language = language_of_path(path)
    assert info_string(language) in info_strings(language)
