"""What the names that stand near the caret mean, as far as outlines tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from spyhop.core.indentation import common_indent, indent_of
from spyhop.core.lines import is_blank, split_lines, without_end
from spyhop.core.positions import Span
from spyhop.syntax.outline import Outline

_SHORT_LINES: Final = 8
_SHORT_CHARACTERS: Final = 400
_MOST_MEMBERS: Final = 12
# A name that is declared more often than this, such as "get", tells nothing of the one meant.
_MOST_MEANINGS: Final = 2
_NAME: Final = re.compile(r"(\.|->|::)?(?<![\w$])([^\W\d][\w$]+)")
_OPENS: Final = re.compile(r"\s*\{$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A name as it stands in code."""

    name: str
    is_member: bool
    """Whether it is asked of something: ``.name``, ``->name``, ``::name``."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What a name means, in the words of the file that declares it."""

    file: int
    """The index of the outline that it is of."""
    name: str
    text: str


def names_near(text: str, most: int) -> list[Mention]:
    """Return the last ``most`` different names of ``text``, the last one first."""
    found = [Mention(match[2], bool(match[1])) for match in _NAME.finditer(text)]
    return list(dict.fromkeys(reversed(found)))[:most]


def definitions(
    names: Iterable[Mention], outlines: Sequence[Outline], shown: Span, caret: int
) -> Iterator[Definition]:
    """Yield what ``names`` mean where the caret stands, one after the other.

    The first outline is that of the caret's file: what begins in the span ``shown`` of it is left
    out, and so is what is local to a function that the caret does not stand in. In the others,
    what is local does not count, nor does a class's member that is not asked of something. A
    member that is a value is told with its class.
    """
    for mention in names:
        for file, outline in enumerate(outlines):
            own = file == 0
            indices = outline.names.get(mention.name, ())
            meant = [
                index
                for index in indices
                if _is_in_reach(outline, index, caret if own else None)
                and (own or mention.is_member or not _is_member(outline, index))
            ]
            if not meant or len(meant) > _MOST_MEANINGS:
                continue
            starts = [outline.declarations[index].span.start for index in meant]
            if not own or not any(shown.start <= start < shown.end for start in starts):
                told = dict.fromkeys(_told_with(outline, index) for index in meant)
                yield from (Definition(file, mention.name, summary(outline, it)) for it in told)
            break


def _is_member(outline: Outline, index: int) -> bool:
    around = next(outline.around(index), None)
    return around is not None and around.kind == "class"


def _told_with(outline: Outline, index: int) -> int:
    one = outline.declarations[index]
    return one.parent if one.kind == "value" and _is_member(outline, index) else index


def summary(outline: Outline, index: int) -> str:
    """Return a declaration whole if it is short, else its head, its documentation and its members.

    The text begins at the margin and its lines end with line feeds; there is none at the end.
    """
    one = outline.declarations[index]
    whole = outline.text[one.span.start : one.span.end]
    shown = split_lines(whole)
    inside = one.doc.endswith(("'", '"'))
    if len(shown) > _SHORT_LINES or len(whole) > _SHORT_CHARACTERS:
        shown = split_lines(outline.head(one)[:_SHORT_CHARACTERS])
        if inside and one.body is not None:
            line = outline.text.rfind("\n", 0, one.body.start) + 1
            shown.append(indent_of(outline.text[line : one.body.start + 1]) + one.doc)
        shown += _members(outline, index)
    if one.doc and not inside:
        shown.insert(0, indent_of(shown[0]) + one.doc)
    lines = [without_end(line) for line in shown if not is_blank(line)]
    margin = len(common_indent(lines))
    return "\n".join(line[margin:] for line in lines)


def _members(outline: Outline, parent: int) -> list[str]:
    """Return the first lines of what a class declares; there are none of anything else."""
    one = outline.declarations[parent]
    if one.kind != "class":
        return []
    heads: list[str] = []
    for member in outline.declarations[parent + 1 :]:
        if len(heads) == _MOST_MEMBERS or member.span.start >= one.span.end:
            break
        if member.parent == parent and member.name:
            line = without_end(split_lines(outline.head(member))[-1])
            heads.append(_OPENS.sub("", line))
    return heads


def _is_in_reach(outline: Outline, index: int, caret: int | None) -> bool:
    """Tell whether the declaration at ``index`` is seen at ``caret``; None: from another file."""
    return all(
        around.kind != "function"
        or (caret is not None and around.span.start <= caret <= around.span.end)
        for around in outline.around(index)
    )
