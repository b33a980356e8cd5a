"""Lines around the selection that an answer repeats.

Asked to rewrite a part, models like to write its surroundings too. What stands before and behind
the selection already would then stand there twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_TELLING: Final = re.compile(r"\w{2,}.*\w{2,}|\w{4,}")


def trim_echo(
    code: Sequence[str], original: Sequence[str], before: Sequence[str], after: Sequence[str]
) -> list[str]:
    """Return ``code`` without the lines that only repeat those next to the selection.

    Lines are compared without their outer white space. A repetition counts when it holds a telling
    line (not only brackets or blanks) and the original does not begin, or end, the same way.
    """
    lines = list(code)
    keys, own = _keys(lines), _keys(original)
    head = _overlap(keys, _keys(before), own)
    lines, keys = lines[head:], keys[head:]
    tail = _overlap(keys[::-1], _keys(after)[::-1], own[::-1])
    return lines[: len(lines) - tail]


def _overlap(code: list[str], around: list[str], own: list[str]) -> int:
    """Return how many lines at the head of ``code`` repeat the end of ``around``."""
    limit = min(len(code) - 1, len(around))
    for length in range(limit, 0, -1):
        repeated = code[:length]
        if repeated != around[len(around) - length :]:
            continue
        telling = any(_TELLING.search(line) for line in repeated)
        if telling and own[:length] != repeated:
            return length
    return 0


def _keys(lines: Sequence[str]) -> list[str]:
    return [line.strip() for line in lines]
