"""What Spyhop's own work costs, each figure beside a yardstick measured in the same run.

    make bench

prints the tables that docs/BENCHMARKS.md explains. Medians; machines differ, ratios less so.
"""

from __future__ import annotations

import asyncio
import difflib
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import completing
import httpx
import waiting

from spyhop import resources
from spyhop.assist.edit import Outcome, conclude, edit
from spyhop.assist.reading import Reading
from spyhop.assist.task import prepare
from spyhop.core.diff import diff_lines
from spyhop.core.stream import Text
from spyhop.models.ollama import Ollama
from spyhop.models.port import Delta, Done, ModelInfo, Request
from spyhop.models.scripted import Script, ScriptedOllama, tokens_of
from spyhop.prompting.edit import Material
from spyhop.prompting.library import load
from spyhop.prompting.r1 import Turn
from spyhop.settings import Settings
from spyhop.syntax.grammars import parse

_BARE: Final = Path(__file__).with_name("bare_server.py")
_LIBRARY: Final = load(resources.prompts())
# A thought that said the same again and again would be ended.
_WORDS: Final = [
    *("line", "could", "simpler", "value", "means", "keep", "name", "change", "only", "next"),
    *("computed", "last", "because", "callers", "rely", "order", "each", "one", "says", "what"),
]
_REQUEST: Final = Request((Turn("user", "rewrite"),))


@dataclass(frozen=True, slots=True)
class Row:
    """A figure and its yardstick, both in the same unit."""

    what: str
    ours: float
    yardstick: str
    theirs: float
    unit: str

    def __str__(self) -> str:
        ratio = self.ours / self.theirs
        ours, theirs = f"{self.ours:.3g} {self.unit}", f"{self.theirs:.3g} {self.unit}"
        return f"| {self.what} | {ours} | {self.yardstick} | {theirs} | {ratio:.2f} |"


@dataclass(frozen=True, slots=True)
class _Instant:
    """A model that has its whole output ready."""

    deltas: tuple[Delta, ...]

    async def info(self) -> ModelInfo:
        return ModelInfo("instant", 1_000_000, "r1")

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        del request
        for delta in self.deltas:
            yield delta

    async def wire_prompt(self, request: Request) -> str:
        return request.turns[0].text

    async def aclose(self) -> None:
        pass


def _answer(lines: int) -> str:
    """Return an output of so many lines of thought, and as many of code."""
    dice = random.Random(lines)  # noqa: S311 - a benchmark
    thought = "".join(" ".join(dice.choices(_WORDS, k=9)) + ".\n" for _ in range(lines))
    code = "".join(f"    value_{n} = compute({n}, base=value_{n - 1})\n" for n in range(lines))
    return f"{thought}</think>\n\n```python\n{code}```\n"


def _material(lines: int) -> Material:
    selection = [f"    value_{n} = compute({n})\n" for n in range(lines)]
    return Material("bench.py", "python", ["def run():\n"], selection, ["    return\n"], "add base")


def _median(measure: Callable[[], float], runs: int) -> float:
    measure()
    return statistics.median(measure() for _ in range(runs))


def _timed(work: Callable[[], Awaitable[None]]) -> float:
    async def run() -> float:
        begin = time.perf_counter()
        await work()
        return time.perf_counter() - begin

    return asyncio.run(run())


async def _drain(model: _Instant | Ollama, material: Material) -> None:
    task = await prepare(model, _LIBRARY, "edit", material, Settings(), "en")
    async for step in edit(model, task):
        if isinstance(step, Outcome):
            return


def pipeline() -> Row:
    """Time per chunk: pump, splitting, fences, extraction, indentation."""
    pieces = tokens_of(_answer(1000))
    model = _Instant((*(Text(piece) for piece in pieces), Done("stop")))
    material = _material(1000)

    async def bare() -> None:
        async for _ in model.stream(_REQUEST):
            pass

    ours = _median(lambda: _timed(lambda: _drain(model, material)), 7)
    theirs = _median(lambda: _timed(bare), 7)
    scale = 1e6 / len(pieces)
    return Row(
        "a chunk through the pipeline",
        ours * scale,
        "an empty loop over them",
        theirs * scale,
        "µs",
    )


def wire() -> Row:
    """Time per chunk from Ollama's bytes to the outcome."""
    pieces = tokens_of(_answer(300))
    material = _material(300)
    with ScriptedOllama([Script(pieces)]) as server:

        async def ours() -> None:
            model = Ollama(server.url, None, context_tokens=100_000)
            await _drain(model, material)
            await model.aclose()

        async def theirs() -> None:
            async with httpx.AsyncClient(trust_env=False) as client:
                body = {"prompt": "rewrite"}
                async with client.stream("POST", f"{server.url}/api/generate", json=body) as reply:
                    async for line in reply.aiter_lines():
                        json.loads(line)

        scale = 1e6 / len(pieces)
        return Row(
            "a chunk from Ollama's wire to the proposal",
            _median(lambda: _timed(ours), 7) * scale,
            "httpx and json.loads alone",
            _median(lambda: _timed(theirs), 7) * scale,
            "µs",
        )


def large_diff() -> Row:
    """The diff of a 10,000-line selection with 500 changed lines."""
    dice = random.Random(7)  # noqa: S311 - a benchmark
    old = [f"line {dice.randrange(4000)}\n" for _ in range(10_000)]
    new = list(old)
    for _ in range(500):
        new[dice.randrange(len(new))] = f"changed {dice.random()}\n"

    def timed(work: Callable[[], object]) -> float:
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin

    ours = _median(lambda: timed(lambda: diff_lines(old, new)), 7)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    theirs = timed(matcher.get_opcodes)
    return Row("the diff of 10,000 lines", ours * 1e3, "difflib", theirs * 1e3, "ms")


def guards() -> Row:
    """What is checked of a 1,000-line answer: its code, placeholders, indentation, syntax."""
    material = _material(1000)
    model = _Instant(())
    task = asyncio.run(prepare(model, _LIBRARY, "edit", material, Settings(), "en"))
    reading = Reading()
    reading.take(Text(_answer(1000).partition("</think>")[2]))
    text = "".join([*material.before, *material.selection, *material.after])

    def timed(work: Callable[[], object]) -> float:
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin

    ours = _median(lambda: timed(lambda: conclude(reading, task)), 7)
    theirs = _median(lambda: timed(lambda: parse("python", text)), 7)
    return Row(
        "the guards on an answer of 1,000 lines",
        ours * 1e3,
        "tree-sitter reading the file once",
        theirs * 1e3,
        "ms",
    )


def large_work() -> Iterator[Row]:
    """The longest that a request waits behind large work; the yardstick has nothing to wait for."""
    idle = waiting.measured(waiting.idle)
    line = "# " + "长" * 1_000_000 + "\nend\n"
    document = "x = 1\n" * 100_000
    for what, waits in (
        ("the longest wait behind an edit of 10,000 lines", waiting.behind_an_edit),
        ("… behind a key in 100,000 lines", partial(waiting.behind_typing, document, 50_000, 0)),
        ("… behind a key in a line of 1,000,000", partial(waiting.behind_typing, line, 0, 500_000)),
    ):
        longest = waiting.measured(waits)[-1]
        yield Row(what, longest, "the longest with nothing else going on", idle[-1], "ms")


def completions() -> Iterator[Row]:
    """How long a user waits for a completion that costs the model no time."""
    for lines in completing.SIZES:
        ours, bare, model = completing.round_trips(lines)
        yield Row(
            f"a completion in {lines:,} lines, less the instant model's {model * 1e3:.3g} ms",
            (ours.asked - model) * 1e3,
            "a bare pygls server's echo",
            bare.asked * 1e3,
            "ms",
        )
        yield Row(
            f"… remembered, in {lines:,} lines",
            ours.remembered * 1e3,
            "a bare pygls server's echo",
            bare.remembered * 1e3,
            "ms",
        )


def start() -> Row:
    """From the start of the process to the answer to ``initialize``."""
    spyhop, bare = [sys.executable, "-m", "spyhop", "lsp"], [sys.executable, str(_BARE)]
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(9):
        ours.append(_time_to_initialize(spyhop))
        theirs.append(_time_to_initialize(bare))
    return Row(
        "start to `initialize` answered",
        statistics.median(ours) * 1e3,
        "a bare pygls server",
        statistics.median(theirs) * 1e3,
        "ms",
    )


def _time_to_initialize(command: list[str]) -> float:
    params: dict[str, object] = {"processId": None, "rootUri": None, "capabilities": {}}
    body = json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    ).encode()
    begin = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own commands
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        process.stdin.flush()
        process.stdout.readline()
        taken = time.perf_counter() - begin
        process.kill()
    return taken


def main() -> None:
    """Print the tables."""
    print("| what | ours | yardstick | its time | ratio |")  # noqa: T201
    print("|---|---|---|---|---|")  # noqa: T201
    for measure in (pipeline, wire, guards, large_diff, start):
        print(measure(), flush=True)  # noqa: T201
    for row in (*large_work(), *completions()):
        print(row, flush=True)  # noqa: T201
    print()  # noqa: T201
    for line in completing.replays():
        print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
