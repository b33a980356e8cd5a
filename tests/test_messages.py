from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

import spyhop
from spyhop.errors import NoEdit, SpyhopError, UsageError
from spyhop.messages import LANGUAGES, Language, Notice, catalog, language_of, say

SOURCES: Final = sorted(Path(spyhop.__file__).parent.rglob("*.py"))
_FORMATTER: Final = string.Formatter()


def fields(message: str) -> set[str]:
    return {name for _, name, _, _ in _FORMATTER.parse(message) if name is not None}


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


@cache
def error_names() -> frozenset[str]:
    """The names of `SpyhopError` and of all that is derived from it, in the source."""
    names = {"SpyhopError"}
    classes = [
        node
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    while more := {
        one.name
        for one in classes
        if one.name not in names and names & {ast.unparse(base) for base in one.bases}
    }:
        names |= more
    return frozenset(names)


def literals(node: ast.expr) -> Iterator[str]:
    """The strings that an argument may be."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp():
            yield from literals(node.body)
            yield from literals(node.orelse)


def key_of(call: ast.Call) -> ast.expr | None:
    """The argument that is a message's key; None where the call takes none."""
    name = ast.unparse(call.func)
    if name == "say":
        return call.args[1]
    last = name.rpartition(".")[2]
    takes_key = last in {"say", "tell"} or name == "Notice.of" or last in error_names()
    return call.args[0] if takes_key and call.args else None


@cache
def uses() -> dict[str, list[tuple[str, frozenset[str] | None]]]:
    """Where each key stands in a call, and the values given there; None: not seen from there."""
    found: dict[str, list[tuple[str, frozenset[str] | None]]] = {}
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not (argument := key_of(node)):
                continue
            names = [keyword.arg for keyword in node.keywords]
            values = None if None in names else frozenset(name for name in names if name)
            # An error or a notice is asked to say itself in a language.
            for key in set(literals(argument)) - set(LANGUAGES):
                found.setdefault(key, []).append((f"{path.name}:{node.lineno}", values))
    return found


def test_the_source_is_read() -> None:
    assert {"UsageError", "NoEdit", "ModelFailed", "Broken"} <= error_names()
    assert len(uses()) > len(catalog("en")) // 2


def test_every_language_has_the_same_keys() -> None:
    assert {language: set(catalog(language)) for language in LANGUAGES} == {
        language: set(catalog("en")) for language in LANGUAGES
    }


@pytest.mark.parametrize("key", catalog("en"))
def test_every_language_has_the_same_fields(key: str) -> None:
    found = [fields(catalog(language)[key]) for language in LANGUAGES]
    assert found == [found[0]] * len(LANGUAGES)


@pytest.mark.parametrize("key", catalog("en"))
def test_every_message_says_something(key: str) -> None:
    for language in LANGUAGES:
        message = catalog(language)[key]
        assert message.strip() == message != ""


def test_every_key_in_the_source_has_a_message() -> None:
    assert {key: places for key, places in uses().items() if key not in catalog("en")} == {}


def test_every_message_gets_its_values() -> None:
    missing = {
        (key, place): fields(catalog("en")[key]) - values
        for key, places in uses().items()
        if key in catalog("en")
        for place, values in places
        if values is not None and not fields(catalog("en")[key]) <= values
    }
    assert missing == {}


def test_every_message_is_used() -> None:
    # A key on its way to a call is told from other words by its hyphen.
    constants = {
        node.value
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "-" in node.value
    }
    assert set(catalog("en")) - set(uses()) - constants == set()


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("zh_CN.UTF-8", "zh-cn"),
        ("zh-Hans", "zh-cn"),
        ("ZH", "zh-cn"),
        ("en_US", "en"),
        ("de-DE", "en"),
        ("C.UTF-8", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_locale_tells_the_language(locale: str | None, language: Language) -> None:
    assert language_of(locale) == language


def test_a_message_takes_its_values_to_the_letter() -> None:
    assert say("en", "file-missing", path="{why}") == "{why}: no such file."


def test_a_notice_says_its_message() -> None:
    notice = Notice.of("warn-several-blocks", count=3)
    assert notice.say("en") == say("en", "warn-several-blocks", count=3)
    assert notice.say("zh-cn") == say("zh-cn", "warn-several-blocks", count=3)
    assert notice == Notice.of("warn-several-blocks", count=3)


def test_an_error_says_its_message_in_english_or_the_users_language() -> None:
    error = UsageError("file-missing", path="a.py")
    assert str(error) == error.say("en") == say("en", "file-missing", path="a.py")
    assert error.say("zh-cn") == say("zh-cn", "file-missing", path="a.py")
    assert (error.key, error.values) == ("file-missing", {"path": "a.py"})
    assert isinstance(error, SpyhopError)
    assert not isinstance(error, NoEdit)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_obeys_what_is_put_into_a_message(language: Language) -> None:
    why = "\x1b]0;title\x07no\nsuch \u202ething"
    told = say(language, "ollama-unreachable", url="http://x", why=why)
    assert "␛]0;title␇no␊such \ufffdthing" in told
