"""`spyhop doctor` as a command: in a pipe, in a terminal, as JSON."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from command import run, terminal
from doctoring import answers
from spyhop.assist.doctor.checks import NAMES, STATES
from spyhop.models.scripted import ScriptedOllama, reply

HEALTHY_LINES = (
    "ok       Ollama 0.30.0 is new enough.",
    "ok       The model deepseek-r1:7b is there: 7.6B, Q4_K_M, 4.7 GB.",
    "ok       The prompt cache works: what was read before is not read again.",
)


def nobody() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def test_all_well_is_status_0_and_plain_text_in_a_pipe(tmp_path: Path) -> None:
    with ScriptedOllama(answers()) as server:
        found = run("doctor", "--url", server.url, cwd=tmp_path)
    out = found.out.decode()
    assert (found.status, found.err) == (0, "")
    assert all(f"  {line}\n" in out for line in HEALTHY_LINES)
    assert out.endswith("\n\nAll is well.\n")
    assert "\x1b" not in out
    assert not set("✓✗–") & set(out)


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        ({"models": {"llama3.2:3b": 1}}, 3, "spyhop pull deepseek-r1:7b"),
        ({"version": "0.11.4"}, 3, "is too old"),
        ({"context_length": 4096}, 0, "context_tokens = 4096"),
    ],
)
def test_the_status_says_whether_it_can_be_used(
    tmp_path: Path, options: dict[str, Any], status: int, said: str
) -> None:
    with ScriptedOllama(answers(), **options) as server:
        found = run("doctor", "--quick", "--url", server.url, cwd=tmp_path)
    assert found.status == status, found.out
    assert said in found.out.decode()
    assert found.err == ""


def test_nobody_there_is_status_3(tmp_path: Path) -> None:
    found = run("doctor", "--url", nobody(), cwd=tmp_path)
    assert found.status == 3
    assert "Start it: `ollama serve`" in found.out.decode()


def test_a_wrong_setting_is_status_2_and_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "spyhop.toml").write_text("\ncontxt_tokens = 8192\n")
    with ScriptedOllama(answers()) as server:
        found = run("doctor", "--quick", "--url", server.url, cwd=tmp_path)
    out = found.out.decode()
    assert found.status == 2
    assert "failed" in out
    assert "spyhop.toml" in out
    assert "contxt_tokens" in out
    assert "is there" in out


def test_a_wrong_option_stops_it(tmp_path: Path) -> None:
    found = run("doctor", "--url", "ftp://x", cwd=tmp_path)
    assert found.status == 2
    assert "--url" in found.err
    assert found.out == b""


def test_json_is_one_object_with_stable_names(tmp_path: Path) -> None:
    with ScriptedOllama(answers()) as server:
        found = run("doctor", "--json", "--url", server.url, cwd=tmp_path)
    assert found.status == 0, found.err
    data = json.loads(found.out)
    assert {"version", "python", "platform", "outcome", "summary", "settings"} <= set(data)
    assert [check["name"] for check in data["checks"]] == list(NAMES)
    assert data["settings"]["url"] == server.url
    assert all(check["state"] in STATES and check["message"] for check in data["checks"])
    answer = next(check for check in data["checks"] if check["name"] == "answer")
    assert answer["facts"]["tokens_per_second"] > 0
    assert (answer["endpoint"], answer["roles"]) == ("default", ["edit", "chat", "complete"])


def test_json_of_what_fails_has_the_status_too(tmp_path: Path) -> None:
    found = run("doctor", "--json", "--url", nobody(), cwd=tmp_path)
    assert found.status == 3
    data = json.loads(found.out)
    assert data["outcome"] == "unusable"
    (check,) = (it for it in data["checks"] if it["state"] == "failed")
    assert check["facts"]["error"] == "ollama-unreachable"
    assert check["mend"]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_terminal_of_any_width_shows_signs_and_whole_lines(tmp_path: Path, width: int) -> None:
    with (
        ScriptedOllama(answers(), version="0.11.4") as server,
        terminal("doctor", "--url", server.url, cwd=tmp_path, env={"COLUMNS": str(width)}) as shown,
    ):
        status = shown.end()
    assert status == 3
    lines = shown.shown.splitlines()
    assert max(map(len, lines)) <= width
    text = " ".join(shown.shown.split())
    assert "✓ ok The model deepseek-r1:7b is there" in text
    assert "✗ failed Ollama 0.11.4 is too old" in text
    assert "→ Update it as you installed it" in text
    assert "✗ Mend what failed: until then Spyhop cannot be relied on for edit, chat" in text


def test_a_terminal_says_which_check_runs(tmp_path: Path) -> None:
    held = reply("1 2 3", hold_after=1)
    with (
        ScriptedOllama(answers(answer=held)) as server,
        terminal("doctor", "--url", server.url, cwd=tmp_path) as shown,
    ):
        shown.expect("Checking: answer…")
        server.release()
        shown.expect("All is well.")
        assert shown.end() == 0


def test_in_chinese(tmp_path: Path) -> None:
    with ScriptedOllama(answers()) as server:
        found = run("doctor", "--url", server.url, cwd=tmp_path, env={"LC_ALL": "zh_CN.UTF-8"})
    assert found.out.decode().endswith("\n一切正常。\n")
    assert "模型 deepseek-r1:7b 可用" in found.out.decode()


def test_a_terminal_that_cannot_show_signs_has_words(tmp_path: Path) -> None:
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    with (
        ScriptedOllama(answers()) as server,
        terminal("doctor", "--quick", "--url", server.url, cwd=tmp_path, env=ascii_only) as shown,
    ):
        assert shown.end() == 0
    assert "ok       The model deepseek-r1:7b is there" in shown.shown
    assert "✓" not in shown.shown


def test_no_colour_keeps_the_backticks(tmp_path: Path) -> None:
    with terminal("doctor", "--url", nobody(), cwd=tmp_path, env={"NO_COLOR": "1"}) as shown:
        assert shown.end() == 3
    assert "`ollama serve`" in shown.shown


def test_ctrl_c_stops_it_and_closes_the_stream(tmp_path: Path) -> None:
    held = reply("1 2 3 4 5", hold_after=2)
    with (
        ScriptedOllama(answers(answer=held)) as server,
        terminal("doctor", "--url", server.url, cwd=tmp_path) as shown,
    ):
        server.wait_for("holding", 1)
        os.kill(shown.process.pid, signal.SIGINT)
        assert shown.end() == 130
        server.wait_for("disconnects", 1)
    assert "Traceback" not in shown.shown
