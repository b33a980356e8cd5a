"""Messages sent and answers begun: what adds turns to a chat."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from spyhop.assist.chat import protocol
from spyhop.assist.chat.answers import Answers
from spyhop.assist.chat.chats import Chats
from spyhop.assist.chat.disk import Disk
from spyhop.assist.chat.events import EventLog
from spyhop.assist.chat.pending import PendingAttachments
from spyhop.assist.chat.protocol import NOTHING, Nothing, OfChat
from spyhop.assist.chat.stamps import new_id, now
from spyhop.assist.chat.storage import Storage
from spyhop.assist.chat.surroundings import Surroundings
from spyhop.core.lines import is_blank
from spyhop.errors import UsageError
from spyhop.messages import Language, Notice
from spyhop.prompting.edit import comment_language
from spyhop.sessions.chats.conversation import Begun, Conversation
from spyhop.sessions.chats.values import Attachment, Turn


class Turns:
    """What the user sends."""

    def __init__(
        self,
        chats: Chats,
        disk: Disk,
        events: EventLog,
        answers: Answers,
        pending: PendingAttachments,
        surroundings: Surroundings,
    ) -> None:
        self._chats = chats
        self._disk = disk
        self._events = events
        self._answers = answers
        self._pending = pending
        self._surroundings = surroundings
        self._one = asyncio.Lock()
        """Held while turns begin, so that of two messages at once one finds the other."""

    async def send(self, params: protocol.SendParams) -> protocol.Sent:
        """Send a message with everything that is attached, and have it answered."""
        async with self._one:
            conversation = await self._chats.conversation(params.chat_id)
            attachments, notices = await self._pending.read_pending(params.chat_id)
            message = self._message(params.text, params.prompt, attachments)
            begun = conversation.ask(message, _answer())
            await self._begin(conversation, begun, notices)
            self._pending.sent(params.chat_id)
        return protocol.Sent(user_turn_id=message.id, turn_id=begun.added[-1].id)

    async def edit(self, params: protocol.EditTurnParams) -> protocol.Sent:
        """Give a message other words, and have it answered anew."""
        async with self._one:
            conversation = await self._chats.conversation(params.chat_id)
            old = conversation.turn(params.turn_id)
            attachments, notices = await self._pending.read_again(old.attachments)
            message = self._message(params.text, old.prompt, attachments)
            begun = conversation.edit(params.turn_id, message, _answer())
            await self._begin(conversation, begun, notices)
        return protocol.Sent(user_turn_id=message.id, turn_id=begun.added[-1].id)

    async def retry(self, params: protocol.OfTurn) -> protocol.Sent:
        """Have an answer given anew."""
        async with self._one:
            conversation = await self._chats.conversation(params.chat_id)
            begun = conversation.retry(params.turn_id, _answer())
            await self._begin(conversation, begun, ())
        *_, message, answer = conversation.turns
        return protocol.Sent(user_turn_id=message.id, turn_id=answer.id)

    async def stop(self, params: OfChat) -> Nothing:
        """Stop an answer; what has come of it stays."""
        await self._chats.conversation(params.chat_id)
        await self._answers.stop(params.chat_id)
        return NOTHING

    async def answer_now(self, params: OfChat) -> Nothing:
        """End a thought and have the model answer from it."""
        self._answers.answer_now(params.chat_id)
        return NOTHING

    async def _begin(
        self, conversation: Conversation, begun: Begun, notices: Sequence[Notice]
    ) -> None:
        chat = conversation.chat
        await self._disk.run(Storage.begin, chat, begun)
        self._chats.stored(chat)
        if begun.dropped:
            self._events.add(
                lambda seq: protocol.TurnsDropped(seq=seq, chat_id=chat.id, turn_ids=begun.dropped)
            )
        for turn in begun.added:
            self._tell_turn(chat.id, turn)
        self._answers.begin(conversation, notices)

    def _tell_turn(self, chat_id: str, turn: Turn) -> None:
        self._events.add(lambda seq: protocol.TurnBegun(seq=seq, chat_id=chat_id, turn=turn))

    def _message(self, text: str, prompt: str, attachments: Sequence[Attachment]) -> Turn:
        """Return a user's turn.

        Raises:
            UsageError: nothing is said.
            SettingsError: there is no such prompt.
        """
        library, language = self._surroundings.library(), self._surroundings.language()
        instruction = text
        if prompt:
            if library.get(prompt).uses is None:
                raise UsageError("chat-not-preset", name=prompt)
            _, instruction = library.resolve(prompt, text)
        if is_blank(instruction):
            raise UsageError("no-question")
        return Turn(
            id=new_id(),
            role="user",
            text=text or library.get(prompt).title(language),
            created=now(),
            prompt=prompt,
            instruction=instruction,
            answer_language=_answer_language(text, language),
            attachments=tuple(attachments),
        )


def _answer() -> Turn:
    return Turn(id=new_id(), role="assistant", created=now(), state="streaming")


def _answer_language(text: str, language: Language) -> str:
    """Return the language to answer in; a message that is not Chinese speaks for itself."""
    chinese = comment_language(text, language)
    return "" if text and chinese == "English" else chinese
