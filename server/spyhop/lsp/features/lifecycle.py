"""The session's beginning and end, and its settings."""

from __future__ import annotations

import asyncio
from typing import Final

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from spyhop.errors import SpyhopError
from spyhop.lsp.server import SpyhopServer

# Seconds that an edit waits for the editor's settings after start.
_PATIENCE: Final = 5.0


def initialize(server: SpyhopServer, params: types.InitializeParams) -> None:
    """Take in what the client says of itself."""
    server.session.setup.initialize(params)
    server.session.documents.encoding = server.session.editor.encoding
    if server.session.editor.has_inline_completion:
        # Who shows ghost text does not want the same in a list too.
        del server.protocol.fm.features[types.TEXT_DOCUMENT_COMPLETION]


async def initialized(server: SpyhopServer, params: types.InitializedParams) -> None:
    """Ask for the settings, and read the prompts so that the first code action is quick."""
    del params
    try:
        await asyncio.wait_for(_pull(server), _PATIENCE)
    except TimeoutError:
        server.log.warning("The client did not tell its settings in %s s", _PATIENCE)
    finally:
        server.session.setup.configured.set()
    server.session.aside(_preload(server))
    _ = server.session.setup.library


async def did_change_configuration(
    server: SpyhopServer, params: types.DidChangeConfigurationParams
) -> None:
    """Take in changed settings: pushed where the client does, else asked for."""
    pushed = params.settings
    if isinstance(pushed, dict) and "spyhop" in pushed:
        await server.session.configure(pushed["spyhop"])
    else:
        await _pull(server)


async def shutdown(server: SpyhopServer, params: None) -> None:
    """Stop all work."""
    del params
    await server.completer.aclose()
    await server.session.aclose()


async def _preload(server: SpyhopServer) -> None:
    """Have the models loaded before they are asked; where that fails, a first use will say why."""
    session = server.session
    await session.load()
    from spyhop.models.preloading import preload  # noqa: PLC0415 - start-up counts

    settings = session.setup.settings
    if not settings.preload:
        return
    roles = [settings.endpoints_for("edit")]
    completing = settings.endpoints_for("complete")
    if settings.complete.enabled and completing != roles[0]:
        roles.append(completing)
    for endpoints in roles:
        try:
            await preload(endpoints)
        except SpyhopError as error:
            server.log.info("The model was not preloaded: %s", error)


async def _pull(server: SpyhopServer) -> None:
    if server.session.editor.can_configure:
        try:
            await server.session.configure(await server.session.editor.configuration())
        except JsonRpcException as error:
            server.log.warning("The client did not tell its settings: %s", error)
