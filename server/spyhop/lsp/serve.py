"""The table of what the server answers, and its start."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from typing import Any, Final

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError

from spyhop.errors import SpyhopError
from spyhop.lsp.arguments import (
    DoctorArguments,
    EditArguments,
    HunkArguments,
    PullArguments,
)
from spyhop.lsp.features import (
    answer_now,
    ask,
    chat,
    code_action,
    code_lens,
    doctor,
    edit,
    files,
    lifecycle,
    pull,
    show,
    sync,
    verdict,
)
from spyhop.lsp.server import SpyhopServer

Handler = Callable[[SpyhopServer, Any], Any]

_FEATURES: Final[list[tuple[str, Handler, Any]]] = [
    (types.INITIALIZE, lifecycle.initialize, None),
    (types.INITIALIZED, lifecycle.initialized, None),
    (types.SHUTDOWN, lifecycle.shutdown, None),
    (types.WORKSPACE_DID_CHANGE_CONFIGURATION, lifecycle.did_change_configuration, None),
    (types.TEXT_DOCUMENT_DID_OPEN, sync.did_open, None),
    (types.TEXT_DOCUMENT_DID_CHANGE, sync.did_change, None),
    (types.TEXT_DOCUMENT_DID_CLOSE, sync.did_close, None),
    (
        types.TEXT_DOCUMENT_CODE_ACTION,
        code_action.code_action,
        types.CodeActionOptions(code_action_kinds=[code_action.KIND]),
    ),
    (types.TEXT_DOCUMENT_CODE_LENS, code_lens.code_lens, types.CodeLensOptions()),
    (types.WINDOW_WORK_DONE_PROGRESS_CANCEL, edit.progress_cancelled, None),
    (types.WORKSPACE_DID_RENAME_FILES, files.did_rename, files.OPTIONS),
    (types.WORKSPACE_DID_DELETE_FILES, files.did_delete, files.OPTIONS),
    *((f"{chat.PREFIX}{method}", chat.request(method), None) for method in chat.METHODS),
    (chat.FOLLOW, chat.follow, None),
]

_COMMANDS: Final[list[tuple[str, Handler, Callable[[Any], Any]]]] = [
    (edit.COMMAND, edit.edit, lambda value: EditArguments.read(value, edit.COMMAND)),
    (ask.COMMAND, ask.ask, lambda value: EditArguments.read(value, ask.COMMAND)),
    (chat.ADD, chat.add, lambda value: EditArguments.read(value, chat.ADD)),
    (doctor.COMMAND, doctor.doctor, lambda value: DoctorArguments.read(value, doctor.COMMAND)),
    (show.DIFF, show.show_diff, lambda value: HunkArguments.read(value, show.DIFF)),
    (show.THINKING, show.show_thinking, lambda value: HunkArguments.read(value, show.THINKING)),
    (edit.CANCEL, edit.cancel, lambda value: HunkArguments.read(value, edit.CANCEL)),
    (
        answer_now.COMMAND,
        answer_now.answer_now,
        lambda value: HunkArguments.read(value, answer_now.COMMAND),
    ),
    (pull.COMMAND, pull.pull, lambda value: PullArguments.read(value, pull.COMMAND)),
    (verdict.ACCEPT, verdict.accept, lambda value: HunkArguments.read(value, verdict.ACCEPT)),
    (verdict.REJECT, verdict.reject, lambda value: HunkArguments.read(value, verdict.REJECT)),
]


def create() -> SpyhopServer:
    """Return a server with every feature registered."""
    server = SpyhopServer()
    for method, handler, options in _FEATURES:
        server.feature(method, options)(_answering(server, handler))
    for command, handler, read in _COMMANDS:
        server.command(command)(_answering(server, _commanding(handler, read)))
    return server


def serve() -> None:
    """Serve an editor on stdin and stdout until it leaves."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    # What a library prints must not land between the messages.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        create().start_io(stdout=out)


def _commanding(handler: Handler, read: Callable[[Any], Any]) -> Handler:
    """Return the handler of a command, which reads its argument first."""
    if asyncio.iscoroutinefunction(handler):

        async def run_async(server: SpyhopServer, value: Any) -> Any:
            return await handler(server, read(value))

        return run_async

    def run(server: SpyhopServer, value: Any) -> Any:
        return handler(server, read(value))

    return run


def _answering(server: SpyhopServer, handler: Handler) -> Callable[..., Any]:
    """Return the handler with its errors mapped: told to the user, and never a traceback."""
    if asyncio.iscoroutinefunction(handler):

        async def answer_async(*arguments: Any) -> Any:
            try:
                return await handler(server, arguments[0] if arguments else None)
            except Exception as error:  # noqa: BLE001 - mapped
                return _mapped(server, error)

        return answer_async

    def answer(*arguments: Any) -> Any:
        try:
            return handler(server, arguments[0] if arguments else None)
        except Exception as error:  # noqa: BLE001 - mapped
            return _mapped(server, error)

    return answer


def _mapped(server: SpyhopServer, error: Exception) -> None:
    """Tell the user of an error; our own mistakes are the request's error too."""
    match error:
        case SpyhopError():
            message = error.say(server.session.language)
            server.session.editor.show(types.MessageType.Error, message)
        case JsonRpcException():
            raise error
        case _:
            server.report_unexpected(error)
            raise JsonRpcInternalError(f"{type(error).__name__}: {error}") from error
