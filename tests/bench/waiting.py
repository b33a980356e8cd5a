"""How long an editor's request waits behind large work, in a real server on stdio."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from lsp_client import Client, serving
from spyhop.models.scripted import Script, ScriptedOllama, tokens_of

_URI: Final = "file:///work/large.py"
_LINES: Final = 100_000
_SELECTED: Final = 10_000
_PROBES: Final = 200


def _document(lines: int = _LINES) -> str:
    return "".join(f"value_{n} = compute({n})\n" for n in range(lines))


def _answer() -> str:
    changed = _document(_SELECTED).replace("compute(", "compute_anew(")
    return f"hm\n</think>\n\n```python\n{changed}```\n"


@asynccontextmanager
async def _editing(text: str) -> AsyncIterator[tuple[Client, ScriptedOllama]]:
    # Slow enough for the server to come to rest in between, as a model is.
    script = Script(tokens_of(_answer(), 4000), delay=0.005)
    with ScriptedOllama([script], context_length=10_000_000) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": ollama.url, "contextTokens": 1_000_000}}
            await client.initialize()
            client.open(_URI, text)
            await _caret(client)
            yield client, ollama


async def _caret(client: Client, line: int = 20_000) -> float:
    """Return how many seconds the code actions at a caret take."""
    at = {"line": line, "character": 0}
    params = {
        "textDocument": {"uri": _URI},
        "range": {"start": at, "end": {"line": line + 1, "character": 0}},
        "context": {"diagnostics": []},
    }
    begin = time.perf_counter()
    await client.request("textDocument/codeAction", params)
    return time.perf_counter() - begin


async def idle() -> list[float]:
    """Return the waits of code actions in a document of 100,000 lines, nothing else going on."""
    async with _editing(_document()) as (client, _):
        return [await _caret(client) for _ in range(_PROBES)]


async def behind_an_edit() -> list[float]:
    """Return the waits while an edit of 10,000 of these lines is asked, checked and applied."""
    waits: list[float] = []
    async with _editing(_document()) as (client, _):
        # The client shares its process with the clock: what it would do itself must not count.
        client.applies = False
        range_ = {
            "start": {"line": 0, "character": 0},
            "end": {"line": _SELECTED, "character": 0},
        }
        argument: dict[str, Any] = {"uri": _URI, "range": range_, "instruction": "anew"}
        asked = asyncio.create_task(client.command("spyhop.edit", argument))
        while not client.messages("workspace/applyEdit"):
            waits.append(await _caret(client))
            # The client is the same process as the scripted model: let that have its turn.
            await asyncio.sleep(0)
        await asked
    return waits


async def behind_typing(text: str, line: int, character: int) -> list[float]:
    """Return the waits of code actions each behind a keystroke at a place of ``text``."""
    waits: list[float] = []
    async with _editing(text) as (client, _):
        for version in range(2, 52):
            at = {"line": line, "character": character}
            change = {"range": {"start": at, "end": at}, "text": "x"}
            identifier = {"uri": _URI, "version": version}
            begin = time.perf_counter()
            client.notify(
                "textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]}
            )
            await _caret(client, 0)
            waits.append(time.perf_counter() - begin)
    return waits


def measured(work: Callable[[], Any]) -> list[float]:
    """Return the waits in milliseconds, shortest first."""
    waits: list[float] = asyncio.run(work())
    return sorted(wait * 1e3 for wait in waits)
