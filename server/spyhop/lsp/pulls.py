"""Pulls that an editor began: offered where a model is missing, shown as progress, one a model."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from lsprotocol import types

from spyhop.errors import SpyhopError, UsageError
from spyhop.lsp.progress import EditProgress
from spyhop.models.errors import ModelMissing

if TYPE_CHECKING:
    from spyhop.lsp.server import SpyhopServer
    from spyhop.settings import EndpointSettings, Settings


def offer(server: SpyhopServer, error: ModelMissing) -> None:
    """Tell that a model is missing, with a button that pulls it; nobody waits for the answer."""
    session = server.session
    if error.model in session.pulls:
        message = session.say("pull-running", model=error.model)
        session.editor.show(types.MessageType.Warning, message)
    else:
        session.aside(_offer(server, error))


async def _offer(server: SpyhopServer, error: ModelMissing) -> None:
    session = server.session
    button = session.say("pull-offer", model=error.model)
    message = error.say(session.language)
    if await session.editor.ask(types.MessageType.Error, message, [button]) != button:
        return
    try:
        begin(server, _endpoint_at(session.setup.settings, error.url), error.model)
    except SpyhopError as refusal:
        session.editor.show(types.MessageType.Error, refusal.say(session.language))


def begin(
    server: SpyhopServer,
    endpoint: EndpointSettings,
    model: str,
    request_id: str | int | None = None,
) -> None:
    """Begin to have ``endpoint`` pull ``model``; its progress, or the request, can be cancelled.

    Raises:
        UsageError: it is being pulled already.
    """
    session = server.session
    if model in session.pulls:
        raise UsageError("pull-running", model=model)
    session.pulls[model] = task = session.aside(_pull(server, endpoint, model))
    if request_id is not None:
        session.requests[request_id] = model

    def done(_: asyncio.Task[None]) -> None:
        del session.pulls[model]
        if request_id is not None:
            session.requests.pop(request_id, None)

    task.add_done_callback(done)


async def _pull(server: SpyhopServer, endpoint: EndpointSettings, model: str) -> None:
    from spyhop.assist.pull import pull  # noqa: PLC0415 - start-up counts

    session = server.session
    title = session.say("pull-title", model=model)
    progress = EditProgress(server, model, title, percentage=0)
    progress.begin()
    stopped: str | None = None
    try:
        async with aclosing(pull(endpoint, model)) as steps:
            async for step in steps:
                words = step.notice.say(session.language)
                progress.report(words, percentage=step.percentage)
        session.editor.show(types.MessageType.Info, session.say("pull-again", model=model))
    except SpyhopError as error:
        session.editor.show(types.MessageType.Error, error.say(session.language))
    except asyncio.CancelledError:
        stopped = session.say("pull-interrupted")
    except Exception as error:  # noqa: BLE001 - the task's last resort
        server.report_unexpected(error)
    finally:
        progress.end(stopped)


def _endpoint_at(settings: Settings, url: str | None) -> EndpointSettings:
    """Return the endpoint that answers at ``url``, of None the embedded engine.

    It is the first one where none does any more.
    """
    from spyhop.core.urls import without_user  # noqa: PLC0415 - start-up counts

    endpoints = [
        one for role in ("edit", "chat", "complete") for one in settings.endpoints_for(role)
    ]
    lacking = (
        one
        for one in endpoints
        if (None if one.backend == "embedded" else without_user(one.url.rstrip("/"))) == url
    )
    return next(lacking, endpoints[0])
