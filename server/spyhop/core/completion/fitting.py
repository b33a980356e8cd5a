"""A completion between what stands before and behind the caret: nothing stands there twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from spyhop.core.completion.extent import is_balanced
from spyhop.core.completion.lexis import DEFINITION, Lexis
from spyhop.core.completion.place import Place, closes_only
from spyhop.core.completion.scan import State, state_behind, steps, without_comment
from spyhop.core.completion.window import Window
from spyhop.core.lines import LINE_END, is_blank, split_lines, without_end

_TOKEN: Final = re.compile(r"\w+|[^\w\s]")
_WORD: Final = re.compile(r"\w")
# What a statement cannot end with.
_GOES_ON: Final = re.compile(r"(?:[,=\\(\[{.+*/|&?:-]|\b(?:and|or|not|in|is|if|else|return))$")


@dataclass(frozen=True, slots=True)
class GhostText:
    """What is offered at a caret: to insert, or to replace the rest of the caret's line with."""

    insert: str
    """To be put at the caret, all that stands there staying; may be empty."""
    text: str
    """To be put at the caret in place of what follows it up to ``replace_end``."""
    replace_end: int
    """How many characters behind the caret `text` replaces; 0: it is `insert`."""


def fit(place: Place, around: Window, lines: Sequence[str]) -> GhostText | None:
    """Return what ``lines`` offer at the caret; None when that is nothing new.

    The first line begins at the caret.
    """
    if around.rest.strip() and place.wanted != "body":
        completion = _in_line(place, without_end(lines[0]) if lines else "", around.rest)
    else:
        own = _without_lines_below(place, list(lines), around)
        text = "".join(own)
        if not around.rest.strip() or (around.rest[0].isspace() and not LINE_END.search(text)):
            text = text.rstrip()
        elif LINE_END.search(text):
            # The bracket behind the caret comes to a line of its own.
            text = f"{text.rstrip()}\n{place.base}" if text.strip() else ""
        completion = GhostText(text, text, 0)
    completion = _with_ends(completion, around.line_end)
    return None if _is_nothing(completion, around) else completion


def whole_lines(place: Place, lines: Sequence[str]) -> list[str]:
    """Return the first of ``lines`` up to the last one behind which a statement has ended.

    No string and no bracket that they opened is open there, and it is no head without its body.
    """
    state = State(place.state.inside, (), place.state.is_comment)
    count = 0
    for number, line in enumerate(lines, 1):
        for step in steps(place.lexis, line, state):
            if step.what == "broken":
                return list(lines[:count])
            state = step.state
        if not is_blank(line) and is_balanced(place, state) and not _needs_more(place.lexis, line):
            count = number
    return list(lines[:count])


def _needs_more(lexis: Lexis, line: str) -> bool:
    text = without_comment(lexis, line)
    if lexis.opener.search(text) or line.lstrip().startswith("@"):
        return True
    if _GOES_ON.search(text) and lexis.blocks != "none":
        return True
    return lexis.blocks == "words" and bool(DEFINITION.match(line))


class _Mark(NamedTuple):
    """What is open at a place of a line."""

    at: int
    inside: str
    stack: tuple[str, ...]
    strays: tuple[str, ...]
    """The brackets that were closed and not opened here, in order."""


def _in_line(place: Place, line: str, rest: str) -> GhostText:
    """Return what ``line`` offers before the ``rest`` of the caret's line."""
    line, behind = line.rstrip(), rest.strip()
    begin = State(place.state.inside, (), place.state.is_comment)
    marks = list(_marks(place.lexis, line, begin))
    insert = _inserted(place, line, behind, marks)
    if rest[:1].isspace():
        insert = insert.rstrip()
    end = marks[-1]
    other = list(_marks(place.lexis, rest, begin))[-1]
    covers = (end.inside, end.stack, end.strays) == (other.inside, other.stack, other.strays)
    if (
        covers
        and insert + behind != line
        and insert + rest.rstrip() != line
        and _is_subsequence(behind, line)
    ):
        return GhostText(insert, line, len(rest.rstrip()))
    return GhostText(insert, insert, 0)


def _inserted(place: Place, line: str, behind: str, marks: Sequence[_Mark]) -> str:
    """Return as much of ``line`` as can stand before ``behind``, which stays."""
    allowed = place.missing
    free = [
        (mark.at, following.at)
        for mark, following in zip(
            marks, [*marks[1:], _Mark(len(line) + 1, "", (), ())], strict=True
        )
        if mark.inside == place.state.inside
        and not mark.stack
        and mark.strays == allowed[: len(mark.strays)]
    ]
    if not free:
        return ""

    def is_free(at: int) -> bool:
        return any(first <= at < last for first, last in free)

    has_word = bool(_WORD.search(behind))
    if line.endswith(behind) and (has_word or is_free(len(line) - len(behind))):
        return line[: len(line) - len(behind)]
    last = min(free[-1][1] - 1, len(line))
    if closes_only(behind) or place.state.inside:
        return line[:last]
    first = next(_TOKEN.finditer(behind)).group()
    for found in _TOKEN.finditer(line):
        if found.group() == first and found.start() <= last and is_free(found.start()):
            return line[: found.start()].rstrip()
    return line[:last]


def _marks(lexis: Lexis, line: str, state: State) -> Iterator[_Mark]:
    """Yield what is open from each place on where that changes."""
    strays: tuple[str, ...] = ()
    yield _Mark(0, state.inside, (), ())
    for step in steps(lexis, line, state):
        if step.what == "stray":
            strays += (line[step.start],)
        yield _Mark(step.end, step.state.inside, step.state.stack, strays)


def _without_lines_below(place: Place, lines: list[str], around: Window) -> list[str]:
    """Return ``lines`` without those at their end that stand below already, as deep."""
    below = [line.rstrip() for line in around.below if not is_blank(line)]
    while lines and is_blank(lines[-1]):
        lines.pop()
    shown = [line.rstrip() for line in lines if not is_blank(line)]
    if shown and len(shown) == 1 == len(lines):
        shown[0] = (around.head + lines[0]).rstrip()
    begin = State(place.state.inside, (), place.state.is_comment)
    for count in range(min(len(shown), len(below)), 0, -1):
        if shown[len(shown) - count :] != below[:count]:
            continue
        kept = _without_last(lines, count)
        if not state_behind(place.lexis, "".join(kept), begin).stack:
            return kept
    return lines


def _without_last(lines: Sequence[str], count: int) -> list[str]:
    """Return ``lines`` without the last ``count`` that are not blank."""
    kept = list(lines)
    while count:
        count -= not is_blank(kept.pop())
    return kept


def _with_ends(completion: GhostText, end: str) -> GhostText:
    """Return the same with the document's line ends."""
    return GhostText(
        LINE_END.sub(end, completion.insert),
        LINE_END.sub(end, completion.text),
        completion.replace_end,
    )


def _is_nothing(completion: GhostText, around: Window) -> bool:
    text = completion.text.strip()
    if not text:
        return True
    if completion.replace_end:
        return text == around.rest.strip()
    own = [line.strip() for line in split_lines(completion.insert) if not is_blank(line)]
    behind = [line.strip() for line in [around.rest, *around.below] if not is_blank(line)]
    return own == behind[: len(own)]


def _is_subsequence(text: str, of: str) -> bool:
    """Tell whether the characters of ``text`` stand in ``of`` in this order."""
    letters = iter(of)
    return all(letter in letters for letter in text)
