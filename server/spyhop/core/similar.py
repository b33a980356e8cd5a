"""The windows of other files that are most like the lines around a place.

Likeness is Jaccard's: of the words in either text, the share that stands in both. Windows begin at
fixed lines, so that the same ones come back however the question varies.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from spyhop.core.lines import split_lines

WINDOW_LINES: Final = 20
STEP_LINES: Final = 10
"""How many lines lie between the beginnings of two windows; each line is in two of them."""

_WORD: Final = re.compile(r"[^\W\d]\w+")
_LEAST_SHARED: Final = 3
_LEAST_SCORE: Final = 0.1


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of a version of a file, and which of them hold each word."""

    lines: tuple[str, ...]
    """With their terminators."""
    sizes: tuple[int, ...]
    """How many words each window has."""
    places: Mapping[str, tuple[int, ...]]

    def text(self, index: int) -> str:
        """Return the lines of a window."""
        first = index * STEP_LINES
        return "".join(self.lines[first : first + WINDOW_LINES])


@dataclass(frozen=True, slots=True)
class Match:
    """A window that is like the question."""

    file: int
    """The index of its file among the candidates."""
    window: int
    score: float
    """From 0, no word in common, to 1, the same words."""

    @property
    def first_line(self) -> int:
        """The window's first line, 0-based."""
        return self.window * STEP_LINES


def words_of(text: str) -> frozenset[str]:
    """Return the words of ``text`` that have two letters or more: identifiers and keywords."""
    return frozenset(_WORD.findall(text))


def windows_of(text: str) -> Windows:
    """Return the windows of ``text``, each of 20 lines, from every tenth line on."""
    lines = split_lines(text)
    words = [words_of(line) for line in lines]
    sizes: list[int] = []
    places: dict[str, list[int]] = {}
    # What is shorter than a step stands whole in the window before.
    for first in range(0, max(1, len(lines) - STEP_LINES), STEP_LINES):
        held = frozenset[str]().union(*words[first : first + WINDOW_LINES])
        for word in held:
            places.setdefault(word, []).append(len(sizes))
        sizes.append(len(held))
    frozen = {word: tuple(windows) for word, windows in places.items()}
    return Windows(tuple(lines), tuple(sizes), frozen)


def most_similar(words: AbstractSet[str], files: Sequence[Windows], most: int) -> list[Match]:
    """Return at most ``most`` windows of ``files`` that are like ``words``, the likest first.

    No two of them share a line; of windows that are as like, the earlier file's comes first.
    """
    found: list[Match] = []
    for number, file in enumerate(files):
        shared = Counter[int]()
        for word in words:
            shared.update(file.places.get(word, ()))
        for window, common in shared.items():
            score = common / (len(words) + file.sizes[window] - common)
            if common >= _LEAST_SHARED and score >= _LEAST_SCORE:
                found.append(Match(number, window, score))
    found.sort(key=lambda match: (-match.score, match.file, match.window))
    chosen: list[Match] = []
    for match in found:
        if len(chosen) == most:
            break
        if not any(_overlap(match, other) for other in chosen):
            chosen.append(match)
    return chosen


def _overlap(one: Match, other: Match) -> bool:
    return one.file == other.file and (abs(one.first_line - other.first_line) < WINDOW_LINES)
