"""An answer in several blocks, each a part of the selection rewritten.

What stands between the parts was left out of the answer as surely as by a placeholder; one block
alone would delete the rest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from spyhop.core.indentation import indent_of, set_indentation
from spyhop.core.lines import end_of, is_blank

_TELLING: Final = re.compile(r"\w{3,}")
_MARK: Final = "# ... existing code ..."


def join_parts(
    chosen: Sequence[str], others: Sequence[Sequence[str]], original: Sequence[str]
) -> list[str] | None:
    """Return ``chosen`` and the blocks that rewrite other parts of ``original`` as one answer.

    A placeholder stands wherever the original goes on. None where ``chosen`` is not one of several
    parts: the others are alternatives, examples, or repeat the original.
    """
    places = _Places(original)
    span = places.span(chosen)
    if span is None:
        return None
    parts = [(span, chosen)]
    for block in others:
        other = places.span(block)
        if other is not None and list(block) != list(chosen) and places.has_news(block):
            parts.append((other, block))
    parts.sort(key=lambda part: part[0])
    if len(parts) == 1 or any(one[0][1] >= other[0][0] for one, other in pairwise(parts)):
        return None
    lines = [_marked(original)]
    for (first, last), block in parts:
        around = original[:first], original[last + 1 :]
        placed = set_indentation(block, original[first : last + 1], *around)
        lines += [line if end_of(line) else line + "\n" for line in placed]
        lines.append(_marked(placed))
    return lines


class _Places:
    """Where lines that tell something stand once in the original."""

    def __init__(self, original: Sequence[str]) -> None:
        keys = [line.strip() for line in original]
        counts = Counter(keys)
        self._known = frozenset(keys)
        self._at = {
            key: at for at, key in enumerate(keys) if counts[key] == 1 and _TELLING.search(key)
        }

    def span(self, block: Sequence[str]) -> tuple[int, int] | None:
        """Return the first and the last place that the block shows; None where it shows none."""
        found = [self._at[key] for line in block if (key := line.strip()) in self._at]
        return (min(found), max(found)) if found else None

    def has_news(self, block: Sequence[str]) -> bool:
        """Tell whether the block has a line that the original has not."""
        return any(line.strip() not in self._known for line in block if not is_blank(line))


def _marked(lines: Sequence[str]) -> str:
    """Return a placeholder as deep as the first of ``lines``."""
    first = next((line for line in lines if not is_blank(line)), "")
    return f"{indent_of(first)}{_MARK}\n"
