from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import environ
from pathlib import Path

import pytest

from command import COMMAND, SECONDS, Result, Terminal, run, terminal
from spyhop.cli.chat import opening_of
from spyhop.errors import UsageError
from spyhop.messages import say
from spyhop.models.scripted import Reply, Script, ScriptedOllama, reply, tokens_of

TEXT = "def f(x):\n    return x\n\n\nprint(f(1))\n"
ANSWER = reply("It must add.\n</think>\n\nIt adds.")
CODE = reply("Hm.\n</think>\n\nSo:\n\n```python\ndef f(x):\n    return x + 1\n```\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "x.py").write_text(TEXT, encoding="utf-8")
    return tmp_path


def asked(
    folder: Path, *arguments: str, scripts: Sequence[Script | Reply] = (ANSWER,), piped: bytes = b""
) -> tuple[Result, list[str]]:
    """Run ``spyhop chat`` between pipes; the prompts that it sent come along."""
    with ScriptedOllama(scripts) as server:
        done = subprocess.run(  # noqa: S603 - our own command
            (*COMMAND, "chat", *arguments),
            input=piped,
            capture_output=True,
            check=False,
            cwd=folder,
            env={**environ, "SPYHOP_URL": server.url},
            timeout=SECONDS,
        )
        prompts = [it.body["prompt"] for it in server.generations]
        return Result(done.returncode, done.stdout, done.stderr.decode()), prompts


@contextmanager
def talking(
    folder: Path, *arguments: str, scripts: Sequence[Script | Reply]
) -> Iterator[tuple[Terminal, ScriptedOllama]]:
    with (
        ScriptedOllama(scripts) as server,
        terminal("chat", *arguments, cwd=folder, env={"SPYHOP_URL": server.url}) as screen,
    ):
        yield screen, server


def test_between_pipes_the_answer_is_printed_without_its_thought(folder: Path) -> None:
    found, [prompt] = asked(folder, "x.py:1-2", "What does it do?")
    assert found == Result(0, b"It adds.\n", "")
    assert "Lines 1 to 2 of x.py:\n```python\ndef f(x):\n    return x\n```" in prompt
    assert "What does it do?" in prompt


def test_a_file_without_lines_is_shown_whole(folder: Path) -> None:
    _, [prompt] = asked(folder, "x.py", "Why?")
    assert f"The file x.py:\n```python\n{TEXT}```" in prompt


def test_what_is_piped_in_is_shown_below_the_message_or_is_it(folder: Path) -> None:
    found, [prompt] = asked(folder, "Why?", piped="```\n错误\n".encode())
    assert found.status == 0
    assert "Why?\n\n````\n```\n错误\n````" in prompt
    found, [prompt] = asked(folder, piped=b"Why is it so?")
    assert prompt.startswith("<｜User｜>Why is it so?")


def test_a_prompt_by_name(folder: Path) -> None:
    found, [prompt] = asked(folder, "x.py", "--prompt", "explain")
    assert found.status == 0
    assert "What do the selected lines do" in prompt


def test_a_chat_goes_on_and_is_listed(folder: Path) -> None:
    assert run("chat", "--list").err == say("en", "chat-none") + "\n"
    asked(folder, "First?")
    found, [prompt] = asked(folder, "--continue", "Second?")
    assert found.status == 0
    assert prompt.index("First?") < prompt.index("It adds.") < prompt.index("Second?")
    listed = run("chat", "--list")
    assert listed.out.decode().endswith("  First?\n")
    assert listed.out.count(b"\n") == 1


@pytest.mark.parametrize(
    ("arguments", "piped", "says"),
    [
        ((), b"", "Say what you want to know"),
        (("no.py", "Why?"), b"", "no.py: no such file."),
        (("x.py:90", "Why?"), b"", "x.py has 5 lines"),
        (("nothing.py",), b"", "nothing.py: no such file."),
        (("Why?", "--prompt", "moon"), b"", "There is no prompt moon."),
        (("Why?",), b"\xff\xfe", "not valid UTF-8"),
    ],
)
def test_what_cannot_be_is_said(
    folder: Path, arguments: tuple[str, ...], piped: bytes, says: str
) -> None:
    found, prompts = asked(folder, *arguments, piped=piped)
    assert found.status == 2
    assert says in found.err
    assert "Traceback" not in found.err
    assert prompts == []


def test_no_answer_is_a_failure(folder: Path) -> None:
    found, _ = asked(folder, "Why?", scripts=[reply("Hm.\n</think>\n")])
    assert (found.status, found.out) == (1, b"")
    assert found.err == say("en", "chat-empty") + "\n"


def test_a_follow_up_a_preset_and_the_end_at_a_terminal(folder: Path) -> None:
    with talking(folder, "x.py", "First?", scripts=[ANSWER] * 3) as (screen, server):
        screen.expect("It adds.")
        screen.expect("> ")
        screen.type("Second?\n")
        screen.expect("It adds.")
        screen.expect("> ")
        screen.type("/explain\n")
        screen.expect("It adds.")
        screen.expect("> ")
        screen.type("/moon\n")
        screen.expect("/apply [N]")
        screen.expect("> ")
        screen.type("\x04")
        assert screen.end() == 0
        prompts = [it.body["prompt"] for it in server.generations]
    assert [prompt.count("<｜User｜>") for prompt in prompts] == [1, 2, 3]


def test_a_code_block_is_applied_hunk_by_hunk(folder: Path) -> None:
    with talking(folder, "x.py", "Add one.", scripts=[CODE]) as (screen, _):
        screen.expect("return x + 1")
        screen.expect("> ")
        screen.type("/apply\n")
        screen.expect("+    return x + 1")
        screen.expect("[y,n,a,d,q,?]")
        screen.type("y\n")
        screen.expect("Written to x.py. Changes: 1.")
        screen.expect("> ")
        screen.type("/apply 7\n")
        screen.expect("no code block number 7")
        screen.expect("> ")
        screen.type("\x04")
        assert screen.end() == 0
    assert (folder / "x.py").read_text(encoding="utf-8") == TEXT.replace("return x", "return x + 1")


def test_ctrl_c_stops_the_answer_and_the_chat_goes_on(folder: Path) -> None:
    output = "Hm.\n</think>\n\nIt adds"
    held = reply(output, hold_after=len(tokens_of(output)))
    with talking(folder, "First?", scripts=[held, ANSWER]) as (screen, server):
        screen.expect("It adds")
        screen.process.send_signal(signal.SIGINT)
        screen.expect(say("en", "chat-stopped"))
        screen.expect("> ")
        screen.type("Second?\n")
        screen.expect("It adds.")
        screen.expect("> ")
        screen.type("\x04")
        assert screen.end() == 0
        assert "It adds<｜end▁of▁sentence｜>" in server.generations[1].body["prompt"]


def test_the_key_that_ends_the_thought_is_shown_while_there_is_one(folder: Path) -> None:
    thought = "Hm. " * 3
    held = reply(thought, hold_after=len(tokens_of(thought)))
    with talking(folder, "First?", scripts=[held, ANSWER]) as (screen, _):
        screen.expect("(Enter: answer now)")
        screen.process.send_signal(signal.SIGINT)
        screen.expect(say("en", "chat-stopped"))
        screen.expect("> ")
        screen.type("\x04")
        assert screen.end() == 0


@pytest.mark.parametrize(
    ("words", "files", "message"),
    [
        (["x.py", "Why?"], ["x.py"], "Why?"),
        (["x.py:1-2", "x.py", "Why is x.py slow?"], ["x.py", "x.py"], "Why is x.py slow?"),
        (["x.py"], ["x.py"], ""),
        (["Why?"], [], "Why?"),
        ([], [], ""),
    ],
)
def test_the_last_argument_is_the_message_if_it_names_no_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], files: list[str], message: str
) -> None:
    monkeypatch.chdir(folder)
    targets, said = opening_of(words, "")
    assert ([target.file.shown for target in targets], said) == (files, message)


def test_a_word_before_the_last_is_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(UsageError) as refused:
        opening_of(["Why", "so?"], "")
    assert refused.value.key == "file-missing"
