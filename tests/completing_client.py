"""An editor that shows completions: what tests of them share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from lsp_client import CAPABILITIES, Client, position, serving
from spyhop.models.scripted import Reply, Script, ScriptedOllama

URI = "file:///work/a.py"
GHOST = CAPABILITIES | {
    "textDocument": {**CAPABILITIES["textDocument"], "inlineCompletion": {}},
}
LIST = CAPABILITIES | {
    "textDocument": {
        **CAPABILITIES["textDocument"],
        "completion": {"completionItem": {"documentationFormat": ["markdown"]}},
    },
}
LSP4IJ: dict[str, Any] = {
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {
            "documentChanges": True,
            "resourceOperations": ["create", "delete", "rename"],
        },
        "didChangeConfiguration": {"dynamicRegistration": True},
        "executeCommand": {},
        "workspaceFolders": True,
        "configuration": True,
        "codeLens": {"refreshSupport": True},
    },
    "textDocument": {
        "synchronization": {"willSave": True, "willSaveWaitUntil": True, "didSave": True},
        "codeAction": {
            "dynamicRegistration": True,
            "codeActionLiteralSupport": {
                "codeActionKind": {"valueSet": ["quickfix", "refactor", "refactor.rewrite"]}
            },
        },
        "codeLens": {"dynamicRegistration": True},
        "inlineCompletion": {"dynamicRegistration": True},
        "completion": {
            "dynamicRegistration": True,
            "completionItem": {
                "snippetSupport": True,
                "documentationFormat": ["markdown", "plaintext"],
                "insertTextModeSupport": {"valueSet": [1, 2]},
            },
        },
    },
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    "general": {
        "staleRequestSupport": {"cancel": True, "retryOnContentModified": []},
        "positionEncodings": ["utf-16"],
    },
}
"""What LSP4IJ declares, where it matters here."""


@asynccontextmanager
async def session(
    scripts: Sequence[Script | Reply],
    text: str,
    *,
    capabilities: Any = GHOST,
    options: Any = None,
    uri: str = URI,
    language: str = "python",
    settings: Any = None,
    **ollama: Any,
) -> AsyncIterator[tuple[Client, ScriptedOllama]]:
    """Open ``text`` in an editor beside a scripted model."""
    with ScriptedOllama(scripts, **ollama) as model:
        async with serving() as client:
            client.settings = {"spyhop": {"url": model.url} | (settings or {})}
            await client.initialize(capabilities=capabilities, initializationOptions=options or {})
            client.open(uri, text, language)
            yield client, model


def ask(
    client: Client, at: int, *, uri: str = URI, kind: int = 1, **context: Any
) -> tuple[int | str, asyncio.Future[dict[str, Any]]]:
    """Ask for ghost text at an offset; ``kind`` 1: explicitly."""
    text = client.documents[uri].text
    return client.send_request(
        "textDocument/inlineCompletion",
        {
            "textDocument": {"uri": uri},
            "position": position(text, at),
            "context": {"triggerKind": kind, **context},
        },
    )


async def answered(future: asyncio.Future[dict[str, Any]]) -> Any:
    """Return the result of a request that was sent."""
    answer = await asyncio.wait_for(future, 30)
    assert "error" not in answer, answer["error"]
    return answer["result"]


async def ghost(client: Client, at: int, **how: Any) -> list[dict[str, Any]]:
    """Return the items at an offset."""
    items: list[dict[str, Any]] = await answered(ask(client, at, **how)[1])
    return items


async def text_at(client: Client, at: int, **how: Any) -> str | None:
    """Return the ghost text at an offset; None where there is none."""
    items = await ghost(client, at, **how)
    return items[0]["insertText"] if items else None
