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

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from spyhop.core.abridged.filling import fill, parts_of
from spyhop.core.abridged.placeholders import placeholders, whole_placeholders
from spyhop.core.abridged.stretches import Stretch, cut
from spyhop.core.lines import common_end, end_of, is_blank

_BRACKETS: Final = (("(", ")"), ("[", "]"), ("{", "}"))


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
    stretches = cut(answer, original, whole)
    if stretches is None:
        return None
    writer = _Writer()
    for stretch in stretches:
        writer.write(stretch)
    lines = _with_ends(writer.lines, original)
    if (writer.unresolved and lines == list(original)) or _balance(lines) != _balance(original):
        return None
    return Restored(tuple(lines), writer.restored, tuple(writer.unresolved))


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


@dataclass(slots=True)
class _Writer:
    lines: list[str] = field(default_factory=list)
    restored: int = 0
    unresolved: list[int] = field(default_factory=list)

    def write(self, stretch: Stretch) -> None:
        """Add what a stretch becomes, and the certain line below it."""
        filled = fill(stretch) if stretch.hidden else _as_shown(stretch)
        if filled is not None:
            self.lines += [*filled, *filter(None, [stretch.below])]
            self.restored += len(parts_of(stretch)) - 1 if any(map(str.strip, stretch.old)) else 0
            return
        # A changed line, such as a signature, does not go with what stays below or above it.
        if stretch.old_above:
            self.lines[-1] = stretch.old_above
        self.lines += [*stretch.old, *filter(None, [stretch.old_below])]
        self.unresolved.append(stretch.old_start)


def _as_shown(stretch: Stretch) -> Sequence[str] | None:
    return None if stretch.is_left_out else stretch.lines


def _with_ends(lines: Sequence[str], original: Sequence[str]) -> list[str]:
    """Return ``lines`` with a terminator on each but the last."""
    end = common_end("".join(original))
    return [*(line if end_of(line) else line + end for line in lines[:-1]), *lines[-1:]]


def _balance(lines: Sequence[str]) -> list[int]:
    """Return how many more brackets of each kind open than close."""
    text = "".join(lines)
    return [text.count(opening) - text.count(closing) for opening, closing in _BRACKETS]
