"""Where in a file a code block of an answer belongs.

In this order, and certain only where there is one place:

1. The definitions of the symbols that the block defines.
2. The lines that were attached, where the block is like them.
3. The lines of the file that are like the block.

Where none of these is there, or several are as good, the places are offered to the user.
"""

from __future__ import annotations

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
    """Return the named declarations of a block, each with its depth."""
    indent = common_indent(code)
    text = "".join(line.removeprefix(indent) for line in code)
    found = _depths(read_outline(language, text))
    if not found and language in _IN_CLASSES:
        wrapped = _depths(read_outline(language, f"class A {{\n{text}\n}}\n"))
        found = [(one, depth - 1) for one, depth in wrapped if depth]
    return found


def _depths(outline: Outline) -> list[tuple[Declaration, int]]:
    return [
        (one, sum(1 for around in outline.around(index) if around.name))
        for index, one in enumerate(outline.declarations)
        if one.name
    ]


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
    return [Spot(lines, "attached") for score, lines in good if score > best - 0.2]


def _alike(code: Sequence[str], source: Source) -> list[Spot]:
    """Return the lines of the file that the block rewrites: the best ones, and others as good."""
    lines = split_lines(source.text)
    first = _best_window(code, lines)
    if first is None:
        return []
    rest = lines[: first.start] + ["\0"] * (first.end - first.start) + lines[first.end :]
    second = _best_window(code, rest)
    spots = [Spot(first, "alike")]
    return [*spots, Spot(second, "alike")] if second is not None else spots


def _best_window(code: Sequence[str], lines: Sequence[str]) -> Lines | None:
    """Return the lines from the first to the last that the block repeats; None: too few are."""
    keys = [line.strip() for line in code]
    telling = [key for key in keys if _tells(key)]
    if not telling:
        return None
    numbers: dict[str, int] = {}
    old = [numbers.setdefault(line.strip(), len(numbers)) for line in lines]
    new = [numbers.setdefault(key, len(numbers)) for key in keys]
    pairs = [
        (place, index)
        for op in Indel.opcodes(old, new)
        if op.tag == "equal"
        for place, index in zip(
            range(op.src_start, op.src_end), range(op.dest_start, op.dest_end), strict=True
        )
        if _tells(keys[index])
    ]
    if len(pairs) < _LEAST_ALIKE * len(telling):
        return None
    start, end = pairs[0][0], pairs[-1][0] + 1
    # Lines that are spread over a file are no place.
    if end - start > 2 * len(code) and not placeholders(list(code), list(lines[start:end])):
        return None
    # Closing brackets that both have below go along.
    below = pairs[-1][1] + 1
    while end < len(lines) and below < len(keys) and lines[end].strip() == keys[below] != "":
        end, below = end + 1, below + 1
    return Lines(start=start, end=end)


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


_LONG: Final = 20_000


def _text(source: Source, lines: Lines) -> list[str]:
    span = source.lines_span(lines.start, lines.end - 1)
    return split_lines(source.text[span.start : span.end])


def _lines_of(span: Span, source: Source) -> Lines:
    last = source.line_at(max(span.start, span.end - 1))
    return Lines(start=source.line_at(span.start), end=last + 1)


def _within(inner: Lines, outer: Lines) -> bool:
    return inner.start < outer.end and outer.start < inner.end
