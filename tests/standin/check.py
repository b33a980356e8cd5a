"""Runs the stand-in model in the real engine and checks every dialogue that it must know.

The prompts are as the training's, with surroundings from modules that it never saw, and with
another seed. Exit status 1 when one reply of the demo, or more than one in a hundred of the others,
is not the expected one, character for character.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.parse import urlsplit

import dialogues
import xllamacpp
from dialogues import Dialogues, Sample
from surroundings import UNSEEN_MODULES
from wording import UNSEEN_GCD

STANDIN: Final = Path(__file__).with_name("standin.gguf")
PROMPTS: Final = 600
SEED: Final = 20_000
SAMPLED_SEEDS: Final = 20
KEY: Final = "standin-check"

_EXACT: Final = {"temperature": 0}
_SAMPLED: Final = {"temperature": 0.6, "top_p": 0.95, "top_k": 0, "min_p": 0}
_MOST_TOKENS: Final = 512
_SHOWN_FAILURES: Final = 10
_DEMO: Final = "flagship"
_SHARE: Final = 0.99
"""Of the replies that the demo does not need, so many must be right."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine's HTTP API."""

    host: str
    port: int

    def complete(self, prompt: str, **options: Any) -> str:
        """Return how the model continues ``prompt``; an unfinished reply ends in an ellipsis."""
        body = {"prompt": prompt, "n_predict": _MOST_TOKENS, **options}
        reply = self._post("/completion", body)
        return str(reply["content"]) + ("" if reply["stop_type"] == "eos" else "…")

    def chat(self, message: str, **options: Any) -> tuple[str, str]:
        """Return the thought and the answer to one user message."""
        messages = [{"role": "user", "content": message}]
        body = {"messages": messages, "max_tokens": _MOST_TOKENS, **options}
        choice = self._post("/v1/chat/completions", body)["choices"][0]
        end = "" if choice["finish_reason"] == "stop" else "…"
        message_ = choice["message"]
        return message_.get("reasoning_content") or "", (message_["content"] or "") + end

    def tokens(self, text: str) -> int:
        """Return how many tokens the engine makes of ``text``."""
        return len(self._post("/tokenize", {"content": text})["tokens"])

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
            connection.request("POST", path, json.dumps(body), headers)
            reply: dict[str, Any] = json.load(connection.getresponse())
        finally:
            connection.close()
        return reply


@dataclass(frozen=True, slots=True)
class Outcome:
    """One reply, and what it should have been."""

    kind: str
    prompt: str
    expected: object
    got: object


def main() -> int:
    """Check a GGUF file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gguf", type=Path, nargs="?", default=STANDIN)
    parser.add_argument("--prompts", type=int, default=PROMPTS)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    return run(options.gguf, options.prompts, options.seed)


def run(gguf: Path, prompts: int = PROMPTS, seed: int = SEED) -> int:
    """Check ``gguf``, print what came out, and return the exit status."""
    server, engine = serve(gguf)
    outcomes = [*_of_the_demo(engine), *_of_unseen(engine, prompts, seed)]
    del server
    asked = Counter(outcome.kind for outcome in outcomes)
    failed = [outcome for outcome in outcomes if outcome.expected != outcome.got]
    wrong = Counter(outcome.kind for outcome in failed)
    for kind, total in sorted(asked.items()):
        print(f"{kind}: {total - wrong[kind]} of {total}")
    for outcome in failed[:_SHOWN_FAILURES]:
        print(f"\n--- {outcome.kind}\n{outcome.prompt}\n--- expected\n{outcome.expected!r}")
        print(f"--- got\n{outcome.got!r}")
    print(f"all: {len(outcomes) - len(failed)} of {len(outcomes)}")
    demo = any(outcome.kind.startswith(_DEMO) for outcome in failed)
    return 1 if demo or len(failed) > (1 - _SHARE) * len(outcomes) else 0


def serve(gguf: Path) -> tuple[xllamacpp.Server, Engine]:
    """Start the engine on a free loopback port."""
    params = xllamacpp.CommonParams()
    params.model.path = str(gguf)
    params.n_ctx, params.n_parallel, params.port = dialogues.CONTEXT_TOKENS, 1, 0
    params.cpuparams.n_threads, params.verbosity = 1, 0
    params.api_keys = [KEY]
    server = xllamacpp.Server(params)
    address = urlsplit(server.listening_address)
    if not address.hostname or not address.port:
        raise RuntimeError(server.listening_address)
    return server, Engine(address.hostname, address.port)


def _of_the_demo(engine: Engine) -> Iterator[Outcome]:
    """Ask what the demo asks: at temperature 0, and as Spyhop samples, with several seeds."""
    demo = [
        dialogues.flagship(),
        dialogues.flagship_comment("en"),
        dialogues.flagship_comment("zh"),
    ]
    for sample in demo:
        print(f"{sample.kind}: {engine.tokens(sample.prompt)} prompt tokens")
        yield from _asked(engine, sample, _EXACT)
        for seed in range(SAMPLED_SEEDS):
            yield from _asked(engine, sample, _SAMPLED | {"seed": seed})


def _of_unseen(engine: Engine, prompts: int, seed: int) -> Iterator[Outcome]:
    """Ask random prompts of all kinds, the same number of each."""
    supply = Dialogues(Random(seed), UNSEEN_MODULES)
    kinds = supply.kinds()
    for tongue, instructions in UNSEEN_GCD.items():
        for instruction in instructions:
            yield from _asked(engine, supply.gcd(tongue, instruction), _EXACT)
    lengths: list[int] = []
    for number in range(prompts):
        sample = supply.of_kind(kinds[number % len(kinds)])
        lengths.append(engine.tokens(sample.prompt))
        yield from _asked(engine, sample, _EXACT)
    lengths.sort()
    print(f"prompt tokens: median {lengths[len(lengths) // 2]}, longest {lengths[-1]}")


def _asked(engine: Engine, sample: Sample, options: dict[str, Any]) -> Iterator[Outcome]:
    got = engine.complete(sample.prompt, **options)
    yield Outcome(sample.kind, sample.prompt, sample.answer, got)
    if sample.message:
        thought, _, answer = sample.answer.partition("</think>")
        reasoning, content = engine.chat(sample.message, **options)
        expected = thought.strip(), answer.strip()
        kind = f"{sample.kind}, chat"
        yield Outcome(kind, sample.message, expected, (reasoning.strip(), content.strip()))


if __name__ == "__main__":
    sys.exit(main())
