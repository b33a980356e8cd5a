"""How many tokens a text may cost."""

from __future__ import annotations

import math
from typing import Final

# Measured on R1's tokenizers (Qwen2's and Llama 3's byte-level BPE): source code takes about 3.3
# ASCII characters a token, Chinese up to one token a character.
_ASCII_PER_TOKEN: Final = 3.0
_OTHER_PER_TOKEN: Final = 1.0
# How many tokens back the measure reaches: about ten prompts of a completion.
_MEMORY: Final = 20_000
_LEAST: Final = 1 / 4
_MOST: Final = 4.0


def estimate_tokens(text: str) -> int:
    """Return a number of tokens that ``text`` rarely exceeds."""
    ascii_count = len(text) if text.isascii() else sum(char.isascii() for char in text)
    other = len(text) - ascii_count
    return math.ceil(ascii_count / _ASCII_PER_TOKEN + other / _OTHER_PER_TOKEN)


class TokenCounts:
    """Counts a model's own tokens, from what its runtime told of the prompts it has read.

    A runtime tells with every answer how many tokens its prompt had, so the measure costs no
    request. Before the first answer it is the estimate.
    """

    __slots__ = ("_counted", "_estimated")

    def __init__(self) -> None:
        self._counted = 0.0
        self._estimated = 0.0

    def __call__(self, text: str) -> int:
        """Return about how many tokens ``text`` costs."""
        return math.ceil(estimate_tokens(text) * self.ratio)

    @property
    def ratio(self) -> float:
        """How many tokens the model has for one that is estimated; between 1/4 and 4."""
        if not self._estimated:
            return 1.0
        return min(_MOST, max(_LEAST, self._counted / self._estimated))

    def learn(self, text: str, tokens: int) -> None:
        """Take in that ``text`` has cost ``tokens``; later prompts tell more than earlier ones."""
        kept = _MEMORY / max(_MEMORY, self._estimated)
        self._counted = self._counted * kept + tokens
        self._estimated = self._estimated * kept + estimate_tokens(text)


class TokenCeiling:
    """Counts tokens so that no more come than it says, as far as a runtime has told.

    It only ever rises, and in steps: what is cut to a measure is cut elsewhere at each change of
    it. Before the first answer it is the estimate.
    """

    __slots__ = ("_factor",)

    _STEP: Final = 4
    """Steps for one: a quarter each."""

    def __init__(self) -> None:
        self._factor = self._STEP

    def __call__(self, text: str) -> int:
        """Return how many tokens ``text`` costs at the most, by what is known."""
        return math.ceil(estimate_tokens(text) * self._factor / self._STEP)

    def learn(self, counted: int, tokens: int) -> None:
        """Take in that what was ``counted`` by this measure has cost ``tokens``."""
        if tokens > counted > 0:
            self._factor = math.ceil(self._factor * tokens / counted)

    def rise(self) -> None:
        """Take in that something was longer than was counted, nobody knows by how much."""
        self._factor += max(1, self._factor // 2)
