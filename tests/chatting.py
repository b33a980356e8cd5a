"""A service of chats in a test: its files in memory, its model a fake one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fakemodel import FakeModel
from spyhop import resources
from spyhop.assist.chat.choosing import ModelChooser
from spyhop.assist.chat.port import LiveText, Proposed
from spyhop.assist.chat.service import ChatService
from spyhop.assist.chat.surroundings import Surroundings
from spyhop.core.positions import Source
from spyhop.core.stream import Text
from spyhop.errors import UsageError
from spyhop.languages import language_of_path
from spyhop.messages import Language, Notice
from spyhop.models.listing import Listed, Listing
from spyhop.models.patience import Tell
from spyhop.models.port import Done, Model
from spyhop.prompting.library import load
from spyhop.settings import Settings

SECONDS = 30.0


@dataclass
class MemoryWorkspace:
    """Files by their paths; their URIs are the same with ``file:///`` before them."""

    files: dict[str, str] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    changes: str = ""
    """What Git's working tree has changed."""
    proposed: list[Proposed] = field(default_factory=list)
    inserted: list[str] = field(default_factory=list)

    async def read(self, uri: str) -> LiveText | None:
        path = path_of(uri)
        if path.startswith(".."):
            raise UsageError("file-unreadable", path=path, why="outside")
        if path not in self.files:
            return None
        return LiveText(uri, path, language_of_path(path), Source(self.files[path]))

    async def uris(self) -> Sequence[tuple[str, str]]:
        return [(uri_of(path), path) for path in self.files]

    async def open_uris(self) -> Sequence[str]:
        return [uri_of(path) for path in self.open]

    async def diff(self) -> str:
        return self.changes

    async def propose(self, proposed: Proposed) -> None:
        self.proposed.append(proposed)

    async def insert(self, text: str) -> None:
        self.inserted.append(text)

    async def create(self, path: str, text: str) -> str:
        if path in self.files:
            raise UsageError("file-unwritable", path=path, why="it is there")
        self.files[path] = text
        return uri_of(path)


class Named(FakeModel):
    """A model that says its own name."""

    def __init__(self, name: str) -> None:
        super().__init__([Text(f"</think>I am {name}."), Done("stop")])
        self._info = replace(self._info, name=name)


class Shelf:
    """Lists two models."""

    async def listing(self) -> Listing:
        return Listing((Listed("first"), Listed("second")), "first")

    async def aclose(self) -> None:
        pass


def uri_of(path: str) -> str:
    return f"file:///{path}"


def path_of(uri: str) -> str:
    return uri.removeprefix("file:///")


@dataclass
class Chatting:
    """A client of a service."""

    service: ChatService
    workspace: MemoryWorkspace
    notices: list[Notice]
    events: list[dict[str, Any]] = field(default_factory=list)
    """Every event so far."""
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        return await self.service.call(method, params)

    async def new(self) -> str:
        return str((await self("new"))["chat"]["id"])

    async def ask(self, chat_id: str, text: str = "Why?", **more: Any) -> dict[str, Any]:
        """Send a message and return the answer's turn once it is done."""
        sent = await self("send", chatId=chat_id, text=text, **more)
        return await self.done(sent["turnId"])

    async def done(self, turn_id: str) -> dict[str, Any]:
        event = await self.event(
            lambda it: (
                it["kind"] == "turnChanged"
                and it["turn"]["id"] == turn_id
                and it["turn"]["state"] != "streaming"
            )
        )
        turn: dict[str, Any] = event["turn"]
        return turn

    async def event(self, fits: Any) -> dict[str, Any]:
        """Return the first event that fits, waiting for it."""

        def first() -> dict[str, Any] | None:
            return next((it for it in self.events if fits(it)), None)

        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: first() is not None), SECONDS)
        found = first()
        assert found is not None
        return found

    async def turns(self, chat_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self("open", chatId=chat_id))["turns"]
        return found

    async def follow(self, after: int) -> None:
        async for event in self.service.follow(after):
            self.events.append(event)
            async with self._changed:
                self._changed.notify_all()


@asynccontextmanager
async def chatting(
    model: Model,
    folder: Path,
    workspace: MemoryWorkspace | None = None,
    settings: Settings | None = None,
    language: Language = "en",
) -> AsyncIterator[Chatting]:
    """Give a service, and a client that follows it."""

    async def asked(tell: Tell) -> Model:
        del tell
        return model

    library = load(resources.prompts())
    notices: list[Notice] = []
    now = settings or Settings()
    surroundings = Surroundings(lambda: now, lambda: library, lambda: language, notices.append)
    files = workspace or MemoryWorkspace()
    chooser = ModelChooser(
        asked,
        lambda: now,
        notices.append,
        connect=lambda endpoint: Named(endpoint.model or "first"),
        lister=lambda _: Shelf(),
    )
    service = ChatService(folder, files, chooser, surroundings)
    client = Chatting(service, files, notices)
    following = asyncio.create_task(client.follow(service.seq))
    try:
        yield client
    finally:
        await service.aclose()
        await asyncio.wait_for(following, SECONDS)
