"""``spyhop.edit`` over stdio, with an editor at one end and an Ollama's wire at the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from lsp_client import Client, position, serving
from spyhop.models.scripted import PLAIN_TEMPLATE, Reply, Script, ScriptedOllama, reply

pytestmark = pytest.mark.anyio

URI = "file:///work/shapes.py"
TEXT = """\
import math


def area(r):
    return 3.14 * r * r


def name():
    return "circle"


def edge(r):
    return 2 * 3.14 * r


print(area(1))
"""
AREA = TEXT.index("def area")
END = TEXT.index("\n\nprint")
THOUGHT = "Two places use 3.14.\nmath.pi is better.\n</think>\n\n"
ANSWER = TEXT[AREA:END].replace("3.14", "math.pi")
OUTPUT = f"{THOUGHT}```python\n{ANSWER}```\n"
UNFINISHED = f"{THOUGHT}```python\nimport math\nPI = math.pi\n"
EDITED = TEXT.replace("3.14", "math.pi")


def range_of(text: str, start: int, end: int) -> dict[str, Any]:
    return {"start": position(text, start), "end": position(text, end)}


def arguments(
    start: int = AREA, end: int = END, text: str = TEXT, instruction: str = "use math.pi"
) -> dict[str, Any]:
    return {"uri": URI, "range": range_of(text, start, end), "instruction": instruction}


@asynccontextmanager
async def session(
    scripts: Sequence[Script | Reply], text: str = TEXT, **options: Any
) -> AsyncIterator[tuple[Client, ScriptedOllama]]:
    """A client with a document open, and the Ollama that its server asks."""
    with ScriptedOllama(scripts, **options) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": ollama.url}}
            await client.initialize()
            client.open(URI, text)
            yield client, ollama


async def settled(client: Client) -> None:
    """Wait until the server has handled all that was sent."""
    await client.lenses(URI)


async def proposed(client: Client, count: int = 1) -> None:
    """Wait until ``count`` proposals stand in the document."""
    await client.message("workspace/applyEdit", count)
    await settled(client)


async def test_a_walk_with_typing_above_below_and_inside_while_the_model_thinks() -> None:
    async with session([reply(OUTPUT, hold_after=6)]) as (client, ollama):
        document = client.documents[URI]
        answer = await client.command("spyhop.edit", arguments())
        assert answer == {"editId": "1"}
        await asyncio.to_thread(ollama.wait_for, "holding", 1)

        client.type(URI, 0, 0, "# 圆 🔵\n")
        client.type(URI, len(document.text), len(document.text), "# end\n")
        inside = document.text.index('"circle"')
        client.type(URI, inside, inside + len('"circle"'), '"disc"')
        typed = document.text
        await settled(client)
        ollama.release()
        await proposed(client)

        edited = typed.replace("3.14", "math.pi")
        assert document.text == edited
        first, second = (n for n, line in enumerate(edited.split("\n")) if "math.pi" in line)
        assert [(line, title) for line, title, _ in await client.lenses(URI)] == [
            (first, "Accept"),
            (first, "Reject"),
            (first, "Accept all 2"),
            (first, "Reject all 2"),
            (second, "Accept"),
            (second, "Reject"),
        ]

        await client.press(URI, "Accept", first)
        assert document.text == edited
        await client.press(URI, "Reject", second)
        assert document.text == edited.replace("2 * math.pi", "2 * 3.14")
        assert await client.lenses(URI) == []

        client.undo(URI)
        assert document.text == edited
        assert [line for line, _, _ in await client.lenses(URI)] == [second, second]
        client.undo(URI)
        assert document.text == typed
        assert await client.lenses(URI) == []
        client.redo(URI)
        assert [line for line, _, _ in await client.lenses(URI)] == [second, second]
        await client.press(URI, "Reject")
        assert document.text == edited.replace("2 * math.pi", "2 * 3.14")


async def test_the_proposal_is_one_undo_step_and_reject_all_gives_the_bytes_back() -> None:
    async with session([reply(OUTPUT)]) as (client, _):
        await client.command("spyhop.edit", arguments())
        await proposed(client)
        assert client.documents[URI].text == EDITED
        await client.press(URI, "Reject all")
        assert client.documents[URI].text == TEXT
        assert len(client.messages("workspace/applyEdit")) == 2
        client.undo(URI)
        client.undo(URI)
        assert client.documents[URI].text == TEXT


async def test_accept_keeps_what_the_user_typed_into_a_hunk_and_reject_does_not() -> None:
    async with session([reply(OUTPUT)]) as (client, _):
        await client.command("spyhop.edit", arguments())
        await proposed(client)
        document = client.documents[URI]
        at = document.text.index("math.pi * r * r")
        client.type(URI, at, at, "1.0 * ")
        at = document.text.index("2 * math.pi")
        client.type(URI, at, at + 1, "two")
        await client.press(URI, "Accept")
        await client.press(URI, "Reject")
        assert document.text == TEXT.replace("3.14 * r * r", "1.0 * math.pi * r * r")


async def test_progress_tells_of_thoughts_and_lines_and_ends() -> None:
    async with session([reply(OUTPUT, delay=0.02)]) as (client, _):
        await client.command("spyhop.edit", arguments())
        await proposed(client)
        created = await client.message("window/workDoneProgress/create")
        await client.until(lambda: client.messages("$/progress")[-1]["value"]["kind"] == "end")
        reports = client.messages("$/progress")
        assert {report["token"] for report in reports} == {created["token"]}
        assert reports[0]["value"] == {
            "kind": "begin",
            "title": "Spyhop: Edit with an instruction",
            "cancellable": True,
        }
        said = [report["value"].get("message", "") for report in reports]
        assert any(text.startswith("Thinking… ") for text in said)
        assert any(text.startswith("Writing… ") for text in said)


@pytest.mark.parametrize("way", ["progress", "request", "command", "close"])
async def test_cancelling_closes_the_stream_and_leaves_the_document(way: str) -> None:
    async with session([reply(OUTPUT, hold_after=6)]) as (client, ollama):
        request_id, future = client.send_request(
            "workspace/executeCommand", {"command": "spyhop.edit", "arguments": [arguments()]}
        )
        answer = await future
        token = (await client.message("window/workDoneProgress/create"))["token"]
        await asyncio.to_thread(ollama.wait_for, "holding", 1)
        match way:
            case "progress":
                client.notify("window/workDoneProgress/cancel", {"token": token})
            case "request":
                client.notify("$/cancelRequest", {"id": request_id})
            case "command":
                await client.command("spyhop.cancel", answer["result"])
            case "close":
                client.close(URI)
        await asyncio.to_thread(ollama.wait_for, "disconnects", 1)
        client.open(URI, TEXT)
        assert await client.lenses(URI) == []
        assert client.messages("workspace/applyEdit") == []
        assert client.messages("window/showMessage") == []


async def test_two_edits_of_one_file_at_once_where_they_do_not_overlap() -> None:
    area, edge = TEXT.index("def area"), TEXT.index("def edge")
    first = "</think>\n```python\ndef area(r):\n    return math.pi * r**2\n```"
    second = "</think>\n```python\ndef edge(r):\n    return math.tau * r\n```"
    async with session([reply(first, hold_after=2), reply(second, hold_after=2)]) as (c, ollama):
        one = await c.command("spyhop.edit", arguments(area, TEXT.index("\n\n\ndef name")))
        await asyncio.to_thread(ollama.wait_for, "holding", 1)
        two = await c.command("spyhop.edit", arguments(edge, END))
        await asyncio.to_thread(ollama.wait_for, "holding", 2)
        assert one != two
        refused = await c.command("spyhop.edit", arguments(area, area + 5))
        assert refused is None
        message = await c.message("window/showMessage")
        assert message["message"].startswith("Another edit of these lines is still open.")
        ollama.release()
        await proposed(c, 2)
        assert c.documents[URI].text == TEXT.replace("3.14 * r * r", "math.pi * r**2").replace(
            "2 * 3.14 * r", "math.tau * r"
        )
        await c.press(URI, "Reject")
        await c.press(URI, "Reject")
        assert c.documents[URI].text == TEXT


async def in_conflict(client: Client, ollama: ScriptedOllama) -> str:
    """Have the model change two lines of which the user changes the first meanwhile."""
    await client.command("spyhop.edit", arguments())
    await asyncio.to_thread(ollama.wait_for, "holding", 1)
    at = TEXT.index("3.14")
    client.type(URI, at, at + 4, "3.1416")
    await settled(client)
    ollama.release()
    message = await client.message("window/showMessage")
    assert message["message"] == (
        "You changed the same lines as the model while it was thinking. Your lines stay until "
        "you choose: 1 in conflict, the first in line 5."
    )
    return client.documents[URI].text


async def test_lines_changed_by_user_and_model_wait_for_a_choice_and_the_rest_is_applied() -> None:
    async with session([reply(OUTPUT, hold_after=6)]) as (client, ollama):
        typed = await in_conflict(client, ollama)
        assert typed == TEXT.replace("3.14", "3.1416", 1).replace("2 * 3.14", "2 * math.pi")
        assert [(line, title) for line, title, _ in await client.lenses(URI)] == [
            (4, "Conflict: take the model's"),
            (4, "Keep mine"),
            (4, "Show both"),
            (4, "Reject all 2"),
            (12, "Accept"),
            (12, "Reject"),
        ]
        await client.press(URI, "Conflict")
        assert client.documents[URI].text == EDITED
        assert [title for _, title, _ in await client.lenses(URI)] == ["Accept", "Reject"]
        client.undo(URI)
        assert client.documents[URI].text == typed
        await client.press(URI, "Keep mine")
        assert client.documents[URI].text == typed
        assert [title for _, title, _ in await client.lenses(URI)] == ["Accept", "Reject"]
        assert len(client.messages("window/showMessage")) == 1


async def test_where_all_is_in_conflict_nothing_is_applied_and_the_choice_is_offered() -> None:
    async with session([reply(OUTPUT, hold_after=6)]) as (client, ollama):
        at = TEXT.index("2 * 3.14")
        await client.command("spyhop.edit", arguments())
        await asyncio.to_thread(ollama.wait_for, "holding", 1)
        client.type(URI, at, at + 1, "two")
        at = TEXT.index("3.14")
        client.type(URI, at, at + 4, "3.1416")
        typed = client.documents[URI].text
        await settled(client)
        ollama.release()
        message = await client.message("window/showMessage")
        assert "2 in conflict, the first in line 5." in message["message"]
        assert client.messages("workspace/applyEdit") == []
        assert [title for _, title, _ in await client.lenses(URI)] == [
            "Conflict: take the model's",
            "Keep mine",
            "Show both",
            "Reject all 2",
            "Conflict: take the model's",
            "Keep mine",
            "Show both",
        ]
        await client.press(URI, "Reject all")
        assert client.documents[URI].text == typed
        assert await client.lenses(URI) == []
        assert client.messages("workspace/applyEdit") == []


async def test_two_verdicts_at_once_are_carried_out_one_after_the_other() -> None:
    async with session([reply(OUTPUT)]) as (client, _):
        await client.command("spyhop.edit", arguments())
        await proposed(client)
        verdicts = [
            client.send_request(
                "workspace/executeCommand",
                {"command": "spyhop.reject", "arguments": [{"editId": "1", "hunkId": hunk}]},
            )[1]
            for hunk in ("1", "2")
        ]
        for verdict in verdicts:
            assert (await verdict)["result"] is None
        assert client.documents[URI].text == TEXT
        assert client.messages("window/showMessage") == []


@pytest.mark.parametrize("full_text", [False, True])
async def test_a_key_typed_while_the_proposal_is_on_its_way_is_not_lost(full_text: bool) -> None:
    async with session([reply(OUTPUT)]) as (client, _):
        client.full_text = full_text
        client.before_apply = lambda: client.type(URI, 0, 0, "x")
        await client.command("spyhop.edit", arguments())
        await proposed(client, 2)
        assert client.documents[URI].text == "x" + EDITED
        await client.press(URI, "Reject all")
        assert client.documents[URI].text == "x" + TEXT


async def test_a_selection_behind_emoji_crlf_and_line_separators_is_found() -> None:
    text = TEXT.replace("import math", 'import math  # "🐋🐋\u2028 \x0c 圆"').replace("\n", "\r\n")
    start, end = text.index("def area"), text.index("\r\n\r\nprint")
    async with session([reply(OUTPUT)], text) as (client, _):
        await client.command("spyhop.edit", arguments(start, end, text))
        await proposed(client)
        assert client.documents[URI].text == text.replace("3.14", "math.pi")
        await client.press(URI, "Reject all")
        assert client.documents[URI].text == text


async def test_a_client_without_versions_gets_plain_changes() -> None:
    with ScriptedOllama([reply(OUTPUT)]) as ollama:
        async with serving() as client:
            await client.initialize(
                capabilities={}, initializationOptions={"settings": {"url": ollama.url}}
            )
            client.open(URI, TEXT)
            await client.command("spyhop.edit", arguments())
            edit = (await client.message("workspace/applyEdit"))["edit"]
            assert list(edit) == ["changes"]
            assert [change["newText"] for change in edit["changes"][URI]] == [
                "    return math.pi * r * r\n",
                "    return 2 * math.pi * r\n",
            ]


async def test_thoughts_never_reach_the_document_when_the_runtime_leaves_them_in() -> None:
    async with session([reply(OUTPUT)], template=PLAIN_TEMPLATE) as (client, ollama):
        await client.command("spyhop.edit", arguments())
        await proposed(client)
        assert client.documents[URI].text == EDITED
        assert ollama.generations[0].path == "/api/chat"
        message = await client.message("window/showMessage")
        assert message["message"].startswith("The model's thoughts came mixed into its answer")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (reply("</think>\n\nI would rather not."), "The model answered without code."),
        (reply("still thinking"), "The model did not finish thinking"),
        (reply(f"{THOUGHT}```python\n{TEXT[AREA:END]}```"), "would leave these lines as they are"),
        (reply(UNFINISHED, done_reason="length"), "The answer was cut off"),
        (reply(UNFINISHED, done_reason=None), "stopped sending without saying that it was done"),
        (reply(UNFINISHED, ending="abort"), "broke off in the middle of the answer"),
        (reply(UNFINISHED, error="out of memory"), "out of memory"),
    ],
)
async def test_no_usable_answer_changes_nothing_and_says_why(script: Script, says: str) -> None:
    if script.ending == "abort":
        script = Script(script.text[:-3], done_reason=None, ending="abort")
    async with session([script]) as (client, _):
        await client.command("spyhop.edit", arguments())
        message = await client.message("window/showMessage")
        assert says in message["message"]
        assert "Traceback" not in message["message"]
        assert client.messages("workspace/applyEdit") == []
        assert await client.lenses(URI) == []


async def test_a_missing_model_is_named_with_what_is_installed_and_how_to_get_it() -> None:
    async with session([], models={"llama3:8b": 1}) as (client, ollama):
        await client.command("spyhop.edit", arguments())
        message = await client.message("window/showMessage")
        assert message["type"] == 1
        assert message["message"] == (
            f"Ollama answers at {ollama.url} but has no DeepSeek-R1. Installed: llama3:8b. "
            "Get one: spyhop pull deepseek-r1:7b. Or name another model: --model, SPYHOP_MODEL, "
            "or model in spyhop.toml."
        )


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        (None, "spyhop.edit takes one argument"),
        ({"uri": URI}, "spyhop.edit takes one argument"),
        ({**arguments(), "uri": "file:///other.py"}, "file:///other.py is not open"),
        ({**arguments(), "instruction": " "}, "Say what to do"),
        ({**arguments(), "preset": "nonsense"}, "There is no prompt nonsense"),
    ],
)
async def test_a_request_that_cannot_be_carried_out_is_answered_and_says_why(
    argument: Any, says: str
) -> None:
    async with session([]) as (client, _):
        assert await client.command("spyhop.edit", argument) is None
        assert says in (await client.message("window/showMessage"))["message"]


async def test_a_preset_asks_with_its_own_words() -> None:
    async with session([reply(OUTPUT)]) as (client, ollama):
        argument = {"uri": URI, "range": range_of(TEXT, AREA, END), "preset": "simplify"}
        await client.command("spyhop.edit", argument)
        await proposed(client)
        assert "simpler and easier to read" in ollama.generations[0].body["prompt"]
