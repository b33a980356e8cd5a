"""A byte-level BPE tokenizer in the manner of GPT-2, trained here and read by llama.cpp."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from spyhop.prompting import r1

BEGIN: Final = r1.BEGIN
END: Final = r1.END
PAD: Final = "<｜▁pad▁｜>"
FIM: Final = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
CONTROL: Final = (BEGIN, END, PAD, *FIM)
VISIBLE: Final = (r1.USER, r1.ASSISTANT, "<think>", "</think>")
"""Tokens that show in the output, as R1's own do."""
SPECIALS: Final = (*CONTROL, *VISIBLE)

_WORD: Final = re.compile(
    r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+"
)
# No merge joins two Chinese characters: they have no spaces between words, and a token that
# swallows a word's neighbours would hide the word from a small model.
_UNIT: Final = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]")
_SPECIAL: Final = re.compile("(" + "|".join(map(re.escape, SPECIALS)) + ")")


def _alphabet() -> list[str]:
    """Return GPT-2's printable stand-in for each byte."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    moved = {byte: 0x100 + n for n, byte in enumerate(b for b in range(256) if b not in plain)}
    return [chr(moved.get(byte, byte)) for byte in range(256)]


@dataclass(frozen=True)
class Tokenizer:
    """Tokens are numbered: the 256 bytes, then the merges in their order, then the specials."""

    merges: tuple[tuple[int, int], ...]
    _words: dict[str, tuple[int, ...]] = field(default_factory=dict, repr=False)

    @cached_property
    def _tokens(self) -> dict[tuple[int, int], int]:
        return {pair: 256 + rank for rank, pair in enumerate(self.merges)}

    @property
    def size(self) -> int:
        """The number of tokens."""
        return 256 + len(self.merges) + len(SPECIALS)

    def special(self, text: str) -> int:
        """Return the number of a special token."""
        return 256 + len(self.merges) + SPECIALS.index(text)

    def encode(self, text: str) -> list[int]:
        """Return the tokens of ``text``; special tokens in it are read as such."""
        tokens: list[int] = []
        for part in _SPECIAL.split(text):
            if part in SPECIALS:
                tokens.append(self.special(part))
            else:
                for word in _WORD.findall(part):
                    tokens += self._word(word)
        return tokens

    def texts(self) -> list[str]:
        """Return all tokens as a GGUF file spells them."""
        alphabet = _alphabet()
        spelled = list(alphabet)
        for left, right in self.merges:
            spelled.append(spelled[left] + spelled[right])
        return [*spelled, *SPECIALS]

    def merge_texts(self) -> list[str]:
        """Return the merges as a GGUF file spells them."""
        spelled = self.texts()
        return [f"{spelled[left]} {spelled[right]}" for left, right in self.merges]

    def _word(self, word: str) -> tuple[int, ...]:
        known = self._words.get(word)
        if known is not None:
            return known
        tokens = list(word.encode())
        while len(tokens) > 1:
            pairs = list(itertools.pairwise(tokens))
            best = min(pairs, key=lambda pair: self._tokens.get(pair, self.size))
            if best not in self._tokens:
                break
            tokens = _merged(tokens, best, self._tokens[best])
        self._words[word] = tuple(tokens)
        return self._words[word]


def train(corpus: Iterable[str], merges: int) -> Tokenizer:
    """Return the tokenizer whose ``merges`` join the pairs that are most frequent in ``corpus``."""
    counts: Counter[str] = Counter()
    for text in corpus:
        for part in _SPECIAL.split(text):
            if part not in SPECIALS:
                counts.update(unit for word in _WORD.findall(part) for unit in _UNIT.findall(word))
    words = [(list(word.encode()), count) for word, count in sorted(counts.items())]
    pairs: Counter[tuple[int, int]] = Counter()
    holders: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    for number, (tokens, count) in enumerate(words):
        for pair in itertools.pairwise(tokens):
            pairs[pair] += count
            holders[pair].add(number)
    chosen: list[tuple[int, int]] = []
    while len(chosen) < merges:
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        token = 256 + len(chosen)
        chosen.append(best)
        for number in holders.pop(best):
            tokens, count = words[number]
            for pair in itertools.pairwise(tokens):
                pairs[pair] -= count
            tokens[:] = _merged(tokens, best, token)
            for pair in itertools.pairwise(tokens):
                pairs[pair] += count
                holders[pair].add(number)
        del pairs[best]
    return Tokenizer(tuple(chosen))


def _merged(tokens: list[int], pair: tuple[int, int], token: int) -> list[int]:
    out: list[int] = []
    place = 0
    while place < len(tokens):
        if tuple(tokens[place : place + 2]) == pair:
            out.append(token)
            place += 2
        else:
            out.append(tokens[place])
            place += 1
    return out
