"""A service of chats in memory, whose answers come word for word as a test has them come.

It speaks the protocol in the protocol's own values, so that what it says is what the real one may.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from itertools import count
from typing import Any

from spyhop.assist.chat import protocol as wire
from spyhop.errors import SpyhopError, UsageError
from spyhop.sessions.chats.values import Attachment, Chat, Lines, Thought, Turn, TurnUsage, Value

_START = 1_790_000_000_000


class ScriptedChats:
    """A `ChatPort`. What a test has happen in it must happen in the loop that serves it."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        """Every request, with its parameters."""
        self.chats: dict[str, Chat] = {}
        self.turns: dict[str, list[Turn]] = {}
        self.attachments: dict[str, list[Attachment]] = {}
        self.current: str | None = None
        self.mentions: Sequence[wire.Mention] = ()
        self.prompts: Sequence[wire.PromptChoice] = ()
        self.models = [wire.ModelChoice(name="deepseek-r1:7b", endpoint="ollama", used=True)]
        self.applied = wire.Applied(state="ask", places=())
        self.fault: SpyhopError | None = None
        """What the next request fails with."""
        self._events: list[dict[str, Any]] = []
        self._first = 1
        self._happened = asyncio.Condition()
        self._hung_up = 0
        self._ids = count(1)
        self._now = _START
        self._tasks: set[asyncio.Task[None]] = set()

    # The port

    async def call(self, method: str, params: Any) -> dict[str, Any]:
        self.calls.append((method, params))
        if fault := self.fault:
            self.fault = None
            raise fault
        kind, result = wire.METHODS[method]
        answer = getattr(self, f"_{method}")(kind.model_validate(params))
        assert isinstance(answer, result)
        return wire.to_json(answer)

    async def follow(self, after: int) -> AsyncGenerator[dict[str, Any], None]:
        if after > self.seq or after < self._first - 1:
            yield wire.to_json(wire.Reset(seq=self._first - 1))
            after = self._first - 1
        hung_up = self._hung_up
        while True:
            async with self._happened:
                await self._happened.wait_for(
                    lambda: self.seq > after or self._hung_up > hung_up  # noqa: B023 - read at once
                )
                coming = self._events[after - self._first + 1 :]
            if self._hung_up > hung_up:
                return
            for event in coming:
                yield event
                after = event["seq"]

    @property
    def seq(self) -> int:
        return self._first - 1 + len(self._events)

    # What a test has happen

    async def hang_up(self) -> None:
        """End the streams of events that there are."""
        self._hung_up += 1
        await self._tell()

    def forget(self) -> None:
        """Lose the events so far, as a service does that has too many."""
        self._first = self.seq + 1
        self._events.clear()

    def add_chat(self, title: str = "", turns: Sequence[Turn] = ()) -> Chat:
        chat = self._make(title, turns)
        self._emit(wire.ChatChanged, chat=chat)
        return chat

    def add_attachment(self, chat_id: str, **values: Any) -> Attachment:
        attachment = Attachment(id=f"attachment-{next(self._ids)}", **values)
        self.attachments[chat_id].append(attachment)
        self._tell_attachments(chat_id)
        return attachment

    def point_to(self, chat_id: str) -> None:
        self.current = chat_id
        self._emit(wire.CurrentChanged, chat_id=chat_id)

    def think(self, text: str, tokens: int, seconds: float, *, can_answer_now: bool = True) -> None:
        chat_id, turn = self._answer()
        before = turn.thought.text if turn.thought else ""
        thought = Thought(text=before + text, tokens=tokens, seconds=seconds)
        self._change(chat_id, turn, thought=thought)
        self._emit(
            wire.ThoughtDelta,
            chat_id=chat_id,
            turn_id=turn.id,
            text=text,
            tokens=tokens,
            seconds=seconds,
            can_answer_now=can_answer_now,
        )

    def answer(self, text: str) -> None:
        chat_id, turn = self._answer()
        if turn.thought and not turn.text:
            self._emit(wire.ThoughtEnded, chat_id=chat_id, turn_id=turn.id, thought=turn.thought)
        self._change(chat_id, turn, text=turn.text + text)
        self._emit(wire.TextDelta, chat_id=chat_id, turn_id=turn.id, text=text)

    def finish(self, **values: Any) -> None:
        chat_id, turn = self._answer()
        usage = TurnUsage(prompt_tokens=812, cached_tokens=640, answer_tokens=214)
        done = self._change(chat_id, turn, **({"state": "done", "usage": usage} | values))
        self._emit(wire.TurnChanged, chat_id=chat_id, turn=done)

    def notice(self, message: str) -> None:
        chat_id, turn = self._answer()
        self._emit(wire.Told, chat_id=chat_id, turn_id=turn.id, message=message)

    def turn(self, role: str, text: str, **values: Any) -> Turn:
        """Return a turn that is done, for a chat that was there before."""
        model = "deepseek-r1:7b" if role == "assistant" else ""
        return Turn.model_validate(
            {"id": f"turn-{next(self._ids)}", "role": role, "text": text, "model": model}
            | {"created": self._tick()}
            | values
        )

    # The methods

    def _list(self, _: wire.Nothing) -> wire.Listed:
        chats = sorted(self.chats.values(), key=lambda chat: chat.updated, reverse=True)
        return wire.Listed(chats=tuple(chats), current=self.current)

    def _search(self, params: wire.SearchParams) -> wire.SearchResult:
        found = [
            wire.Found(chat=chat, turn_id=turn.id, excerpt=turn.text)
            for chat in self.chats.values()
            for turn in self.turns[chat.id]
            if params.query in turn.text
        ]
        return wire.SearchResult(found=tuple(found))

    def _new(self, _: wire.Nothing) -> wire.NewResult:
        return wire.NewResult(chat=self._make())

    def _open(self, params: wire.OfChat) -> wire.Opened:
        chat_id = params.chat_id
        turns = self.turns[chat_id]
        last = turns[-1] if turns else None
        return wire.Opened(
            chat=self.chats[chat_id],
            turns=tuple(turns),
            attachments=tuple(self.attachments[chat_id]),
            seq=self.seq,
            can_answer_now=bool(last and last.state == "streaming" and not last.text),
        )

    def _rename(self, params: wire.RenameParams) -> wire.Nothing:
        return self._change_chat(params.chat_id, title=params.title)

    def _delete(self, params: wire.OfChat) -> wire.Nothing:
        del self.chats[params.chat_id]
        self._emit(wire.ChatDeleted, chat_id=params.chat_id)
        return wire.Nothing()

    def _export(self, params: wire.OfChat) -> wire.Exported:
        texts = [turn.text for turn in self.turns[params.chat_id]]
        return wire.Exported(markdown="\n\n".join(texts), name="chat.md")

    def _send(self, params: wire.SendParams) -> wire.Sent:
        chat_id = params.chat_id
        attachments, self.attachments[chat_id] = tuple(self.attachments[chat_id]), []
        asked = self.turn("user", params.text, prompt=params.prompt, attachments=attachments)
        answer = self.turn("assistant", "", state="streaming")
        for turn in (asked, answer):
            self.turns[chat_id].append(turn)
            self._emit(wire.TurnBegun, chat_id=chat_id, turn=turn)
        self._tell_attachments(chat_id)
        self._change_chat(chat_id, title=self.chats[chat_id].title or params.text[:60])
        return wire.Sent(user_turn_id=asked.id, turn_id=answer.id)

    def _stop(self, _: wire.OfChat) -> wire.Nothing:
        self.finish(state="stopped")
        return wire.Nothing()

    def _answerNow(self, params: wire.OfChat) -> wire.Nothing:  # noqa: N802 - the method's name
        del params
        return wire.Nothing()

    def _retry(self, params: wire.OfTurn) -> wire.Sent:
        turns = self.turns[params.chat_id]
        at = [turn.id for turn in turns].index(params.turn_id)
        text = turns[at - 1].text
        self._drop(params.chat_id, at - 1)
        return self._send(wire.SendParams(chat_id=params.chat_id, text=text))

    def _editTurn(self, params: wire.EditTurnParams) -> wire.Sent:  # noqa: N802 - as above
        turns = self.turns[params.chat_id]
        self._drop(params.chat_id, [turn.id for turn in turns].index(params.turn_id))
        return self._send(wire.SendParams(chat_id=params.chat_id, text=params.text))

    def _models(self, _: wire.Nothing) -> wire.ModelsResult:
        return wire.ModelsResult(models=tuple(self.models))

    def _switchModel(self, params: wire.SwitchModelParams) -> wire.Nothing:  # noqa: N802
        self.models = [
            model.model_copy(update={"used": model.name == params.name}) for model in self.models
        ]
        return wire.Nothing()

    def _prompts(self, _: wire.Nothing) -> wire.PromptsResult:
        return wire.PromptsResult(prompts=tuple(self.prompts))

    def _attach(self, params: wire.AttachParams) -> wire.Attached:
        path = params.uri.rpartition("/")[2]
        attachment = self.add_attachment(
            params.chat_id, kind=params.kind, uri=params.uri, path=path, range=params.range
        )
        return wire.Attached(attachment=attachment)

    def _detach(self, params: wire.DetachParams) -> wire.Nothing:
        held = self.attachments[params.chat_id]
        held[:] = [one for one in held if one.id != params.attachment_id]
        self._tell_attachments(params.chat_id)
        return wire.Nothing()

    def _mentions(self, params: wire.MentionsParams) -> wire.MentionsResult:
        named = [one for one in self.mentions if params.query.lower() in one.name.lower()]
        return wire.MentionsResult(mentions=tuple(named))

    def _apply(self, params: wire.ApplyParams) -> wire.Applied:
        if params.place is None:
            return self.applied
        chosen = [one for one in self.applied.places if one.uri == params.place.uri]
        return wire.Applied(state="proposed", places=tuple(chosen[:1]))

    def _newFile(self, params: wire.NewFileParams) -> wire.NewFileResult:  # noqa: N802 - as above
        return wire.NewFileResult(uri=f"file:///{params.path}")

    def _insertAtCursor(self, params: wire.OfBlock) -> wire.Nothing:  # noqa: N802 - as above
        del params
        raise UsageError("document-closed", uri="gcd.py")

    # Changes

    def _make(self, title: str = "", turns: Sequence[Turn] = ()) -> Chat:
        now = self._tick()
        chat = Chat(id=f"chat-{next(self._ids)}", title=title, created=now, updated=now)
        self.chats[chat.id] = chat
        self.turns[chat.id] = list(turns)
        self.attachments[chat.id] = []
        return chat

    def _answer(self) -> tuple[str, Turn]:
        for chat_id, turns in self.turns.items():
            if turns and turns[-1].state == "streaming":
                return chat_id, turns[-1]
        raise AssertionError("No answer is on its way")

    def _change(self, chat_id: str, turn: Turn, **values: Any) -> Turn:
        changed = turn.model_copy(update=values)
        self.turns[chat_id][-1] = changed
        return changed

    def _change_chat(self, chat_id: str, **values: Any) -> wire.Nothing:
        chat = self.chats[chat_id].model_copy(update=values | {"updated": self._tick()})
        self.chats[chat_id] = chat
        self._emit(wire.ChatChanged, chat=chat)
        return wire.Nothing()

    def _drop(self, chat_id: str, at: int) -> None:
        gone = self.turns[chat_id][at:]
        del self.turns[chat_id][at:]
        self._emit(wire.TurnsDropped, chat_id=chat_id, turn_ids=tuple(turn.id for turn in gone))

    def _tell_attachments(self, chat_id: str) -> None:
        held = tuple(self.attachments[chat_id])
        self._emit(wire.AttachmentsChanged, chat_id=chat_id, attachments=held)

    def _tick(self) -> int:
        self._now += 1000
        return self._now

    def _emit(
        self, kind: type[wire.Event], **values: Value | str | float | tuple[Any, ...]
    ) -> None:
        event = kind.model_validate({"seq": self.seq + 1, **values})
        self._events.append(wire.to_json(event))
        task = asyncio.get_running_loop().create_task(self._tell())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self) -> None:
        async with self._happened:
            self._happened.notify_all()


def lines(start: int, end: int) -> Lines:
    """Return the lines from ``start`` up to ``end``, 0-based."""
    return Lines(start=start, end=end)
