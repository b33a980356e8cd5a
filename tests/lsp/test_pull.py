"""Pulling a model from an editor, and having it in memory before it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from lsp_client import CAPABILITIES, Client, position, serving
from spyhop.models.scripted import Pull, Recorded, Reply, Script, ScriptedOllama, reply

pytestmark = pytest.mark.anyio

URI = "file:///work/a.py"
TEXT = "a = 1\n"
ANSWER = "</think>\n```python\na = 2\n```"
R1 = "deepseek-r1:7b"
BUTTON = f"Pull {R1}"
BUTTONS: dict[str, Any] = CAPABILITIES | {
    "window": {"workDoneProgress": True, "showMessage": {"messageActionItem": {}}}
}
HELD = Pull((1000,), steps=4, hold_after=4)


@asynccontextmanager
async def session(
    *pulls: Pull | Reply,
    scripts: Sequence[Script | Reply] = (reply(ANSWER),),
    models: dict[str, int] | None = None,
    capabilities: Any = BUTTONS,
    button: str | None = None,
    **options: Any,
) -> AsyncIterator[tuple[Client, ScriptedOllama]]:
    """An editor, and an Ollama that has no model unless ``models`` says so."""
    with ScriptedOllama(scripts, models={} if models is None else models, pulls=pulls) as ollama:
        async with serving() as client:
            client.button = button
            client.settings = {"spyhop": {"url": ollama.url, "preload": False} | options}
            await client.initialize(capabilities=capabilities)
            client.open(URI, TEXT)
            yield client, ollama


async def ask(client: Client, command: str = "spyhop.edit") -> None:
    range_ = {"start": position(TEXT, 0), "end": position(TEXT, 5)}
    await client.command(command, {"uri": URI, "range": range_, "instruction": "two"})


def reports(client: Client, kind: str) -> list[Any]:
    """Return the values of every progress of this kind, but for those of edits."""
    return [
        told["value"]
        for told in client.messages("$/progress")
        if told["token"].endswith(R1) and told["value"]["kind"] == kind
    ]


def pulls_of(ollama: ScriptedOllama) -> list[Recorded]:
    return [request for request in ollama.requests if request.path == "/api/pull"]


async def message(client: Client, words: str) -> dict[str, Any]:
    """Wait for the message that holds ``words``."""

    def found() -> Any:
        told = client.messages("window/showMessage")
        return next((it for it in told if words in it["message"]), None)

    shown: dict[str, Any] = await client.until(found)
    return shown


# The button


@pytest.mark.parametrize("command", ["spyhop.edit", "spyhop.ask"])
async def test_where_the_model_is_missing_a_button_pulls_it(command: str) -> None:
    async with session(Pull(), button=BUTTON) as (client, ollama):
        await ask(client, command)
        shown = await client.message("window/showMessageRequest")
        assert shown["type"] == 1
        assert "has no DeepSeek-R1" in shown["message"]
        assert shown["actions"] == [{"title": BUTTON}]
        done = await message(client, "is here. Try again.")
        assert done["type"] == 3
        assert [request.body["model"] for request in pulls_of(ollama)] == [R1]
        await ask(client)
        await client.message("workspace/applyEdit")


async def test_the_button_and_all_else_is_chinese_where_the_editor_is() -> None:
    async with session(Pull(), button=f"拉取 {R1}", language="zh-cn") as (client, _):
        await ask(client)
        assert "没有 DeepSeek-R1" in (await client.message("window/showMessageRequest"))["message"]
        await message(client, "已就绪。请再试一次。")
        assert "获取" in reports(client, "begin")[0]["title"]


async def test_the_button_names_the_model_as_its_library_does() -> None:
    async with session(Pull(), model="deepseek:14b") as (client, ollama):
        await ask(client)
        shown = await client.message("window/showMessageRequest")
        assert shown["actions"] == [{"title": "Pull deepseek-r1:14b"}]
        assert "Did you mean deepseek-r1:14b?" in shown["message"]
        assert not pulls_of(ollama)


async def test_a_button_that_is_not_pressed_pulls_nothing() -> None:
    async with session(Pull()) as (client, ollama):
        await ask(client)
        await client.message("window/showMessageRequest")
        # The next one comes only where the first was answered.
        await ask(client)
        await client.message("window/showMessageRequest", 2)
        assert not pulls_of(ollama)
        assert client.messages("window/showMessage") == []


async def test_a_client_without_buttons_gets_the_message() -> None:
    async with session(Pull(), capabilities=CAPABILITIES) as (client, _):
        await ask(client)
        shown = await client.message("window/showMessage")
        assert shown["type"] == 1
        assert "spyhop pull deepseek-r1:7b" in shown["message"]
        assert client.messages("window/showMessageRequest") == []


async def test_a_name_that_is_only_misspelt_is_told_without_a_button() -> None:
    async with session(models={R1: 1}, model="deepseek-r1-7b") as (client, _):
        await ask(client)
        assert (
            "Did you mean deepseek-r1:7b? Name it so"
            in (await client.message("window/showMessage"))["message"]
        )


async def test_the_pull_goes_to_the_endpoint_that_lacks_the_model() -> None:
    """Chat has an endpoint of its own; the model is missing there."""
    with ScriptedOllama([], models={}, pulls=[Pull()]) as chat:
        endpoints = {"laptop": {"model": R1}, "gpu": {"url": chat.url, "model": R1}}
        options: dict[str, Any] = {"endpoints": endpoints, "chat": {"endpoint": "gpu"}}
        async with session(models={R1: 1}, button=BUTTON, **options) as (client, ollama):
            await ask(client, "spyhop.ask")
            await message(client, "is here. Try again.")
            assert len(pulls_of(chat)) == 1
            assert not pulls_of(ollama)


# Progress


async def test_progress_counts_the_bytes_and_never_falls() -> None:
    async with session(HELD) as (client, ollama):
        assert await client.command("spyhop.pull", {"model": R1}) == {"model": R1}
        await asyncio.to_thread(ollama.wait_for, "holding", 1)
        (created,) = await client.until(lambda: client.messages("window/workDoneProgress/create"))
        (begun,) = await client.until(lambda: reports(client, "begin"))
        # How far it is, where that was known before the editor had a place for it.
        begun.pop("message", None)
        assert begun == {
            "kind": "begin",
            "title": f"Spyhop: getting {R1}",
            "cancellable": True,
            "percentage": 0,
        }
        ollama.release()
        await message(client, "is here")
        await client.until(lambda: reports(client, "end"))
        told = [it.get("percentage", 0) for it in reports(client, "report")]
        assert told == sorted(told)
        assert all(0 <= it <= 100 for it in told)
        assert created["token"] == client.messages("$/progress")[0]["token"]


async def test_where_no_progress_can_be_shown_the_model_comes_all_the_same() -> None:
    bare = {key: value for key, value in CAPABILITIES.items() if key != "window"}
    async with session(Pull(), capabilities=bare) as (client, _):
        await client.command("spyhop.pull", None)
        await message(client, "is here")
        assert client.messages("$/progress") == []


@pytest.mark.parametrize("way", ["progress", "command", "request"])
async def test_cancelling_closes_the_stream(way: str) -> None:
    async with session(HELD, HELD) as (client, ollama):
        argument = {"command": "spyhop.pull", "arguments": [{"model": R1}]}
        request_id, answer = client.send_request("workspace/executeCommand", argument)
        await answer
        await asyncio.to_thread(ollama.wait_for, "holding", 1)
        await client.until(lambda: reports(client, "begin"))
        match way:
            case "progress":
                token = client.messages("$/progress")[0]["token"]
                client.notify("window/workDoneProgress/cancel", {"token": token})
            case "command":
                await client.command("spyhop.cancel", {"editId": R1})
            case _:
                client.notify("$/cancelRequest", {"id": request_id})
        await asyncio.to_thread(ollama.wait_for, "disconnects", 1)
        (end,) = await client.until(lambda: reports(client, "end"))
        assert "run it again to go on" in end["message"]
        assert client.messages("window/showMessage") == []
        # And it can be gone on with.
        await client.command("spyhop.pull", {"model": R1})
        await asyncio.to_thread(ollama.wait_for, "holding", 2)


async def test_the_server_answers_while_it_pulls_and_its_end_ends_the_pull() -> None:
    with ScriptedOllama([], models={}, pulls=[HELD]) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": ollama.url}}
            await client.initialize(capabilities=BUTTONS)
            client.open(URI, TEXT)
            await client.command("spyhop.pull", {"model": R1})
            await asyncio.to_thread(ollama.wait_for, "holding", 1)
            assert await client.lenses(URI) == []
            client.notify("workspace/didChangeConfiguration", {"settings": client.settings})
            assert await client.lenses(URI) == []
            assert ollama.disconnects == 0
        await asyncio.to_thread(ollama.wait_for, "disconnects", 1)


async def test_a_message_that_nobody_answers_holds_nothing_up() -> None:
    async with session(Pull()) as (client, _):
        client.answers = False
        await ask(client)
        await client.message("window/showMessageRequest")
        assert await client.lenses(URI) == []


# One at a time


async def test_a_model_is_pulled_once_at_a_time() -> None:
    async with session(HELD) as (client, ollama):
        await client.command("spyhop.pull", {"model": R1})
        await asyncio.to_thread(ollama.wait_for, "holding", 1)
        assert await client.command("spyhop.pull", {"model": "DeepSeek-R1:7B"}) is None
        await message(client, "is already on its way")
        ollama._models.clear()  # noqa: SLF001 - a scripted pull has it at once
        await ask(client)
        await client.until(lambda: len(client.messages("window/showMessage")) == 2)
        assert client.messages("window/showMessageRequest") == []
        assert len(pulls_of(ollama)) == 1


async def test_two_models_are_pulled_side_by_side() -> None:
    async with session(HELD) as (client, ollama):
        for model in (R1, "qwen3:4b"):
            assert await client.command("spyhop.pull", {"model": model}) == {"model": model}
        await asyncio.to_thread(ollama.wait_for, "holding", 2)


# The command


@pytest.mark.parametrize(
    ("argument", "options", "model"),
    [
        (None, {}, R1),
        ({}, {}, R1),
        ({"model": None}, {"model": "qwen3:4b"}, "qwen3:4b"),
        ({"model": " R1 14b "}, {}, "deepseek-r1:14b"),
    ],
)
async def test_what_the_command_pulls(argument: Any, options: Any, model: str) -> None:
    async with session(Pull(), **options) as (client, ollama):
        assert await client.command("spyhop.pull", argument) == {"model": model}
        await message(client, f"{model} is here")
        assert pulls_of(ollama)[0].body["model"] == model


async def test_the_command_needs_no_argument_at_all() -> None:
    async with session(Pull()) as (client, _):
        answer = await client.request("workspace/executeCommand", {"command": "spyhop.pull"})
        assert answer == {"model": R1}


@pytest.mark.parametrize("argument", ["x", 1, ["x"], {"model": 1}, {"model": ["x"]}])
async def test_a_bad_argument_is_told(argument: Any) -> None:
    async with session(Pull()) as (client, ollama):
        assert await client.command("spyhop.pull", argument) is None
        await message(client, "spyhop.pull takes one argument: {model?}.")
        assert not pulls_of(ollama)


@pytest.mark.parametrize(
    ("pull", "options", "words"),
    [
        (Pull(error="pull model manifest: file does not exist"), {}, "to pull"),
        (Pull(error="write x: no space left on device"), {}, "ollama rm"),
        (Pull(ends=False), {}, "without saying that it was done"),
        (Reply((b"<html>",), 502, "text/html"), {}, "not as Ollama does"),
        (Pull(), {"backend": "openai"}, "cannot be told to get a model"),
        (Pull(), {"url": "http://127.0.0.1:9"}, "does not answer"),
    ],
)
async def test_a_pull_that_fails_says_why(pull: Pull | Reply, options: Any, words: str) -> None:
    async with session(pull, **options) as (client, _):
        await client.command("spyhop.pull", {"model": R1})
        shown = await message(client, words)
        assert shown["type"] == 1
        # And it may be tried again.
        assert await client.command("spyhop.pull", {"model": R1}) == {"model": R1}


# Having the model in memory


async def test_at_the_start_the_model_is_loaded_as_each_request_asks_for_it() -> None:
    async with session(models={R1: 1}, preload=True, contextTokens=4096) as (client, ollama):
        await asyncio.to_thread(ollama.wait_for, "preloads", 1)
        await ask(client)
        await client.message("workspace/applyEdit")
        (load,), (edit,) = ollama.preloads, ollama.generations
    for name in ("model", "options", "shift", "truncate", "keep_alive"):
        assert load.body[name] == edit.body[name]
    assert load.body["options"]["num_ctx"] == 4096


async def test_an_edit_does_not_wait_for_the_model_to_be_loaded() -> None:
    class Slow(ScriptedOllama):
        def _facts(self, request: Recorded) -> Reply:
            if self._loads(request):
                return Reply((b"{}",), hold_after=0)
            return super()._facts(request)

    with Slow([reply(ANSWER)]) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": ollama.url}}
            await client.initialize(capabilities=BUTTONS)
            await asyncio.to_thread(ollama.wait_for, "holding", 1)
            client.open(URI, TEXT)
            await ask(client)
            await client.message("workspace/applyEdit")
            assert ollama.disconnects == 0
        await asyncio.to_thread(ollama.wait_for, "disconnects", 1)


@pytest.mark.parametrize("options", [{"preload": False}, {"model": "qwen3"}])
async def test_what_is_not_to_be_loaded_is_not_and_nothing_is_said(options: Any) -> None:
    preload = {"preload": True} | options
    async with session(Pull(), models={R1: 1}, **preload) as (client, ollama):
        await client.command("spyhop.pull", {"model": R1})
        await message(client, "is here")
        assert len(client.messages("window/showMessage")) == 1
        assert ollama.preloads == []
