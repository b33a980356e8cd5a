"""The chats there are: listed, searched, opened, named, deleted.

Chats are on disk, and read from there at each request: other processes use the same file. Only an
answer on its way, and a chat without a message, are in memory.
"""

from __future__ import annotations

from spyhop.assist.chat import protocol
from spyhop.assist.chat.answers import Answers
from spyhop.assist.chat.disk import Disk
from spyhop.assist.chat.events import EventLog
from spyhop.assist.chat.pending import PendingAttachments
from spyhop.assist.chat.protocol import NOTHING, Nothing, OfChat
from spyhop.assist.chat.stamps import new_id, now
from spyhop.assist.chat.storage import Storage
from spyhop.assist.chat.surroundings import Surroundings
from spyhop.errors import UsageError
from spyhop.sessions.chats.conversation import Conversation
from spyhop.sessions.chats.markdown import file_name, markdown_of
from spyhop.sessions.chats.values import Chat


class Chats:
    """All chats of the user."""

    def __init__(
        self,
        disk: Disk,
        events: EventLog,
        answers: Answers,
        pending: PendingAttachments,
        surroundings: Surroundings,
    ) -> None:
        self._disk = disk
        self._events = events
        self._answers = answers
        self._pending = pending
        self._surroundings = surroundings
        self._new: dict[str, Chat] = {}
        """Chats without a message, which are not stored."""
        self.current: str | None = None
        """The chat that was used last."""

    async def list(self, _: Nothing) -> protocol.Listed:
        """Return all chats, the one that was used last first."""
        stored = await self._disk.run(Storage.chats)
        chats = [*reversed(self._new.values()), *stored]
        return protocol.Listed(chats=tuple(chats), current=self.current)

    async def search(self, params: protocol.SearchParams) -> protocol.SearchResult:
        """Return the chats that hold some words."""
        hits = await self._disk.run(Storage.search, params.query)
        found = [
            protocol.Found(chat=hit.chat, turn_id=hit.turn_id, excerpt=hit.excerpt) for hit in hits
        ]
        return protocol.SearchResult(found=tuple(found))

    async def new(self, _: Nothing) -> protocol.NewResult:
        """Make a chat; it is stored with its first message."""
        at = now()
        chat = Chat(id=new_id(), created=at, updated=at)
        self._new[chat.id] = chat
        self.current = chat.id
        self._events.add(lambda seq: protocol.ChatChanged(seq=seq, chat=chat))
        return protocol.NewResult(chat=chat)

    async def open(self, params: OfChat) -> protocol.Opened:
        """Return a chat as it is, an answer on its way included; it is the current one then."""
        attachments = await self._pending.look(params.chat_id)
        conversation = await self.conversation(params.chat_id)
        # Nothing is waited for from here on, so no event comes between.
        live = self._answers.conversation(params.chat_id) or conversation
        self.current = params.chat_id
        return protocol.Opened(
            chat=live.chat,
            turns=tuple(live.turns),
            attachments=attachments,
            seq=self._events.seq,
            can_answer_now=self._answers.can_answer_now(params.chat_id),
        )

    async def rename(self, params: protocol.RenameParams) -> Nothing:
        """Give a chat a title."""
        title = " ".join(params.title.split())
        if not title:
            raise UsageError("chat-no-title")
        conversation = await self.conversation(params.chat_id)
        chat = conversation.chat.model_copy(update={"title": title})
        if chat.id in self._new:
            self._new[chat.id] = chat
        else:
            await self._disk.run(Storage.rename, chat)
            self._answers.rename(chat.id, title)
        self._events.add(lambda seq: protocol.ChatChanged(seq=seq, chat=chat))
        return NOTHING

    async def delete(self, params: OfChat) -> Nothing:
        """Delete a chat for good; an answer on its way is stopped."""
        await self.conversation(params.chat_id)
        await self._answers.stop(params.chat_id)
        await self._disk.run(Storage.delete, params.chat_id)
        self._new.pop(params.chat_id, None)
        self._pending.forget(params.chat_id)
        if self.current == params.chat_id:
            self.current = None
        self._events.add(lambda seq: protocol.ChatDeleted(seq=seq, chat_id=params.chat_id))
        return NOTHING

    async def export(self, params: OfChat) -> protocol.Exported:
        """Return a chat as Markdown."""
        conversation = await self.conversation(params.chat_id)
        language = self._surroundings.language()
        markdown = markdown_of(conversation.chat, conversation.turns, language)
        return protocol.Exported(markdown=markdown, name=file_name(conversation.chat))

    async def conversation(self, chat_id: str) -> Conversation:
        """Return a chat with its turns.

        Raises:
            UsageError: there is none of this id any more.
        """
        if chat_id in self._new:
            return Conversation(self._new[chat_id])
        if live := self._answers.conversation(chat_id):
            return live
        found = await self._disk.run(Storage.load, chat_id)
        if found is None:
            raise UsageError("chat-gone")
        return found

    async def is_there(self, chat_id: str) -> bool:
        """Tell whether there is a chat of this id."""
        try:
            await self.conversation(chat_id)
        except UsageError:
            return False
        return True

    def stored(self, chat: Chat) -> None:
        """Note that a chat has its first message, or another one."""
        self._new.pop(chat.id, None)
        self.current = chat.id
        self._events.add(lambda seq: protocol.ChatChanged(seq=seq, chat=chat))
