"""The commands as they are typed: what they print, where, and the status they end with."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from command import COMMAND, Result, run, start, terminal
from spyhop import __version__
from spyhop.core.lines import split_lines
from spyhop.models.scripted import PLAIN_TEMPLATE, Reply, Script, ScriptedOllama, record, reply

TEXT: Final = "def f(x):\n    return x\n\n\nprint(f(1))\n"
THOUGHT: Final = "It must add.\nOne.\n"
CODE: Final = "def f(x):\n    return x + 1\n"
OUTPUT: Final = f"{THOUGHT}</think>\n\n```python\n{CODE}```\n"
NEW: Final = TEXT.replace("return x\n", "return x + 1\n")
ASK: Final = ("edit", "x.py:1-2", "add one")
DIFF: Final = """\
--- a/x.py
+++ b/x.py
@@ -1,5 +1,5 @@
 def f(x):
-    return x
+    return x + 1
 
 
 print(f(1))
"""  # noqa: W293 - a diff marks an unchanged empty line by a space


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "x.py").write_text(TEXT, encoding="utf-8")
    return tmp_path


@contextmanager
def serving(*scripts: Script | Reply, **options: Any) -> Iterator[ScriptedOllama]:
    with ScriptedOllama(scripts or [reply(OUTPUT)], **options) as server:
        yield server


def asked(
    folder: Path,
    *arguments: str,
    scripts: Sequence[Script | Reply] = (),
    env: dict[str, str] | None = None,
    **options: Any,
) -> Result:
    """Run a command against a server with ``scripts``."""
    with serving(*scripts, **options) as server:
        return run(*arguments, cwd=folder, env={"SPYHOP_URL": server.url, **(env or {})})


def content(folder: Path) -> str:
    return (folder / "x.py").read_text(encoding="utf-8")


# What is printed and written


@pytest.mark.parametrize("arguments", [(), ("--diff",)])
def test_between_pipes_the_diff_is_printed_and_nothing_written(
    folder: Path, arguments: tuple[str, ...]
) -> None:
    found = asked(folder, *ASK, *arguments)
    assert found == Result(0, DIFF.encode(), "")
    assert content(folder) == TEXT


def test_write_takes_every_change_and_says_so_on_stderr(folder: Path) -> None:
    found = asked(folder, *ASK, "--write")
    assert found == Result(0, DIFF.encode(), "Written to x.py. Changes: 1.\n")
    assert content(folder) == NEW


def test_json_is_the_proposal_and_nothing_is_written(folder: Path) -> None:
    found = asked(folder, *ASK, "--json")
    assert (found.status, found.err) == (0, "")
    assert json.loads(found.out) == {
        "id": "1",
        "uri": (folder / "x.py").as_uri(),
        "version": None,
        "hunks": [
            {
                "id": "1",
                "range": {
                    "start": {"line": 1, "character": 0},
                    "end": {"line": 2, "character": 0},
                },
                "oldText": "    return x\n",
                "newText": "    return x + 1\n",
                "state": "pending",
            }
        ],
        "thinking": THOUGHT.strip(),
        "warnings": [],
        "cutOff": None,
        "syntaxErrors": [],
        "usage": {"promptTokens": 100, "cachedTokens": None, "answerTokens": 20},
    }
    assert content(folder) == TEXT


def test_json_is_utf8_whatever_the_streams_encoding_is(folder: Path) -> None:
    chinese = OUTPUT.replace("It must add.", "必须加一。")
    env = {"PYTHONIOENCODING": "ascii"}
    found = asked(folder, *ASK, "--json", scripts=[reply(chinese)], env=env)
    assert "必须加一。" in json.loads(found.out)["thinking"]
    assert "必须加一。".encode() in found.out


def test_json_holds_the_warnings(folder: Path) -> None:
    two = f"{OUTPUT}\nOr:\n\n```python\nprint(1)\n```\n"
    found = asked(folder, *ASK, "--json", scripts=[reply(two)])
    (warning,) = json.loads(found.out)["warnings"]
    assert warning == "The answer held 2 code blocks; the one that fits best was taken."
    assert found.err == f"{warning}\n"


def test_thoughts_are_shown_on_stderr_only_when_asked_for(folder: Path) -> None:
    found = asked(folder, *ASK, "--show-thinking")
    assert found.out.decode() == DIFF
    assert found.err.strip() == THOUGHT.strip()


def test_thoughts_in_a_field_of_their_own_are_shown_too(folder: Path) -> None:
    script = Script([f"```python\n{CODE}```"], ["It ", "must."])
    found = asked(
        folder, *ASK, "--show-thinking", "--write", scripts=[script], template=PLAIN_TEMPLATE
    )
    assert found.err == "It must.\nWritten to x.py. Changes: 1.\n"
    assert content(folder) == NEW


@pytest.mark.skipif(
    not shutil.which("patch") and not os.environ.get("CI"),
    reason="GNU patch is not installed: make tools",
)
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.py", TEXT),
        ("x.py", TEXT.rstrip("\n")),
        ("x.py", "def f(x):\n    return x"),
        ("x.py", TEXT.replace("\n", "\r\n")),
        ("a b.py", TEXT),
        ("sub/实现.py", "\ufeff" + TEXT),
    ],
)
@pytest.mark.parametrize("absolute", [False, True])
def test_the_diff_can_be_applied(tmp_path: Path, name: str, text: str, absolute: Any) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode())
    shown = str(path) if absolute else name
    found = asked(tmp_path, "edit", f"{shown}:1-2", "add one")
    assert found.status == 0
    patched = subprocess.run(
        ("patch", "--binary", "-p1"),  # noqa: S607 - wherever it is
        input=found.out,
        cwd="/" if absolute else tmp_path,
        capture_output=True,
        check=False,
    )
    assert patched.returncode == 0, patched.stdout
    assert path.read_bytes() == text.replace("return x", "return x + 1").encode()


@pytest.mark.skipif(not shutil.which("git"), reason="no git on this machine")
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_git_applies_the_diff(folder: Path, end: str) -> None:
    text = TEXT.replace("\n", end)
    (folder / "x.py").write_bytes(text.encode())
    found = asked(folder, "edit", "./x.py:1-2", "add one")
    subprocess.run(("git", "apply", "-"), input=found.out, cwd=folder, check=True)  # noqa: S607
    assert (folder / "x.py").read_bytes() == NEW.replace("\n", end).encode()


def test_a_reader_that_leaves_early_sees_no_traceback(folder: Path) -> None:
    text = "x = 0\n" * 20_000
    (folder / "x.py").write_text(text, encoding="utf-8")
    answer = "y = 0\n" * 200
    with serving(reply(f"</think>\n```python\n{answer}```\n")) as server:
        process = start("edit", "x.py:1-100", "y", "--url", server.url, cwd=folder)
        assert process.stdout
        process.stdout.close()
        _, err = process.communicate(timeout=60)
    assert err == b""


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_a_stream_that_is_closed_is_no_fault(folder: Path, closed: str) -> None:
    with serving() as server:
        line = f'exec "$@" {closed}'
        done = subprocess.run(  # noqa: S603 - our own command
            ("/bin/sh", "-c", line, "sh", *COMMAND, *ASK, "--write", "--url", server.url),
            cwd=folder,
            capture_output=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert (folder / "x.py").read_text() == NEW


# Other commands


def test_comment_asks_for_comments(folder: Path) -> None:
    commented = "# Gives x back.\n" + "".join(split_lines(TEXT)[:2])
    script = reply(f"</think>\n```python\n{commented}```\n")
    with serving(script) as server:
        found = run("comment", "x.py:1-2", "--write", "--url", server.url, cwd=folder)
        assert "annotating the file x.py" in server.generations[0].body["prompt"]
    assert found.status == 0
    assert content(folder) == "# Gives x back.\n" + TEXT


@pytest.mark.parametrize(
    ("shown", "command", "env"),
    [
        (("edit", "x.py:1-2", "加一"), ("edit", "x.py:1-2", "加一"), {}),
        (("edit", "x.py:2", "加一"), ("edit", "x.py:2", "加一"), {"PYTHONIOENCODING": "ascii"}),
        (("comment", "x.py:2"), ("comment", "x.py:2"), {"SPYHOP_LANGUAGE": "zh-cn"}),
        (("comment", "x.py"), ("comment", "x.py"), {"LC_ALL": "zh_CN.UTF-8"}),
        (("simplify", "x.py"), ("edit", "x.py", "--prompt", "simplify"), {}),
    ],
)
def test_prompt_prints_byte_for_byte_what_the_server_then_receives(
    folder: Path, shown: tuple[str, ...], command: tuple[str, ...], env: dict[str, str]
) -> None:
    with serving() as server:
        env = {**env, "SPYHOP_URL": server.url}
        printed = run("prompt", *shown, cwd=folder, env=env)
        assert not server.generations
        run(*command, cwd=folder, env=env)
        received = server.generations[0].body["prompt"]
    assert (printed.status, printed.err) == (0, "")
    assert printed.out == received.encode()


def test_a_path_and_an_argument_that_are_no_utf8_are_asked_and_shown_alike(folder: Path) -> None:
    (folder / "x.py").rename(folder / b"caf\xe9.py".decode(errors="surrogateescape"))
    with serving() as server:
        url = ("--url", server.url)
        printed = run("prompt", "edit", b"caf\xe9.py:1-2", b"add \xff", *url, cwd=folder)
        found = run("edit", b"caf\xe9.py:1-2", b"add \xff", *url, cwd=folder)
        received = server.generations[0].body["prompt"]
    assert printed.out == received.encode()
    assert found.status == 0
    assert found.out.startswith(b"--- a/caf\xe9.py\n")


def test_the_version_is_told() -> None:
    assert run("--version") == Result(0, f"spyhop {__version__}\n".encode(), "")


@pytest.mark.parametrize("command", [(), ("edit",), ("comment",), ("prompt",), ("demo",), ("lsp",)])
def test_help_names_what_there_is(command: tuple[str, ...]) -> None:
    found = run(*command, "--help")
    assert found.status == 0
    assert b"Usage: " in found.out
    assert found.err == ""


# Which settings hold


def test_the_projects_file_is_respected(folder: Path) -> None:
    with serving(models={"a": 1, "b": 2}, template=PLAIN_TEMPLATE) as server:
        text = f'url = "{server.url}"\nmodel = "b"\ntemperature = 0.5\n'
        (folder / "spyhop.toml").write_text(text, encoding="utf-8")
        assert run(*ASK, cwd=folder).status == 0
        body = server.generations[0].body
    assert (body["model"], body["options"]["temperature"]) == ("b", 0.5)


def test_an_option_goes_over_the_environment(folder: Path) -> None:
    with serving() as server, serving() as other:
        found = run(*ASK, "--url", server.url, cwd=folder, env={"SPYHOP_URL": other.url})
        assert found.status == 0
        assert len(server.generations) == 1
        assert not other.requests


def test_messages_are_chinese_where_the_locale_is(folder: Path) -> None:
    found = asked(folder, *ASK, "--write", env={"LC_ALL": "zh_CN.UTF-8"})
    assert found.err == "x.py：写入了 1 处改动。\n"
    missing = run("edit", "none.py", "x", env={"LC_ALL": "zh_CN.UTF-8"})
    assert missing == Result(2, b"", "none.py：没有这个文件。\n")


def test_the_language_set_goes_over_the_locales(folder: Path) -> None:
    found = asked(folder, *ASK, "--write", env={"SPYHOP_LANGUAGE": "zh-cn"})
    assert found.err == "x.py：写入了 1 处改动。\n"


# How it ends


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("", "answer is empty"),
        ("thinking still", "did not finish thinking"),
        ("hm\n</think>\n\nI cannot do that.", "answered without code. Nothing was changed"),
        (f"hm\n</think>\n\n```python\n{TEXT[:23]}```", "leave these lines as they are"),
        ("```python\nx\n```\n</think>\n\n", "code into its thoughts"),
        ("</think>\n```python\n# ... existing code ...\n```", "left lines out"),
    ],
)
def test_an_answer_of_no_use_ends_with_1(folder: Path, output: str, words: str) -> None:
    found = asked(folder, *ASK, "--write", scripts=[reply(output)])
    assert found.status == 1
    assert found.out == b""
    assert words in found.err
    assert content(folder) == TEXT


def test_an_answer_that_was_cut_off_ends_with_1(folder: Path) -> None:
    found = asked(folder, *ASK, "--write", scripts=[reply(OUTPUT[:-9], done_reason="length")])
    assert found.status == 1
    assert "context of 8192 tokens was full" in found.err
    assert content(folder) == TEXT


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("edit", "none.py", "x"), "none.py: no such file."),
        (("edit", "x.py:9", "x"), "has 5 lines"),
        (("edit", "x.py:2-1", "x"), "START not after END"),
        (("edit", "x.py"), "Say what to do"),
        (("edit", "x.py", "  "), "Say what to do"),
        (("edit", "x.py", "x", "--write", "--diff"), "Leave one out"),
        (("edit", "x.py", "x", "--write", "--json"), "Leave one out"),
        (("edit", "x.py", "x", "--prompt", "none"), "There is no prompt none. Known: "),
        (("prompt", "none", "x.py"), "There is no prompt none. Known: "),
        (("comment", "x.py:3-4"), "nothing to comment"),
        (("edit", "x.py", "x", "--url", "localhost:1"), '--url: url is "localhost:1": write '),
        (("edit", "x.py", "x", "--backend", "none"), "--backend"),
        (("nothing",), "nothing"),
        (("edit", "x.py", "x", "y", "z"), "z"),
    ],
)
def test_a_request_that_cannot_be_ends_with_2(
    folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    found = run(*arguments, cwd=folder)
    assert (found.status, found.out) == (2, b"")
    assert words in found.err
    assert content(folder) == TEXT


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("url = ", "spyhop.toml:1:7: "),
        ("colour = 1", "there is no setting colour"),
        ("temperature = 9", "temperature"),
        ('url = "http://far.example"', "may not set url"),
        ('backend = "embedded"', "may not set backend"),
        ("\xff", "not valid UTF-8"),
    ],
)
def test_a_settings_file_that_is_wrong_is_told_and_left_out(
    folder: Path, text: str, words: str
) -> None:
    (folder / "spyhop.toml").write_bytes(text.encode("latin-1"))
    found = asked(folder, *ASK, "--write")
    assert found.status == 0
    [told, _written] = found.err.splitlines()
    assert words in told
    assert "spyhop.toml" in told
    assert content(folder) != TEXT


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--url", "http://127.0.0.1:1"), "Ollama does not answer"),
        (("--url", "http://127.0.0.1:99999"), "Write it like"),
        (("--backend", "embedded"), "--model PATH.gguf"),
        (("--backend", "embedded", "--model", "none.gguf"), "no model file none.gguf"),
        (("--backend", "embedded", "--model", "./x.py"), "x.py is not a GGUF model file"),
    ],
)
def test_a_model_that_cannot_be_asked_ends_with_3(
    folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    found = run(*ASK, *arguments, cwd=folder)
    assert (found.status, found.out) == (3, b"")
    assert words in found.err


def test_a_model_that_breaks_off_ends_with_1(folder: Path) -> None:
    broken = Reply((record(response="x", done=False),), ending="abort")
    found = asked(folder, *ASK, "--write", scripts=[broken])
    assert (found.status, found.out) == (1, b"")
    assert "broke off" in found.err
    assert content(folder) == TEXT


@pytest.mark.parametrize("hold_after", [0, 2])
def test_an_interrupt_ends_with_130_and_the_model_stops(folder: Path, hold_after: int) -> None:
    with serving(reply(OUTPUT, hold_after=hold_after)) as server:
        process = start(*ASK, "--write", "--url", server.url, cwd=folder)
        server.wait_for("holding", 1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        server.wait_for("disconnects", 1)
    assert (process.returncode, out, err) == (130, b"", b"Stopped. Nothing was changed.\n")
    assert content(folder) == TEXT


def test_a_file_that_changed_while_the_model_thought_is_not_written(folder: Path) -> None:
    with serving(reply(OUTPUT, hold_after=2)) as server:
        process = start(*ASK, "--write", "--url", server.url, cwd=folder)
        server.wait_for("holding", 1)
        (folder / "x.py").write_text("other\n", encoding="utf-8")
        server.release()
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert b"was changed by another program" in err
    assert content(folder) == "other\n"


@pytest.mark.parametrize("flags", [("--diff",), ("--write",)])
def test_a_terminal_shows_the_diff_even_of_lines_that_are_no_utf8(
    folder: Path, flags: tuple[str, ...]
) -> None:
    (folder / "x.py").write_bytes(b"# caf\xe9\n" + TEXT.encode())
    with (
        serving() as server,
        terminal("edit", "x.py:2-3", "add one", "--url", server.url, *flags, cwd=folder) as screen,
    ):
        screen.expect(" # caf\ufffd\n")
        screen.expect("+    return x + 1\n")
        assert screen.end() == 0


def test_a_terminal_is_not_asked_with_diff_or_json(folder: Path) -> None:
    for flag in ("--diff", "--json"):
        with (
            serving() as server,
            terminal(*ASK, "--url", server.url, flag, cwd=folder) as screen,
        ):
            assert screen.end() == 0
            assert "Take this change?" not in screen.shown
    assert content(folder) == TEXT


@pytest.mark.parametrize("flags", [(), ("--show-thinking",)])
def test_enter_asks_for_the_answer_while_the_model_thinks(
    folder: Path, flags: Sequence[str]
) -> None:
    scripts = [reply("Let me think for hours.", hold_after=3), reply(f"{CODE}```\n")]
    with (
        ScriptedOllama(scripts) as server,
        terminal(*ASK, "--url", server.url, *flags, cwd=folder) as screen,
    ):
        screen.expect("(Enter: answer now)")
        server.wait_for("holding", 1)
        screen.type("\n")
        screen.expect("\n")
        server.release()
        screen.expect("Take this change?")
        screen.type("y\n")
        assert screen.end() == 0
        assert "as it was when you asked for it" in screen.shown
        assert len(server.generations) == 2
    assert content(folder) == NEW


CUT: Final = (
    "</think>\n```python\ndef f(x):\n    y = x + 1\n    return x\n\n\nprint(f(1))\nprint(f("
)


def test_write_takes_no_part_of_an_answer_that_was_cut_off(folder: Path) -> None:
    script = reply(CUT, done_reason="length")
    ask = ("edit", "x.py", "add one")
    with ScriptedOllama([script]) as server:
        done = run(*ask, "--url", server.url, "--write", cwd=folder)
        assert done.status == 1
        assert "--write writes no parts" in done.err
        assert content(folder) == TEXT
        shown = run(*ask, "--url", server.url, "--json", cwd=folder)
        assert shown.status == 0
        proposal = json.loads(shown.out)
        assert proposal["cutOff"] == "length"
        assert [hunk["newText"] for hunk in proposal["hunks"]] == ["    y = x + 1\n"]


EXPLAINED: Final = "hm\n</think>\n\nIt gives x back.\n\n- nothing else\n"


def test_ask_prints_the_answer_and_changes_nothing(folder: Path) -> None:
    with ScriptedOllama([reply(EXPLAINED)]) as server:
        found = run("ask", "x.py:1-2", "what is it?", "--url", server.url, cwd=folder)
        assert "Question: what is it?" in server.generations[0].body["prompt"]
    assert (found.status, found.err) == (0, "")
    assert found.out.decode() == "It gives x back.\n\n- nothing else\n"
    assert content(folder) == TEXT


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("ask", "x.py"), 2, "Say what you want to know"),
        (("ask", "x.py", "--prompt", "fix"), 2, "Use: spyhop edit FILE --prompt fix"),
        (("edit", "x.py", "--prompt", "explain"), 2, "Use: spyhop ask FILE --prompt explain"),
    ],
)
def test_a_question_is_no_edit(
    folder: Path, arguments: Sequence[str], status: int, words: str
) -> None:
    with ScriptedOllama([reply(EXPLAINED)]) as server:
        found = run(*arguments, "--url", server.url, cwd=folder)
        assert (found.status, server.generations) == (status, [])
    assert words in found.err


def test_an_answers_control_characters_do_not_reach_the_terminal(folder: Path) -> None:
    with (
        ScriptedOllama([reply("</think>\x1b[2Jgone\n")]) as server,
        terminal("ask", "x.py", "what?", "--url", server.url, cwd=folder) as screen,
    ):
        screen.expect("␛[2Jgone")
        assert screen.end() == 0
