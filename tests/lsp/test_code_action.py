"""What is offered at a selection and at a hunk."""

from __future__ import annotations

from typing import Any

import pytest

from lsp_client import Client, position, serving
from spyhop.models.scripted import ScriptedOllama, reply

pytestmark = pytest.mark.anyio

URI = "file:///work/a.py"
TEXT = "a = 1\nb = 2\nc = 3\nd = 4\n"


async def actions(
    client: Client, start: int, end: int, only: list[str] | None = None
) -> list[dict[str, Any]]:
    text = client.documents[URI].text
    range_ = {"start": position(text, start), "end": position(text, end)}
    context: dict[str, Any] = {"diagnostics": []} | ({"only": only} if only else {})
    params = {"textDocument": {"uri": URI}, "range": range_, "context": context}
    found: list[dict[str, Any]] | None = await client.request("textDocument/codeAction", params)
    return found or []


async def test_a_selection_is_offered_comments_and_every_preset() -> None:
    async with serving() as client:
        await client.initialize()
        client.open(URI, TEXT)
        offered = await actions(client, 0, 5)
        assert [action["title"] for action in offered] == [
            "Spyhop: Generate comments",
            "Spyhop: Find and fix bugs",
            "Spyhop: Simplify",
            "Spyhop: Add types",
        ]
        assert {action["kind"] for action in offered} == {"refactor.rewrite"}
        assert offered[0]["command"]["command"] == "spyhop.edit"
        assert offered[0]["command"]["arguments"][0]["preset"] == "comment"


async def test_titles_follow_the_editors_language() -> None:
    async with serving() as client:
        await client.initialize(locale="zh-cn")
        client.open(URI, TEXT)
        offered = await actions(client, 0, 5)
        assert offered[0]["title"] == "Spyhop：生成注释"


@pytest.mark.parametrize(
    ("only", "some"),
    [(["quickfix"], False), (["refactor"], True), (["refactor.rewrite"], True), (["ref"], False)],
)
async def test_only_the_kinds_that_are_asked_for(only: list[str], some: bool) -> None:
    async with serving() as client:
        await client.initialize()
        client.open(URI, TEXT)
        assert bool(await actions(client, 0, 5, only)) is some


async def test_a_caret_is_offered_nothing_but_the_verdicts_on_the_hunk_it_is_in() -> None:
    answer = "</think>\n```python\na = 10\nb = 2\nc = 30\nd = 4\n```"
    with ScriptedOllama([reply(answer)]) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": ollama.url}}
            await client.initialize()
            client.open(URI, TEXT)
            assert await actions(client, 2, 2) == []
            range_ = {"start": position(TEXT, 0), "end": position(TEXT, len(TEXT))}
            argument = {"uri": URI, "range": range_, "instruction": "times ten"}
            await client.command("spyhop.edit", argument)
            await client.message("workspace/applyEdit")
            await client.lenses(URI)
            text = client.documents[URI].text
            titles = [a["title"] for a in await actions(client, text.index("30"), text.index("30"))]
            assert titles == [
                "Spyhop: accept this change",
                "Spyhop: reject this change",
                "Spyhop: accept all changes (2)",
                "Spyhop: reject all changes (2)",
            ]
            reject = (await actions(client, text.index("30"), text.index("30")))[1]["command"]
            await client.command(reject["command"], reject["arguments"][0])
            assert client.documents[URI].text == "a = 10\nb = 2\nc = 3\nd = 4\n"
            assert await actions(client, text.index("b"), text.index("b")) == []
