"""The demo: a function implemented and then commented, on a copy of an example."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from command import Result, run, terminal
from spyhop import resources
from spyhop.models.scripted import ScriptedOllama, reply

FUNCTION = "def gcd(a: int, b: int) -> int:\n"
BODY = "    while b:\n        a, b = b, a % b\n    return a\n"
COMMENT = '    """Return the greatest common divisor."""\n'
EXAMPLE = (resources.examples() / "fractions.py").read_text(encoding="utf-8")
IMPLEMENT = reply(f"欧几里得。\n</think>\n\n```python\n{FUNCTION}{BODY}```\n")
COMMENTED = reply(f"hm\n</think>\n\n```python\n{FUNCTION}{COMMENT}{BODY}```\n")
DONE = EXAMPLE.replace("    raise NotImplementedError\n", COMMENT + BODY, 1)


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def copy_in(folder: Path) -> str:
    (path,) = folder.glob("spyhop-demo-*/fractions.py")
    return path.read_text(encoding="utf-8")


def demo(*arguments: str, scripts: list[object] | None = None) -> Result:
    with ScriptedOllama([IMPLEMENT, COMMENTED] if scripts is None else scripts) as server:  # type: ignore[arg-type]
        return run("demo", "--backend", "ollama", "--url", server.url, *arguments)


def test_yes_takes_both_changes_on_a_copy(tmp_path: Path) -> None:
    found = demo("--yes")
    assert found.status == 0
    assert copy_in(tmp_path) == DONE
    assert found.out.decode().endswith(DONE)
    assert found.out.count(b"--- a/fractions.py\n") == 2
    assert "实现计算一个最大公约数的代码" in found.err
    assert "欧几里得。" in found.err
    assert (resources.examples() / "fractions.py").read_text(encoding="utf-8") == EXAMPLE


def test_with_nobody_to_ask_nothing_is_taken(tmp_path: Path) -> None:
    found = demo()
    assert found.status == 0
    assert copy_in(tmp_path) == EXAMPLE
    assert "The first change was not taken" in found.err


def test_at_a_terminal_each_change_is_asked_for(tmp_path: Path) -> None:
    with (
        ScriptedOllama([IMPLEMENT, COMMENTED]) as server,
        terminal("demo", "--backend", "ollama", "--url", server.url) as screen,
    ):
        for _ in range(2):
            screen.expect("Take this change? [y,n,a,d,q,?] ")
            screen.type("y\n")
        screen.expect("The file as it is now")
        assert screen.end() == 0
    assert copy_in(tmp_path) == DONE


def test_a_first_change_that_loses_the_function_says_so(tmp_path: Path) -> None:
    renamed = reply(f"</think>\n```python\n{FUNCTION.replace('gcd', 'divisor')}{BODY}```\n")
    found = demo("--yes", scripts=[renamed])
    assert found.status == 1
    assert "left no function gcd" in found.err
    assert "Traceback" not in found.err
    assert "def divisor" in copy_in(tmp_path)


def test_a_model_that_is_not_there_ends_with_3() -> None:
    found = run("demo", "--yes", "--backend", "ollama", "--url", "http://127.0.0.1:1")
    assert found.status == 3
    assert "ollama serve" in found.err


def test_the_standin_does_the_whole_demo_in_the_real_engine(tmp_path: Path) -> None:
    standin = resources.standin()
    if not standin.exists() or standin.stat().st_size == 0:
        unbuilt = f"{standin} is not built: run tests/standin/build.py"
        if "CI" in os.environ:
            pytest.fail(unbuilt)
        pytest.skip(unbuilt)
    found = run("demo", "--yes")
    assert found.status == 0, found.err
    assert "stand-in" in found.err
    text = copy_in(tmp_path)
    assert text != EXAMPLE
    assert "raise NotImplementedError" not in text
    # It works, and it has been commented.
    scope: dict[str, object] = {}
    exec(compile(text, "fractions.py", "exec"), scope)  # noqa: S102 - the example and our own model
    assert scope["reduce"](12, 18) == (2, 3)  # type: ignore[operator]
    assert re.search(r"#|\"\"\"", text.replace('"""Fractions', "").replace('"""Return the fr', ""))
