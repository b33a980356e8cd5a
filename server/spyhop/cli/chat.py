"""``spyhop chat``: ask, read the answer as it comes, ask on."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platformdirs import user_data_dir

from spyhop.assist.chat.choosing import ModelChooser
from spyhop.assist.chat.service import ChatService
from spyhop.assist.chat.storage import Storage
from spyhop.assist.chat.surroundings import Surroundings
from spyhop.cli.console import Screen, write_bytes
from spyhop.cli.files import Target, read_target
from spyhop.cli.job import library_for
from spyhop.cli.options import here
from spyhop.cli.talk import Talk
from spyhop.cli.workspace import CommandWorkspace, uri_of
from spyhop.core.fences import fence_for
from spyhop.core.visible import visible
from spyhop.errors import SpyhopError, UsageError
from spyhop.languages import language_of_path
from spyhop.models.patience import Tell
from spyhop.models.port import Model
from spyhop.models.router import Router
from spyhop.prompting.library import Library
from spyhop.settings import Settings


@dataclass(frozen=True, slots=True)
class Opening:
    """How a chat begins on the command line."""

    targets: tuple[Target, ...]
    message: str
    prompt: str = ""
    goes_on: bool = False
    """Whether the chat that was used last goes on."""
    show_thinking: bool = False


def opening_of(words: Sequence[str], piped: str) -> tuple[tuple[Target, ...], str]:
    """Return the files that arguments name, and the message: the last one, if it names none.

    What was piped in is shown below the message, or is it.

    Raises:
        UsageError: a file is not there, or has no such lines.
    """
    files, message = [*words], ""
    if files and not _names_file(files[-1]):
        message = files.pop()
    targets = tuple(map(read_target, files))
    if piped.strip():
        fence = fence_for(piped)
        end = "" if piped.endswith("\n") else "\n"
        message = f"{message}\n\n{fence}\n{piped}{end}{fence}" if message.strip() else piped
    return targets, message


def piped_text() -> str:
    """Return what is piped into the command; empty in a terminal.

    Raises:
        UsageError: it is no text.
    """
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError("chat-piped-binary") from error


def run(opening: Opening, settings: Settings, screen: Screen) -> bool:
    """Carry a chat on until the user leaves; tell whether the last answer was one.

    Raises:
        SpyhopError: it cannot begin.
    """
    files = [target.file for target in opening.targets]
    workspace = CommandWorkspace(here().absolute(), files)
    library = library_for(screen)
    with asyncio.Runner() as runner:
        talk = runner.run(_opened(opening, settings, screen, workspace, library))
        try:
            return talk.carry(runner, opening.message, opening.prompt)
        finally:
            runner.run(talk.aclose())


def show_list(screen: Screen) -> None:
    """Print the chats there are, the one that was used last first."""
    storage = Storage(_folder())
    try:
        chats = storage.chats()
        for notice in storage.take_notices():
            screen.warn(notice)
    finally:
        storage.close()
    for chat in chats:
        when = datetime.fromtimestamp(chat.updated / 1000, UTC).astimezone()
        title = visible(chat.title) or screen.say("chat-untitled")
        write_bytes(f"{when:%Y-%m-%d %H:%M}  {title}\n".encode("utf-8", "replace"))
    if not chats:
        screen.tell("chat-none")


async def _opened(
    opening: Opening,
    settings: Settings,
    screen: Screen,
    workspace: CommandWorkspace,
    library: Library,
) -> Talk:
    """Return a chat, with everything attached that the arguments name."""
    router = Router(settings, screen.warn)

    async def model(tell: Tell) -> Model:
        return await router.model("chat", tell)

    chooser = ModelChooser(model, lambda: settings, screen.warn)
    around = Surroundings(lambda: settings, lambda: library, lambda: screen.language, screen.warn)
    service = ChatService(_folder(), workspace, chooser, around)
    chats = (await service.call("list", {}))["chats"] if opening.goes_on else []
    if not chats:
        chats = [(await service.call("new", {}))["chat"]]
    chat_id = chats[0]["id"]
    talk = Talk(service, router, workspace, library, screen, chat_id, opening.show_thinking)
    turns = (await service.call("open", {"chatId": chat_id}))["turns"]
    talk.answer = turns[-1] if turns else {}
    try:
        for target in opening.targets:
            await service.call("attach", {"chatId": chat_id, **_attached(target)})
    except SpyhopError:
        await talk.aclose()
        raise
    return talk


def _attached(target: Target) -> dict[str, Any]:
    uri = uri_of(target.file.path)
    if target.first == 0 and target.last >= target.file.source.line_count - 2:
        return {"kind": "file", "uri": uri}
    return {
        "kind": "selection",
        "uri": uri,
        "range": {"start": target.first, "end": target.last + 1},
    }


def _names_file(word: str) -> bool:
    """Tell whether an argument names a file, one that is there or one that is missing."""
    path = word.partition(":")[0]
    with suppress(OSError, ValueError):
        if Path(word).exists() or Path(path).exists():
            return True
    return not any(map(str.isspace, word)) and bool(language_of_path(path))


def _folder() -> Path:
    return Path(user_data_dir("spyhop", appauthor=False))
