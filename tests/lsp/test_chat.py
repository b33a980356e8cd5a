"""Chats by the requests of a client that shows them itself, and what every client has."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from platformdirs import user_data_dir

from crash import dying
from lsp_client import CAPABILITIES, SECONDS, Client, position, serving
from spyhop.assist.chat.protocol import METHODS
from spyhop.lsp.features import chat
from spyhop.models.scripted import Script, ScriptedOllama, reply, tokens_of

pytestmark = pytest.mark.anyio

TEXT = "def gcd(a, b):\n    pass\n\n\nprint(gcd(4, 6))\n"
CODE = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n"
ANSWER = f"Hm.\n</think>\n\nSo:\n\n```python\n{CODE}```\n"


@asynccontextmanager
async def session(
    folder: Path, scripts: Sequence[Script], **options: Any
) -> AsyncIterator[tuple[Client, str]]:
    path = folder / "a.py"
    path.write_text(TEXT, encoding="utf-8")
    with ScriptedOllama(scripts) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": ollama.url}}
            await client.initialize(rootUri=folder.as_uri(), **options)
            client.open(path.as_uri(), TEXT)
            yield client, path.as_uri()


def events(client: Client) -> list[dict[str, Any]]:
    return [
        it
        for params in client.messages("$/progress")
        if isinstance(params["value"], list)
        for it in params["value"]
    ]


async def ended(client: Client, turn_id: str) -> dict[str, Any]:
    def last() -> dict[str, Any] | None:
        return next(
            (
                it["turn"]
                for it in events(client)
                if it["kind"] == "turnChanged"
                and it["turn"]["id"] == turn_id
                and it["turn"]["state"] != "streaming"
            ),
            None,
        )

    turn: dict[str, Any] = await client.until(last)
    return turn


async def call(client: Client, method: str, **params: Any) -> Any:
    return await client.request(f"spyhop/chat/{method}", params)


def test_every_method_of_the_protocol_is_registered() -> None:
    assert set(chat.METHODS) == set(METHODS)


async def test_the_selection_is_asked_about_and_the_answer_applied_as_an_edit(
    tmp_path: Path,
) -> None:
    async with session(tmp_path, [reply(ANSWER)], initializationOptions={"chat": True}) as (
        client,
        uri,
    ):
        ends = {"start": position(TEXT, 0), "end": position(TEXT, TEXT.index("\n\n"))}
        added = await client.command("spyhop.chat.add", {"uri": uri, "range": ends})
        chat_id = added["chatId"]
        opened = await call(client, "open", chatId=chat_id)
        [attachment] = opened["attachments"]
        assert attachment["id"] == added["attachmentId"]
        assert (attachment["path"], attachment["range"]) == ("a.py", {"start": 0, "end": 2})
        after = {"after": opened["seq"], "partialResultToken": "t"}
        follow_id, followed = client.send_request("spyhop/chat/follow", after)
        sent = await call(client, "send", chatId=chat_id, text="Implement it.")
        turn = await ended(client, sent["turnId"])
        assert turn["thought"]["text"] == "Hm."
        assert turn["text"].startswith("So:")
        seqs = [it["seq"] for it in events(client)]
        assert seqs == list(range(opened["seq"] + 1, opened["seq"] + 1 + len(seqs)))
        applied = await call(client, "apply", chatId=chat_id, turnId=turn["id"], block=0)
        assert (applied["state"], applied["places"][0]["why"]) == ("proposed", "symbol")
        assert client.documents[uri].text == CODE + TEXT.split("pass\n")[1]
        await client.press(uri, "Reject")
        assert client.documents[uri].text == TEXT
        await call(client, "insertAtCursor", chatId=chat_id, turnId=turn["id"], block=0)
        assert CODE in client.documents[uri].text
        params = {"chatId": chat_id, "turnId": turn["id"], "block": 0, "path": "new/b.py"}
        made = await call(client, "newFile", **params)
        assert made["uri"] == (tmp_path / "new" / "b.py").as_uri()
        assert (tmp_path / "new" / "b.py").read_text(encoding="utf-8") == CODE
        client.notify("$/cancelRequest", {"id": follow_id})
        answer = await asyncio.wait_for(followed, SECONDS)
        assert answer["error"]["code"] == -32800
        assert not client.messages("window/showMessage")


async def test_every_client_has_the_action_and_is_told(tmp_path: Path) -> None:
    async with session(tmp_path, [reply(ANSWER)]) as (client, uri):
        ends = {"start": position(TEXT, 0), "end": position(TEXT, 9)}
        params = {"textDocument": {"uri": uri}, "range": ends, "context": {"diagnostics": []}}
        actions = await client.request("textDocument/codeAction", params)
        [command] = [
            it["command"] for it in actions if it["command"]["command"] == "spyhop.chat.add"
        ]
        assert command["title"] == "Spyhop: Add to chat"
        added = await client.command(command["command"], command["arguments"][0])
        assert (await call(client, "list"))["current"] == added["chatId"]
        told = await client.message("window/showMessage")
        assert "in your browser" in told["message"]
        assert "http://127.0.0.1:" in told["message"]


async def test_what_is_attached_is_marked_when_the_user_types_in_it(tmp_path: Path) -> None:
    async with session(tmp_path, [reply(ANSWER)]) as (client, uri):
        at = {"start": position(TEXT, 0), "end": position(TEXT, 0)}
        added = await client.command("spyhop.chat.add", {"uri": uri, "range": at})
        seq = (await call(client, "open", chatId=added["chatId"]))["seq"]
        client.send_request("spyhop/chat/follow", {"after": seq, "partialResultToken": 1})
        client.type(uri, 0, 0, "# new\n")
        event = await client.until(
            lambda: next((it for it in events(client) if it["kind"] == "attachments"), None)
        )
        assert [it["state"] for it in event["attachments"]] == ["changed"]


@pytest.mark.parametrize(
    ("method", "params", "code", "says"),
    [
        ("open", {"chatId": "c"}, -32803, "This chat is not there any more."),
        ("open", {}, -32803, "chatId"),
        ("open", None, -32803, "chatId"),
        ("send", {"chatId": "c", "type_name": 1, "class": 2}, -32803, "type_name"),
        ("follow", {"after": "x"}, -32602, "partialResultToken"),
        ("follow", None, -32602, "partialResultToken"),
        ("fly", {}, -32601, ""),
    ],
)
async def test_a_request_that_cannot_be_is_answered_with_its_reason(
    tmp_path: Path, method: str, params: Any, code: int, says: str
) -> None:
    async with session(tmp_path, [reply(ANSWER)]) as (client, _):
        _, future = client.send_request(f"spyhop/chat/{method}", params)
        answer = await asyncio.wait_for(future, SECONDS)
        assert answer["error"]["code"] == code
        assert says in answer["error"]["message"]


@pytest.mark.parametrize("path", ["../../outside.py", "link/outside.py", "/etc/passwd", ".git/x"])
async def test_nothing_outside_the_workspace_is_read_or_written(tmp_path: Path, path: str) -> None:
    folder, outside = tmp_path / "work" / "folder", tmp_path / "outside"
    folder.mkdir(parents=True)
    outside.mkdir()
    (outside / "outside.py").write_text("secret = 1\n", encoding="utf-8")
    (tmp_path / "outside.py").write_text("secret = 1\n", encoding="utf-8")
    (folder / "link").symlink_to(outside)
    async with session(folder, [reply(ANSWER)]) as (client, uri):
        chat_id = (await call(client, "new"))["chat"]["id"]
        target = uri.rpartition("/")[0] + "/" + path if path[0] != "/" else f"file://{path}"
        _, future = client.send_request(
            "spyhop/chat/attach", {"chatId": chat_id, "kind": "file", "uri": target}
        )
        answer = await asyncio.wait_for(future, SECONDS)
        assert answer["error"]["code"] == -32803
        seq = (await call(client, "open", chatId=chat_id))["seq"]
        client.send_request("spyhop/chat/follow", {"after": seq, "partialResultToken": 1})
        sent = await call(client, "send", chatId=chat_id, text="Implement it.")
        turn_id = (await ended(client, sent["turnId"]))["id"]
        _, future = client.send_request(
            "spyhop/chat/newFile",
            {"chatId": chat_id, "turnId": turn_id, "block": 0, "path": path},
        )
        answer = await asyncio.wait_for(future, SECONDS)
        assert answer["error"]["code"] == -32803
        assert (outside / "outside.py").read_text(encoding="utf-8") == "secret = 1\n"


def stored(text: str) -> None:
    """Return once a turn with this text is on the disk."""
    path = Path(user_data_dir("spyhop", appauthor=False)) / "chats.db"
    with closing(sqlite3.connect(path)) as connection:
        while not connection.execute(
            "SELECT 1 FROM turns WHERE value LIKE ?", (f"%{text}%",)
        ).fetchone():
            pass


async def test_killed_in_mid_answer_the_chat_is_there_with_what_had_come(tmp_path: Path) -> None:
    output = "Hm.\n</think>\n\nIt adds."
    script = reply(output, hold_after=len(tokens_of(output)))
    with ScriptedOllama([script]) as ollama:
        async with dying() as client:
            client.settings = {"spyhop": {"url": ollama.url}}
            await client.initialize(rootUri=tmp_path.as_uri())
            chat_id = (await call(client, "new"))["chat"]["id"]
            seq = (await call(client, "open", chatId=chat_id))["seq"]
            client.send_request("spyhop/chat/follow", {"after": seq, "partialResultToken": 1})
            await call(client, "send", chatId=chat_id, text="Why?")
            await asyncio.wait_for(asyncio.to_thread(stored, "It adds."), SECONDS)
            client.process.kill()
            await client.process.wait()
    async with serving() as client:
        await client.initialize(rootUri=tmp_path.as_uri(), capabilities=CAPABILITIES)
        opened = await call(client, "open", chatId=chat_id)
        assert [it["state"] for it in opened["turns"]] == ["done", "interrupted"]
        assert [it["text"] for it in opened["turns"]] == ["Why?", "It adds."]
