"""``spyhop complete``: what is printed, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from command import COMMAND, Result, run, terminal
from spyhop.cli.files import read_caret
from spyhop.errors import UsageError
from spyhop.models.scripted import ScriptedOllama, reply

TEXT = "def area(r):\n    return \n"
CARET = "area.py:2:12"
ANSWER = reply("3.14 * r ** 2\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "area.py").write_text(TEXT, encoding="utf-8", newline="")
    return tmp_path


@contextmanager
def serving(*scripts: Any, **options: Any) -> Iterator[ScriptedOllama]:
    with ScriptedOllama(scripts or [ANSWER], **options) as server:
        yield server


def completed(folder: Path, *arguments: str, scripts: Any = (), **options: Any) -> Result:
    with serving(*scripts, **options) as server:
        return run("complete", *arguments, cwd=folder, env={"SPYHOP_URL": server.url})


def test_the_completion_is_printed_and_nothing_else(folder: Path) -> None:
    assert completed(folder, CARET) == Result(0, b"3.14 * r ** 2", "")
    assert (folder / "area.py").read_bytes() == TEXT.encode()


def test_line_ends_are_the_files(folder: Path) -> None:
    (folder / "area.py").write_bytes(b"def area(r):\r\n")
    found = completed(folder, "area.py:2:1", scripts=[reply("    x = r\n    return x\n")])
    assert found.out == b"    x = r\r\n    return x"


def test_columns_count_characters(folder: Path) -> None:
    (folder / "a.py").write_text("名 = '😀' + \n", encoding="utf-8")
    with serving(reply("'x'\n")) as server:
        env = {"SPYHOP_URL": server.url}
        found = run("complete", "a.py:1:11", "--json", cwd=folder, env=env)
        assert server.generations[0].body["prompt"].endswith("名 = '😀' +")
    told = json.loads(found.out)
    at = {"line": 0, "character": 11}
    assert (told["text"], told["range"]) == ("'x'", {"start": at, "end": at})


def test_json_tells_what_it_cost(folder: Path) -> None:
    told = json.loads(completed(folder, CARET, "--json", scripts=[reply("3.14 * r")]).out)
    assert told.pop("seconds") >= 0
    assert told == {
        "text": "3.14 * r",
        "range": {
            "start": {"line": 1, "character": 11},
            "end": {"line": 1, "character": 11},
        },
        "ending": "stop",
        "model": "deepseek-r1:7b",
        "usage": {"promptTokens": 100, "cachedTokens": None, "answerTokens": 20},
    }


def test_the_text_may_come_unsaved(folder: Path) -> None:
    with serving(reply("1\n")) as server:
        done = subprocess.run(  # noqa: S603 - our own command
            (*COMMAND, "complete", "new.py:1:5", "--stdin"),
            input=b"x = ",
            capture_output=True,
            check=False,
            cwd=folder,
            env={**os.environ, "SPYHOP_URL": server.url},
        )
        assert "in the file new.py" in server.generations[0].body["prompt"]
    assert (done.returncode, done.stdout, done.stderr) == (0, b"1", b"")


def test_the_prompt_is_printed_byte_for_byte(folder: Path) -> None:
    with serving() as server:
        env = {"SPYHOP_URL": server.url}
        printed = run("prompt", "complete", CARET, cwd=folder, env=env)
        assert not server.generations
        run("complete", CARET, cwd=folder, env=env)
        received = server.generations[0].body["prompt"]
    assert (printed.status, printed.err) == (0, "")
    assert printed.out == received.encode()


def test_it_is_asked_for_so_a_comment_is_completed_too(folder: Path) -> None:
    (folder / "a.py").write_text("x = 1  # the num\n", encoding="utf-8")
    assert completed(folder, "a.py:1:17", scripts=[reply("ber\n")]).out == b"ber"


@pytest.mark.parametrize(
    ("output", "options", "words"),
    [
        ("\n```", {}, "nothing to put in at area.py, line 2"),
        ("f('a", {"done_reason": "length"}, "reached a limit"),
    ],
)
def test_where_there_is_nothing_it_says_why_and_ends_with_1(
    folder: Path, output: str, options: dict[str, Any], words: str
) -> None:
    found = completed(folder, CARET, scripts=[reply(output, **options)])
    assert (found.status, found.out) == (1, b"")
    assert words in found.err
    as_json = completed(folder, CARET, "--json", scripts=[reply(output, **options)])
    assert (as_json.status, json.loads(as_json.out)["text"]) == (1, None)


@pytest.mark.parametrize(
    ("caret", "words"),
    [
        ("area.py", "expected FILE:LINE:COLUMN"),
        ("area.py:2", "expected FILE:LINE:COLUMN"),
        ("area.py:0:1", "has 3 lines"),
        ("area.py:4:1", "has 3 lines"),
        ("area.py:2:13", "column 1 to 12; column 13"),
        ("area.py:2:0", "column 1 to 12; column 0"),
        ("none.py:1:1", "no such file"),
    ],
)
def test_a_place_that_is_none_ends_with_2(folder: Path, caret: str, words: str) -> None:
    found = completed(folder, caret)
    assert (found.status, found.out) == (2, b"")
    assert words in found.err


def test_a_model_that_cannot_complete_ends_with_3(folder: Path) -> None:
    found = completed(folder, CARET, models={"qwen3:4b": 1}, template="x")
    assert found.status == 3
    found = completed(folder, CARET, "--model", "qwen3:4b", models={"qwen3:4b": 1}, template="x")
    assert found.status == 3
    assert "cannot complete at the cursor" in found.err


def test_in_a_terminal_what_it_would_obey_is_visible(folder: Path) -> None:
    with (
        serving(reply("'\x1b[2J'\n")) as server,
        terminal("complete", CARET, cwd=folder, env={"SPYHOP_URL": server.url}) as shell,
    ):
        shell.expect("'␛[2J'")
        assert shell.end() == 0


def test_carets_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a:1.py"
    path.write_text("ab\ncd", encoding="utf-8")
    assert [read_caret(f"{path}:{at}").offset for at in ("1:1", "1:3", "2:1", "2:3")] == [
        0,
        2,
        3,
        5,
    ]
    with pytest.raises(UsageError):
        read_caret(f"{path}:1:4")
    assert read_caret("new.py:1:2", b"\xef\xbb\xbfab").offset == 1
    with pytest.raises(UsageError):
        read_caret("new.py:1:1", b"\0")
