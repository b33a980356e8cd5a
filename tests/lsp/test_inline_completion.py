"""Ghost text over stdio: what is shown, what is asked of the model, and what is not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from completing_client import GHOST, LIST, LSP4IJ, URI, answered, ask, ghost, session, text_at
from lsp_client import position
from spyhop.models.scripted import Script, reply

pytestmark = pytest.mark.anyio

TEXT = "import math\n\n\ndef area(r):\n    return \n"
CARET = TEXT.index("return ") + len("return ")
ANSWER = "math.pi * r ** 2\n"


async def test_ghost_text_is_shown_at_the_caret() -> None:
    async with session([reply(ANSWER)], TEXT) as (client, model):
        (item,) = await ghost(client, CARET)
        assert item["insertText"] == "math.pi * r ** 2"
        assert item["range"] == {"start": position(TEXT, CARET), "end": position(TEXT, CARET)}
        assert item["command"]["command"] == "spyhop.completionAccepted"
        (told,) = item["command"]["arguments"]
        assert (told["uri"], type(told["id"])) == (URI, int)
        asked = model.generations[0]
        assert asked.body["prompt"].endswith("def area(r):\n    return")
        assert client.messages("window/showMessage") == []


async def test_the_capability_is_told_and_the_list_is_not_offered_twice() -> None:
    for capabilities, inline, listed in ((GHOST, True, False), (LIST, True, True)):
        async with session([reply("")], "", capabilities=capabilities) as (client, _):
            (first,) = [it["result"] for it in client.received if it.get("id") == 1]
            assert ("inlineCompletionProvider" in first["capabilities"]) is inline
            assert ("completionProvider" in first["capabilities"]) is listed
            commands = first["capabilities"]["executeCommandProvider"]["commands"]
            assert "spyhop.completionAccepted" in commands


async def test_what_is_typed_along_costs_no_request() -> None:
    async with session([reply(ANSWER)], TEXT) as (client, model):
        assert await text_at(client, CARET) == "math.pi * r ** 2"
        at = CARET
        for character in "math.pi":
            client.type(URI, at, at, character)
            at += 1
            rest = "math.pi * r ** 2"[at - CARET :]
            assert await text_at(client, at, kind=2) == rest
        client.type(URI, at - 2, at, "")
        assert await text_at(client, at - 2, kind=2) == "pi * r ** 2"
        # One for what is shown, and one ahead for what comes behind it.
        await asyncio.to_thread(model.wait_for, "generations", 2)
        _, ahead = model.generations
        assert ahead.body["prompt"].endswith("    return math.pi * r ** 2")


async def test_what_comes_after_an_accepted_completion_is_there_already() -> None:
    scripts = [reply("    if a:\n        b()\n"), reply("\n    return a\n"), reply("x")]
    async with session(scripts, "def f(a):\n") as (client, model):
        first = await text_at(client, 10)
        assert first
        await asyncio.to_thread(model.wait_for, "generations", 2)
        client.type(URI, 10, 10, first)
        assert await text_at(client, 10 + len(first), kind=2) == "\n    return a"
        assert first in model.generations[1].body["prompt"]


@pytest.mark.parametrize("kinds", [(1, 2), (0, 1)], ids=["the specification's", "VS Code's"])
async def test_a_caret_in_a_comment_is_left_alone_unless_the_user_asks(
    kinds: tuple[int, int],
) -> None:
    text = "x = 1  # the num\n"
    explicit, automatic = kinds
    async with session([reply("ber\n")], text) as (client, model):
        # The 0 tells that this client counts as VS Code does.
        assert await text_at(client, 16, kind=explicit) == "ber"
        client.type(URI, 16, 16, " of")
        assert await text_at(client, 19, kind=automatic) is None
        assert len(model.generations) == 1


@pytest.mark.parametrize(
    "line",
    ["名 = '你好' + ", "emoji = '👩‍👩‍👧😀' + ", "accents = 'ñé' + "],
    ids=["zh", "emoji", "é"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
async def test_positions_are_right_behind_any_text(line: str, end: str) -> None:
    text = f"a = 1{end}{line}{end}"
    at = text.index(line) + len(line)
    async with session([reply("'x' + \\\n    'y'\n")], text) as (client, model):
        (item,) = await ghost(client, at)
        assert item["range"]["start"] == position(text, at)
        assert item["insertText"].startswith("'x'")
        assert "\n" not in item["insertText"].replace("\r\n", "") or end == "\n"
        assert model.generations[0].body["prompt"].endswith(line.rstrip())


async def test_a_request_that_cannot_fit_any_more_is_closed_and_each_is_answered() -> None:
    scripts = [reply("math.pi\n", hold_after=0), reply("r\n")]
    async with session(scripts, TEXT) as (client, model):
        _, first = ask(client, CARET)
        await asyncio.to_thread(model.wait_for, "holding", 1)
        client.type(URI, 0, 0, "import cmath\n")
        assert await answered(first) == []
        at = CARET + len("import cmath\n")
        client.type(URI, at, at, "2 * ")
        _, second = ask(client, at + 4)
        await asyncio.to_thread(model.wait_for, "disconnects", 1)
        assert (await answered(second))[0]["insertText"] == "r"


async def test_a_request_is_kept_while_what_is_typed_may_be_what_it_gives() -> None:
    async with session([reply(ANSWER, hold_after=0)], TEXT) as (client, model):
        _, first = ask(client, CARET)
        await asyncio.to_thread(model.wait_for, "holding", 1)
        client.type(URI, CARET, CARET, "ma")
        _, second = ask(client, CARET + 2, kind=2)
        assert await answered(first) == []
        model.release()
        assert (await answered(second))[0]["insertText"] == "th.pi * r ** 2"
        assert len(model.generations) == 1


async def test_an_ask_that_is_cancelled_is_answered_and_its_request_serves_the_next() -> None:
    async with session([reply(ANSWER, hold_after=0)], TEXT) as (client, model):
        id_, first = ask(client, CARET)
        await asyncio.to_thread(model.wait_for, "holding", 1)
        client.notify("$/cancelRequest", {"id": id_})
        assert (await first)["error"]["code"] == -32800
        _, second = ask(client, CARET)
        model.release()
        assert (await answered(second))[0]["insertText"] == "math.pi * r ** 2"
        assert len(model.generations) == 1


async def test_a_request_that_nobody_waits_for_is_closed() -> None:
    async with session([reply(ANSWER, hold_after=0)], TEXT) as (client, model):
        id_, first = ask(client, CARET)
        await asyncio.to_thread(model.wait_for, "holding", 1)
        client.notify("$/cancelRequest", {"id": id_})
        await first
        await asyncio.to_thread(model.wait_for, "disconnects", 1)


async def test_an_ask_about_a_text_that_has_changed_meanwhile_has_no_answer() -> None:
    async with session([reply(ANSWER)], TEXT) as (client, model):
        _, first = ask(client, CARET, kind=2)
        client.type(URI, CARET, CARET, "m")
        assert await answered(first) == []
        assert await text_at(client, CARET + 1) == "math.pi * r ** 2"
        assert model.generations[0].body["prompt"].endswith("return m")


async def test_a_document_that_is_closed_is_completed_no_more() -> None:
    async with session([reply(ANSWER, hold_after=0)], TEXT) as (client, model):
        _, first = ask(client, CARET)
        await asyncio.to_thread(model.wait_for, "holding", 1)
        client.close(URI)
        assert await answered(first) == []
        await asyncio.to_thread(model.wait_for, "disconnects", 1)


async def test_shutting_down_closes_the_stream() -> None:
    async with session([reply(ANSWER, hold_after=0)], TEXT) as (client, model):
        _, first = ask(client, CARET)
        await asyncio.to_thread(model.wait_for, "holding", 1)
    assert (await first)["result"] == []
    assert model.disconnects == 1


async def test_an_edit_goes_first() -> None:
    scripts = [
        reply(ANSWER, hold_after=0),
        reply("Hm.</think>```python\nx\n```", hold_after=1),
        reply(ANSWER),
    ]
    async with session(scripts, TEXT) as (client, model):
        _, first = ask(client, CARET)
        await asyncio.to_thread(model.wait_for, "holding", 1)
        range_ = {"start": position(TEXT, 0), "end": position(TEXT, 5)}
        argument = {"uri": URI, "range": range_, "preset": "explain"}
        await client.command("spyhop.ask", argument)
        assert await answered(first) == []
        await asyncio.to_thread(model.wait_for, "disconnects", 1)
        await asyncio.to_thread(model.wait_for, "holding", 2)
        assert await text_at(client, CARET) is None
        assert len(model.generations) == 2
        await client.command("spyhop.cancel", {"editId": "ask-1"})
        await asyncio.to_thread(model.wait_for, "disconnects", 2)


async def test_pending_hunks_are_not_disturbed() -> None:
    scripts = [reply("Hm.</think>```python\nimport cmath\n```"), reply(ANSWER)]
    async with session(scripts, TEXT) as (client, _):
        range_ = {"start": position(TEXT, 0), "end": position(TEXT, 5)}
        await client.command("spyhop.edit", {"uri": URI, "range": range_, "instruction": "complex"})
        await client.message("workspace/applyEdit")
        lenses = await client.lenses(URI)
        at = CARET + 1
        assert await text_at(client, at) == "math.pi * r ** 2"
        client.type(URI, at, at, "math.pi * r ** 2")
        assert [it[:2] for it in await client.lenses(URI)] == [it[:2] for it in lenses]
        await client.press(URI, "Reject")
        assert client.documents[URI].text == TEXT[:CARET] + "math.pi * r ** 2" + TEXT[CARET:]


# LSP4IJ


async def test_lsp4ij_gets_ranges_that_end_at_the_caret() -> None:
    text = "area = abs()\n"
    script = reply("width) * height\n")
    options = {"client": "lsp4ij"}
    async with session([script], text, capabilities=LSP4IJ, options=options) as (client, _):
        client.string_ids = True
        # It always says that the user only typed.
        (item,) = await ghost(client, 11, kind=2)
        assert item["insertText"] == "width"
        at = position(text, 11)
        assert item["range"] == {"start": at, "end": at}
    async with session([script], text) as (client, _):
        (item,) = await ghost(client, 11, kind=2)
        assert item["insertText"] == "width) * height"
        assert item["range"] == {"start": at, "end": position(text, 12)}


async def test_unbidden_completions_can_be_off_for_all_or_a_language() -> None:
    for settings in ({"complete": {"enabled": False}}, {"complete": {"languagesOff": "python"}}):
        async with session([reply(ANSWER)], TEXT, settings=settings) as (client, model):
            assert await text_at(client, CARET, kind=2) is None
            assert not model.generations
            assert await text_at(client, CARET, kind=1) == "math.pi * r ** 2"


async def test_markdown_keeps_its_fences() -> None:
    text = "Run it:\n\n```sh\nmake test\n"
    uri = "file:///work/a.md"
    script = [reply("```\n\nThen read.\n")]
    async with session(script, text, uri=uri, language="markdown") as (client, model):
        assert await text_at(client, len(text), uri=uri) == "```"
        assert "````markdown\n" in model.generations[0].body["prompt"]


async def test_no_thought_and_no_token_of_the_models_is_shown() -> None:
    output = "</think>\n\nmath.pi<｜end▁of▁sentence｜>"
    async with session([reply(output)], TEXT) as (client, _):
        assert await text_at(client, CARET) == "math.pi"


async def test_special_tokens_in_the_users_code_arrive_as_they_are() -> None:
    text = "EOS = '<｜end▁of▁sentence｜>'\nBOTH = \n"
    async with session([reply("'<¦end▁of▁sentence¦>' * 2\n")], text) as (client, model):
        assert await text_at(client, len(text) - 1) == "'<｜end▁of▁sentence｜>' * 2"
        assert "<｜end▁of▁sentence｜>" not in model.generations[0].body["prompt"]


async def test_a_model_for_completions_only_fills_in() -> None:
    settings = {"complete": {"model": "qwen2.5-coder:7b"}}
    models = {"deepseek-r1:7b": 2, "qwen2.5-coder:7b": 1}
    scripts = [reply("math.pi\n")]
    async with session(scripts, TEXT, settings=settings, models=models) as (client, model):
        assert await text_at(client, CARET) == "math.pi"
        asked = model.generations[0].body
        assert asked["model"] == "qwen2.5-coder:7b"
        assert asked["prompt"].startswith("<|fim_prefix|>")
        # Both are in memory before anyone waits for them.
        await asyncio.to_thread(model.wait_for, "preloads", 2)
        assert [it.body["model"] for it in model.preloads] == ["deepseek-r1:7b", asked["model"]]


# Faults


async def test_a_missing_model_is_offered_once() -> None:
    settings = {"complete": {"model": "deepseek-r1:14b"}}
    async with session([reply("x")], TEXT, settings=settings) as (client, model):
        for _ in range(3):
            assert await text_at(client, CARET) is None
        await client.message("window/showMessage")
        assert len(client.messages("window/showMessage")) == 1
        assert "deepseek-r1:14b" in client.messages("window/showMessage")[0]["message"]
        assert not model.generations


async def test_a_model_that_can_only_chat_is_told_once() -> None:
    options: dict[str, Any] = {"models": {"qwen3:4b": 1}, "template": "{{ .Prompt }}"}
    settings = {"model": "qwen3:4b"}
    async with session([reply("x")], TEXT, settings=settings, **options) as (client, model):
        for _ in range(3):
            assert await text_at(client, CARET) is None
        (shown,) = client.messages("window/showMessage")
        assert "qwen3:4b cannot complete at the cursor" in shown["message"]
        assert not model.generations


async def test_a_fault_is_told_again_only_when_it_worked_meanwhile() -> None:
    fault = Script([], error="out of memory")
    scripts = [fault, fault, reply(ANSWER), fault]
    async with session(scripts, TEXT) as (client, _):
        assert await text_at(client, CARET) is None
        assert await text_at(client, CARET) is None
        assert await text_at(client, CARET) == "math.pi * r ** 2"
        client.type(URI, CARET, CARET, "2 ")
        assert await text_at(client, CARET + 2) is None
        shown = client.messages("window/showMessage")
        assert len(shown) == 2
        assert "out of memory" in shown[0]["message"]


async def test_other_settings_ask_another_model_and_a_fault_is_told_anew() -> None:
    models = {"deepseek-r1:7b": 2, "qwen2.5-coder:7b": 1}
    own = {"complete": {"model": "gone:0"}}
    async with session([reply(ANSWER)], TEXT, settings=own, models=models) as (client, model):
        assert await text_at(client, CARET) is None
        for name in ("gone:1", "gone:1", "gone:2", "qwen2.5-coder:7b"):
            settings = client.settings["spyhop"] | {"complete": {"model": name}}
            client.notify("workspace/didChangeConfiguration", {"settings": {"spyhop": settings}})
            for _ in range(2):
                shown = await text_at(client, CARET)
                assert shown == (None if name.startswith("gone") else "math.pi * r ** 2")
        assert model.generations[0].body["model"] == "qwen2.5-coder:7b"
        told = [it["message"] for it in client.messages("window/showMessage")]
        assert ["gone:1" in it for it in told] == [False, True, False]


async def test_a_document_that_is_not_open_has_no_completion() -> None:
    async with session([reply("x")], TEXT) as (client, model):
        params = {
            "textDocument": {"uri": "file:///other.py"},
            "position": {"line": 0, "character": 0},
            "context": {"triggerKind": 1},
        }
        assert await client.request("textDocument/inlineCompletion", params) == []
        assert not model.generations


# What the client tells


async def test_what_becomes_of_a_completion_may_be_told() -> None:
    async with session([reply(ANSWER)], TEXT, options={"tellsShown": True}) as (client, _):
        (item,) = await ghost(client, CARET)
        (told,) = item["command"]["arguments"]
        client.notify("spyhop/completionShown", told)
        assert await client.command("spyhop.completionAccepted", told) is None
        client.notify("spyhop/completionDismissed", told)
        assert await text_at(client, CARET, kind=2) is None
        assert await text_at(client, CARET, kind=1) == "math.pi * r ** 2"
        assert client.messages("window/showMessage") == []
        client.notify("spyhop/completionShown", {"uri": 7})
        shown = await client.message("window/showMessage")
        assert "{uri, id}" in shown["message"]


async def test_of_an_open_list_only_what_goes_on_from_its_chosen_entry_is_shown() -> None:
    text = TEXT.replace("return ", "return ma")
    at = CARET + 2
    chosen = {"start": position(text, CARET), "end": position(text, at)}
    async with session([reply("th.pi * r\n")], text) as (client, _):
        selected = {"range": chosen, "text": "math"}
        (item,) = await ghost(client, at, selectedCompletionInfo=selected)
        assert (item["insertText"], item["range"]) == ("math.pi * r", chosen)
        other = {"range": chosen, "text": "max"}
        assert await ghost(client, at, selectedCompletionInfo=other) == []
