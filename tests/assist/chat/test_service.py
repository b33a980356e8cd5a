from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from chatting import MemoryWorkspace, chatting, uri_of
from fakemodel import FakeModel
from spyhop.assist.chat.protocol import METHODS
from spyhop.core.stream import Text, Thought
from spyhop.errors import SettingsError, UsageError
from spyhop.messages import say
from spyhop.models.errors import Broken, ModelFailed, ModelUnavailable
from spyhop.models.port import Delta, Done, Request, Usage
from spyhop.prompting.r1 import render
from spyhop.settings import Settings

pytestmark = pytest.mark.anyio

ANSWER: list[Delta] = [
    Text("Hm"),
    Text(". So"),
    Text("</think>\n\nIt "),
    Text("adds."),
    Done("stop"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [it["kind"] for it in events]


def joined(events: list[dict[str, Any]], kind: str) -> str:
    return "".join(it["text"] for it in events if it["kind"] == kind)


async def test_a_message_is_answered_and_told_event_by_event(folder: Path) -> None:
    model = FakeModel([*ANSWER[:-1], Done("stop", Usage(20, 5, 7))])
    async with chatting(model, folder) as client:
        chat_id = await client.new()
        answer = await client.ask(chat_id, "Why is it so?")
        assert (answer["text"], answer["state"], answer["model"]) == ("It adds.", "done", "fake")
        assert answer["thought"]["text"] == "Hm. So"
        assert answer["thought"]["tokens"] == 2
        assert answer["usage"] == {"promptTokens": 20, "cachedTokens": 5, "answerTokens": 7}
        assert kinds(client.events) == [
            "chat",
            "chat",
            "turn",
            "turn",
            *["thought"] * 2,
            "thoughtEnded",
            *["text"] * 2,
            "turnChanged",
        ]
        assert joined(client.events, "thought") == "Hm. So"
        assert joined(client.events, "text") == "It adds."
        seqs = [it["seq"] for it in client.events]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
        opened = await client("open", chatId=chat_id)
        assert opened["chat"]["title"] == "Why is it so?"
        assert [it["text"] for it in opened["turns"]] == ["Why is it so?", "It adds."]
        assert opened["turns"][1] == answer
        assert opened["seq"] == seqs[-1]


async def test_every_method_of_the_protocol_is_there(folder: Path) -> None:
    async with chatting(FakeModel(ANSWER), folder) as client:
        for name, (params, _) in METHODS.items():
            needed = {it.alias: "x" for it in params.model_fields.values() if it.is_required()}
            with suppress(UsageError):
                await client.service.call(name, needed)
                continue
            with pytest.raises(UsageError) as refused:
                await client.service.call(name, needed)
            assert refused.value.key != "chat-no-method"


@pytest.mark.parametrize(
    ("method", "params", "key"),
    [
        ("fly", {}, "chat-no-method"),
        ("open", {}, "chat-bad-params"),
        ("open", [], "chat-bad-params"),
        ("open", {"chatId": "c", "x": 1}, "chat-bad-params"),
        ("open", {"chatId": "c"}, "chat-gone"),
        ("send", {"chatId": "c", "text": "Why?"}, "chat-gone"),
        ("answerNow", {"chatId": "c"}, "chat-not-thinking"),
        ("detach", {"chatId": "c", "attachmentId": "a"}, "chat-not-attached"),
        ("switchModel", {"endpoint": "moon"}, "chat-no-endpoint"),
    ],
)
async def test_what_cannot_be_is_said(folder: Path, method: str, params: Any, key: str) -> None:
    async with chatting(FakeModel(ANSWER), folder) as client:
        with pytest.raises(UsageError) as refused:
            await client.service.call(method, params)
        assert refused.value.key == key
        assert refused.value.say("zh-cn")


async def test_the_next_prompt_begins_as_the_last_one_and_thoughts_are_not_sent_back(
    folder: Path,
) -> None:
    model = FakeModel(ANSWER)
    async with chatting(model, folder) as client:
        chat_id = await client.new()
        for text in ("Why?", "为什么？", "And why?"):
            await client.ask(chat_id, text)
    prompts = [render(it.turns, "") for it in model.requests]
    assert all(b.startswith(a) for a, b in pairwise(prompts))
    assert "Hm." not in prompts[-1]
    assert "Write in Simplified Chinese." in prompts[1]
    assert all(it.beginning == "<think>\n" for it in model.requests)


async def test_tags_in_a_past_answer_lose_nothing_of_it(folder: Path) -> None:
    said = "R1 ends a thought with `</think>`, then answers."
    shown = "R1 ends a thought with `<¦/think¦>`, then answers."
    model = FakeModel([Text("</think>" + shown), Done("stop")])
    async with chatting(model, folder) as client:
        chat_id = await client.new()
        first = await client.ask(chat_id, "What is </think> and <｜User｜>?")
        assert first["text"] == said
        assert joined(client.events, "text") == said
        await client.ask(chat_id, "And then?")
    prompt = render(model.requests[-1].turns, "")
    assert shown in prompt
    assert "What is <¦/think¦> and <¦User¦>?" in prompt


async def test_stopped_an_answer_keeps_what_has_come(folder: Path) -> None:
    model = FakeModel(ANSWER[:-1], hangs=True)
    async with chatting(model, folder) as client:
        chat_id = await client.new()
        sent = await client("send", chatId=chat_id, text="Why?")
        await model.waiting.wait()
        with pytest.raises(UsageError) as busy:
            await client("send", chatId=chat_id, text="And?")
        assert busy.value.key == "chat-busy"
        opened = await client("open", chatId=chat_id)
        assert [it["state"] for it in opened["turns"]] == ["done", "streaming"]
        assert opened["turns"][1]["text"] == "It adds."
        await client("stop", chatId=chat_id)
        assert model.closed
        turn = await client.done(sent["turnId"])
        assert (turn["state"], turn["text"]) == ("stopped", "It adds.")
        assert (await client.turns(chat_id))[1] == turn
        await client("stop", chatId=chat_id)


async def test_stopped_at_once_an_answer_has_ended_all_the_same(folder: Path) -> None:
    async with chatting(FakeModel(ANSWER, hangs=True), folder) as client:
        chat_id = await client.new()
        sent = await client("send", chatId=chat_id, text="Why?")
        await client("stop", chatId=chat_id)
        assert (await client.done(sent["turnId"]))["state"] == "stopped"


async def test_a_page_that_comes_in_mid_stream_misses_nothing(folder: Path) -> None:
    model = FakeModel(ANSWER[:3], hangs=True)
    async with chatting(model, folder) as client:
        chat_id = await client.new()
        sent = await client("send", chatId=chat_id, text="Why?")
        await model.waiting.wait()
        opened = await client("open", chatId=chat_id)
        turn = opened["turns"][1]
        assert (turn["text"], turn["thought"]["text"]) == ("It ", "Hm. So")
        seen = [it["seq"] for it in client.events]
        assert opened["seq"] == seen[-1]
        # Another one that had an event's number goes on from there.
        again: list[dict[str, Any]] = []
        async for event in client.service.follow(seen[3]):
            again.append(event)
            if event["seq"] == opened["seq"]:
                break
        assert again == client.events[4:]
        await client("stop", chatId=chat_id)
        await client.done(sent["turnId"])


@pytest.mark.parametrize("after", [0, 1 << 60])
async def test_who_asks_for_events_that_are_not_known_is_told(folder: Path, after: int) -> None:
    async with chatting(FakeModel(ANSWER), folder) as client:
        await client.new()
        async for event in client.service.follow(after):
            assert event == {"seq": client.service.seq, "kind": "reset"}
            break


class Thoughtful(FakeModel):
    """A model that thinks on only when it is let."""

    def __init__(self) -> None:
        super().__init__([Text("It adds."), Done("stop")])
        self.more = asyncio.Event()

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        if self.requests:
            async for delta in super().stream(request):
                yield delta
            return
        self.requests.append(request)
        yield Text("Hm")
        await self.more.wait()
        yield Text(", hm")
        await asyncio.Event().wait()


async def test_answer_now_ends_the_thought_and_has_it_answered_from(folder: Path) -> None:
    model = Thoughtful()
    async with chatting(model, folder) as client:
        chat_id = await client.new()
        sent = await client("send", chatId=chat_id, text="Why?")
        thought = await client.event(lambda it: it["kind"] == "thought")
        assert thought["canAnswerNow"]
        assert (await client("open", chatId=chat_id))["canAnswerNow"]
        await client("answerNow", chatId=chat_id)
        model.more.set()
        answer = await client.done(sent["turnId"])
        assert (answer["state"], answer["text"]) == ("done", "It adds.")
        assert answer["thought"]["text"] == "Hm, hm"
        assert answer["warnings"] == [say("en", "warn-ended-asked")]
        assert model.requests[1].beginning == "<think>\nHm, hm\n</think>\n\n"
        assert not (await client("open", chatId=chat_id))["canAnswerNow"]


async def test_a_thought_has_its_budget(folder: Path) -> None:
    model = FakeModel([Text("Hm")] * 400, then=[Text("It adds."), Done("stop")])
    settings = Settings.model_validate({"chat": {"thinking": {"max_tokens": 3}}})
    async with chatting(model, folder, settings=settings) as client:
        answer = await client.ask(await client.new())
        assert (answer["text"], answer["thought"]["text"]) == ("It adds.", "HmHmHm")
        assert say("en", "warn-ended-tokens") in answer["warnings"]


@pytest.mark.parametrize(
    ("deltas", "key", "text"),
    [
        ([Text("hm"), Done("stop")], "chat-unclosed", ""),
        ([Text("hm"), Done("length")], "chat-full", ""),
        ([Text("</think>\n"), Done("stop")], "chat-empty", ""),
    ],
)
async def test_no_answer_says_why_and_is_no_history(
    folder: Path, deltas: list[Any], key: str, text: str
) -> None:
    model = FakeModel(deltas, then=ANSWER)
    async with chatting(model, folder) as client:
        chat_id = await client.new()
        failed = await client.ask(chat_id, "First?")
        assert (failed["state"], failed["text"]) == ("failed", text)
        assert failed["error"] == say("en", key, context=8192)
        await client.ask(chat_id, "Second?")
        assert "First?" not in render(model.requests[1].turns, "")


async def test_what_came_before_a_fault_is_kept_with_what_was_wrong(folder: Path) -> None:
    model = FakeModel(ANSWER[:-1], error=Broken("stream-broken", url="u", why="gone"))
    async with chatting(model, folder) as client:
        answer = await client.ask(await client.new())
        assert (answer["state"], answer["text"]) == ("failed", "It adds.")
        assert answer["error"] == say("en", "stream-broken", url="u", why="gone")


async def test_a_fault_of_our_own_is_told_and_ends_nothing_else(folder: Path) -> None:
    model = FakeModel(ANSWER[:-1], error=ZeroDivisionError("oops"))
    async with chatting(model, folder) as client:
        answer = await client.ask(await client.new())
        assert answer["state"] == "failed"
        assert "oops" in answer["error"]


async def test_a_model_that_is_not_there_is_told_in_the_users_language(folder: Path) -> None:
    error = ModelUnavailable("ollama-unreachable", url="u", why="no")
    async with chatting(FakeModel([], error=error), folder, language="zh-cn") as client:
        answer = await client.ask(await client.new())
        assert answer["error"] == say("zh-cn", "ollama-unreachable", url="u", why="no")


async def test_retry_and_edit_put_other_turns_in_the_place(folder: Path) -> None:
    async with chatting(FakeModel(ANSWER), folder) as client:
        chat_id = await client.new()
        one = await client.ask(chat_id, "One?")
        two = await client.ask(chat_id, "Two?")
        sent = await client("retry", chatId=chat_id, turnId=one["id"])
        await client.done(sent["turnId"])
        turns = await client.turns(chat_id)
        assert [it["text"] for it in turns] == ["One?", "It adds."]
        dropped = next(it for it in client.events if it["kind"] == "turnsDropped")
        assert dropped["turnIds"][0] == one["id"]
        assert dropped["turnIds"][-1] == two["id"]
        sent = await client("editTurn", chatId=chat_id, turnId=turns[0]["id"], text="Uno?")
        await client.done(sent["turnId"])
        assert [it["text"] for it in await client.turns(chat_id)] == ["Uno?", "It adds."]
        assert len((await client("list"))["chats"]) == 1


async def test_a_prompt_is_asked_with_by_name(folder: Path) -> None:
    model = FakeModel(ANSWER)
    async with chatting(model, folder, language="zh-cn") as client:
        prompts = {it["name"]: it["title"] for it in (await client("prompts"))["prompts"]}
        assert prompts["explain"] == "解释"
        assert "chat" not in prompts
        chat_id = await client.new()
        await client.ask(chat_id, "", prompt="explain")
        user = (await client.turns(chat_id))[0]
        assert (user["text"], user["prompt"]) == ("解释", "explain")
        sent = model.requests[0].turns[0].text
        assert "What do the selected lines do" in sent
        assert "Write in Simplified Chinese." in sent
        for name, key in (("nothing", "prompt-not-found"), ("edit", "chat-not-preset")):
            with pytest.raises((UsageError, SettingsError)) as refused:
                await client("send", chatId=chat_id, text="x", prompt=name)
            assert refused.value.key == key
        with pytest.raises(UsageError) as refused:
            await client("send", chatId=chat_id, text=" ")
        assert refused.value.key == "no-question"


async def test_chats_are_listed_named_found_exported_and_deleted(folder: Path) -> None:
    async with chatting(FakeModel(ANSWER), folder) as client:
        one, two = await client.new(), await client.new()
        await client.ask(one, "About whales?")
        assert [it["id"] for it in (await client("list"))["chats"]] == [two, one]
        await client("rename", chatId=one, title="  My\nwhales ")
        await client("rename", chatId=two, title="Empty")
        titles = {it["id"]: it["title"] for it in (await client("list"))["chats"]}
        assert titles == {one: "My whales", two: "Empty"}
        found = (await client("search", query="WHALES about"))["found"]
        assert [(it["chat"]["id"], it["excerpt"]) for it in found] == [(one, "About whales?")]
        exported = await client("export", chatId=one)
        assert exported["name"] == "My-whales.md"
        assert exported["markdown"].startswith("# My whales\n\n## You\n\nAbout whales?")
        with pytest.raises(UsageError):
            await client("rename", chatId=one, title="  ")
        await client("delete", chatId=one)
        assert (await client("search", query="whales"))["found"] == []
        assert [it["id"] for it in (await client("list"))["chats"]] == [two]
        with pytest.raises(UsageError):
            await client("open", chatId=one)


async def test_a_chat_deleted_in_mid_answer_is_gone(folder: Path) -> None:
    model = FakeModel(ANSWER[:2], hangs=True)
    async with chatting(model, folder) as client:
        chat_id = await client.new()
        await client("send", chatId=chat_id, text="Why?")
        await model.waiting.wait()
        await client("delete", chatId=chat_id)
        assert model.closed
        assert (await client("list"))["chats"] == []


async def test_what_was_on_its_way_at_the_end_is_there_at_the_next_start(folder: Path) -> None:
    model = FakeModel(ANSWER[:-1], hangs=True)
    async with chatting(model, folder) as client:
        chat_id = await client.new()
        await client("send", chatId=chat_id, text="Why?")
        await model.waiting.wait()
    async with chatting(FakeModel(ANSWER), folder) as client:
        turns = await client.turns(chat_id)
        assert [(it["text"], it["state"]) for it in turns] == [
            ("Why?", "done"),
            ("It adds.", "interrupted"),
        ]
        assert (await client.ask(chat_id, "And?"))["state"] == "done"


async def test_what_is_attached_is_read_again_when_it_is_sent_and_that_is_said(
    folder: Path,
) -> None:
    files = MemoryWorkspace({"a.py": "x = 1\ny = 2\nz = 3\n", "b.py": "b = 1\n", "c.py": "c\n"})
    model = FakeModel(ANSWER)
    async with chatting(model, folder, files) as client:
        chat_id = await client.new()
        lines = {"start": 1, "end": 2}
        for path, more in (
            ("a.py", {"kind": "selection", "range": lines}),
            ("b.py", {}),
            ("c.py", {}),
        ):
            await client(
                "attach", **{"chatId": chat_id, "kind": "file", "uri": uri_of(path)} | more
            )
        await client("attach", chatId=chat_id, kind="file", uri=uri_of("b.py"))
        assert len((await client("open", chatId=chat_id))["attachments"]) == 3
        files.files["a.py"] = "new = 0\nx = 1\ny = 20\nz = 3\n"
        del files.files["c.py"]
        await client.service.changed(uri_of("a.py"))
        states = [it["state"] for it in (await client("open", chatId=chat_id))["attachments"]]
        assert states == ["changed", "live", "gone"]
        answer = await client.ask(chat_id)
        prompt = model.requests[0].turns[0].text
        assert "Line 3 of a.py:\n```python\ny = 20\n```" in prompt
        assert "The file c.py:\n```python\nc\n```" in prompt
        assert answer["warnings"] == [
            say("en", "chat-attachment-changed", path="a.py"),
            say("en", "chat-attachment-gone", path="c.py"),
        ]
        opened = await client("open", chatId=chat_id)
        assert opened["attachments"] == []
        assert [it["range"] for it in opened["turns"][0]["attachments"]] == [
            {"start": 2, "end": 3},
            None,
            None,
        ]


@pytest.mark.parametrize(
    ("params", "key"),
    [
        ({"kind": "file", "uri": "file:///no.py"}, "file-missing"),
        ({"kind": "file", "uri": "file:///../etc/passwd"}, "file-unreadable"),
        ({"kind": "selection", "uri": "file:///a.py"}, "chat-no-lines"),
        (
            {"kind": "selection", "uri": "file:///a.py", "range": {"start": 1, "end": 2}},
            "chat-blank-lines",
        ),
        ({"kind": "diagnostics", "uri": "file:///a.py"}, "chat-no-diagnostics"),
        ({"kind": "diff"}, "chat-no-diff"),
    ],
)
async def test_what_cannot_be_attached_is_said(folder: Path, params: Any, key: str) -> None:
    files = MemoryWorkspace({"a.py": "x = 1\n\n"})
    async with chatting(FakeModel(ANSWER), folder, files) as client:
        chat_id = await client.new()
        with pytest.raises(UsageError) as refused:
            await client("attach", chatId=chat_id, **params)
        assert refused.value.key == key


async def test_an_attachment_can_be_taken_off(folder: Path) -> None:
    files = MemoryWorkspace({"a.py": "x\n"}, changes="-a\n+b\n")
    async with chatting(FakeModel(ANSWER), folder, files) as client:
        chat_id = await client.new()
        attached = (await client("attach", chatId=chat_id, kind="diff"))["attachment"]
        await client("detach", chatId=chat_id, attachmentId=attached["id"])
        assert (await client("open", chatId=chat_id))["attachments"] == []


async def test_an_editor_adds_to_the_current_chat_or_a_new_one(folder: Path) -> None:
    files = MemoryWorkspace({"a.py": "x\n"})
    async with chatting(FakeModel(ANSWER), folder, files) as client:
        with pytest.raises(UsageError):
            await client.service.add(kind="file", uri=uri_of("no.py"))
        assert (await client("list"))["chats"] == []
        first = await client.service.add(kind="file", uri=uri_of("a.py"))
        assert (await client("list"))["current"] == first["chatId"]
        await client.event(lambda it: it["kind"] == "current")
        again = await client.service.add(kind="file", uri=uri_of("a.py"))
        assert again == first
        with pytest.raises(UsageError):
            await client.service.add(kind="file", uri=uri_of("no.py"))
        assert len((await client("list"))["chats"]) == 1
        await client("delete", chatId=first["chatId"])
        assert (await client.service.add(kind="file", uri=uri_of("a.py")))["chatId"] != first[
            "chatId"
        ]


async def test_a_file_that_is_too_long_is_cut_and_said(folder: Path) -> None:
    files = MemoryWorkspace({"a.py": "x = 11111111\n" * 4000})
    model = FakeModel(ANSWER, context_tokens=4096)
    async with chatting(model, folder, files) as client:
        chat_id = await client.new()
        await client("attach", chatId=chat_id, kind="file", uri=uri_of("a.py"))
        answer = await client.ask(chat_id)
        assert answer["state"] == "done"
        shown = (await client.turns(chat_id))[0]["attachments"][0]
        assert shown["text"].count("\n") == 4000 - shown["leftOut"]
        assert answer["warnings"] == [
            say("en", "chat-attachment-cut", path="a.py", count=shown["leftOut"])
        ]
        assert f"({shown['leftOut']} more lines are not shown.)" in model.requests[0].turns[0].text


async def test_a_message_that_is_too_long_is_refused_in_its_answer(folder: Path) -> None:
    async with chatting(FakeModel(ANSWER, context_tokens=1024), folder) as client:
        answer = await client.ask(await client.new(), "很长" * 2000)
        assert answer["state"] == "failed"
        assert "context_tokens" in answer["error"]


async def test_a_prompt_that_turns_out_too_long_is_sent_again_shorter(folder: Path) -> None:
    error = ModelFailed("context-exceeded", context=2048, why="too long")

    class Strict(FakeModel):
        async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
            if len(request.turns) > 5:
                self.requests.append(request)
                raise error
            async for delta in super().stream(request):
                yield delta

    model = Strict(ANSWER, context_tokens=2048)
    async with chatting(model, folder) as client:
        chat_id = await client.new()
        answers = [await client.ask(chat_id, "Why? " * 120) for _ in range(4)]
        assert {it["state"] for it in answers} == {"done"}
        assert len(model.requests) == 5
        assert len(model.requests[4].turns) < len(model.requests[3].turns)


async def test_thoughts_apart_and_thoughts_found_late_are_told(folder: Path) -> None:
    apart: list[Delta] = [Thought("Hm."), Text("It adds."), Done("stop")]
    async with chatting(FakeModel(apart, "chat"), folder) as client:
        answer = await client.ask(await client.new())
        assert (answer["thought"]["text"], answer["text"]) == ("Hm.", "It adds.")
    late: list[Delta] = [Text("Hm."), Text("</think>"), Text("It adds."), Done("stop")]
    async with chatting(FakeModel(late, "chat"), folder) as client:
        answer = await client.ask(await client.new())
        assert (answer["thought"]["text"], answer["text"]) == ("Hm.", "It adds.")
        changed = [it for it in client.events if it["kind"] == "turnChanged"]
        assert changed[0]["turn"]["thought"]["text"] == "Hm."
        assert changed[0]["turn"]["text"] == ""


async def test_two_messages_at_once_one_finds_the_other(folder: Path) -> None:
    async with chatting(FakeModel(ANSWER, hangs=True), folder) as client:
        chat_id = await client.new()
        results = await asyncio.gather(
            *(client("send", chatId=chat_id, text=str(number)) for number in range(3)),
            return_exceptions=True,
        )
        refused = [it for it in results if isinstance(it, UsageError)]
        assert [it.key for it in refused] == ["chat-busy"] * 2
        assert len(await client.turns(chat_id)) == 2


async def test_another_model_answers_once_it_is_switched_to(folder: Path) -> None:
    async with chatting(FakeModel(ANSWER), folder) as client:
        chat_id = await client.new()
        models = (await client("models"))["models"]
        assert [(it["name"], it["used"]) for it in models] == [("first", True), ("second", False)]
        await client("switchModel", name="second")
        models = (await client("models"))["models"]
        assert [it["used"] for it in models] == [False, True]
        answer = await client.ask(chat_id)
        assert (answer["model"], answer["text"]) == ("second", "I am second.")
        await client("switchModel")
        assert (await client.ask(chat_id))["model"] == "fake"
