from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.languages import language_of_path
from spyhop.syntax.grammars import LANGUAGES, encoded, parse

_ENDINGS = [
    "py",
    "js",
    "jsx",
    "ts",
    "tsx",
    "java",
    "kt",
    "go",
    "rs",
    "c",
    "cpp",
    "cs",
    "rb",
    "php",
    "sh",
    "scala",
    "lua",
    "html",
    "css",
    "sql",
    "yaml",
    "toml",
]


@pytest.mark.parametrize("ending", _ENDINGS)
def test_there_is_a_grammar_for_every_language_with_comments(ending: str) -> None:
    tree = parse(language_of_path(f"a.{ending}"), "")
    assert tree is not None
    assert not tree.root_node.has_error


def test_there_is_none_for_others() -> None:
    assert parse("cobol", "x") is None


@given(st.sampled_from(sorted(LANGUAGES)), st.text(alphabet=st.characters(), max_size=60))
def test_reading_never_fails_and_covers_the_text(language: str, text: str) -> None:
    tree = parse(language, text)
    assert tree is not None
    assert tree.root_node.end_byte <= len(encoded(text))


@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=60))
def test_characters_keep_their_number_in_bytes(text: str) -> None:
    assert len(encoded(text).decode()) == len(text)


@pytest.mark.parametrize("opening", ["{", "a{", "{1", "{1..", "{1..2", "${"])
def test_bash_does_not_see_what_it_crashes_at(opening: str) -> None:
    text = f"echo {opening}\U0002c6ca\necho 😀\n"
    tree = parse("shellscript", text)
    assert tree is not None
    assert tree.root_node.end_byte == len(encoded(text))
    assert tree.root_node.text == encoded(text.replace("\U0002c6ca", "____"))
