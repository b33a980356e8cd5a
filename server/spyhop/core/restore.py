"""The original's lines put back where an answer has a placeholder for them.

The lines that the answer does show are found in the original first. Between two of them stand, on
one side, a placeholder and perhaps new lines, on the other the original's lines that the answer
does not show: those are what the placeholder stands for. All of them are kept. What is weighed is
where the new lines go among them: above what is put back, below it, or below the block that the
placeholder's depth says it is in.

Where that is not certain, the original's lines stay as they are between the nearest lines that are,
and nothing of the answer is taken there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Final

from spyhop.core.alignment import Place, align
from spyhop.core.indentation import common_indent, indent_of
from spyhop.core.kinship import is_definition, name_of
from spyhop.core.lines import common_end, end_of, is_blank
from spyhop.core.outline import Entry, depth_of, outline
from spyhop.core.placeholders import placeholders, whole_placeholders

_MULTI_LINE_STRING: Final = re.compile(r"\"{3}|'{3}|`|<<|\\$")
_FIRST_WORD: Final = re.compile(r"\W*\w*")
_OF_BLOCKS: Final = re.compile(
    r"\b(?:methods?|functions?|class(?:es)?|definitions?|tests?|routes?|handlers?|structs?|types?)\b"
    r"|方法|函数|类|定义|测试|路由|接口",
    re.IGNORECASE,
)
# More lines than these, missing at an end, were left out rather than deleted.
_MOST_TRIMMED: Final = 3


@dataclass(frozen=True, slots=True)
class Restored:
    """An answer without placeholders."""

    lines: tuple[str, ...]
    """The answer with each placeholder replaced by the original's lines it stands for."""
    restored: int
    """How many placeholders were put back."""
    unresolved: tuple[int, ...]
    """The 0-based lines of the original where nothing of the answer was taken: there it stays."""


def restore(answer: Sequence[str], original: Sequence[str]) -> Restored | None:
    """Return the lines ``answer`` with those of ``original`` back in place of its placeholders.

    Without placeholders the answer comes back as it is. None when nothing certain is left: a
    placeholder stands inside a line, or no place is sure.
    """
    found = placeholders(answer, original)
    if not found:
        return Restored(tuple(answer), 0, ())
    whole = whole_placeholders(answer, found)
    if whole is None:
        return None
    stretches = _stretches(_Answer(list(answer), whole), original)
    if stretches is None:
        return None
    result = _Result()
    for stretch in stretches:
        _write(stretch, result)
    lines = _with_ends(result.lines, original)
    if (result.unresolved and lines == list(original)) or _balance(lines) != _balance(original):
        return None
    return Restored(tuple(lines), result.restored, tuple(result.unresolved))


def trim_outer_echo(
    answer: Sequence[str],
    original: Sequence[str],
    before: Sequence[str],
    after: Sequence[str],
) -> list[str]:
    """Return ``answer`` without the lines around the original that outer placeholders lead to.

    They stand ``before`` the original, or ``after`` it, with more lines between that the
    placeholder stands for.
    """
    found = placeholders(answer, original)
    if not found:
        return list(answer)
    own = {line.strip() for line in original}
    start, end = 0, len(answer)
    if _is_echo(answer[: found[0]], before, own):
        start = found[0]
    if _is_echo(answer[found[-1] + 1 :], after, own):
        end = found[-1] + 1
    return list(answer[start:end])


def _is_echo(lines: Sequence[str], around: Sequence[str], own: set[str]) -> bool:
    """Tell whether all ``lines`` stand in ``around`` in this order, and none in the original."""
    shown = [line.strip() for line in lines if not is_blank(line)]
    there = iter([line.strip() for line in around])
    return bool(shown) and own.isdisjoint(shown) and all(text in there for text in shown)


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer's lines, and which of them are placeholders."""

    lines: list[str]
    hidden: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What stands between two certain lines: in the answer, and in the original."""

    lines: list[str]
    hidden: list[int]
    """The placeholders among the lines, 0-based there."""
    parents: dict[int, int | None]
    """For each placeholder the new line whose block it is in, if one is."""
    old_start: int
    old: list[str]
    is_certain: bool
    is_left_out: bool
    """Whether the original's lines are missing without any placeholder for them."""
    depth_above: int
    """The depth of the certain line above; -1 at the answer's start."""
    opener: str
    """The certain line above without outer white space; empty at the answer's start."""
    below: list[str]
    """The certain line that follows, as the answer has it; empty at its end."""
    old_above: list[str]
    old_below: list[str]
    """The certain lines above and below as the original has them."""


@dataclass(slots=True)
class _Result:
    lines: list[str] = field(default_factory=list)
    restored: int = 0
    unresolved: list[int] = field(default_factory=list)


def _stretches(answer: _Answer, original: Sequence[str]) -> list[_Stretch] | None:
    """Cut answer and original at the lines whose place is certain; None when there is nothing."""
    short, whole = outline(answer.lines, answer.hidden), outline(original)
    if len(short) == sum(entry.number in answer.hidden for entry in short):
        return None
    places = align(short, whole, answer.hidden)
    if places is None:
        return None
    anchors = _anchors(short, whole, places, answer, len(original))
    copied = _copied(short, whole, places, answer.hidden)
    return [
        _stretch(answer, original, short, places, above, below, copied)
        for above, below in pairwise(anchors)
    ]


_Anchor = tuple[int, int]
"""A line of the answer, and the line of the original that it is; both 0-based."""


def _anchors(
    short: Sequence[Entry],
    whole: Sequence[Entry],
    places: Sequence[Place],
    answer: _Answer,
    length: int,
) -> list[_Anchor]:
    inner = [
        (entry.number, whole[place.at].number)
        for entry, place in zip(short, places, strict=True)
        if place.at is not None and place.is_certain and entry.depth == whole[place.at].depth
    ]
    anchors = [(-1, -1), *inner, (len(answer.lines), length)]
    shown = {entry.number for entry in short}
    telling = {entry.number for entry in short if entry.tells}
    old = {entry.number for entry in whole}
    return _without_doubtful(anchors, answer.hidden, shown, telling, old)


def _without_doubtful(
    anchors: list[_Anchor],
    hidden: frozenset[int],
    shown: set[int],
    telling: set[int],
    old: set[int],
) -> list[_Anchor]:
    """Return the anchors but those that may be copies of, or moved from, where they seem to be.

    Lines of the original passed over in silence right before a placeholder may as well be what it
    stands for: then the line between is new. One such line is not enough to tell, and none is
    where the placeholder would stand for nothing.
    """
    gaps = [_Gap.between(a, b, hidden, shown, old) for a, b in pairwise(anchors)]
    doubtful: set[int] = set()
    for forward in (True, False):
        order = list(range(len(gaps))) if forward else list(range(len(gaps)))[::-1]
        silent: list[int] | None = None
        for at in order:
            gap = gaps[at]
            if gap.is_hidden:
                telling_between = sum(anchors[one][0] in telling for one in silent or [])
                if silent and (telling_between <= 1 or not gap.old):
                    doubtful |= set(silent)
                silent = None
            elif gap.is_silent:
                silent = []
            if silent is not None:
                silent.append(at + 1 if forward else at)
    return [
        anchor for at, anchor in enumerate(anchors) if at not in doubtful or _is_end(at, anchors)
    ]


def _is_end(at: int, anchors: Sequence[_Anchor]) -> bool:
    return at in (0, len(anchors) - 1)


@dataclass(frozen=True, slots=True)
class _Gap:
    """How many lines stand between two anchors, and whether a placeholder does."""

    is_hidden: bool
    new: int
    old: int

    @classmethod
    def between(
        cls, above: _Anchor, below: _Anchor, hidden: frozenset[int], shown: set[int], old: set[int]
    ) -> _Gap:
        rows = range(above[0] + 1, below[0])
        return cls(
            any(row in hidden for row in rows),
            sum(row in shown and row not in hidden for row in rows),
            sum(row in old for row in range(above[1] + 1, below[1])),
        )

    @property
    def is_silent(self) -> bool:
        return not self.is_hidden and not self.new and self.old > 0


def _copied(
    short: Sequence[Entry],
    whole: Sequence[Entry],
    places: Sequence[Place],
    hidden: frozenset[int],
) -> set[int]:
    """Return the lines of the original that new lines of the answer repeat, as moved code does.

    A single line in a new definition may be the same by chance.
    """
    where: dict[str, list[int]] = {}
    for entry in whole:
        if entry.tells:
            where.setdefault(entry.text, []).append(entry.number)
    rows = zip(short, places, strict=True)
    copied: set[int] = set()
    for is_new, group in groupby(rows, lambda it: it[1].at is None and it[0].number not in hidden):
        entries = [entry for entry, _ in group if entry.tells]
        same = [entry.text in where for entry in entries]
        many = 2 * sum(same) > len(same) or any(a and b for a, b in pairwise(same))
        for entry in entries if is_new else ():
            if many or not any(map(is_definition, entry.parents[:2])):
                copied.update(where.get(entry.text, ()))
    return copied


def _stretch(  # noqa: PLR0917 - what is cut, and where
    answer: _Answer,
    original: Sequence[str],
    short: Sequence[Entry],
    places: Sequence[Place],
    above: _Anchor,
    below: _Anchor,
    copied: set[int],
) -> _Stretch:
    start, end = above[0] + 1, below[0]
    is_last = end == len(answer.lines)
    old_start, old_end = above[1] + 1, below[1]
    hidden = [at for at in range(start, end) if at in answer.hidden]
    inside = [
        (entry, place)
        for entry, place in zip(short, places, strict=True)
        if start <= entry.number < end
    ]
    is_certain = all(place.is_certain and place.at is None for _, place in inside)
    old = list(original[old_start:old_end])
    missing = sum(not is_blank(line) for line in old)
    is_outer = start == 0 or is_last
    has_new = any(entry.number not in answer.hidden for entry, _ in inside)
    return _Stretch(
        answer.lines[start:end],
        [at - start for at in hidden],
        _parents([entry for entry, _ in inside], answer.hidden, start),
        old_start,
        old,
        is_certain and copied.isdisjoint(range(old_start, old_end)),
        is_outer and not hidden and not has_new and missing > _MOST_TRIMMED,
        depth_of(answer.lines[above[0]]) if start else -1,
        answer.lines[above[0]].strip() if start else "",
        [] if is_last else [answer.lines[end]],
        [original[above[1]]] if start else [],
        [] if is_last else [original[below[1]]],
    )


def _parents(entries: Sequence[Entry], hidden: frozenset[int], start: int) -> dict[int, int | None]:
    """Return for each placeholder the new line in whose block it is; numbers from ``start``."""
    found: dict[int, int | None] = {}
    for index, entry in enumerate(entries):
        if entry.number in hidden:
            above = (one for one in reversed(entries[:index]) if one.depth < entry.depth)
            parent = next(above, None)
            is_new = parent is not None and parent.number not in hidden
            found[entry.number - start] = parent.number - start if parent and is_new else None
    return found


def _write(stretch: _Stretch, result: _Result) -> None:
    """Add to the result what a stretch becomes, and the certain line that follows it."""
    if stretch.hidden:
        lines = _filled(stretch)
        count = sum(not is_blank(line) for line in stretch.old) and _groups(stretch)
    else:
        lines, count = (None if stretch.is_left_out else stretch.lines), 0
    if lines is None:
        # A changed line, such as a signature, does not go with what stays below or above it.
        result.lines[len(result.lines) - len(stretch.old_above) :] = stretch.old_above
        result.lines += [*stretch.old, *stretch.old_below]
        result.unresolved.append(stretch.old_start)
    else:
        result.lines += [*lines, *stretch.below]
        result.restored += count


def _groups(stretch: _Stretch) -> int:
    return sum(1 for _ in _parts(stretch)) - 1


def _parts(stretch: _Stretch) -> Iterator[list[str]]:
    """Yield the lines before, between and behind the placeholders.

    Placeholders with nothing between them count as one.
    """
    part: list[str] = []
    before: int | None = None
    for at, line in enumerate(stretch.lines):
        if at not in stretch.hidden:
            part.append(line)
            continue
        if before is None or not all(map(is_blank, part)):
            yield part
        part, before = [], at
    yield part


def _filled(stretch: _Stretch) -> list[str] | None:
    """Return the stretch with the original's lines in it; None where it is not certain how."""
    if not stretch.is_certain:
        return None
    above, *between, below = _parts(stretch)
    first, last = stretch.hidden[0], stretch.hidden[-1]
    lead, core, trail = _cut(stretch.old)
    depth = depth_of(stretch.lines[first])
    if not core:
        return _dropped([above, *between, below], stretch.old)
    if between:
        inner, outer = depth, depth_of(stretch.lines[last])
        if len(between) > 1 or not outer <= depth_of(_first(between[0])) <= inner or outer == inner:
            return None
        if not all(map(is_blank, below)):
            return None
        below = between[0]
    parent = stretch.parents[first]
    if parent is not None and depth_of(core[0]) < depth:
        wrapped = _wrapped(stretch, core, stretch.lines[parent], stretch.lines[first])
        if wrapped is None or between:
            return None
        return _joined(above, lead, wrapped, trail, below)
    if depth_of(core[0]) > depth:
        core_or_none = _without_replaced(stretch, above, core, depth)
        if core_or_none is None:
            return None
        core = core_or_none
    if all(map(is_blank, below)):
        return _joined(above, lead, core, trail, below)
    if _ends_list(core, stretch):
        return None
    body, rest = _split(core, depth)
    if not rest:
        return _joined(above, lead, core, trail, below)
    if not body or not _fits(_first(below), rest, depth):
        return None
    inner_lead, rest_core, _ = _cut(rest)
    head = _joined(above, lead, body, inner_lead, below)
    apart = inner_lead or _blanks_before(below)
    tail = [] if is_blank(head[-1]) else apart
    return [*head, *tail, *rest_core, *trail]


def _wrapped(
    stretch: _Stretch, core: Sequence[str], opener: str, placeholder: str
) -> list[str] | None:
    """Return the lines ``core`` in the new block that ``opener`` opens; None if they may be it."""
    base = depth_of(core[0])
    shown = [line for line in core if not is_blank(line)]
    heads = [line for line in shown if depth_of(line) <= base]
    word = _word(opener)
    if (
        base != depth_of(opener)
        or any(depth_of(line) < base or _word(line) == word for line in heads)
        or name_of(opener.strip()) in {name_of(line.strip()) for line in heads} - {None}
        or any(_MULTI_LINE_STRING.search(line.rstrip()) for line in core)
        or stretch.depth_above > base
    ):
        return None
    old, new = common_indent(core), indent_of(placeholder)
    return [line if is_blank(line) else new + line[len(old) :] for line in core]


def _word(line: str) -> str:
    found = _FIRST_WORD.match(line.strip())
    return found.group() if found else ""


def _without_replaced(
    stretch: _Stretch, above: Sequence[str], core: list[str], depth: int
) -> list[str] | None:
    """Return ``core`` without the rest of a block that the answer shows whole, rewritten.

    A placeholder shallower than what it would stand for is a sibling of the block above it.
    """
    if not any(map(str.strip, above)):
        return core if stretch.depth_above <= depth else None
    shown = [line for line in above if not is_blank(line)]
    if any(_stands_at(line, depth) for line in shown):
        return None
    says_blocks = _OF_BLOCKS.search(stretch.lines[stretch.hidden[0]])
    if not (says_blocks or is_blank(above[-1])):
        return None
    start = next((at for at, line in enumerate(core) if _stands_at(line, depth)), None)
    return core[start:] if start is not None else None


def _stands_at(line: str, depth: int) -> bool:
    return not is_blank(line) and depth_of(line) <= depth


def _split(core: Sequence[str], depth: int) -> tuple[list[str], list[str]]:
    """Cut ``core`` where the block of a placeholder at ``depth`` ends; blank lines go below."""
    end = next(
        (at for at, line in enumerate(core) if not is_blank(line) and depth_of(line) < depth),
        len(core),
    )
    while 0 < end < len(core) and is_blank(core[end - 1]):
        end -= 1
    return list(core[:end]), list(core[end:])


def _ends_list(core: Sequence[str], stretch: _Stretch) -> bool:
    """Tell whether ``core`` ends with a list's last item, which lacks the comma to go on."""
    shown = [line.strip() for line in core if not is_blank(line)]
    if shown[-1].endswith((",", ";", "{", "(", "[")):
        return False
    closes = bool(stretch.below) and stretch.below[0].lstrip().startswith((")", "]", "}"))
    items = [line for line in shown[:-1] if line.endswith(",")]
    return closes and (bool(items) or stretch.opener.endswith(("(", "[")) or shown[-1][:1] == '"')


def _fits(new: str, rest: Sequence[str], depth: int) -> bool:
    """Tell whether a new line can stand between a placeholder's block and the ``rest`` below it."""
    own, following = depth_of(new), outline(rest)[0]
    if own > depth or following.depth > own:
        return False
    return own == depth or not (following.closes and following.depth == own)


def _joined(
    above: Sequence[str],
    lead: Sequence[str],
    core: Sequence[str],
    trail: Sequence[str],
    below: Sequence[str],
) -> list[str]:
    """Return new lines above and below the original's, with blank lines as either has them."""
    upper = _beside(above, lead)
    lower = _beside(below[::-1], trail[::-1])[::-1]
    return [*upper, *core, *lower]


def _beside(new: Sequence[str], blanks: Sequence[str]) -> list[str]:
    """Return ``new`` lines and the blank ones between them and what the original has below."""
    end = next((at for at in range(len(new), 0, -1) if not is_blank(new[at - 1])), 0)
    if not end:
        return list(blanks)
    shown = new[end:]
    begins_apart = is_blank(new[0])
    keeps = len(blanks) >= len(shown) and not begins_apart
    return [*new[:end], *(blanks if keeps else shown)]


def _dropped(parts: Sequence[Sequence[str]], old: Sequence[str]) -> list[str]:
    """Return a stretch whose placeholders stand for nothing."""
    if all(is_blank(line) for part in parts for line in part):
        return list(old)
    lines: list[str] = []
    for part in parts:
        shown = next((at for at in range(len(lines), 0, -1) if not is_blank(lines[at - 1])), 0)
        lines += part[min(len(lines) - shown, len(_blanks_before(part))) :]
    return lines


def _blanks_before(lines: Sequence[str]) -> list[str]:
    count = next((at for at, line in enumerate(lines) if not is_blank(line)), len(lines))
    return list(lines[:count])


def _cut(lines: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Return the blank lines above, what stands between, and the blank lines below."""
    shown = [at for at, line in enumerate(lines) if not is_blank(line)]
    if not shown:
        return list(lines), [], []
    start, end = shown[0], shown[-1] + 1
    return list(lines[:start]), list(lines[start:end]), list(lines[end:])


def _first(lines: Sequence[str]) -> str:
    return next(line for line in lines if not is_blank(line))


def _with_ends(lines: Sequence[str], original: Sequence[str]) -> list[str]:
    """Return ``lines`` with a terminator on each but the last."""
    end = common_end("".join(original))
    return [*(line if end_of(line) else line + end for line in lines[:-1]), *lines[-1:]]


def _balance(lines: Sequence[str]) -> Counter[str]:
    """Return how many more brackets of each kind open than close."""
    text = "".join(lines)
    return Counter({pair: text.count(pair[0]) - text.count(pair[1]) for pair in ("()", "[]", "{}")})
