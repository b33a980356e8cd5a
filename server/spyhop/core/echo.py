"""Lines around the selection that an answer repeats.

Asked to rewrite a part, models like to write its surroundings too. What stands before and behind
the selection already would then stand there twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from spyhop.core.indentation import indent_of
from spyhop.core.lines import is_blank

TELLING: Final = re.compile(r"\w{2,}\W+\w{2,}|\w{7,}")
"""Found in a line that stands in two places hardly by accident: more than brackets or a word."""
_TAB_WIDTH: Final = 4


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is not blank, to be compared without its outer white space."""

    key: str
    depth: int


def trim_echo(
    code: Sequence[str], original: Sequence[str], before: Sequence[str], after: Sequence[str]
) -> list[str]:
    """Return ``code`` without the lines that only repeat those next to the selection.

    Blank lines and outer white space do not count. What is repeated must hold a telling line (not
    only brackets or a word), the original must not begin, or end, the same way, the lines must
    stand as deep as they do around the selection, and the brackets of the rest must be as balanced
    as those of the original: else the lines are the answer's own and only look alike.
    """
    places = [number for number, line in enumerate(code) if not is_blank(line)]
    lines = _shown(code)
    own, above, below = _shown(original), _shown(before), _shown(after)
    heads = _overlaps(lines, above)
    tails = _overlaps(lines[::-1], below[::-1])
    pairs = sorted(((head, tail) for head in heads for tail in tails), key=sum, reverse=True)
    for head, tail in pairs:
        inner = lines[head : len(lines) - tail]
        if not head + tail or not inner:
            continue
        echo = lines[:head] + lines[len(lines) - tail :]
        there = above[len(above) - head :] + below[:tail]
        begins_so = head and _keys(own[:head]) == _keys(lines[:head])
        ends_so = tail and _keys(own[len(own) - tail :]) == _keys(lines[len(lines) - tail :])
        if (
            not begins_so
            and not ends_so
            and any(TELLING.search(line.key) for line in echo)
            and _as_deep(echo, there, inner, own)
            and _as_balanced(lines, inner, own)
        ):
            first = places[head] if head else 0
            last = places[len(places) - tail - 1] if tail else len(code) - 1
            return list(code[first : last + 1])
    return list(code)


def _overlaps(code: list[_Line], around: list[_Line]) -> list[int]:
    """Return how many lines at the head of ``code`` may repeat the end of ``around``."""
    keys, ends = _keys(code), _keys(around)
    limit = min(len(keys), len(ends))
    return [
        length
        for length in range(limit + 1)
        if not length
        or (keys[length - 1] == ends[-1] and keys[:length] == ends[len(ends) - length :])
    ]


def _as_deep(echo: list[_Line], there: list[_Line], inner: list[_Line], own: list[_Line]) -> bool:
    """Tell whether the lines stand around the rest as they do around the original.

    In an answer at the margin only the direction counts, in one without any indentation nothing.
    """
    depths = {line.depth for line in [*echo, *inner]}
    if echo == there:
        return True
    if min(depths):
        return False
    base = min(line.depth for line in inner)
    if not own:
        return all(line.depth <= base for line in echo)
    own_base = min(line.depth for line in own)
    return len(depths) == 1 or all(
        _sign(one.depth - base) == _sign(other.depth - own_base)
        for one, other in zip(echo, there, strict=True)
    )


def _as_balanced(code: list[_Line], inner: list[_Line], own: list[_Line]) -> bool:
    wanted = _balance(own)
    return _balance(inner) == wanted or _balance(code) != wanted


def _balance(lines: list[_Line]) -> int:
    """Return how many more brackets open than close."""
    text = "".join(line.key for line in lines)
    return sum(map(text.count, "([{")) - sum(map(text.count, ")]}"))


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _shown(lines: Sequence[str]) -> list[_Line]:
    return [
        _Line(line.strip(), len(indent_of(line).expandtabs(_TAB_WIDTH)))
        for line in lines
        if not is_blank(line)
    ]


def _keys(lines: list[_Line]) -> list[str]:
    return [line.key for line in lines]
