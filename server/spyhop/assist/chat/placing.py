"""Where in a file a code block of an answer belongs.

In this order, and certain only where there is one place:

1. The definitions of the symbols that the block defines.
2. The lines that were attached, where the block is like them.
3. The lines of the file that are like the block.

Where none of these is there, or several are as good, the places are offered to the user.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from rapidfuzz.distance import Indel

from spyhop.core.abridged.placeholders import placeholders
from spyhop.core.indentation import common_indent
from spyhop.core.lines import is_blank, split_lines
from spyhop.core.positions import Source, Span
from spyhop.sessions.chats.values import Lines
from spyhop.syntax.outline import Declaration, Outline, read_outline

Why: TypeAlias = Literal["attached", "named", "symbol", "alike", "end"]

# Declarations of these languages stand in a class: a method alone is none.
_IN_CLASSES: Final = frozenset(
    {"java", "csharp", "javascript", "typescript", "javascriptreact", "typescriptreact", "kotlin"}
)
_LEAST_ALIKE: Final = 0.6
_LEAST_ALIKE_ATTACHED: Final = 0.35
# A line with fewer letters and digits stands in too many places to tell one.
_TELLING: Final = 3
# Two places of which one is better by less are as good.
_AS_GOOD: Final = 0.2
_MOST_STARTS: Final = 100
_LONG: Final = 20_000
_CLASS: Final = "class A {\n"
_COMMENT: Final = re.compile(r"\s*(?:#|//|/\*|\*|--|<!--)")


@dataclass(frozen=True, slots=True)
class Spot:
    """Lines of a file that a block may be put in the place of."""

    lines: Lines
    why: Why


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a block may belong in one file."""

    spots: tuple[Spot, ...]
    is_certain: bool
    """Whether the first spot is the place."""


def place_block(
    code: Sequence[str], language: str, source: Source, attached: Sequence[Lines]
) -> Placing:
    """Return where the lines ``code`` belong in a file of which ``attached`` lines were shown.

    Takes long for a long file.
    """
    outline = read_outline(language, source.text)
    spots = list(_defined(code, outline, source, attached))
    certain = len(spots) == 1 and spots[0][1]
    found = [spot for spot, _ in spots]
    if not found:
        found = _attached(code, source, attached)
        certain = len(found) == 1
    if not found:
        found = _alike(code, source)
        certain = len(found) == 1
    if not found:
        found = [Spot(lines, "attached") for lines in attached]
        found.append(Spot(end_of(source), "end"))
        certain = False
    return Placing(tuple(found), certain)


def end_of(source: Source) -> Lines:
    """Return the place behind the last line."""
    count = source.line_count - (not source.line(source.line_count - 1))
    return Lines(start=count, end=count)


def _defined(
    code: Sequence[str], outline: Outline, source: Source, attached: Sequence[Lines]
) -> Iterator[tuple[Spot, bool]]:
    """Yield the definitions that the block gives anew, each with whether all of it is there."""
    block = _outline_of(code, outline.language)
    outer = [one for one, depth in block if depth == 0]
    if not outer:
        return
    homes = [_homes(one, outline) for one in outer]
    if any(not home for home in homes):
        return
    if len(outer) > 1:
        if span := _together(homes, outline):
            yield Spot(_lines_of(span, source), "symbol"), _covers(code, span, source)
        return
    places = homes[0]
    inside = [
        one
        for one in places
        if any(_within(_lines_of(outline.declarations[one].span, source), it) for it in attached)
    ]
    for index in inside if len(inside) == 1 else places:
        span = outline.declarations[index].span
        yield Spot(_lines_of(span, source), "symbol"), _keeps_members(block, code, index, outline)


def _outline_of(code: Sequence[str], language: str) -> list[tuple[Declaration, int]]:
    """Return the named declarations of a block, each with its depth.

    There is none where the block has code besides: then they are not what it is about.
    """
    indent = common_indent(code)
    text = "".join(line.removeprefix(indent) for line in code)
    outline = read_outline(language, text)
    found = _depths(outline)
    if found:
        return found if _is_all(outline, found) else []
    if language in _IN_CLASSES:
        outline = read_outline(language, f"{_CLASS}{text}\n}}\n")
        found = [(one, depth - 1) for one, depth in _depths(outline) if depth]
        return found if _is_all(outline, found) else []
    return []


def _depths(outline: Outline) -> list[tuple[Declaration, int]]:
    return [
        (one, sum(1 for around in outline.around(index) if around.name))
        for index, one in enumerate(outline.declarations)
        if one.name
    ]


def _is_all(outline: Outline, found: Sequence[tuple[Declaration, int]]) -> bool:
    """Tell whether besides what was found there are only comments, above it."""
    at, wrapped = (len(_CLASS), 2) if outline.text.startswith(_CLASS) else (0, 0)
    end = len(outline.text) - wrapped
    besides: list[str] = []
    for one, depth in found:
        if depth == 0:
            besides.append(outline.text[at : max(at, one.span.start)])
            at = max(at, one.span.end)
    rest = outline.text[at:end].strip("; \t\r\n}")
    lines = split_lines("\n".join(besides))
    return not rest and all(is_blank(line) or _COMMENT.match(line) for line in lines)


def _homes(one: Declaration, outline: Outline) -> list[int]:
    """Return the declarations of the file with the name and the kind of ``one``."""
    named = outline.names.get(one.name, ())
    same = [index for index in named if outline.declarations[index].kind == one.kind]
    # What is local to a function is none that a block would show alone.
    return [
        index
        for index in same
        if not any(around.kind == "function" for around in outline.around(index))
    ]


def _together(homes: Sequence[Sequence[int]], outline: Outline) -> Span | None:
    """Return the span of several definitions that stand one below the other, nothing between."""
    if any(len(home) != 1 for home in homes):
        return None
    places = sorted(home[0] for home in homes)
    parents = {outline.declarations[place].parent for place in places}
    if len(parents) != 1:
        return None
    siblings = [
        index
        for index, one in enumerate(outline.declarations)
        if one.parent in parents and places[0] <= index <= places[-1] and one.name
    ]
    if siblings != places:
        return None
    spans = [outline.declarations[place].span for place in places]
    return Span(spans[0].start, spans[-1].end)


def _covers(code: Sequence[str], span: Span, source: Source) -> bool:
    """Tell whether a block for several definitions leaves out nothing that stands between them."""
    old = split_lines(source.text[span.start : span.end])
    return bool(placeholders(list(code), old)) or _share(old, code) >= _LEAST_ALIKE_ATTACHED


def _keeps_members(
    block: Sequence[tuple[Declaration, int]], code: Sequence[str], index: int, outline: Outline
) -> bool:
    """Tell whether a block gives every member of a definition, or says that it leaves some out."""
    old = {
        one.name
        for place, one in enumerate(outline.declarations)
        if one.parent == index and one.name and one.kind != "value"
    }
    new = {one.name for one, depth in block if depth}
    one = outline.declarations[index].span
    lines = split_lines(outline.text[one.start : one.end])
    return old <= new or bool(placeholders(list(code), lines))


def _attached(code: Sequence[str], source: Source, attached: Sequence[Lines]) -> list[Spot]:
    """Return the attached lines that a block rewrites; where it fits some much better, those."""
    ranked = sorted(
        ((_likeness(_text(source, lines), code), lines) for lines in attached),
        key=lambda found: -found[0],
    )
    good = [(score, lines) for score, lines in ranked if score >= _LEAST_ALIKE_ATTACHED]
    if not good:
        return []
    best = good[0][0]
    return [Spot(lines, "attached") for score, lines in good if score > best - _AS_GOOD]


def _alike(code: Sequence[str], source: Source) -> list[Spot]:
    """Return the lines of the file that the block rewrites: the best ones, and others as good."""
    lines = split_lines(source.text)
    keys, there = [line.strip() for line in code], [line.strip() for line in lines]
    first = next((key for key in keys if _tells(key) and key in there), None)
    if first is None:
        return []
    hides = bool(placeholders(list(code), lines))
    reach = len(lines) if hides else len(code) + len(code) // 2 + 2
    starts = [place for place, key in enumerate(there) if key == first][:_MOST_STARTS]
    windows = [
        (window[0], Lines(start=window[1], end=window[2]))
        for start in starts
        if (window := _window(keys, there, start, min(start + reach, len(there))))
    ]
    best = max((share for share, _ in windows), default=0.0)
    if best < _LEAST_ALIKE:
        return []
    return [Spot(window, "alike") for share, window in windows if share > best - _AS_GOOD]


def _window(
    keys: Sequence[str], there: Sequence[str], start: int, end: int
) -> tuple[float, int, int] | None:
    """Return which share of a block's telling lines stand in order from ``start`` on, and where."""
    numbers: dict[str, int] = {}
    old = [numbers.setdefault(key, len(numbers)) for key in there[start:end]]
    new = [numbers.setdefault(key, len(numbers)) for key in keys]
    pairs = [
        (start + place, index)
        for op in Indel.opcodes(old, new)
        if op.tag == "equal"
        for place, index in zip(
            range(op.src_start, op.src_end), range(op.dest_start, op.dest_end), strict=True
        )
        if _tells(keys[index])
    ]
    if not pairs or pairs[0][0] != start:
        return None
    last, below = start, pairs[-1][1] + 1
    for _, index in pairs:
        # The nearest lines that are so, wherever the alignment found some.
        last = there.index(keys[index], last, end) + 1
    # Closing brackets that both have below go along.
    while last < len(there) and below < len(keys) and there[last] == keys[below] != "":
        last, below = last + 1, below + 1
    return len(pairs) / sum(map(_tells, keys)), start, last


def _tells(key: str) -> bool:
    return sum(char.isalnum() for char in key) >= _TELLING


def _share(old: Sequence[str], new: Sequence[str]) -> float:
    """Return the share of the shorter one's telling lines that both have."""
    mine = [line.strip() for line in old if _tells(line)]
    theirs = [line.strip() for line in new if _tells(line)]
    if not mine or not theirs:
        return 0.0
    there = set(mine)
    return sum(line in there for line in theirs) / min(len(mine), len(theirs))


def _likeness(old: Sequence[str], new: Sequence[str]) -> float:
    """Return how much a block looks like lines written anew, 0 to 1."""
    one = "\n".join(line.strip() for line in old if not is_blank(line))
    other = "\n".join(line.strip() for line in new if not is_blank(line))
    alike: float = Indel.normalized_similarity(one, other) if len(one) < _LONG else 0.0
    return max(_share(old, new), alike if alike >= _LEAST_ALIKE else 0.0)


def _text(source: Source, lines: Lines) -> list[str]:
    span = source.lines_span(lines.start, lines.end - 1)
    return split_lines(source.text[span.start : span.end])


def _lines_of(span: Span, source: Source) -> Lines:
    last = source.line_at(max(span.start, span.end - 1))
    return Lines(start=source.line_at(span.start), end=last + 1)


def _within(inner: Lines, outer: Lines) -> bool:
    return inner.start < outer.end and outer.start < inner.end
