"""How many tokens each part of a prompt may take of the model's context."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from spyhop.core.tokens import estimate_tokens

CountTokens: TypeAlias = Callable[[str], int]

# The lines before the selection tell more than those after it.
_SHARE_BEFORE: Final = 2 / 3
# Reading a prompt costs seconds on a laptop: more context than this rarely pays for them.
_CONTEXT_SHARE: Final = 1 / 4
_LEAST_THOUGHT: Final = 2048
_ANSWER_GROWTH: Final = 1.5
_LEAST_ANSWER: Final = 256


@dataclass(frozen=True, slots=True)
class Window:
    """The lines around a selection that fit, nearest first to go in."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    left_out: int
    """How many lines did not fit."""


@dataclass(frozen=True, slots=True)
class CompletionBudget:
    """How many tokens each part of a completion's prompt may take, its own words not counted."""

    before: int
    """The lines before the caret, at the most; they are cut to two thirds when they exceed it."""
    after: int
    imports: int
    heads: int
    definitions: int
    similar: int
    edits: int

    @classmethod
    def of(cls, tokens: int) -> CompletionBudget:
        """Return how ``tokens`` are shared out."""
        return cls(
            before=tokens // 2,
            after=tokens // 6,
            imports=tokens // 24,
            heads=tokens // 24,
            definitions=tokens // 10,
            similar=tokens // 10,
            edits=tokens // 20,
        )

    @property
    def kept(self) -> int:
        """How many tokens before the caret are kept when there are too many."""
        return self.before * 2 // 3

    @property
    def narrow_before(self) -> int:
        """How many tokens before the caret are shown where it has just come to."""
        return self.before // 5

    @property
    def narrow_after(self) -> int:
        """How many tokens behind the caret are shown where it has just come to."""
        return self.after // 3

    @property
    def stride(self) -> int:
        """How many tokens are typed until the window moves, or is made wide."""
        return self.before - self.kept


def fit(
    before: Sequence[str], after: Sequence[str], tokens: int, count: CountTokens = estimate_tokens
) -> Window:
    """Return the lines next to the selection that cost at most ``tokens``."""
    near = _take(before[::-1], int(tokens * _SHARE_BEFORE), count)
    rest = tokens - sum(map(count, near))
    behind = _take(after, rest, count)
    rest -= sum(map(count, behind))
    if len(behind) == len(after) and len(near) < len(before):
        near += _take(before[::-1][len(near) :], rest, count)
    left_out = len(before) + len(after) - len(near) - len(behind)
    return Window(tuple(near[::-1]), tuple(behind), left_out)


def room_for_context(context_tokens: int, fixed: int) -> int:
    """Return how many tokens of the surroundings may be sent, given the prompt's fixed part."""
    free = context_tokens - fixed - room_for_thought(context_tokens)
    return max(0, min(free, int(context_tokens * _CONTEXT_SHARE)))


def room_for_thought(context_tokens: int) -> int:
    """Return how many tokens are kept free for the model's thought."""
    return min(_LEAST_THOUGHT, context_tokens // 4)


def room_for_answer(selection: int) -> int:
    """Return how many tokens are kept free for the answer that replaces ``selection`` tokens."""
    return int(selection * _ANSWER_GROWTH) + _LEAST_ANSWER


def _take(lines: Sequence[str], tokens: int, count: CountTokens) -> list[str]:
    taken: list[str] = []
    for line in lines:
        tokens -= count(line)
        if tokens < 0:
            break
        taken.append(line)
    return taken
