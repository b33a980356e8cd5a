"""The service of chats: every request of the protocol, whoever makes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import ValidationError

from spyhop.assist.chat import protocol
from spyhop.assist.chat.answers import Answers
from spyhop.assist.chat.blocks import Blocks, Runner
from spyhop.assist.chat.chats import Chats
from spyhop.assist.chat.choosing import ModelChooser
from spyhop.assist.chat.disk import Disk
from spyhop.assist.chat.events import EventLog
from spyhop.assist.chat.mentions import Mentions
from spyhop.assist.chat.pending import PendingAttachments
from spyhop.assist.chat.port import Workspace
from spyhop.assist.chat.protocol import METHODS, NOTHING, Nothing, to_json
from spyhop.assist.chat.stamps import new_id
from spyhop.assist.chat.surroundings import Surroundings
from spyhop.assist.chat.turns import Turns
from spyhop.errors import UsageError
from spyhop.sessions.chats.values import Value

Answer: TypeAlias = Callable[[Any], Awaitable[Value]]


class ChatService:
    """Answers the requests of `protocol.METHODS`. Used on one event loop.

    ``folder`` is where chats are stored; ``run`` carries out, elsewhere, what takes long.
    """

    def __init__(
        self,
        folder: Path,
        workspace: Workspace,
        models: ModelChooser,
        surroundings: Surroundings,
        run: Runner = asyncio.to_thread,
    ) -> None:
        self._workspace = workspace
        self._models = models
        self._surroundings = surroundings
        self._disk = Disk(folder, surroundings.announce)
        self._events = EventLog()
        self._answers = Answers(self._disk, self._events, models, surroundings)
        self._mentions = Mentions(workspace)
        self._blocks = Blocks(workspace, run)
        self._pending = PendingAttachments(workspace, self._events)
        self._chats = Chats(self._disk, self._events, self._answers, self._pending, surroundings)
        self._turns = Turns(
            self._chats, self._disk, self._events, self._answers, self._pending, surroundings
        )
        self._methods: dict[str, Answer] = {
            "list": self._chats.list,
            "search": self._chats.search,
            "new": self._chats.new,
            "open": self._chats.open,
            "rename": self._chats.rename,
            "delete": self._chats.delete,
            "export": self._chats.export,
            "send": self._turns.send,
            "stop": self._turns.stop,
            "answerNow": self._turns.answer_now,
            "retry": self._turns.retry,
            "editTurn": self._turns.edit,
            "models": self._list_models,
            "switchModel": self._switch_model,
            "prompts": self._prompts,
            "attach": self._attach,
            "detach": self._detach,
            "mentions": self._mention,
            "apply": self._apply,
            "newFile": self._new_file,
            "insertAtCursor": self._insert,
        }

    @property
    def seq(self) -> int:
        """The number of the last event."""
        return self._events.seq

    async def call(self, method: str, params: Any) -> dict[str, Any]:
        """Carry out a request and return its result, as `ChatPort.call` promises."""
        if method not in METHODS:
            raise UsageError("chat-no-method", name=method)
        try:
            read = METHODS[method][0].model_validate({} if params is None else params)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            what = ".".join(map(str, first["loc"])) or "-"
            raise UsageError(
                "chat-bad-params", method=method, name=what, why=first["msg"]
            ) from error
        return to_json(await self._methods[method](read))

    def follow(self, after: int) -> AsyncGenerator[dict[str, Any], None]:
        """Yield events, as `ChatPort.follow` promises."""
        return self._events.follow(after)

    async def add(self, **attached: Any) -> dict[str, str]:
        """Attach something to the current chat, or to a new one, and have that chat shown.

        ``attached`` are `AttachParams` but for the chat. Returns the ids of chat and attachment.

        Raises:
            UsageError: there is nothing to attach.
        """
        chat_id = self._chats.current
        is_new = chat_id is None or not await self._chats.is_there(chat_id)
        if chat_id is None or is_new:
            chat_id = (await self._chats.new(NOTHING)).chat.id
        params = protocol.AttachParams(chat_id=chat_id, **attached)
        try:
            attachment = await self._pending.attach(params, new_id())
        except UsageError:
            if is_new:
                await self._chats.delete(protocol.OfChat(chat_id=chat_id))
            raise
        self._events.add(lambda seq: protocol.CurrentChanged(seq=seq, chat_id=chat_id))
        return {"chatId": chat_id, "attachmentId": attachment.id}

    def watches(self, uri: str) -> bool:
        """Tell whether something of a file waits to be sent."""
        return self._pending.watches(uri)

    async def changed(self, uri: str) -> None:
        """Take in that a file has changed: what is attached of it is marked so."""
        await self._pending.changed(uri)

    async def settled(self) -> None:
        """Wait until no answer is on its way."""
        await self._answers.settled()

    async def aclose(self) -> None:
        """Stop all answers, store what has come of them, and end everyone's following."""
        await self._answers.aclose()
        self._events.close()
        await self._models.aclose()
        await self._disk.aclose()

    # What is attached

    async def _attach(self, params: protocol.AttachParams) -> Value:
        await self._chats.conversation(params.chat_id)
        return protocol.Attached(attachment=await self._pending.attach(params, new_id()))

    async def _detach(self, params: protocol.DetachParams) -> Value:
        self._pending.detach(params.chat_id, params.attachment_id)
        return NOTHING

    # Models, prompts, names

    async def _list_models(self, _: Nothing) -> Value:
        choices, faults = await self._models.choices()
        language = self._surroundings.language()
        warnings = tuple(fault.say(language) for fault in faults)
        return protocol.ModelsResult(models=tuple(choices), warnings=warnings)

    async def _switch_model(self, params: protocol.SwitchModelParams) -> Value:
        self._models.switch(params)
        return NOTHING

    async def _prompts(self, _: Nothing) -> Value:
        language = self._surroundings.language()
        presets = self._surroundings.library().presets()
        return protocol.PromptsResult(
            prompts=tuple(
                protocol.PromptChoice(name=it.name, title=it.title(language)) for it in presets
            )
        )

    async def _mention(self, params: protocol.MentionsParams) -> Value:
        found = await self._mentions.find(params.query)
        return protocol.MentionsResult(mentions=tuple(found))

    # Code blocks

    async def _apply(self, params: protocol.ApplyParams) -> Value:
        conversation = await self._chats.conversation(params.chat_id)
        applied, warnings = await self._blocks.apply(conversation, params)
        language = self._surroundings.language()
        said = tuple(warning.say(language) for warning in warnings)
        return applied.model_copy(update={"warnings": said})

    async def _new_file(self, params: protocol.NewFileParams) -> Value:
        conversation = await self._chats.conversation(params.chat_id)
        return protocol.NewFileResult(uri=await self._blocks.new_file(conversation, params))

    async def _insert(self, params: protocol.OfBlock) -> Value:
        conversation = await self._chats.conversation(params.chat_id)
        await self._blocks.insert(conversation, params)
        return NOTHING
