"""Which model the command line asks, and what it says while it waits."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from command import Result, run, terminal
from spyhop.models.scripted import ScriptedOllama, ScriptedOpenAi, dialogue, refusal, reply
from spyhop.models.scripted.shapes import DEEPSEEK, LITELLM, VLLM

TEXT: Final = "a = 1\n"
ANSWER: Final = "```python\na = 2\n```\n"
THOUGHT: Final = f"hm\n</think>\n\n{ANSWER}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "x.py").write_text(TEXT, encoding="utf-8")
    return tmp_path


def dead_url() -> str:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{closed.getsockname()[1]}"


def edited(folder: Path, **settings: str) -> Result:
    env = {f"SPYHOP_{name.upper()}": value for name, value in settings.items()}
    return run("edit", "x.py", "two", "--write", cwd=folder, env=env)


def test_the_second_endpoint_is_used_while_the_first_is_down_and_it_is_said(folder: Path) -> None:
    with ScriptedOllama([reply(THOUGHT)]) as server:
        endpoints = {"gpu": {"url": dead_url()}, "laptop": {"url": server.url}}
        found = edited(folder, endpoints=json.dumps(endpoints))
    assert found.status == 0, found.err
    first, *_ = found.err.splitlines()
    assert first.startswith("gpu does not answer (")
    assert first.endswith("): using laptop until it does.")
    assert (folder / "x.py").read_text(encoding="utf-8") == "a = 2\n"


def test_where_none_answers_each_says_why(folder: Path) -> None:
    endpoints = {"gpu": {"url": dead_url()}, "laptop": {"url": dead_url()}}
    found = edited(folder, endpoints=json.dumps(endpoints))
    assert found.status == 3
    assert found.out == b""
    assert "None of the endpoints in your settings answers." in found.err
    assert all(f"{name}: Ollama does not answer at" in found.err for name in endpoints)
    assert (folder / "x.py").read_text(encoding="utf-8") == TEXT


def test_a_wait_is_said_once_where_nobody_watches(folder: Path) -> None:
    loading = [refusal(503, "Loading model")] * 2
    with ScriptedOpenAi([*loading, dialogue(ANSWER, "hm")], DEEPSEEK) as server:
        found = edited(folder, backend="openai", url=server.url)
    assert found.status == 0, found.err
    assert found.err.count("is loading its model; asking again in") == 1


def test_and_moves_in_a_terminal(folder: Path) -> None:
    loading = refusal(503, "Loading model")
    with ScriptedOpenAi([loading, dialogue(ANSWER, "hm")], DEEPSEEK) as server:
        env = {"SPYHOP_BACKEND": "openai", "SPYHOP_URL": server.url}
        with terminal("edit", "x.py", "two", "--write", cwd=folder, env=env) as it:
            it.expect("is loading its model; asking again in")
            it.expect("Written to x.py")
            assert it.end() == 0


def test_thinking_can_be_switched_off(folder: Path) -> None:
    # The scripted completion closes the thought once more, as models do.
    with ScriptedOpenAi([dialogue("a = 2\n```\n")], VLLM) as server:
        found = edited(folder, backend="openai", url=server.url, thinking="off")
        (asked,) = server.generations
    assert found.status == 0, found.err
    assert (folder / "x.py").read_text(encoding="utf-8") == "a = 2\n"
    assert asked.body["prompt"].endswith("<｜Assistant｜><think>\n\n</think>\n\n```python\n")
    assert "Written" in found.err.splitlines()[0]


def test_where_it_cannot_that_is_said(folder: Path) -> None:
    with ScriptedOpenAi([dialogue(ANSWER, "hm")], LITELLM) as server:
        found = edited(folder, backend="openai", url=server.url, thinking="off")
    assert found.status == 0, found.err
    assert (folder / "x.py").read_text(encoding="utf-8") == "a = 2\n"
    assert "no way to tell ollama/deepseek-r1 on this server not to think" in found.err


def test_a_prompt_is_shown_without_a_probe_that_was_made_already(folder: Path) -> None:
    shape = replace(VLLM, listed={}, facts={})
    with ScriptedOpenAi([], shape) as server:
        env = {"SPYHOP_BACKEND": "openai", "SPYHOP_URL": server.url}
        shown = [run("prompt", "edit", "x.py", "two", cwd=folder, env=env) for _ in range(2)]
        probes = [it for it in server.requests if it.path.endswith("/completions")]
        assert server.generations == []
    assert [it.status for it in shown] == [0, 0]
    assert shown[0].out == shown[1].out
    assert len(probes) == 1
