"""Completions in a list, for editors that show no ghost text."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from completing_client import GHOST, LIST, URI, session
from lsp_client import CAPABILITIES, Client, position
from spyhop.models.scripted import reply

pytestmark = pytest.mark.anyio

TEXT = "import math\n\n\ndef area(r):\n    return \n"
CARET = TEXT.index("return ") + len("return ")


def params(client: Client, at: int, kind: int = 1) -> dict[str, Any]:
    text = client.documents[URI].text
    context = {"triggerKind": kind}
    return {"textDocument": {"uri": URI}, "position": position(text, at), "context": context}


async def listed(client: Client, at: int, kind: int = 1) -> list[dict[str, Any]]:
    found = await client.request("textDocument/completion", params(client, at, kind))
    assert found["isIncomplete"] is True
    items: list[dict[str, Any]] = found["items"]
    return items


async def test_one_entry_stands_first_and_shows_what_it_puts_in() -> None:
    text = TEXT + "def f():\n"
    output = "    if not math:\n        return None\n"
    async with session([reply(output)], text, capabilities=LIST) as (client, _):
        (item,) = await listed(client, len(text))
        at = position(text, len(text))
        assert item["textEdit"] == {
            "range": {"start": at, "end": at},
            "newText": "    if not math:\n        return None",
        }
        assert (item["label"], item["detail"]) == ("if not math:", "Spyhop")
        assert item["documentation"]["kind"] == "markdown"
        assert (
            "```python\n    if not math:\n        return None\n```"
            in (item["documentation"]["value"])
        )
        assert item["sortText"] < "0"
        assert item["preselect"] is False
        assert item["insertTextMode"] == 1
        assert item["command"]["command"] == "spyhop.completionAccepted"


async def test_an_entry_begins_with_the_word_that_the_editor_filters_by() -> None:
    text = TEXT.replace("return ", "return ma")
    async with session([reply("th.pi * r\n")], text, capabilities=LIST) as (client, _):
        (item,) = await listed(client, CARET + 2)
        assert item["textEdit"]["newText"] == "math.pi * r"
        assert item["filterText"] == "math.pi * r"
        assert item["textEdit"]["range"]["start"] == position(text, CARET)


async def test_a_long_line_is_shortened_and_plain_text_stays_plain() -> None:
    output = "sum(x * y for x, y in zip(range(r), range(r), strict=True) if x != y)"
    async with session([reply(output)], TEXT, capabilities=CAPABILITIES) as (client, _):
        (item,) = await listed(client, CARET)
        assert item["textEdit"]["newText"] == output
        assert len(item["label"]) == 60
        assert item["label"].endswith("…")
        assert item["documentation"] == {"kind": "plaintext", "value": output}


async def test_what_is_typed_along_is_in_the_list_without_a_request() -> None:
    async with session([reply("math.pi * r\n")], TEXT, capabilities=LIST) as (client, model):
        await listed(client, CARET)
        asked = len(model.generations)
        client.type(URI, CARET, CARET, "math")
        (item,) = await listed(client, CARET + 4, kind=3)
        assert item["label"] == "math.pi * r"
        assert len(model.generations) <= asked + 1


async def test_a_character_that_triggers_others_lists_is_not_ours() -> None:
    async with session([reply("pi\n")], TEXT, capabilities=LIST) as (client, model):
        assert await listed(client, CARET, kind=2) == []
        assert not model.generations


async def test_a_model_that_takes_long_does_not_hold_the_list() -> None:
    script = reply("math.pi\n", hold_after=0)
    async with session([script], TEXT, capabilities=LIST) as (client, model):
        asked = asyncio.create_task(listed(client, CARET))
        await asyncio.to_thread(model.wait_for, "holding", 1)
        # The model says nothing until it is released, so this ends by itself.
        assert await asked == []


async def test_who_shows_ghost_text_has_no_list() -> None:
    async with session([reply("x\n")], TEXT, capabilities=GHOST) as (client, _):
        _, answer = client.send_request("textDocument/completion", params(client, CARET))
        assert (await answer)["error"]["code"] == -32601
