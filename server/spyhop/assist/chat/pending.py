"""What the next message of each chat takes along."""

from __future__ import annotations

from collections.abc import Sequence

from spyhop.assist.chat.attaching import Pending, attach, read_again, state_of
from spyhop.assist.chat.events import EventLog
from spyhop.assist.chat.port import Workspace
from spyhop.assist.chat.protocol import AttachmentsChanged, AttachParams
from spyhop.errors import UsageError
from spyhop.messages import Notice
from spyhop.sessions.chats.values import Attachment


class PendingAttachments:
    """Attachments by chat, until they are sent; each change of them is an event."""

    def __init__(self, workspace: Workspace, events: EventLog) -> None:
        self._workspace = workspace
        self._events = events
        self._of: dict[str, list[Pending]] = {}

    async def attach(self, params: AttachParams, new_id: str) -> Attachment:
        """Attach something; what is attached already, as it is now, is not attached twice.

        Raises:
            UsageError: there is nothing to be read, or nothing in it.
        """
        new = await attach(self._workspace, params, new_id)
        pending = self._of.setdefault(params.chat_id, [])
        same = next((it for it in pending if it.is_same(new.attachment)), None)
        if same is None:
            pending.append(new)
        self._tell(params.chat_id)
        return (same or new).attachment

    def detach(self, chat_id: str, attachment_id: str) -> None:
        """Take something off again.

        Raises:
            UsageError: it is not there.
        """
        pending = self._of.get(chat_id, [])
        left = [it for it in pending if it.attachment.id != attachment_id]
        if len(left) == len(pending):
            raise UsageError("chat-not-attached")
        self._of[chat_id] = left
        self._tell(chat_id)

    async def look(self, chat_id: str) -> tuple[Attachment, ...]:
        """Return what is attached to a chat, with whether the files still say so."""
        for it in [*self._of.get(chat_id, [])]:
            seen = await state_of(self._workspace, it)
            pending = self._of.get(chat_id, [])
            if it in pending:
                pending[pending.index(it)] = Pending(seen, it.document)
        return tuple(it.attachment for it in self._of.get(chat_id, []))

    def watches(self, uri: str) -> bool:
        """Tell whether something of a file is attached."""
        return any(it.attachment.uri == uri for pending in self._of.values() for it in pending)

    async def changed(self, uri: str) -> None:
        """Take in that a file has changed: what is attached of it is marked so."""
        for chat_id, pending in [*self._of.items()]:
            before = tuple(it.attachment for it in pending)
            if any(it.uri == uri for it in before) and await self.look(chat_id) != before:
                self._tell(chat_id)

    async def read_again(
        self, attachments: Sequence[Attachment]
    ) -> tuple[list[Attachment], list[Notice]]:
        """Return what was attached to a message as it is by now, and what to tell of that."""
        return await self._read([Pending(it) for it in attachments])

    async def read_pending(self, chat_id: str) -> tuple[list[Attachment], list[Notice]]:
        """Return what is attached to a chat as it is by now, and what to tell of that."""
        return await self._read([*self._of.get(chat_id, [])])

    async def _read(self, pending: Sequence[Pending]) -> tuple[list[Attachment], list[Notice]]:
        read = [await read_again(self._workspace, it) for it in pending]
        return [it for it, _ in read], [notice for _, notice in read if notice is not None]

    def sent(self, chat_id: str) -> None:
        """Note that a chat's next message takes along nothing any more."""
        if self._of.pop(chat_id, None):
            self._tell(chat_id)

    def forget(self, chat_id: str) -> None:
        """Let go of a chat that is gone."""
        self._of.pop(chat_id, None)

    def _tell(self, chat_id: str) -> None:
        now = tuple(it.attachment for it in self._of.get(chat_id, []))
        self._events.add(lambda seq: AttachmentsChanged(seq=seq, chat_id=chat_id, attachments=now))
