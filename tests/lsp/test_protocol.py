"""Every request is answered once, whatever it holds."""

from __future__ import annotations

import pytest

from lsp_client import serving

pytestmark = pytest.mark.anyio

URI = "file:///work/a.py"


async def test_a_request_with_malformed_params_is_answered_with_an_error_and_no_traceback() -> None:
    async with serving() as client:
        await client.initialize()
        _, answer = client.send_request("textDocument/codeLens", {"textDocument": 7})
        error = (await answer)["error"]
        assert error["code"] == -32602
        assert "raceback" not in str(error)


async def test_an_unknown_request_and_an_unknown_command_are_answered() -> None:
    async with serving() as client:
        await client.initialize()
        _, unknown = client.send_request("spyhop/nonsense", {})
        assert (await unknown)["error"]["code"] == -32601
        _, command = client.send_request(
            "workspace/executeCommand", {"command": "spyhop.nonsense", "arguments": []}
        )
        assert (await command)["error"]["code"] == -32602


async def test_changes_of_a_document_that_is_not_open_are_ignored() -> None:
    async with serving() as client:
        await client.initialize()
        identifier = {"uri": URI, "version": 2}
        changes = [{"text": "x"}]
        client.notify(
            "textDocument/didChange", {"textDocument": identifier, "contentChanges": changes}
        )
        client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
        assert await client.lenses(URI) == []
        assert client.messages("window/showMessage") == []


async def test_a_cancellation_of_an_unknown_request_does_nothing() -> None:
    async with serving() as client:
        await client.initialize()
        client.notify("$/cancelRequest", {"id": 4711})
        client.notify("window/workDoneProgress/cancel", {"token": 5})
        assert await client.lenses(URI) == []
