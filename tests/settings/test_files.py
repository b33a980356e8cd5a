from __future__ import annotations

from pathlib import Path

import pytest

from configured import fault_in, project, resolved_in, settings_in, write
from spyhop.settings import FILE_NAME, Settings, stamp
from spyhop.settings.files import user_file


@pytest.mark.parametrize("whose", ["user", "project"])
@pytest.mark.parametrize(
    ("text", "place", "key"),
    [
        ("model = \n", ":1:9", "settings-syntax-value"),
        ("top_p = 1\nmodel = deepseek-r1:7b", ":2:9", "settings-syntax-value"),
        ('model "a"', ":1:7", "settings-syntax-equals"),
        ("\n[model", ":2:7", "settings-syntax"),
        ("= 1", ":1:1", "settings-syntax"),
        ("a = [1\n", ":2:1", "settings-syntax"),
        ('\nmodel = "C:\\models\\x.gguf"', ":2:14", "settings-syntax-backslash"),
        ('model = "C:\\users\\x.gguf"', ":1:14", "settings-syntax-backslash"),
        ('model = "a', ":1:11", "settings-syntax-quote"),
        ('model = "a\ntop_p = 1', ":1:11", "settings-syntax-quote"),
        ("model = 'a\ntop_p = 1", ":2:10", "settings-syntax-quote"),
        ("top_p = 1\ntop_p = 1\n", ":2:10", "settings-syntax-twice"),
        ("[edit]\n[edit]", ":2:6", "settings-syntax-twice"),
        ("edit = 1\n[edit]", ":2:6", "settings-syntax-twice"),
        ("edit = {}\nedit.repair = 1\n", ":2:16", "settings-syntax-twice"),
        ("a = " + "9" * 9000, ":1:9005", "settings-syntax"),
        ("a = " + "[" * 9000, ":1:9005", "settings-syntax"),
    ],
)
def test_a_file_that_is_no_toml_is_named_with_the_line_and_what_to_do(
    tmp_path: Path, whose: str, text: str, place: str, key: str
) -> None:
    path = write(user_file() if whose == "user" else tmp_path / FILE_NAME, text)
    error = fault_in(tmp_path)
    assert (error.values["place"], error.key) == (f"{path}{place}", key)
    assert "nothing of this file counts" in str(error)
    assert "\n" not in str(error)


def test_a_file_that_is_no_toml_spoils_no_other(tmp_path: Path) -> None:
    write(user_file(), "top_p = 0.5")
    project(tmp_path, "model = ")
    settings = resolved_in(tmp_path, SPYHOP_MODEL="a").settings
    assert settings == Settings(top_p=0.5, model="a")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b'top_p = 1\nmodel = "\xff"')
    assert str(fault_in(tmp_path)).startswith(f"{path}:2: this is not valid UTF-8, so nothing")
    path.unlink()
    path.mkdir()
    error = fault_in(tmp_path)
    assert error.key == "settings-unreadable"
    assert str(path) in str(error)


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_may_come_from_any_editor(tmp_path: Path, start: str, end: str) -> None:
    write(user_file(), f'{start}model = "a"{end}top_p = 0.5{end}')
    assert settings_in(tmp_path) == Settings(model="a", top_p=0.5)


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('\n\nmodle = "a"', 3, "modle"),
        ("[thinking]\n# 2\nmax_tokens = 0", 3, "thinking.max_tokens"),
        ('edit = { repair =\n"twice" }', None, None),
        ('edit.repair = "twice"', 1, "edit.repair"),
        ('[endpoints.gpu]\nurl = "http://a"\n"kye" = "x"', 3, "endpoints.gpu.kye"),
        ('endpoints = { gpu = { url = "b" } }', 1, "endpoints.gpu.url"),
        ('[headers]\nX = "y"\n"X Y" = "z"', 3, "headers.X Y"),
        ("\n[chat]\nthinking = -1", 3, "chat.thinking.max_tokens"),
        ('trusted_folders = [\n  "~/a",\n  "b",\n]', 1, "trusted_folders"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    tmp_path: Path, text: str, line: int | None, key: str | None
) -> None:
    path = write(user_file(), text)
    error = fault_in(tmp_path)
    if line is None:
        assert error.key == "settings-syntax-value"
    else:
        assert (error.values["place"], error.values["key"]) == (f"{path}:{line}", key)


def test_the_users_folder_has_one_file_of_settings(tmp_path: Path) -> None:
    write(user_file(), 'url = "https://gpu.example"')
    assert settings_in(user_file().parent).url == "https://gpu.example"
    assert settings_in(tmp_path).url == "https://gpu.example"


def test_the_stamp_differs_once_a_file_comes_changes_or_goes(tmp_path: Path) -> None:
    stamps = [stamp(tmp_path)]
    write(user_file(), "")
    stamps.append(stamp(tmp_path))
    path = project(tmp_path, "")
    stamps.append(stamp(tmp_path))
    path.write_text("top_p = 1", encoding="utf-8")
    stamps.append(stamp(tmp_path))
    user_file().unlink()
    stamps.append(stamp(tmp_path))
    assert len(set(stamps)) == len(stamps)
    assert stamp(tmp_path) == stamps[-1]
