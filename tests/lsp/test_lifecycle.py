"""The session's settings, and what is advertised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from configured import PLANTED, project, write
from lsp_client import CAPABILITIES, Client, position, serving
from spyhop.models.scripted import ScriptedOllama, reply
from spyhop.settings.files import user_file

pytestmark = pytest.mark.anyio

URI = "file:///work/a.py"
OTHER = "file:///work/b.py"
TEXT = "a = 1\n"
ANSWER = "</think>\n```python\na = 2\n```"
NOWHERE = "http://127.0.0.1:9"


async def edited(client: Client, uri: str = URI, count: int = 1) -> None:
    """Have a document edited; it is the ``count``-th edit."""
    range_ = {"start": position(TEXT, 0), "end": position(TEXT, 5)}
    await client.command("spyhop.edit", {"uri": uri, "range": range_, "instruction": "two"})
    await client.message("workspace/applyEdit", count)


async def test_what_is_advertised() -> None:
    async with serving() as client:
        result = await client.initialize()
        capabilities = result["capabilities"]
        assert capabilities["textDocumentSync"] == {"openClose": True, "change": 2, "save": False}
        assert capabilities["codeActionProvider"]["codeActionKinds"] == ["refactor.rewrite"]
        assert capabilities["codeLensProvider"] == {"resolveProvider": False}
        assert set(capabilities["executeCommandProvider"]["commands"]) == {
            "spyhop.edit",
            "spyhop.ask",
            "spyhop.chat.add",
            "spyhop.doctor",
            "spyhop.answerNow",
            "spyhop.showDiff",
            "spyhop.showThinking",
            "spyhop.cancel",
            "spyhop.pull",
            "spyhop.completionAccepted",
            "spyhop.accept",
            "spyhop.reject",
        }
        assert result["serverInfo"]["name"] == "spyhop"


async def test_settings_come_from_initialization_options() -> None:
    with ScriptedOllama([reply(ANSWER)]) as ollama:
        async with serving() as client:
            await client.initialize(
                initializationOptions={"settings": {"url": ollama.url, "contextTokens": 4096}}
            )
            client.open(URI, TEXT)
            await edited(client)
            assert ollama.generations[0].body["options"]["num_ctx"] == 4096


async def test_the_editors_configuration_goes_over_initialization_options() -> None:
    with ScriptedOllama([reply(ANSWER)]) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": ollama.url}}
            await client.initialize(initializationOptions={"settings": {"url": NOWHERE}})
            client.open(URI, TEXT)
            await edited(client)


@pytest.mark.parametrize("pushed", [True, False])
async def test_settings_changed_later_are_in_force_at_the_next_edit(pushed: bool) -> None:
    with ScriptedOllama([reply(ANSWER)]) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": NOWHERE}}
            await client.initialize()
            client.open(URI, TEXT)
            settings: dict[str, Any] = {"spyhop": {"url": ollama.url}}
            client.settings = settings
            client.notify(
                "workspace/didChangeConfiguration", {"settings": settings if pushed else None}
            )
            if not pushed:
                await client.message("workspace/configuration", 2)
            await client.lenses(URI)
            await edited(client)


async def test_a_wrong_setting_is_told_and_the_others_stay_in_force() -> None:
    with ScriptedOllama([reply(ANSWER)]) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"temprature": 1}}
            await client.initialize(initializationOptions={"settings": {"url": ollama.url}})
            client.open(URI, TEXT)
            await edited(client)
            message = await client.message("window/showMessage")
            assert message["message"] == (
                "spyhop.temprature: there is no setting temprature. Did you mean temperature?"
            )


async def test_a_settings_file_changed_on_disk_is_in_force_at_the_next_edit() -> None:
    with ScriptedOllama([reply(ANSWER)]) as first, ScriptedOllama([reply(ANSWER)]) as second:
        async with serving() as client:
            write(user_file(), f'url = "{first.url}"')
            await client.initialize()
            client.open(URI, TEXT)
            await edited(client)
            write(user_file(), f'url = "{second.url}"\ncontext_tokens = 4096')
            client.open(OTHER, TEXT)
            await edited(client, OTHER, 2)
            assert len(first.generations) == 1
            assert second.generations[0].body["options"]["num_ctx"] == 4096


async def test_a_fault_in_a_file_is_told_once_and_again_when_it_is_another() -> None:
    shown = "window/showMessage"
    with ScriptedOllama([reply(ANSWER)] * 4) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": ollama.url}}
            write(user_file(), 'modle = "x"')
            await client.initialize()
            texts = ["", "# the same fault\n", "# the same line\n", "# mended"]
            keys = ["modle", "modle", "tempratur", ""]
            for number, (text, key) in enumerate(zip(texts, keys, strict=True)):
                if number != 1:
                    write(user_file(), f"{text}{key} = 1" if key else text)
                uri = f"file:///work/{number}.py"
                client.open(uri, TEXT)
                await edited(client, uri, number + 1)
            told = [message["message"] for message in client.messages(shown)]
            path = str(user_file())
            assert told == [
                f"{path}:1: there is no setting modle. Did you mean model?",
                f"{path}:2: there is no setting tempratur. Did you mean temperature?",
            ]


@pytest.mark.parametrize("said", [True, False, None, "yes"])
async def test_a_project_decides_all_where_the_editor_says_that_it_is_trusted(
    tmp_path: Path, said: object
) -> None:
    with ScriptedOllama([reply(ANSWER)]) as ollama:
        project(tmp_path, f'url = "{ollama.url}"\nkey = "{PLANTED}"')
        async with serving() as client:
            await client.initialize(
                rootUri=tmp_path.as_uri(), initializationOptions={"trusted": said}
            )
            client.open(URI, TEXT)
            await edited(client)
            headers = ollama.generations[0].headers
            assert ("authorization" in headers) == (said is True)
            if said is not True:
                shown = await client.message("window/showMessage")
                place = f"{tmp_path / 'spyhop.toml'}:2"
                assert shown["message"].startswith(f"{place}: a project's file may not set key")
                assert PLANTED not in str(client.received)


async def test_a_question_asks_the_model_of_its_role() -> None:
    with ScriptedOllama([reply(ANSWER)] * 2, models={"a": 1, "b": 2}) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": ollama.url, "model": "a", "chat": {"model": "b"}}}
            showing = {"window": {"workDoneProgress": True, "showDocument": {"support": True}}}
            await client.initialize(capabilities=CAPABILITIES | showing)
            client.open(URI, TEXT)
            await edited(client)
            range_ = {"start": position(TEXT, 0), "end": position(TEXT, 5)}
            await client.command("spyhop.ask", {"uri": URI, "range": range_, "instruction": "why?"})
            await client.message("window/showDocument")
            assert [one.body["model"] for one in ollama.generations] == ["a", "b"]


async def test_utf_8_positions_where_the_client_prefers_them() -> None:
    text = "# 圆🔵\na = 1\n"
    with ScriptedOllama([reply(ANSWER)]) as ollama:
        async with serving() as client:
            general = {"positionEncodings": ["utf-8"]}
            client.settings = {"spyhop": {"url": ollama.url}}
            result = await client.initialize(capabilities=CAPABILITIES | {"general": general})
            assert result["capabilities"]["positionEncoding"] == "utf-8"
            client.open(URI, text)
            end = {"line": 0, "character": len("# 圆🔵".encode())}
            identifier = {"uri": URI, "version": 2}
            change = {"range": {"start": end, "end": end}, "text": "!"}
            client.notify(
                "textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]}
            )
            client.documents[URI].version = 2
            client.documents[URI].text = text = "# 圆🔵!\na = 1\n"
            range_ = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 5}}
            await client.command("spyhop.edit", {"uri": URI, "range": range_, "instruction": "two"})
            await client.message("workspace/applyEdit")
            assert "# 圆🔵!" in ollama.generations[0].body["prompt"]
            assert client.documents[URI].text == "# 圆🔵!\na = 2\n"
