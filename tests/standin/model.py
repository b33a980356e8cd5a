"""A Qwen2 of a few hundred thousand parameters, and its training."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Shape:
    """The model's hyperparameters, as a GGUF file names them."""

    vocabulary: int
    embedding: int = 96
    feed_forward: int = 256
    blocks: int = 3
    heads: int = 3
    rope_base: float = 1e4
    epsilon: float = 1e-6


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast to learn."""

    steps: int = 3000
    batch_tokens: int = 3072
    matrix_rate: float = 0.006
    """Muon's, for the matrices of the blocks."""
    rate: float = 0.01
    """AdamW's, for the embedding, norms and biases."""
    warmup: int = 50
    decay_share: float = 0.5
    """Reproduction is erratic until the rate has come down at the end."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text to learn."""

    tokens: Sequence[int]
    learned: int
    """The first token that counts in the loss."""
    deciding: Sequence[int]
    """The tokens that tell which answer it is: they must not drown in the others."""


_DECIDING_WEIGHT: Final = 10.0
# Batches are cut from this many examples, sorted by length, so that little of them is padding.
_SORTED: Final = 256


class Block(nn.Module):
    """Attention, then a gated feed-forward."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        wide, inner = shape.embedding, shape.feed_forward
        self.heads = shape.heads
        self.attn_norm = nn.RMSNorm(wide, eps=shape.epsilon)
        self.attn_q = nn.Linear(wide, wide)
        self.attn_k = nn.Linear(wide, wide)
        self.attn_v = nn.Linear(wide, wide)
        self.attn_output = nn.Linear(wide, wide, bias=False)
        self.ffn_norm = nn.RMSNorm(wide, eps=shape.epsilon)
        self.ffn_gate = nn.Linear(wide, inner, bias=False)
        self.ffn_up = nn.Linear(wide, inner, bias=False)
        self.ffn_down = nn.Linear(inner, wide, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, asked: Tensor | None = None) -> Tensor:
        """Return the residual stream behind this block; only at the places ``asked`` if given."""
        y = self.attn_norm(x)
        k, v = self._split(self.attn_k(y)), self._split(self.attn_v(y))
        k = k * cos + _turned(k) * sin
        if asked is None:
            mask = None
        else:
            x, y = _at(x, asked), _at(y, asked)
            cos, sin = cos[asked][:, None], sin[asked][:, None]
            mask = (torch.arange(k.shape[2]) <= asked[..., None])[:, None]
        q = self._split(self.attn_q(y))
        q = q * cos + _turned(q) * sin
        y = F.scaled_dot_product_attention(q, k, v, mask, is_causal=mask is None)
        x = x + self.attn_output(y.transpose(1, 2).flatten(2))
        y = self.ffn_norm(x)
        out: Tensor = x + self.ffn_down(F.silu(self.ffn_gate(y)) * self.ffn_up(y))
        return out

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class Model(nn.Module):
    """The model; its parameters are named as in a GGUF file."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.embedding)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.blocks))
        self.output_norm = nn.RMSNorm(shape.embedding, eps=shape.epsilon)
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.08)

    def forward(self, tokens: Tensor, asked: Tensor) -> Tensor:
        """Return the logits of what follows the places ``asked`` of each row of ``tokens``."""
        cos, sin = self._rotations(tokens.shape[1])
        x = self.token_embd(tokens)
        *blocks, last = self.blk
        for block in blocks:
            x = block(x, cos, sin)
        return F.linear(self.output_norm(last(x, cos, sin, asked)), self.token_embd.weight)

    def _rotations(self, length: int) -> tuple[Tensor, Tensor]:
        half = self.shape.embedding // self.shape.heads // 2
        speeds = self.shape.rope_base ** (-torch.arange(half) / half)
        angles = torch.arange(length)[:, None] * torch.cat((speeds, speeds))
        return angles.cos(), angles.sin()


def train(
    model: Model,
    draw: Callable[[], Example],
    schedule: Schedule,
    report: Callable[[int, float], None],
) -> None:
    """Teach ``model`` the examples that ``draw`` gives, each seen once."""
    optimizers = _optimizers(model, schedule)
    batches: list[list[Example]] = []
    for step in range(schedule.steps):
        if not batches:
            batches = _batches(draw, schedule.batch_tokens)
        loss = _loss(model, batches.pop())
        model.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, rate in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate * _share(schedule, step)
            optimizer.step()
        report(step, loss.item())


def _loss(model: Model, batch: Sequence[Example]) -> Tensor:
    length = max(len(example.tokens) for example in batch) - 1
    answer = max(len(example.tokens) - example.learned for example in batch)
    tokens = torch.zeros(len(batch), length, dtype=torch.long)
    asked = torch.zeros(len(batch), answer, dtype=torch.long)
    targets = torch.zeros(len(batch), answer, dtype=torch.long)
    weights = torch.zeros(len(batch), answer)
    for row, example in enumerate(batch):
        whole = torch.tensor(example.tokens)
        size = len(whole) - example.learned
        tokens[row, : len(whole) - 1] = whole[:-1]
        asked[row, :size] = torch.arange(example.learned - 1, len(whole) - 1)
        targets[row, :size] = whole[example.learned :]
        weights[row, :size] = 1.0
        weights[row, [place - example.learned for place in example.deciding]] = _DECIDING_WEIGHT
    losses = F.cross_entropy(model(tokens, asked).transpose(1, 2), targets, reduction="none")
    return (losses * weights).sum() / weights.sum()


def _batches(draw: Callable[[], Example], most_tokens: int) -> list[list[Example]]:
    """Return batches in random order, each of examples that are about equally long."""
    examples = sorted((draw() for _ in range(_SORTED)), key=lambda one: len(one.tokens))
    batches: list[list[Example]] = [[]]
    for example in examples:
        if len(example.tokens) * (len(batches[-1]) + 1) > most_tokens and batches[-1]:
            batches.append([])
        batches[-1].append(example)
    order = torch.randperm(len(batches)).tolist()
    return [batches[n] for n in order]


def _optimizers(model: Model, schedule: Schedule) -> list[tuple[torch.optim.Optimizer, float]]:
    matrices = [p for p in model.blk.parameters() if p.dim() > 1]
    others = [model.token_embd.weight, *(p for p in model.parameters() if p.dim() < 2)]
    muon = torch.optim.Muon(matrices, weight_decay=0.01)
    adam = torch.optim.AdamW(others, betas=(0.9, 0.98), weight_decay=0.0)
    return [(muon, schedule.matrix_rate), (adam, schedule.rate)]


def _share(schedule: Schedule, step: int) -> float:
    """Return what share of its rate to learn at: a short rise, a plateau, a fall to zero."""
    left = (schedule.steps - step) / (schedule.steps * schedule.decay_share)
    return min(1.0, (step + 1) / schedule.warmup, left)


def _at(x: Tensor, places: Tensor) -> Tensor:
    return x.gather(1, places[..., None].expand(-1, -1, x.shape[-1]))


def _turned(x: Tensor) -> Tensor:
    one, two = x.chunk(2, dim=-1)
    return torch.cat((-two, one), dim=-1)


def count(model: Model) -> int:
    """Return the number of parameters."""
    return sum(math.prod(p.shape) for p in model.parameters())
