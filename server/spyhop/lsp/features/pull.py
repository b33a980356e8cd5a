"""``spyhop.pull``: get a model, or go on with getting it; shown as progress."""

from __future__ import annotations

from typing import Final

from spyhop.lsp.arguments import PullArguments
from spyhop.lsp.pulls import begin
from spyhop.lsp.server import SpyhopServer

COMMAND: Final = "spyhop.pull"


async def pull(server: SpyhopServer, arguments: PullArguments) -> dict[str, str]:
    """Begin to pull a model, the settings' own where none is named; answer with its name.

    Raises:
        UsageError: it is being pulled already.
    """
    session = server.session
    await session.setup.configured.wait()
    await session.load()
    from spyhop.models.ollama.names import DEFAULT, to_pull  # noqa: PLC0415 - start-up counts

    endpoint = session.setup.settings.endpoints_for("edit")[0]
    model = to_pull(arguments.model or endpoint.model or DEFAULT)
    begin(server, endpoint, model, server.protocol.msg_id)
    return {"model": model}
