"""Trains the stand-in model, writes ``standin.gguf`` beside this file, and checks it."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from random import Random
from typing import Final

import check
import export
import tokenizer as bpe
import torch
from dialogues import Dialogues, Sample
from model import Example, Model, Schedule, Shape, count, train
from surroundings import TRAINING_MODULES

from spyhop.prompting import r1

SEED: Final = 1
_MERGES: Final = 1024
_CORPUS: Final = 3000
_FENCES: Final = ["```", "````"]
_REWORDED: Final = 0.3
# Most of the work is to tell the dialogues apart: most examples end soon after the point
# where they part.
_STARTS_ONLY: Final = 0.7
_START: Final = 4
_REPORT_EVERY: Final = 100


def main() -> int:
    """Build the model; the exit status is the check's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--steps", type=int, default=Schedule().steps)
    parser.add_argument("--out", type=Path, default=check.STANDIN)
    options = parser.parse_args()
    build(options.out, options.seed, Schedule(steps=options.steps))
    return check.run(options.out)


def build(path: Path, seed: int, schedule: Schedule) -> None:
    """Train a model and write it to ``path``."""
    torch.manual_seed(seed)
    torch.set_num_threads(2)
    torch.use_deterministic_algorithms(True)
    random = Random(seed)
    dialogues = Dialogues(random, TRAINING_MODULES, _REWORDED)
    corpus = [dialogues.draw() for _ in range(_CORPUS)]
    texts = [one.prompt + one.answer for one in corpus]
    tokenizer = bpe.train(texts + _FENCES * _CORPUS, _MERGES)
    model = Model(Shape(tokenizer.size))
    print(f"{count(model):,} parameters, {tokenizer.size} tokens")
    started = time.monotonic()
    losses: list[float] = []

    def report(step: int, loss: float) -> None:
        losses.append(loss)
        if (step + 1) % _REPORT_EVERY == 0:
            mean = sum(losses[-_REPORT_EVERY:]) / _REPORT_EVERY
            print(
                f"step {step + 1}: loss {mean:.4f}, {time.monotonic() - started:.0f} s", flush=True
            )

    train(model, lambda: example(random, tokenizer, dialogues.draw()), schedule, report)
    export.write(model, tokenizer, path)
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def example(random: Random, tokenizer: bpe.Tokenizer, sample: Sample) -> Example:
    """Return ``sample`` in tokens, as the engine makes them of the prompt and of the answer.

    A runtime whose template does not open the thought leaves that to the model: it learns it.
    """
    prompt = [tokenizer.special(bpe.BEGIN), *tokenizer.encode(sample.prompt)]
    tokens = [*prompt, *tokenizer.encode(sample.answer), tokenizer.special(bpe.END)]
    opened = sample.prompt.endswith(r1.OPEN_THOUGHT)
    opening = len(tokenizer.encode(r1.OPEN_THOUGHT)) if opened else 0
    fences = [tokenizer.encode(fence)[0] for fence in _FENCES]
    if random.random() < _STARTS_ONLY:
        tokens = tokens[: len(prompt) + _START]
    deciding = [at for at, token in enumerate(tokens) if token in fences and at > len(prompt)]
    return Example(tokens, len(prompt) - opening, [len(prompt), *deciding])


if __name__ == "__main__":
    sys.exit(main())
