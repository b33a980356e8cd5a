"""The service of chats of an editor's session."""

from __future__ import annotations

import asyncio
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spyhop.assist.chat.service import ChatService
    from spyhop.lsp.server import SpyhopServer
    from spyhop.models.patience import Tell
    from spyhop.models.port import Model


async def chats(server: SpyhopServer) -> ChatService:
    """Return the service; the first use makes it, once the editor's settings are known."""
    session = server.session
    await session.setup.configured.wait()
    await session.load()
    for name in ("service", "choosing", "folders"):
        await asyncio.to_thread(import_module, f"spyhop.assist.chat.{name}")
    if session.chats is None:
        session.chats = _made(server)
    return session.chats


def _made(server: SpyhopServer) -> ChatService:
    from platformdirs import user_data_dir  # noqa: PLC0415 - start-up counts

    from spyhop.assist.chat.choosing import ModelChooser  # noqa: PLC0415
    from spyhop.assist.chat.service import ChatService  # noqa: PLC0415
    from spyhop.assist.chat.surroundings import Surroundings  # noqa: PLC0415
    from spyhop.lsp.workspace import EditorWorkspace  # noqa: PLC0415

    session = server.session

    async def model(tell: Tell) -> Model:
        return await session.model("chat", tell)

    return ChatService(
        Path(user_data_dir("spyhop", appauthor=False)),
        EditorWorkspace(server),
        ModelChooser(model, lambda: session.setup.settings, session.announce),
        Surroundings(
            lambda: session.setup.settings,
            lambda: session.setup.library,
            lambda: session.language,
            session.announce,
        ),
        session.worker.run,
    )
