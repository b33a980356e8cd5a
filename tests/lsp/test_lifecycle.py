"""The session's settings, and what is advertised."""

from __future__ import annotations

from typing import Any

import pytest

from lsp_client import CAPABILITIES, Client, position, serving
from spyhop.models.scripted import ScriptedOllama, reply

pytestmark = pytest.mark.anyio

URI = "file:///work/a.py"
TEXT = "a = 1\n"
ANSWER = "</think>\n```python\na = 2\n```"
NOWHERE = "http://127.0.0.1:9"


async def edited(client: Client) -> None:
    """Have the document edited."""
    range_ = {"start": position(TEXT, 0), "end": position(TEXT, 5)}
    await client.command("spyhop.edit", {"uri": URI, "range": range_, "instruction": "two"})
    await client.message("workspace/applyEdit")


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
            "spyhop.answerNow",
            "spyhop.showDiff",
            "spyhop.showThinking",
            "spyhop.cancel",
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
