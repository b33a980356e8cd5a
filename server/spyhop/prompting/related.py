"""The related code that a completion is shown beside the lines around the caret.

These are the imports above the window, the heads of the scopes that the window begins in, the
definitions of the names near the caret, the windows of other files and of the rest of this one
that are most like the lines before it, and recent edits. Each has a budget of its own, and what
one leaves is given to no other: so no part changes because another one did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from spyhop.core.indentation import common_indent
from spyhop.core.lines import is_blank, split_lines, without_end
from spyhop.core.places import Carried
from spyhop.core.positions import Span
from spyhop.core.recent_edits import FileEdit, recent_edits
from spyhop.core.similar import WINDOW_LINES, Match, most_similar, words_of
from spyhop.prompting.budget import CompletionBudget, CountTokens
from spyhop.prompting.file_index import FileIndex
from spyhop.syntax.definitions import definitions, names_near

_REACH_LINES: Final = 20
_REACH_CHARACTERS: Final = 4000
_MOST_NAMES: Final = 40
_MOST_IMPORTS: Final = 200
_MOST_WINDOWS: Final = 16
_MOST_EDITS: Final = 12
_LONGEST_HEAD: Final = 400

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code of a file, as shown: from the margin, with line feeds between its lines."""

    path: str
    language: str
    text: str

    def is_among(self, lines: AbstractSet[str]) -> bool:
        """Tell whether half of its lines are among ``lines``, which have no space around them."""
        own = [line.strip() for line in self.text.split("\n") if not is_blank(line)]
        return 2 * sum(line in lines for line in own) >= len(own)


@dataclass(frozen=True, slots=True)
class Related:
    """What is shown beside the lines around the caret; lines have line feeds between them."""

    imports: str = ""
    heads: str = ""
    snippets: tuple[Snippet, ...] = ()
    edits: tuple[str, ...] = ()

    def in_the_order_of(self, earlier: Related) -> Related:
        """Return the same, with the snippets that ``earlier`` had as well first, in its order.

        A runtime reads a prompt again from the first difference on.
        """
        kept = [snippet for snippet in earlier.snippets if snippet in self.snippets]
        new = [snippet for snippet in self.snippets if snippet not in kept]
        return replace(self, snippets=(*kept, *new))

    def added_to(
        self, there: Related, shown: str, budget: CompletionBudget, count: CountTokens
    ) -> Related | None:
        """Return the related code of another place, with the same imports and snippets first.

        ``there`` is what was chosen for that place alone, ``shown`` the text that is shown of it:
        snippets that are there go away. Of new ones so many are added as fit into half the budget
        of definitions, which are their first. None where they all exceed twice their budgets.
        """
        lines = {line.strip() for line in split_lines(shown)}
        snippets = [one for one in self.snippets if not one.is_among(lines)]
        missing = (one for one in there.snippets if one not in snippets)
        snippets += _fitting(missing, budget.definitions // 2, _cost_by(count))
        if sum(map(_cost_by(count), snippets)) > 2 * (budget.definitions + budget.similar):
            return None
        return replace(there, imports=self.imports, snippets=tuple(snippets))


@dataclass(frozen=True, slots=True)
class Sources:
    """Where related code comes from."""

    own: FileIndex
    """The document's; of an older version it serves as well, for places are carried over."""
    others: Sequence[FileIndex] = ()
    """The other files', the last visited first."""
    edits: Sequence[FileEdit] = ()
    """What was edited, in the order of the edits."""


@dataclass(frozen=True, slots=True)
class Place:
    """A caret in a document, and the span around it that is shown as it is."""

    text: str
    caret: int
    shown: Span


def choose(sources: Sources, place: Place, budget: CompletionBudget, count: CountTokens) -> Related:
    """Return the code related to a place, each part within its share of ``budget``.

    This takes a millisecond or two, and some tens of them with files of tens of thousands of lines.
    """
    outline = sources.own.outline
    carried = Carried.between(outline.text, place.text)
    shown = Span(carried.to_old(place.shown.start), carried.to_old(place.shown.end))
    heads = [
        "\n".join(map(without_end, split_lines(outline.head(one)[:_LONGEST_HEAD])))
        for one in outline.enclosing(shown.start)
        if one.span.start < shown.start
    ]
    imports = [
        _as_shown(outline.text[span.start : span.end])
        for span in outline.imports[:_MOST_IMPORTS]
        if span.end <= shown.start
    ]
    near = _near(place)
    defined = _defined(sources, near, shown, carried.to_old(place.caret))
    chosen = _by_file(_fitting(defined, budget.definitions, _cost_by(count)))
    alike = (one for one in _alike(sources, near, shown) if not _repeats(one, chosen))
    snippets = [*chosen, *_fitting(alike, budget.similar, _cost_by(count))]
    return Related(
        imports="\n".join(_imported(imports, near, budget.imports, count)),
        heads="\n".join(_fitting(heads[::-1], budget.heads, _cost_of_lines(count))[::-1]),
        # Those of the document itself go away when the caret comes to them.
        snippets=tuple(sorted(snippets, key=lambda one: one.path == sources.own.path)),
        edits=tuple(_fitting(_edited(sources, place), budget.edits, _cost_of_lines(count))[::-1]),
    )


def _near(place: Place) -> str:
    """Return the shown lines that end at the caret: what they speak of is what matters now."""
    start = max(place.shown.start, place.caret - _REACH_CHARACTERS)
    text = place.text[start : place.caret]
    return "".join(split_lines(text)[-_REACH_LINES:])


def _imported(imports: Sequence[str], near: str, tokens: int, count: CountTokens) -> list[str]:
    """Return the imports that fit, those of names that are used near the caret before others."""
    words = words_of(near)
    ranked = sorted(range(len(imports)), key=lambda at: words.isdisjoint(words_of(imports[at])))
    kept = _fitting(ranked, tokens, lambda at: count(f"{imports[at]}\n"))
    return [imports[at] for at in sorted(kept)]


def _defined(sources: Sources, near: str, shown: Span, caret: int) -> Iterator[Snippet]:
    files = [sources.own, *sources.others]
    outlines = [file.outline for file in files]
    found = definitions(names_near(near, _MOST_NAMES), outlines, shown, caret)
    for one in dict.fromkeys((one.file, one.text) for one in found):
        file, text = one
        yield Snippet(files[file].path, outlines[file].language, text)


def _by_file(snippets: Sequence[Snippet]) -> list[Snippet]:
    """Return ``snippets`` with those of a file together, where its first one stands."""
    paths = list(dict.fromkeys(snippet.path for snippet in snippets))
    return sorted(snippets, key=lambda snippet: paths.index(snippet.path))


def _alike(sources: Sources, near: str, shown: Span) -> Iterator[Snippet]:
    files = [sources.own, *sources.others]
    text = sources.own.outline.text
    first, last = (text.count("\n", 0, offset) for offset in (shown.start, shown.end))
    for match in most_similar(words_of(near), [it.windows for it in files], _MOST_WINDOWS):
        if match.file or not _shares_lines(match, first, last):
            file = files[match.file]
            window = _as_shown(file.windows.text(match.window))
            yield Snippet(file.path, file.outline.language, window)


def _shares_lines(match: Match, first: int, last: int) -> bool:
    return match.first_line <= last and match.first_line + WINDOW_LINES > first


def _repeats(one: Snippet, others: Iterable[Snippet]) -> bool:
    """Tell whether ``one`` holds what is shown already."""
    return any(
        one.path == other.path and other.text.partition("\n")[0] in one.text for other in others
    )


def _edited(sources: Sources, place: Place) -> Iterator[str]:
    """Yield the edits, the last one first, without the one that the caret stands in."""
    path = sources.own.path
    line = place.text.count("\n", 0, place.caret)
    for edit in reversed(recent_edits(sources.edits, _MOST_EDITS)):
        is_here = edit.hunk.new_start <= line <= max(edit.hunk.new_start, edit.hunk.new_end - 1)
        if edit.path != path or not is_here:
            yield edit.text


def _as_shown(text: str) -> str:
    """Return ``text`` from the margin, with line feeds between its lines and no blank ends."""
    lines = [without_end(line).rstrip() for line in split_lines(text)]
    while lines and is_blank(lines[-1]):
        lines.pop()
    while lines and is_blank(lines[0]):
        del lines[0]
    margin = len(common_indent(lines))
    return "\n".join(line[margin:] for line in lines)


def _cost_of_lines(count: CountTokens) -> Callable[[str], int]:
    return lambda lines: count(f"{lines}\n")


def _cost_by(count: CountTokens) -> Callable[[Snippet], int]:
    return lambda snippet: count(f"{snippet.path}:\n{snippet.text}\n")


def _fitting(items: Iterable[_Item], tokens: int, cost: Callable[[_Item], int]) -> list[_Item]:
    """Return the items, in their order, that fit into ``tokens``; others are passed over."""
    kept: list[_Item] = []
    for item in items:
        price = cost(item)
        if price <= tokens:
            tokens -= price
            kept.append(item)
    return kept
