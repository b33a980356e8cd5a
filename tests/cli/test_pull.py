"""``spyhop pull``: a bar in a terminal, lines in a pipe, JSON for programs."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from command import Result, run, start, terminal
from spyhop.assist.pull import Telling
from spyhop.cli.console import Screen
from spyhop.cli.pull import LineView
from spyhop.models.pulling import DOWNLOADING, PREPARING, PullProgress
from spyhop.models.scripted import Pull, Reply, ScriptedOllama

R1 = "deepseek-r1:7b"
BIG = Pull((4_000_000_000, 500), steps=4)


def pulled(*arguments: str, pull: Pull | Reply = BIG, language: str = "C.UTF-8") -> Result:
    """Run ``spyhop pull`` against an Ollama that has nothing."""
    with ScriptedOllama([], models={}, pulls=[pull]) as server:
        return run("pull", *arguments, env={"SPYHOP_URL": server.url, "LC_ALL": language})


def test_in_a_pipe_a_line_tells_of_each_new_thing() -> None:
    assert pulled(R1) == Result(
        0,
        b"",
        "Looking for deepseek-r1:7b…\n"
        "deepseek-r1:7b: 0 %, 0 B of 4.0 GB\n"
        "Checking what has come of deepseek-r1:7b…\n"
        "Putting deepseek-r1:7b in its place…\n"
        "deepseek-r1:7b is here.\n",
    )


def test_in_chinese_too() -> None:
    found = pulled(R1, language="zh_CN.UTF-8")
    assert found.err.startswith("正在查找 deepseek-r1:7b…\n")
    assert found.err.endswith("deepseek-r1:7b 已就绪。\n")


def test_lines_come_every_few_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([0.0, 1.0, 5.9, 6.0, 7.0, 12.0])
    view = LineView(R1, Screen("en"), lambda: next(times))
    telling = Telling(R1)
    view.show(telling.step(PullProgress(PREPARING), 0))
    for second in range(5):
        progress = PullProgress(DOWNLOADING, second * 100, 1000)
        view.show(telling.step(progress, float(second)))
    assert capsys.readouterr().err.splitlines() == [
        "Looking for deepseek-r1:7b…",
        "deepseek-r1:7b: 0 %, 0 B of 1.0 kB",
        "deepseek-r1:7b: 20 %, 200 B of 1.0 kB, 100 B/s, 0:08 left",
        "deepseek-r1:7b: 40 %, 400 B of 1.0 kB, 100 B/s, 0:06 left",
    ]


def test_json_is_an_object_a_line() -> None:
    found = pulled(R1, "--json")
    told = [json.loads(line) for line in found.out.splitlines()]
    assert (found.status, found.err) == (0, "")
    assert told[0] == {
        "status": "preparing",
        "completed": None,
        "total": None,
        "percentage": None,
    }
    assert {
        "status": "downloading",
        "completed": 2 * 10**9,
        "total": 4 * 10**9,
        "percentage": 50,
    } in told
    assert told[-1] == {
        "status": "done",
        "completed": 4_000_000_500,
        "total": 4_000_000_500,
        "percentage": 100,
    }


def test_in_a_terminal_a_bar_moves_and_a_line_stays() -> None:
    held = Pull((4_000_000_000,), steps=4, hold_after=4)
    with (
        ScriptedOllama([], models={}, pulls=[held]) as server,
        terminal("pull", R1, "--url", server.url) as shell,
    ):
        shell.expect("50 %")
        shell.expect("2.0 GB of 4.0 GB")
        server.release()
        shell.expect("deepseek-r1:7b is here.\n")
        assert shell.end() == 0


def test_ctrl_c_closes_the_connection_and_says_how_to_go_on() -> None:
    held = Pull((4_000_000_000,), steps=4, hold_after=4)
    with ScriptedOllama([], models={}, pulls=[held]) as server:
        with terminal("pull", R1, "--url", server.url) as shell:
            shell.expect("50 %")
            server.wait_for("holding", 1)
            shell.process.send_signal(signal.SIGINT)
            shell.expect("Stopped. What has come is kept: run it again to go on.")
            assert shell.end() == 130
        server.wait_for("disconnects", 1)


def test_so_does_an_interrupt_between_pipes(tmp_path: Path) -> None:
    held = Pull((4_000_000_000,), steps=4, hold_after=4)
    with ScriptedOllama([], models={}, pulls=[held]) as server:
        process = start("pull", R1, "--url", server.url, cwd=tmp_path)
        server.wait_for("holding", 1)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        server.wait_for("disconnects", 1)
    assert process.returncode == 130
    assert b"run it again to go on" in err
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    ("name", "pull", "status", "words"),
    [
        (
            "deepseek:7b",
            Pull(error="pull model manifest: file does not exist"),
            1,
            "mean deepseek-r1:7b",
        ),
        ("R1 7b", BIG, 1, "spyhop pull deepseek-r1:7b"),
        (R1, Pull(error="write x: no space left on device"), 1, "ollama rm"),
        (R1, Pull(error="pull model manifest: 412: newer version of Ollama"), 1, "Update Ollama"),
        (R1, Pull(error="x: dial tcp: no such host"), 1, "HTTPS_PROXY"),
        (R1, Pull(ends=False), 1, "without saying that it was done"),
        (R1, Reply((b"<html>",), 502, "text/html"), 3, "not as Ollama does"),
    ],
)
def test_a_fault_is_one_clear_message(
    name: str, pull: Pull | Reply, status: int, words: str
) -> None:
    for arguments in ((name,), (name, "--json")):
        found = pulled(*arguments, pull=pull)
        assert found.status == status
        assert words in found.err.splitlines()[-1]
        assert "Traceback" not in found.err


def test_nobody_answers() -> None:
    found = run("pull", R1, env={"SPYHOP_URL": "http://127.0.0.1:9"})
    assert found.status == 3
    assert "ollama serve" in found.err


def test_a_server_that_gets_no_models_says_so() -> None:
    found = run("pull", R1, "--backend", "openai")
    assert found.status == 3
    assert "cannot be told" in found.err


def test_the_embedded_engine_wants_to_know_from_where() -> None:
    found = run("pull", "nothing known", "--backend", "embedded")
    assert found.status == 2
    assert "hf.co/" in found.err
