"""Comments of an answer, put into the code as it was: whatever a model changes, code stays.

The original's lines are copied, and only comments are put between, behind and into them. So the
promise does not rest on the model, nor on how well its lines are recognised; and what comes out is
read again: a comment that is taken for code where it stands now is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from spyhop.core.lines import common_end, end_of, split_lines, without_end
from spyhop.syntax.comments.annotated import Annotated
from spyhop.syntax.comments.placing import place
from spyhop.syntax.comments.plain import annotate_plainly
from spyhop.syntax.comments.rows import Row, rows_of
from spyhop.syntax.comments.tokens import Source, read
from spyhop.syntax.comments.transplant import transplant
from spyhop.syntax.grammars import LANGUAGES

# At each try twice as many comments are left out around the place that went wrong.
_TRIES: Final = 8


def annotate(
    language: str,
    before: Sequence[str],
    original: Sequence[str],
    after: Sequence[str],
    answer: Sequence[str],
) -> Annotated:
    """Return the lines ``original`` with the comments of ``answer``; any answer will do.

    The document is ``before``, ``original`` and ``after``, lines with their terminators; lines
    that are not cut where lines end come back as they are. Comments of the answer take the place
    of those between the same lines of code, and one that has no safe place is dropped. Directives
    of tools and notices of rights stay, and none come in. Takes seconds for thousands of lines.
    """
    document = [*before, *original, *after]
    end = common_end("".join(document))
    answer = split_lines("".join(without_end(line) + end for line in answer))
    if split_lines("".join(document)) != document or (before and not end_of(before[-1])):
        changed = list(answer) != list(original)
        return Annotated(tuple(original), 0, 0, code_changed=changed, checked=False)
    if language not in LANGUAGES:
        return annotate_plainly(language, before, original, after, answer)
    first, stop = len(before), len(before) + len(original)
    old = read(language, document)
    new = read(language, [*before, *answer, *after])
    rows = rows_of(old, first, stop)
    others = rows_of(new, first, first + len(answer))
    places = place(language, old, rows, new, others)
    changed = _code_of(language, rows) != _code_of(language, others)
    banned: set[int] = set()
    result = transplant(old, first, rows, places, banned)
    for attempt in range(_TRIES):
        wrong = _first_difference(old, read(language, [*before, *result.lines, *after]))
        if wrong is None:
            lines = tuple(result.lines)
            return Annotated(lines, result.kept, result.dropped, changed, checked=True)
        banned.update(result.nearest(wrong - first, 1 << attempt))
        result = transplant(old, first, rows, places, banned)
    return Annotated(tuple(original), 0, result.kept + result.dropped, changed, checked=True)


def _code_of(language: str, rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Return what the code of ``rows`` is, however it is set, except where that matters."""
    matters = language in {"python", "yaml"}
    return [(row.indent if matters else "", row.key) for row in rows[:-1]]


def _first_difference(old: Source, new: Source) -> int | None:
    """Return the line in ``new`` from which on its code is not that of ``old``; None: it is all."""
    exact = not old.leaves.errors
    for was, now in zip(old.code, new.code, strict=False):
        if was.text != now.text or (exact and was.kind != now.kind):
            return now.line
    if len(old.code) != len(new.code):
        return new.code[len(old.code)].line if len(new.code) > len(old.code) else len(new.lines)
    errors = new.leaves.errors
    if len(errors) > len(old.leaves.errors):
        return new.line_of(errors[0] if exact else errors[-1])
    if exact and old.leaves.shape != new.leaves.shape:
        pairs = zip(old.leaves.shape, new.leaves.shape, new.leaves.places, strict=False)
        return next((new.line_of(at) for was, now, at in pairs if was != now), len(new.lines))
    return None
