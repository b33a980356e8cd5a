"""Which text a completion shows, laid out so that the next one can keep almost all of it.

A runtime reads a prompt again from its first token that changed. So the window before the caret
begins where it began the last time until it has grown too large, and then moves in one stride; the
text after the caret is a snapshot. In between a keystroke only adds to the end.

Where the caret comes to another place, all that is shown of the place is new to the runtime. Most
visits are short, so the window is narrow at first, and of related code only what is missing is
added to what was chosen before. When more than a stride was typed, the window is made wide and
related code chosen anew.

Closing brackets and quotes at the caret are no part of the snapshot: editors put them in as the
user types, and the user types over them. Everything else that is shown is the document as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from spyhop.core.lines import split_lines, without_end
from spyhop.core.places import common_length
from spyhop.core.positions import Span
from spyhop.core.tokens import estimate_tokens
from spyhop.prompting.budget import CompletionBudget, CountTokens
from spyhop.prompting.related import Place, Related

Choose: TypeAlias = Callable[[Place], Related]

_CLOSERS: Final = r"[)\]}>;,:'\"`]|end\b|</[\w.:-]*>"
_CLOSERS_OF_LINE: Final = re.compile(rf"(?:[ \t]|{_CLOSERS}){{0,40}}(?=[\r\n]|\Z)")
_CLOSERS_AHEAD: Final = re.compile(rf"(?:\s|{_CLOSERS}){{0,80}}")
# No token of code is longer on average; what lies further away does not fit.
_LONGEST_TOKEN: Final = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """What is shown of a document. A value: the next layout is made from it."""

    start: int
    """Where `before` begins in the document."""
    before: str
    """The document's text from there to the caret, exactly."""
    fixed: int
    """How much of `before` stood there when the caret came, in whole lines."""
    after: str
    """The document's text behind the caret, but for closing brackets and quotes at it."""
    is_last: bool
    """Whether `after` goes to the document's end."""
    related: Related
    length: int
    """The document's."""
    typed: int = 0
    """How many tokens were typed at other places since related code was chosen."""


def lay_out(
    earlier: Layout | None,
    text: str,
    caret: int,
    choose: Choose,
    budget: CompletionBudget,
    count: CountTokens = estimate_tokens,
) -> Layout:
    """Return what to show for the caret at the offset ``caret`` of the document ``text``.

    ``earlier`` is the document's last layout; None, where there is none or where the runtime has
    forgotten it. ``choose`` is called only where the caret has come to another place, or a stride
    was typed.
    """
    caret = min(max(0, caret), len(text))
    start = None if earlier is None else _same_start(earlier, text, caret)
    if earlier is None or start is None or not _is_still_after(earlier, text, caret):
        return _elsewhere(earlier, text, caret, choose, budget, count)
    before = text[start:caret]
    fixed = _still_fixed(earlier, before)
    typed = earlier.typed + count(before[fixed:])
    if count(before) <= budget.before and typed <= budget.stride:
        return replace(earlier, start=start, before=before, fixed=fixed, length=len(text))
    start = _start(text, caret, budget.kept, count)
    layout = _laid(text, start, caret, budget.after, choose, count)
    return replace(layout, related=layout.related.in_the_order_of(earlier.related))


def _elsewhere(
    earlier: Layout | None,
    text: str,
    caret: int,
    choose: Choose,
    budget: CompletionBudget,
    count: CountTokens,
) -> Layout:
    """Return what to show where the caret has come to."""
    start = _start(text, caret, budget.narrow_before, count)
    layout = _laid(text, start, caret, budget.narrow_after, choose, count)
    if earlier is None:
        return layout
    typed = earlier.typed + count(earlier.before[earlier.fixed :])
    added = earlier.related.added_to(
        layout.related, text[start:caret] + layout.after, budget, count
    )
    if added is None or typed > budget.stride:
        return replace(layout, related=layout.related.in_the_order_of(earlier.related))
    return replace(layout, related=added, typed=typed)


def _laid(
    text: str, start: int, caret: int, tokens: int, choose: Choose, count: CountTokens
) -> Layout:
    """Return the layout of a window from ``start`` on, with at most ``tokens`` behind the caret."""
    before = text[start:caret]
    after, end = _after(text, caret, tokens, count)
    related = choose(Place(text, caret, Span(start, end)))
    return Layout(start, before, _whole_lines(before), after, end == len(text), related, len(text))


def _same_start(earlier: Layout, text: str, caret: int) -> int | None:
    """Return where the earlier window begins now; None: it cannot be kept."""
    places = {earlier.start, earlier.start + len(text) - earlier.length}
    kept = {
        place: common_length(text[place:caret], earlier.before)
        for place in sorted(places)
        if 0 <= place <= caret
    }
    if not kept:
        return None
    best = max(kept, key=lambda place: kept[place])
    return best if 2 * kept[best] >= len(earlier.before) or best == earlier.start == 0 else None


def _still_fixed(earlier: Layout, before: str) -> int:
    if before.startswith(earlier.before[: earlier.fixed]):
        return earlier.fixed
    return _whole_lines(before)


def _whole_lines(before: str) -> int:
    return max(before.rfind("\n"), before.rfind("\r")) + 1


def _is_still_after(earlier: Layout, text: str, caret: int) -> bool:
    ahead = _CLOSERS_AHEAD.match(text, caret)
    furthest = ahead.end() if ahead else caret
    if earlier.is_last:
        place = len(text) - len(earlier.after)
        return caret <= place <= furthest and text.endswith(earlier.after)
    return text.find(earlier.after, caret, furthest + len(earlier.after)) >= 0


def _start(text: str, caret: int, width: int, count: CountTokens) -> int:
    """Return where a window of ``width`` tokens begins, with a whole line where one fits."""
    begin = max(0, caret - width * _LONGEST_TOKEN)
    lines = split_lines(text[begin:caret])
    left = width
    start = caret
    for number, line in reversed(list(enumerate(lines))):
        left -= count(line)
        if left < 0 or (number == 0 and begin):
            break
        start -= len(line)
    if start == caret and lines and lines[-1] == without_end(lines[-1]):
        return caret - len(_fitting(text[begin:caret][::-1], width, count))
    return start


def _after(text: str, caret: int, tokens: int, count: CountTokens) -> tuple[str, int]:
    """Return what to show of the text behind the caret, and where that ends."""
    closers = _CLOSERS_OF_LINE.match(text, caret)
    begin = closers.end() if closers else caret
    end = begin
    reach = text[begin : begin + tokens * _LONGEST_TOKEN]
    left = tokens
    for line in split_lines(reach):
        left -= count(line)
        if left < 0:
            break
        end += len(line)
    if end == begin:
        end += len(_fitting(reach, tokens, count))
    return text[begin:end], end


def _fitting(line: str, tokens: int, count: CountTokens) -> str:
    """Return the beginning of a line that does not fit as a whole."""
    while count(line) > tokens:
        line = line[: len(line) // 2]
    return line
