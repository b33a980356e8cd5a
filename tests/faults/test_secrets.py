"""A key planted in the settings is in nothing that Spyhop prints, sends to an editor or keeps."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import pytest

from command import run
from lsp_client import serving
from spyhop.models.scripted import (
    Dialogue,
    Pull,
    Reply,
    ScriptedOllama,
    ScriptedOpenAi,
    dialogue,
    refusal,
)
from spyhop.models.scripted.openai import event
from spyhop.models.scripted.shapes import DEEPSEEK, VLLM, Shape

PLANTED: Final = "sk-planted-0123456789"
ECHO: Final = f"you sent Authorization: Bearer {PLANTED} and X-Key: {PLANTED}"
TEXT: Final = "def f(x):\n    return x\n"
ANSWER: Final = "```python\ndef f(x):\n    return x + 1\n```\n"
STREAM: Final = "text/event-stream"
URI: Final = "file:///work/x.py"

WRONG: Final[dict[str, Dialogue | Reply]] = {
    "refused": refusal(401, ECHO),
    "failed": refusal(500, ECHO, "text"),
    "fault-in-mid-stream": Dialogue(["x"], error=ECHO),
    "garbage": Reply((b"data: " + ECHO.encode() + b"\n\n",), content_type=STREAM),
    "cut-off": Reply((event({"x": ECHO})[:-9],), content_type=STREAM, ending="close"),
    "page": Reply((ECHO.encode(),), content_type="text/html"),
    "redirect": Reply((), 307, headers=(("Location", f"http://x.example/{PLANTED}"),)),
}


def environment(server: ScriptedOpenAi) -> dict[str, str]:
    return {
        "SPYHOP_BACKEND": "openai",
        "SPYHOP_URL": server.url,
        "SPYHOP_KEY": PLANTED,
        "SPYHOP_HEADERS": f'{{"X-Key": "{PLANTED}"}}',
    }


def kept() -> list[Path]:
    """Return the files below the home folder that hold the key."""
    files = [path for path in Path(os.environ["HOME"]).rglob("*") if path.is_file()]
    return [path for path in files if PLANTED.encode() in path.read_bytes()]


@pytest.mark.parametrize("name", WRONG)
def test_a_fault_of_the_server_does_not_print_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "x.py").write_text(TEXT)
    with ScriptedOpenAi([WRONG[name]], DEEPSEEK) as server:
        env = environment(server)
        found = run("edit", "x.py", "add one", "--json", cwd=tmp_path, env=env)
        assert server.generations[0].headers["authorization"] == f"Bearer {PLANTED}"
    assert found.status in {1, 3}
    assert found.err.count("\n") <= 2
    assert "Traceback" not in found.err
    assert PLANTED not in found.err + found.out.decode()
    assert not kept()


@pytest.mark.parametrize("shape", [DEEPSEEK, VLLM])
@pytest.mark.parametrize(
    "command",
    [
        ("edit", "x.py", "add one", "--json"),
        ("edit", "x.py", "add one", "--diff", "--show-thinking"),
        ("prompt", "edit", "x.py", "add one"),
    ],
)
def test_nor_does_an_answer(tmp_path: Path, shape: Shape, command: tuple[str, ...]) -> None:
    (tmp_path / "x.py").write_text(TEXT)
    with ScriptedOpenAi([dialogue(ANSWER, "hm")], shape) as server:
        found = run(*command, cwd=tmp_path, env=environment(server))
        bodies = [str(request.body) for request in server.requests]
    assert found.status == 0, found.err
    assert b"x" in found.out
    assert PLANTED not in found.err + found.out.decode() + "".join(bodies)
    assert not kept()


@pytest.mark.parametrize("name", [*WRONG, "well"])
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_nor_does_the_doctor(tmp_path: Path, options: tuple[str, ...], name: str) -> None:
    answer = WRONG.get(name) or dialogue(ANSWER, "hm")
    with ScriptedOpenAi([answer], DEEPSEEK) as server:
        env = environment(server)
        env["SPYHOP_URL"] = server.url.replace("http://", f"http://ann:{PLANTED}@")
        found = run("doctor", *options, cwd=tmp_path, env=env)
        bodies = [str(request.body) for request in server.requests]
        assert server.generations
    assert found.status in {0, 3}
    assert "Traceback" not in found.err
    assert PLANTED not in found.err + found.out.decode() + "".join(bodies)
    assert b'"key": "set"' in found.out or not options
    assert not kept()


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_nor_does_the_doctor_where_the_key_itself_is_refused(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    with ScriptedOpenAi([dialogue(ANSWER)], DEEPSEEK, listing=refusal(401, ECHO)) as server:
        found = run("doctor", *options, cwd=tmp_path, env=environment(server))
    assert found.status == 3
    assert PLANTED not in found.err + found.out.decode()


@pytest.mark.parametrize("fault", [None, ECHO])
@pytest.mark.parametrize(
    "command", [("pull", "deepseek-r1:7b"), ("pull", "x", "--json"), ("models",)]
)
def test_nor_does_what_is_done_with_ollamas_models(
    command: tuple[str, ...], fault: str | None
) -> None:
    with ScriptedOllama([], pulls=[Pull(error=fault)]) as server:
        found = run(*command, env={"SPYHOP_URL": server.url, "SPYHOP_KEY": PLANTED})
        assert server.requests[0].headers["authorization"] == f"Bearer {PLANTED}"
    assert found.status == (1 if fault and "pull" in command else 0)
    assert PLANTED not in found.err + found.out.decode()
    assert not kept()


@pytest.mark.parametrize("key", [f"{PLANTED} {PLANTED}", f"{PLANTED}密"])
def test_nor_does_a_key_that_is_none(tmp_path: Path, key: str) -> None:
    found = run("edit", "x.py", "x", cwd=tmp_path, env={"SPYHOP_KEY": key})
    assert found.status == 2
    assert "key" in found.err
    assert PLANTED not in found.err


@pytest.mark.anyio
@pytest.mark.parametrize("answer", [*WRONG.values(), dialogue(ANSWER, "hm")], ids=[*WRONG, "well"])
async def test_an_editor_is_not_sent_it_and_no_file_keeps_it(
    answer: Dialogue | Reply, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 2, "character": 0}}
    options: dict[str, Any] = {"backend": "openai", "key": PLANTED, "headers": {"X-Key": PLANTED}}
    with ScriptedOpenAi([answer], DEEPSEEK) as server:
        async with serving() as client:
            client.settings = {"spyhop": options | {"url": server.url}}
            # One more, where it cannot be used and is complained about.
            await client.initialize(initializationOptions={"settings": {"kye": PLANTED}})
            client.open(URI, TEXT)
            asked = {"uri": URI, "range": whole, "instruction": "add one"}
            await client.command("spyhop.edit", asked)
            # The complaint, and then what became of the edit.
            await client.message("window/showMessage")
            if isinstance(answer, Reply) or answer.error:
                await client.message("window/showMessage", 2)
            else:
                await client.message("workspace/applyEdit")
                assert await client.lenses(URI)
            assert not kept()
        assert server.generations[0].headers["authorization"] == f"Bearer {PLANTED}"
    assert PLANTED not in str(client.received)
    assert PLANTED not in "".join(capfd.readouterr())
    assert not kept()


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["failed", "fault-in-mid-stream", "redirect", "well"])
async def test_the_doctors_page_does_not_hold_it(name: str) -> None:
    answer = WRONG.get(name) or dialogue(ANSWER, "hm")
    options: dict[str, Any] = {"backend": "openai", "key": PLANTED, "headers": {"X-Key": PLANTED}}
    with ScriptedOpenAi([answer], DEEPSEEK) as server:
        async with serving() as client:
            client.settings = {"spyhop": options | {"url": server.url}}
            await client.initialize()
            await client.command("spyhop.doctor", {})
            # This client opens no documents, so the page comes as a message.
            page = await client.message("window/showMessage")
            assert page["message"].startswith("# What Spyhop's doctor found")
        assert server.generations
    assert PLANTED not in str(client.received)
    assert not kept()
