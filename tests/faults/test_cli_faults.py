"""What bad input gets from the real command: a clear error, or the right result."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any, Final

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from command import Result, run
from spyhop.cli.app import _reported
from spyhop.cli.console import Screen
from spyhop.errors import NoEdit, SettingsError, SpyhopError, UsageError
from spyhop.messages import LANGUAGES, catalog
from spyhop.models.errors import ModelUnavailable
from spyhop.models.scripted import Recorded, Reply, Script, ScriptedOllama, record, reply

TEXT: Final = b"def f(x):\n\treturn x\n\n\nprint(f(1))\n"
ANSWER: Final = "hm\n</think>\n\n```python\ndef f(x):\n\treturn x + 1\n```\n"
UNFINISHED: Final = ANSWER[:-6]
PAGE: Final = b"<!DOCTYPE html>\n<html><body>Sign in to the proxy</body></html>"
LINE: Final = record(response="hm\n", done=False)
JSON: Final = "application/json"


class Proxied(ScriptedOllama):
    """A web page at every address."""

    def _facts(self, request: Recorded) -> Reply:
        del request
        return Reply((PAGE,), content_type="text/html")


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and the words that the user must find in the one message."""

    words: Sequence[str]
    status: int
    scripts: Sequence[Script | Reply] = (reply(ANSWER),)
    server: Callable[..., ScriptedOllama] = ScriptedOllama
    options: dict[str, Any] = field(default_factory=dict)
    arguments: Sequence[str] = ()
    target: str = "x.py:1-2"
    language: str = "C.UTF-8"


UNCHANGED: Final = "Nothing was changed"

FAULTS: Final = {
    "no-r1": Fault(
        ["no DeepSeek-R1", "Installed: -.", "spyhop pull deepseek-r1:7b"],
        3,
        options={"models": {}},
    ),
    "model-missing": Fault(
        ["has no model qwen3.", "Installed: deepseek-r1:7b", "spyhop pull qwen3"],
        3,
        arguments=["--model", "qwen3"],
    ),
    "model-gone": Fault(
        ["has no model deepseek-r1:7b", "spyhop pull deepseek-r1:7b"],
        3,
        [Reply((b'{"error":"model \'deepseek-r1:7b\' not found"}',), 404, JSON)],
    ),
    "context-too-long": Fault(
        ["8192 tokens", "Select fewer lines", "context_tokens"],
        1,
        [Reply((b'{"error":"the input length exceeds the context length"}',), 400, JSON)],
    ),
    "busy": Fault(
        ["is busy", "OLLAMA_MAX_QUEUE"],
        3,
        # One that wants a longer break than is waited for.
        [
            Reply(
                (b'{"error":"server busy, please try again."}',),
                503,
                JSON,
                headers=(("Retry-After", "60"),),
            )
        ],
    ),
    "refused": Fault(
        ["refused the request: llama runner process has terminated"],
        1,
        [Reply((b'{"error":"llama runner process has terminated"}',), 500, JSON)],
    ),
    "aborted": Fault(["broke off", UNCHANGED], 1, [Reply((LINE,), ending="abort")]),
    "closed": Fault(["broke off", UNCHANGED], 1, [Reply((LINE,), ending="close")]),
    "closed-at-once": Fault(
        ["asking again in", "ended the connection before it answered", UNCHANGED],
        1,
        [Reply((), ending="close")],
    ),
    "error-in-mid-stream": Fault(
        ["in the middle of the answer: CUDA error", UNCHANGED],
        1,
        [reply(UNFINISHED, error="CUDA error")],
    ),
    "no-done": Fault(
        ["without saying that it was done", UNCHANGED], 1, [reply(UNFINISHED, done_reason=None)]
    ),
    "garbage": Fault(["garbage", UNCHANGED], 1, [Reply((LINE, b"garbage\n"))]),
    "page-for-answer": Fault(
        ["not as Ollama does", "<!DOCTYPE html>", "HTTP_PROXY"],
        3,
        [Reply((PAGE,), content_type="text/html")],
    ),
    "page-for-all": Fault(
        ["not as Ollama does", "Sign in to the proxy", "HTTP_PROXY"], 3, server=Proxied
    ),
    "chinese": Fault(
        ["没有 DeepSeek-R1", "spyhop pull"],
        3,
        options={"models": {}},
        language="zh_CN.UTF-8",
    ),
    "cut-off": Fault(
        ["context of 8192 tokens was full", UNCHANGED], 1, [reply(UNFINISHED, done_reason="length")]
    ),
    "empty-answer": Fault(["answer is empty", UNCHANGED], 1, [reply("hm\n</think>\n\n")]),
    "unclosed": Fault(["did not finish thinking", UNCHANGED], 1, [reply("hm, hm")]),
    "prose": Fault(["without code", "I cannot", UNCHANGED], 1, [reply("</think>\nI cannot.")]),
    "beyond-the-end": Fault(["has 5 lines", "lines 9 to 9"], 2, target="x.py:9"),
    "line-zero": Fault(["line numbers from 1"], 2, target="x.py:0"),
    "backwards": Fault(["START not after END"], 2, target="x.py:2-1"),
    "missing-file": Fault(["none.py: no such file"], 2, target="none.py:1"),
    "folder": Fault(["is a folder", "Name a file"], 2, target="folder"),
    "through-a-file": Fault(["cannot be read", "Not a directory"], 2, target="x.py/y.py"),
    "name-too-long": Fault(["cannot be read", "too long"], 2, target="x" * 300),
    "pipe": Fault(["pipe or a device"], 2, target="pipe"),
    "binary": Fault(["no text file"], 2, target="binary"),
    "gbk": Fault(["gbk.py, line 1", "not valid UTF-8", "iconv"], 2, target="gbk.py:1-2"),
    "empty-target": Fault(["FILE:START-END"], 2, target=""),
    "blank-lines": Fault(["nothing to comment"], 2, target="x.py:3-4"),
    "whole-long-file": Fault(
        ["50000 lines", "model's context is 8192", "Select fewer lines"], 2, target="long.py"
    ),
}


@pytest.mark.parametrize("kind", [SpyhopError, UsageError, SettingsError, NoEdit, ModelUnavailable])
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_error_is_one_line_and_a_status(
    kind: type[SpyhopError], data: st.DataObject, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever was put into its message, and in either language."""
    language = data.draw(st.sampled_from(LANGUAGES))
    key = data.draw(st.sampled_from(sorted(catalog(language))))
    names = {name for _, name, _, _ in Formatter().parse(catalog(language)[key]) if name}
    values = data.draw(st.fixed_dictionaries({name: st.text() for name in names}))
    with pytest.raises(typer.Exit) as caught, _reported(Screen(language)):
        raise kind(key, **values)
    captured = capfd.readouterr()
    assert caught.value.exit_code == STATUSES[kind]
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.endswith("\n")


STATUSES: Final = {
    SpyhopError: 1,
    UsageError: 2,
    SettingsError: 2,
    NoEdit: 1,
    ModelUnavailable: 3,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "x.py").write_bytes(TEXT)
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary").write_bytes(b"\x7fELF\0\0")
    (tmp_path / "gbk.py").write_bytes("# 注释\nx = 1\n".encode("gbk"))
    (tmp_path / "long.py").write_bytes(b"x = 1\n" * 50_000)
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


def bytes_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def one_message(found: Result) -> bool:
    """Tell whether all that was said is one message of a line or two, and no traceback."""
    return (
        found.out == b""
        and 1 <= len(found.err.splitlines()) <= 2
        and found.err.endswith("\n")
        and "Traceback" not in found.err
        and "Error" not in found.err
    )


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_clear_message_and_every_file_stays(folder: Path, name: str) -> None:
    fault = FAULTS[name]
    before = bytes_in(folder)
    command = ["comment", fault.target] if name == "blank-lines" else ["edit", fault.target, "x"]
    with fault.server(fault.scripts, **fault.options) as server:
        env = {"SPYHOP_URL": server.url, "LC_ALL": fault.language}
        found = run(*command, "--write", *fault.arguments, cwd=folder, env=env)
    assert found.status == fault.status, found.err
    assert one_message(found), found.err
    for words in fault.words:
        assert words in found.err
    assert bytes_in(folder) == before


def test_ollama_not_running_says_how_to_start_it(folder: Path) -> None:
    before = bytes_in(folder)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        found = run("edit", "x.py:1-2", "x", "--write", "--url", url, cwd=folder)
    assert found.status == 3
    assert one_message(found)
    assert f"Ollama does not answer at {url}" in found.err
    assert "ollama serve" in found.err
    assert bytes_in(folder) == before


def written(folder: Path, name: str, lines: str, answer: str = ANSWER) -> bytes:
    """Edit lines of a file and return what it then holds."""
    with ScriptedOllama([reply(answer)]) as server:
        found = run("edit", f"{name}{lines}", "x", "--write", "--url", server.url, cwd=folder)
    assert found.status == 0, found.err
    assert found.err == f"Written to {name}. Changes: 1.\n"
    return (folder / name).read_bytes()


@pytest.mark.parametrize(
    "data",
    [
        TEXT,
        TEXT.replace(b"\n", b"\r\n"),
        TEXT.replace(b"\n", b"\r"),
        TEXT.rstrip(b"\n"),
        TEXT.rstrip(b"\n").replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + TEXT,
        b"\xef\xbb\xbf" + TEXT.replace(b"\n", b"\r\n"),
        TEXT + "# 注释\n".encode("gbk"),
        TEXT + b"\xff\xfe\xed\xa0\x80",
        TEXT + "s = '\u2028\u0085\f<think>```'\n".encode(),
        TEXT + b"x = 1\n" * 49_995,
        b"\ndef f(x):\n\treturn x\n"[1:],
        b"def f(x):\n\treturn x",
    ],
    ids=[
        "plain",
        "crlf",
        "cr",
        "no-final-newline",
        "crlf-no-final-newline",
        "bom",
        "bom-crlf",
        "gbk-outside",
        "invalid-outside",
        "odd-characters-outside",
        "50000-lines",
        "nothing-else",
        "nothing-else-no-final-newline",
    ],
)
def test_only_the_line_that_changes_does_and_every_other_byte_stays(
    tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "x.py").write_bytes(data)
    assert written(tmp_path, "x.py", ":1-2") == data.replace(b"return x", b"return x + 1", 1)


def test_in_the_middle_of_50000_lines_one_changes(tmp_path: Path) -> None:
    data = b"".join(b"x%d = 1\n" % number for number in range(50_000))
    (tmp_path / "x.py").write_bytes(data)
    answer = "</think>\n```python\nx24999 = 2\n```"
    expected = data.replace(b"x24999 = 1", b"x24999 = 2")
    assert written(tmp_path, "x.py", ":25000", answer) == expected


def test_an_empty_file_is_filled(tmp_path: Path) -> None:
    (tmp_path / "x.py").touch()
    filled = written(tmp_path, "x.py", "", "</think>\n```python\nx = 1\n```\n")
    assert filled.rstrip() == b"x = 1"


def test_an_answer_with_spaces_for_tabs_keeps_the_files_tabs(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_bytes(TEXT)
    answer = ANSWER.replace("\t", "    ")
    expected = TEXT.replace(b"return x", b"return x + 1", 1)
    assert written(tmp_path, "x.py", ":1-2", answer) == expected
