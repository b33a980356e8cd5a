"""``spyhop models``: what there is, and which of it is used."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from command import Result, run, terminal
from spyhop import resources
from spyhop.cli import models
from spyhop.cli.console import Screen
from spyhop.models.listing import Loaded
from spyhop.models.scripted import InMemory, ScriptedOllama, ScriptedOpenAi

R1 = "deepseek-r1:7b"
MODELS = {R1: 4_700_000_000, "llama3:8b": 4_100_000_000, "deepseek-r1:1.5b": 1_100_000_000}


def listed(*arguments: str, env: dict[str, str] | None = None, **options: Any) -> Result:
    """Run ``spyhop models`` against an Ollama."""
    with ScriptedOllama([], **({"models": MODELS} | options)) as server:
        return run("models", *arguments, env={"SPYHOP_URL": server.url, **(env or {})})


def test_in_a_pipe_there_are_plain_columns() -> None:
    found = listed()
    assert (found.status, found.err) == (0, "")
    assert found.out.decode().splitlines() == [
        "used  model             size    parameters  quantisation  context  abilities  in memory",
        "*     deepseek-r1:7b    4.7 GB  7.6B        Q4_K_M        131072   thinking   no",
        "-     llama3:8b         4.1 GB  7.6B        Q4_K_M        131072   thinking   no",
        "-     deepseek-r1:1.5b  1.1 GB  7.6B        Q4_K_M        131072   thinking   no",
    ]


def test_in_a_terminal_nothing_is_wrapped() -> None:
    with ScriptedOllama([], models=MODELS) as server:
        env = {"SPYHOP_URL": server.url}
        with terminal("models", env=env) as shell:
            shell.expect("*     deepseek-r1:7b    4.7 GB")
            assert shell.end() == 0
        with terminal("models", env=env | {"COLUMNS": "60"}) as shell:
            shell.expect("* deepseek-r1:7b\n    size 4.7 GB, parameters 7.6B,")
            shell.expect("  llama3:8b\n")
            assert shell.end() == 0


def test_a_name_stays_on_its_line_and_holds_nothing_that_a_terminal_obeys() -> None:
    lines = listed(models={"deepseek-r1\x1b]0;t\x07\n\u202e7b": 1}).out.decode().splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["*", "deepseek-r1␛]0;t␇␊\ufffd7b"]]


def test_in_chinese_the_columns_stand_even() -> None:
    lines = listed(env={"LC_ALL": "zh_CN.UTF-8"}).out.decode().splitlines()
    assert lines[0] == "使用  模型              大小    参数  量化    上下文  能力      内存"
    assert lines[1] == "*     deepseek-r1:7b    4.7 GB  7.6B  Q4_K_M  131072  thinking  未加载"


def test_json_holds_all_that_is_known() -> None:
    found = listed("--json", running={R1: InMemory(0.5)}, models={R1: 100})
    (endpoint,) = json.loads(found.out)
    assert endpoint == endpoint | {"endpoint": "default", "backend": "ollama", "faults": []}
    assert endpoint["models"] == [
        {
            "name": R1,
            "size": 100,
            "quantisation": "Q4_K_M",
            "parameters": "7.6B",
            "contextTokens": 131_072,
            "abilities": ["completion", "thinking"],
            "loaded": {
                "gpuShare": 0.5,
                "contextTokens": 8192,
                "until": "2026-01-01T12:30:00.123456+08:00",
            },
            "roles": ["edit", "chat", "complete"],
        }
    ]


def test_a_model_that_is_not_there_is_told_below_those_that_are() -> None:
    found = listed("--model", "deepseek-r1:8b")
    assert found.status == 0
    assert b"*" not in found.out
    assert "has no model deepseek-r1:8b. Did you mean deepseek-r1:7b" in found.err
    (endpoint,) = json.loads(listed("--model", "deepseek-r1:8b", "--json").out)
    assert endpoint["faults"][0].startswith("Ollama answers at")


def test_an_ollama_with_nothing_says_what_to_get() -> None:
    found = listed(models={})
    assert (found.status, found.out) == (3, b"")
    assert "spyhop pull deepseek-r1:7b" in found.err
    assert found.err.count("\n") == 1


def test_each_roles_own_model_is_marked(tmp_path: Path) -> None:
    with ScriptedOllama([], models=MODELS) as server:
        text = f'url = "{server.url}"\nmodel = "{R1}"\n[complete]\nmodel = "llama3:8b"\n'
        (tmp_path / "spyhop.toml").write_text(text, encoding="utf-8")
        lines = run("models", cwd=tmp_path).out.decode().splitlines()
    assert lines[1].startswith(f"edit, chat  {R1}")
    assert lines[2].startswith("complete    llama3:8b")
    assert lines[3].startswith("-           deepseek-r1:1.5b")


def test_every_endpoint_is_listed_and_one_that_is_down_hides_no_other() -> None:
    with ScriptedOllama([], models=MODELS) as server:
        endpoints = {"gpu": {"url": "http://127.0.0.1:9"}, "laptop": {"url": server.url}}
        env = {"SPYHOP_ENDPOINTS": json.dumps(endpoints)}
        found = run("models", env=env)
        told = json.loads(run("models", "--json", env=env).out)
    lines = found.out.decode().splitlines()
    assert lines[:2] == ["gpu: http://127.0.0.1:9", f"laptop: {server.url}"]
    assert R1 in lines[3]
    assert found.status == 0
    assert "does not answer at http://127.0.0.1:9" in found.err
    assert [it["endpoint"] for it in told] == ["gpu", "laptop"]
    assert [len(it["models"]) for it in told] == [0, 3]


def test_a_server_of_openais_api_lists_what_it_has() -> None:
    with ScriptedOpenAi([]) as server:
        found = run("models", "--backend", "openai", "--url", server.url)
    lines = found.out.decode().splitlines()
    assert found.status == 0
    assert lines[0].split() == ["used", "model", "context"]
    assert lines[1].startswith("*")


def test_a_model_that_a_server_does_not_list_is_told() -> None:
    with ScriptedOpenAi([]) as server:
        found = run("models", "--backend", "openai", "--url", server.url, "--model", "nonsense")
    assert found.status == 0
    assert "*" not in found.out.decode()
    assert "lists no model nonsense. It lists: " in found.err


def test_the_embedded_engine_has_the_file_that_is_named(tmp_path: Path) -> None:
    command = ("models", "--backend", "embedded", "--model")
    path = resources.standin()
    found = run(*command, str(path))
    assert found.status == 0
    assert found.out.decode().splitlines()[1].startswith(f"*     {path.stem}")
    missing = run(*command, str(tmp_path / "y.gguf"))
    assert missing.status == 3
    assert "There is no model file" in missing.err
    assert run("models", "--backend", "embedded").status == 3


def test_nobody_answers() -> None:
    found = run("models", env={"SPYHOP_URL": "http://127.0.0.1:9"})
    assert (found.status, found.out) == (3, b"")
    assert "ollama serve" in found.err


def test_a_password_in_an_address_is_not_shown() -> None:
    with ScriptedOllama([], models=MODELS) as server:
        url = server.url.replace("//", "//me:planted-0123@")
        for arguments in ((), ("--json",)):
            found = run("models", *arguments, env={"SPYHOP_URL": url})
            assert found.status == 0
            assert "planted" not in found.out.decode() + found.err


NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("loaded", "words"),
    [
        (None, "no"),
        (Loaded(None, None, None), "yes"),
        (Loaded(1.0, None, None), "GPU"),
        (Loaded(0.999, None, None), "GPU"),
        (Loaded(0.81, None, None), "GPU 81 %"),
        (Loaded(0.0, None, None), "CPU"),
        (Loaded(1.0, None, NOW + timedelta(days=100_000)), "GPU, for good"),
        (Loaded(1.0, None, NOW), f"GPU, until {NOW.astimezone():%H:%M}"),
        (
            Loaded(1.0, None, NOW + timedelta(days=2)),
            f"GPU, until {(NOW + timedelta(days=2)).astimezone():%Y-%m-%d %H:%M}",
        ),
    ],
)
def test_where_a_model_is_in_memory_and_for_how_long(loaded: Loaded | None, words: str) -> None:
    assert models._memory(loaded, Screen("en")) == words  # noqa: SLF001 - times are of now
