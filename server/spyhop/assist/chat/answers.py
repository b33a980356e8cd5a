"""Answers on their way: one task each, from the model to the chat, its events and the disk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from spyhop.assist.chat.asking import Answering, ChatTask, prepare
from spyhop.assist.chat.choosing import ModelChooser
from spyhop.assist.chat.disk import Disk
from spyhop.assist.chat.events import EventLog
from spyhop.assist.chat.protocol import (
    TextDelta,
    ThoughtDelta,
    ThoughtEnded,
    Told,
    TurnChanged,
)
from spyhop.assist.chat.storage import Storage
from spyhop.assist.chat.surroundings import Surroundings
from spyhop.assist.pump import Looping, Output, pump
from spyhop.assist.pump import ThoughtEnded as ThoughtCut
from spyhop.core.stream import Text, Thought
from spyhop.core.thinking import Reclassified
from spyhop.core.tokens import TokenCeiling
from spyhop.errors import SpyhopError, UsageError
from spyhop.messages import Notice, say
from spyhop.models.errors import ModelFailed
from spyhop.models.port import Model, ModelInfo
from spyhop.sessions.chats.conversation import Conversation
from spyhop.sessions.chats.values import Thought as TurnThought
from spyhop.sessions.chats.values import Turn, TurnState

SECONDS_BETWEEN_WRITES: Final = 0.5
"""How much of an answer may be lost when the process is killed."""
_LOG: Final = logging.getLogger("spyhop")


@dataclass(slots=True)
class _Running:
    """An answer on its way."""

    conversation: Conversation
    notices: tuple[Notice, ...]
    """What is to be told of how its message was sent."""
    task: asyncio.Task[None] | None = None
    answering: Answering | None = None
    thinking: bool = False
    writing: asyncio.TimerHandle | None = None
    """When what has come will be stored."""
    ends_as: TurnState = "stopped"
    """What becomes of it where it is cancelled."""

    @property
    def chat_id(self) -> str:
        return self.conversation.chat.id

    @property
    def turn(self) -> Turn:
        return self.conversation.turns[-1]

    @property
    def so_far(self) -> Turn:
        return self.answering.so_far if self.answering is not None else self.turn

    @property
    def can_answer_now(self) -> bool:
        return self.thinking and self.answering is not None and self.answering.task.can_end_early


class Answers:
    """The answers that models give at the moment, by chat."""

    def __init__(
        self, disk: Disk, events: EventLog, models: ModelChooser, surroundings: Surroundings
    ) -> None:
        self._disk = disk
        self._events = events
        self._models = models
        self._surroundings = surroundings
        self._running: dict[str, _Running] = {}
        self._counts: dict[str, TokenCeiling] = {}

    def begin(self, conversation: Conversation, notices: Sequence[Notice] = ()) -> None:
        """Have a conversation's last turn, which is on its way, answered."""
        it = _Running(conversation, tuple(notices))
        self._running[it.chat_id] = it
        it.task = asyncio.create_task(self._carry(it))

    def conversation(self, chat_id: str) -> Conversation | None:
        """Return a conversation whose answer is on its way, as far as that has come."""
        it = self._running.get(chat_id)
        if it is None:
            return None
        return Conversation(it.conversation.chat, [*it.conversation.turns[:-1], it.so_far])

    def can_answer_now(self, chat_id: str) -> bool:
        """Tell whether a model thinks for a chat, and its thought can be ended."""
        it = self._running.get(chat_id)
        return it is not None and it.can_answer_now

    def answer_now(self, chat_id: str) -> None:
        """End the thought where it stands.

        Raises:
            UsageError: there is none, or it cannot be ended.
        """
        it = self._running.get(chat_id)
        if it is None or it.answering is None or not it.can_answer_now:
            raise UsageError("chat-not-thinking")
        it.answering.task.steering.answer_now()

    async def stop(self, chat_id: str, ends_as: TurnState = "stopped") -> None:
        """Stop an answer, and wait until what has come of it is stored."""
        it = self._running.get(chat_id)
        if it is not None and it.task is not None:
            it.ends_as = ends_as
            # What never began would not be stored.
            await asyncio.sleep(0)
            it.task.cancel()
            await asyncio.wait([it.task])

    def rename(self, chat_id: str, title: str) -> None:
        """Note that a chat has another title."""
        if it := self._running.get(chat_id):
            chat = it.conversation.chat
            it.conversation.chat = chat.model_copy(update={"title": title})

    async def settled(self) -> None:
        """Wait until no answer is on its way."""
        while tasks := [it.task for it in self._running.values() if it.task is not None]:
            await asyncio.wait(tasks)

    async def aclose(self) -> None:
        """Stop all answers: they were interrupted."""
        for chat_id in [*self._running]:
            await self.stop(chat_id, "interrupted")

    async def _carry(self, it: _Running) -> None:
        """Carry an answer through, and note how it ended."""
        language = self._surroundings.language()
        notices: list[Notice] = []
        try:
            ended, notices = await self._ask(it)
        except asyncio.CancelledError:
            ended = it.answering.stopped() if it.answering else it.turn
            ended = ended.model_copy(update={"state": it.ends_as})
        except SpyhopError as error:
            ended = _failed(it, error.say(language))
        except Exception as error:  # noqa: BLE001 - the task's last resort
            _LOG.error("A fault of Spyhop's own", exc_info=error)
            why = f"{type(error).__name__}: {error}"
            ended = _failed(it, say(language, "unexpected", why=why))
        of_task = it.answering.task.notices if it.answering is not None else ()
        warnings = tuple(one.say(language) for one in (*it.notices, *of_task, *notices))
        ended = ended.model_copy(update={"warnings": warnings})
        it.conversation.put(ended)
        if it.writing is not None:
            it.writing.cancel()
        try:
            await self._disk.run(Storage.keep, it.chat_id, len(it.conversation.turns) - 1, ended)
        except SpyhopError as error:
            _LOG.warning("A chat was not stored: %s", error)
        del self._running[it.chat_id]
        self._events.add(lambda seq: TurnChanged(seq=seq, chat_id=it.chat_id, turn=ended))

    async def _ask(self, it: _Running) -> tuple[Turn, list[Notice]]:
        model = await self._models.model(lambda notice: self._tell(it, notice))
        info = await model.info()
        count = self._counts.setdefault(info.name, TokenCeiling())
        try:
            answering = await self._stream(it, model, info, count)
        except ModelFailed as error:
            if error.key != "context-exceeded":
                raise
            # What a tokenizer makes of a text is known only once it has been asked.
            count.rise()
            answering = await self._stream(it, model, info, count)
        usage, reading = answering.reading.usage, answering.reading
        if usage.prompt_tokens is not None and not reading.ended_early:
            count.learn(answering.task.prompt.tokens, usage.prompt_tokens)
        return answering.done()

    async def _stream(
        self, it: _Running, model: Model, info: ModelInfo, count: TokenCeiling
    ) -> Answering:
        template = self._surroundings.library().get("chat")
        settings = self._surroundings.settings()
        *_, message, turn = it.conversation.turns
        task = await asyncio.to_thread(
            prepare, info, template, it.conversation.exchanges, message, settings, count
        )
        await self._cut(it, message, task)
        turn = turn.model_copy(update={"model": info.name})
        it.answering = answering = Answering(turn, task)
        outputs = pump(model, task.request, task.steering, task.known)
        async with aclosing(outputs):
            async for output in outputs:
                self._take(it, answering, output)
        return answering

    async def _cut(self, it: _Running, message: Turn, task: ChatTask) -> None:
        """Note what of a message's attachments the model is shown."""
        if task.attachments == message.attachments:
            return
        cut = message.model_copy(update={"attachments": task.attachments})
        place = len(it.conversation.turns) - 2
        it.conversation.turns[place] = cut
        await self._disk.run(Storage.keep, it.chat_id, place, cut)
        self._events.add(lambda seq: TurnChanged(seq=seq, chat_id=it.chat_id, turn=cut))

    def _take(self, it: _Running, answering: Answering, output: Output) -> None:
        shown = answering.take(output)
        chat_id, turn_id = it.chat_id, it.turn.id
        match shown:
            case Thought(text):
                it.thinking = True
                self._events.add(
                    lambda seq: ThoughtDelta(
                        seq=seq,
                        chat_id=chat_id,
                        turn_id=turn_id,
                        text=text,
                        tokens=answering.tokens,
                        seconds=round(answering.seconds, 1),
                        can_answer_now=it.can_answer_now,
                    )
                )
            case Text(text):
                if it.thinking:
                    it.thinking = False
                    thought = answering.thought or TurnThought()
                    self._events.add(
                        lambda seq: ThoughtEnded(
                            seq=seq, chat_id=chat_id, turn_id=turn_id, thought=thought
                        )
                    )
                if text:
                    self._events.add(
                        lambda seq: TextDelta(seq=seq, chat_id=chat_id, turn_id=turn_id, text=text)
                    )
            case None if isinstance(output, Reclassified | ThoughtCut | Looping):
                turn = answering.so_far
                self._events.add(lambda seq: TurnChanged(seq=seq, chat_id=chat_id, turn=turn))
        self._write(it)

    def _write(self, it: _Running) -> None:
        """Store what has come by then, in a moment."""

        def write() -> None:
            it.writing = None
            place = len(it.conversation.turns) - 1
            self._disk.begin(Storage.keep, it.chat_id, place, it.so_far)

        if it.writing is None:
            loop = asyncio.get_running_loop()
            it.writing = loop.call_later(SECONDS_BETWEEN_WRITES, write)

    def _tell(self, it: _Running, notice: Notice) -> None:
        message = notice.say(self._surroundings.language())
        self._events.add(
            lambda seq: Told(seq=seq, chat_id=it.chat_id, turn_id=it.turn.id, message=message)
        )


def _failed(it: _Running, error: str) -> Turn:
    if it.answering is not None:
        return it.answering.failed(error)
    return it.turn.model_copy(update={"state": "failed", "error": error})
