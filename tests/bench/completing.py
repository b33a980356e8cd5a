"""What completion costs: the engine by recorded sessions, the user by round trips on stdio."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from completing_client import GHOST
from keystrokes import FOLDER, read_session
from lsp_client import Client, serving
from naive import after_a_delay, at_each_change
from replaying import Ours, cost_of
from spyhop.models.scripted import Script, ScriptedOllama

SIZES: Final = (200, 2_000, 20_000)
_BARE: Final = (sys.executable, str(Path(__file__).with_name("bare_server.py")))
_URI: Final = "file:///work/long.py"
_GIVEN: Final = "compute(total, base)"
_ROUNDS: Final = 40
_KEY: Final = 0.05
# The first few load what is loaded with the first request.
_WARM_UP: Final = 5
_WAYS: Final = (
    ("ours", Ours),
    ("naive, at each change", at_each_change),
    ("naive, 0.3 s after a change", after_a_delay),
)


@dataclass(frozen=True, slots=True)
class RoundTrips:
    """How long a key and the completion behind it take, in seconds; medians."""

    asked: float
    """The model is asked."""
    remembered: float
    """What is typed is the beginning of what was given."""


def replays() -> Iterator[str]:
    """Yield the table of what recorded sessions cost the engine, row by row."""
    yield (
        "| session | way | requests in 100 keys | tokens read | … a key | ours reads of it "
        "| written | … never shown | taken off the screen |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for path in sorted(FOLDER.glob("*.jsonl")):
        session, ours = read_session(path), 0
        offered = sum(key.accept is not None for key in session.keys)
        for name, begin in _WAYS:
            cost = cost_of(session, begin)
            ours = ours or cost.evaluated
            yield (
                f"| {path.stem} | {name} | {100 * cost.requests / cost.keys:.1f} "
                f"| {cost.evaluated:,} | {cost.evaluated / cost.keys:.1f} "
                f"| {100 * ours / cost.evaluated:.1f} % | {cost.written:,} "
                f"| {cost.thrown_away:,} | {cost.taken} of {offered} |"
            )


def document(lines: int) -> tuple[str, int]:
    """Return a file of so many lines, and where the caret is, at the end of one in its middle."""
    functions = lines // 4
    text = "".join(
        f"def value_{n}(total, base):\n    step = compute(total, {n})\n    return step + base\n\n"
        for n in range(functions)
    )
    head = f"def value_{functions // 2}(total, base):\n"
    return text, text.index(head) + len(head) - 1


def round_trips(lines: int) -> tuple[RoundTrips, RoundTrips, float]:
    """Return what ours take, what a bare server's echo takes, and what the model alone takes."""
    script = Script([_GIVEN + "\n"])
    with ScriptedOllama([script]) as model:
        ours = asyncio.run(_measured(lines, model))
        alone = asyncio.run(_model_alone(model))
    return ours, asyncio.run(_measured(lines, None)), alone


async def _measured(lines: int, model: ScriptedOllama | None) -> RoundTrips:
    text, caret = document(lines)
    asked: list[float] = []
    remembered: list[float] = []
    async with _editor(text, model) as client:
        for number in range(_ROUNDS):
            typed = f"\n    part_{number} = "
            asked.append(await _key(client, caret, typed, explicit=True))
            caret += len(typed)
            remembered.append(await _key(client, caret, _GIVEN[0], explicit=False))
            caret += 1
    return RoundTrips(*(statistics.median(it[_WARM_UP:]) for it in (asked, remembered)))


@asynccontextmanager
async def _editor(text: str, model: ScriptedOllama | None) -> AsyncIterator[Client]:
    """An editor on ours where there is a model, else on the bare server."""
    async with serving(*(() if model else _BARE)) as client:
        if model is not None:
            client.settings = {"spyhop": {"url": model.url}}
        await client.initialize(capabilities=GHOST)
        client.open(_URI, text)
        yield client


async def _key(client: Client, caret: int, typed: str, *, explicit: bool) -> float:
    """Type, ask behind it, and return how many seconds the answer took."""
    document = client.documents[_URI]
    line = document.text.count("\n", 0, caret)
    at = {"line": line, "character": caret - document.text.rfind("\n", 0, caret) - 1}
    document.text = document.text[:caret] + typed + document.text[caret:]
    document.version += 1
    *_, last = typed.split("\n")
    lines = typed.count("\n")
    column = len(last) if lines else at["character"] + len(last)
    change = {"range": {"start": at, "end": at}, "text": typed}
    identifier = {"uri": _URI, "version": document.version}
    ask: dict[str, Any] = {
        "textDocument": {"uri": _URI},
        "position": {"line": line + lines, "character": column},
        "context": {"triggerKind": 1 if explicit else 2},
    }
    begin = time.perf_counter()
    client.notify(
        "textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]}
    )
    items = await client.request("textDocument/inlineCompletion", ask)
    took = time.perf_counter() - begin
    assert items, "nothing was offered"
    # Nobody types faster; what is fetched ahead has come until then.
    await asyncio.sleep(_KEY)
    return took


async def _model_alone(model: ScriptedOllama) -> float:
    """Return how long a client that does nothing else takes for the same, at the same pace.

    It too closes the stream behind the first line, as what has come ends the completion.
    """
    body = model.generations[-1].body
    times: list[float] = []
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(_ROUNDS):
            begin = time.perf_counter()
            async with client.stream("POST", f"{model.url}/api/generate", json=body) as reply:
                async for line in reply.aiter_lines():
                    if "\n" in json.loads(line)["response"]:
                        break
            times.append(time.perf_counter() - begin)
            await asyncio.sleep(_KEY)
    return statistics.median(times[_WARM_UP:])
