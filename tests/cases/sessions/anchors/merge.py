"""Three-way merge of lines: the model's hunks on what the user has made of the text meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spyhop.core.diff import Hunk, diff_lines


@dataclass(frozen=True, slots=True)
class Conflict:
    """Lines that both have changed, each in a way of their own."""

    start: int
    """0-based line of the user's text."""
    base: tuple[str, ...]
    theirs: tuple[str, ...]
    """The user's lines, from ``start`` on."""
    model: tuple[str, ...]

    @property
    def end(self) -> int:
        """The 0-based line of the user's text behind the user's lines."""
        return self.start + len(self.theirs)


@dataclass(frozen=True, slots=True)
class Merge:
    """Two changes of one text, brought together."""

    hunks: tuple[Hunk, ...]
    """The model's hunks on the user's text, in order."""
    conflicts: tuple[Conflict, ...]
    """In order; none of them touches a hunk."""


def merge(base: Sequence[str], theirs: Sequence[str], model: Sequence[str]) -> Merge:
    """Bring the change from ``base`` to ``model`` onto ``theirs``, the user's text.

    Changes conflict when they share a line or insert at the same place, unless both make the same
    of it: that is done already. Hunks that conflict with the same hunk are one conflict.
    """
    hunks: list[Hunk] = []
    conflicts: list[Conflict] = []
    growth = shift = 0
    for ours, rivals in _regions(*_diffs(base, theirs, model)):
        if not ours:
            shift += sum(map(_growth, rivals))
            continue
        start = min(hunk.old_start for hunk in (*ours, *rivals))
        end = max(hunk.old_end for hunk in (*ours, *rivals))
        new, now = _made(base, start, end, ours), _made(base, start, end, rivals)
        if not rivals:
            hunks.append(Hunk(start + shift, tuple(now), start + shift + growth, tuple(new)))
            growth += len(new) - len(now)
        elif new != now:
            conflicts.append(
                Conflict(start + shift, tuple(base[start:end]), tuple(now), tuple(new))
            )
        shift += sum(map(_growth, rivals))
    return Merge(tuple(hunks), tuple(conflicts))


def _diffs(
    base: Sequence[str], theirs: Sequence[str], model: Sequence[str]
) -> tuple[list[Hunk], list[Hunk]]:
    """Return the model's and the user's hunks on ``base``, aligned alike where that costs nothing.

    Equal lines can be aligned in several ways. Two diffs that chose differently would place what
    both have inserted at two places, and it would stand twice.
    """
    models, users = diff_lines(base, model), diff_lines(base, theirs)
    if not models or not users:
        return models, users
    kept_by_model = list(_kept(len(base), len(model), models))
    kept_by_user = list(_kept(len(base), len(theirs), users))
    between = list(_kept(len(theirs), len(model), diff_lines(theirs, model)))
    back = [(line, middle) for middle, line in between]
    model_kept = _joined(kept_by_user, between)
    user_kept = _joined(kept_by_model, back)
    found = [(0, models, users)]
    by_user = _along(base, model, model_kept)
    if _cost(by_user) <= _cost(models):
        found.append((len(model_kept), by_user, users))
    by_model = _along(base, theirs, user_kept)
    if _cost(by_model) <= _cost(users):
        found.append((len(user_kept), models, by_model))
    _, models, users = max(found, key=lambda one: one[0])
    return models, users


def _joined(
    first: Sequence[tuple[int, int]], second: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return the lines that both of two steps keep, by their numbers before and after."""
    before = {middle: line for line, middle in first}
    return [(before[middle], line) for middle, line in second if middle in before]


def _along(old: Sequence[str], new: Sequence[str], kept: Sequence[tuple[int, int]]) -> list[Hunk]:
    """Return hunks from ``old`` to ``new`` that leave the lines ``kept``."""
    hunks: list[Hunk] = []
    at, other = 0, 0
    for end, other_end in [*kept, (len(old), len(new))]:
        for hunk in diff_lines(old[at:end], new[other:other_end]):
            start, new_start = at + hunk.old_start, other + hunk.new_start
            hunks.append(Hunk(start, hunk.old, new_start, hunk.new))
        at, other = end + 1, other_end + 1
    return hunks


def _kept(old: int, new: int, hunks: Sequence[Hunk]) -> Iterator[tuple[int, int]]:
    """Yield the numbers, in either text, of the lines that the hunks leave."""
    at, other = 0, 0
    for old_start, new_start, old_end, new_end in [
        *((hunk.old_start, hunk.new_start, hunk.old_end, hunk.new_end) for hunk in hunks),
        (old, new, old, new),
    ]:
        yield from zip(range(at, old_start), range(other, new_start), strict=True)
        at, other = old_end, new_end


def _regions(
    model: Sequence[Hunk], user: Sequence[Hunk]
) -> Iterator[tuple[list[Hunk], list[Hunk]]]:
    """Yield the model's and the user's hunks that touch, directly or by way of others, in order."""
    ordered = sorted(
        [(hunk, True) for hunk in model] + [(hunk, False) for hunk in user],
        key=lambda pair: (pair[0].old_start, pair[0].old_end),
    )
    region: tuple[list[Hunk], list[Hunk]] = ([], [])
    for hunk, ours in ordered:
        rivals = region[ours]
        # Hunks of one side never touch, so the last rival reaches farthest.
        if any(region) and not (rivals and _touch(hunk, rivals[-1])):
            yield region
            region = ([], [])
        region[not ours].append(hunk)
    if any(region):
        yield region


def _made(base: Sequence[str], start: int, end: int, hunks: Sequence[Hunk]) -> list[str]:
    """Return what hunks make of the lines ``start`` to ``end``."""
    lines: list[str] = []
    for hunk in hunks:
        lines += base[start : hunk.old_start]
        lines += hunk.new
        start = hunk.old_end
    return [*lines, *base[start:end]]


def _growth(hunk: Hunk) -> int:
    return len(hunk.new) - len(hunk.old)


def _cost(hunks: Sequence[Hunk]) -> int:
    return sum(len(hunk.old) + len(hunk.new) for hunk in hunks)


def _touch(one: Hunk, other: Hunk) -> bool:
    """Tell whether hunks share a line or insert at the same place."""
    if not one.old or not other.old:
        return one.old_start <= other.old_end and other.old_start <= one.old_end
    return one.old_start < other.old_end and other.old_start < one.old_end
