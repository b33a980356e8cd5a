"""Chats: requests of clients that show them, and ``spyhop.chat.add``, which every client has."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import Any, Final

from lsprotocol import types

from spyhop.assist.material import whole_lines
from spyhop.errors import SpyhopError
from spyhop.lsp.arguments import EditArguments
from spyhop.lsp.chats import chats
from spyhop.lsp.convert import range_from
from spyhop.lsp.protocol import Refusal
from spyhop.lsp.server import SpyhopServer

ADD: Final = "spyhop.chat.add"
PREFIX: Final = "spyhop/chat/"
FOLLOW: Final = f"{PREFIX}follow"
METHODS: Final = (
    "list",
    "search",
    "new",
    "open",
    "rename",
    "delete",
    "export",
    "send",
    "stop",
    "answerNow",
    "retry",
    "editTurn",
    "models",
    "switchModel",
    "prompts",
    "attach",
    "detach",
    "mentions",
    "apply",
    "newFile",
    "insertAtCursor",
)
"""The protocol's methods, by name only: reading the protocol itself takes long at start-up."""

Request = Callable[[SpyhopServer, Any], Coroutine[Any, Any, Any]]


async def add(server: SpyhopServer, arguments: EditArguments) -> dict[str, str]:
    """Attach lines, or where none are selected the file, to the current chat and have it shown.

    Raises:
        UsageError: the document is not open, or the lines are blank.
    """
    session = server.session
    document = session.documents.get(arguments.uri)
    span = document.source.span_of(range_from(arguments.range), session.documents.encoding)
    service = await chats(server)
    attached: dict[str, Any] = {"kind": "file", "uri": arguments.uri}
    if len(span):
        lines = whole_lines(document.source, span)
        start = document.source.line_at(lines.start)
        end = document.source.line_at(max(lines.start, lines.end - 1)) + 1
        attached |= {"kind": "selection", "range": {"start": start, "end": end}}
    added = await service.add(**attached)
    if arguments.diagnostics:
        problems = {"kind": "diagnostics", "diagnostics": arguments.diagnostics}
        await service.add(**attached | problems)
    session.cursor = arguments.uri, span.end
    if not session.setup.shows_chats:
        await session.chat_page.show(service, added["chatId"])
    return added


def request(method: str) -> Request:
    """Return the handler of one of the protocol's methods."""

    async def answer(server: SpyhopServer, params: Any) -> Any:
        service = await chats(server)
        try:
            return await service.call(method, params)
        except SpyhopError as error:
            raise Refusal(error.say(server.session.language)) from error

    return answer


async def follow(server: SpyhopServer, params: Any) -> list[Any]:
    """Send events as partial results until the client cancels, or the session ends."""
    service = await chats(server)
    after = params.get("after") if isinstance(params, dict) else None
    token = params.get("partialResultToken") if isinstance(params, dict) else None
    if not isinstance(after, int) or not isinstance(token, int | str):
        message = server.session.say(
            "bad-arguments", command=FOLLOW, expected="{after, partialResultToken}"
        )
        raise Refusal(message, types.ErrorCodes.InvalidParams)
    async with aclosing(service.follow(after)) as events:
        async for event in events:
            server.progress(types.ProgressParams(token, [event]))
    return []
