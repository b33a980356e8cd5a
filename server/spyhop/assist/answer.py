"""From a model's answer to the lines that shall take the selection's place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from spyhop.core.abridged.parts import join_parts
from spyhop.core.abridged.placeholders import placeholders
from spyhop.core.abridged.restore import Restored, restore, trim_outer_echo
from spyhop.core.echo import trim_echo
from spyhop.core.fences import Extraction, blocks_of, extract
from spyhop.core.indentation import set_indentation
from spyhop.core.lines import is_blank
from spyhop.core.quotes import straighten_quotes
from spyhop.core.special_tokens import Disguise
from spyhop.errors import NoEdit
from spyhop.languages import info_strings
from spyhop.messages import Notice
from spyhop.prompting.edit import Material

_EXCERPT: Final = 160
_NO_DISGUISE: Final = Disguise()
# Typographic quotes are right here, and a colon at a line's end opens no block.
_PROSE: Final = frozenset(
    {"", "asciidoc", "html", "latex", "markdown", "plaintext", "restructuredtext", "tex"}
)


@dataclass(frozen=True, slots=True)
class Offer:
    """The lines, with terminators, that an answer offers for the selection."""

    lines: tuple[str, ...]
    notices: tuple[Notice, ...]
    """What to tell the user about them."""
    whole: bool
    """Whether the model ended the code itself, with a fence."""


def offer_of(answer: str, material: Material, disguise: Disguise = _NO_DISGUISE) -> Offer:
    """Return what an answer offers, which is in the ``disguise`` that the model was shown.

    It comes off when the code is found: special tokens of the user's own end no answer.

    Raises:
        NoEdit: the answer holds no code, or only part of it.
    """
    original, before, after = material.selection, material.before, material.after
    is_prose = material.language in _PROSE
    shown = disguise.put_on_lines(original)
    found = extract(answer, original=shown, languages=info_strings(material.language))
    if found is None:
        blocks = blocks_of(answer)
        if blocks and all(is_blank(line) for block in blocks for line in block.lines):
            raise NoEdit("no-edit-empty")
        raise NoEdit("no-edit-prose", answer=_excerpt(disguise.take_off(answer)))
    lines = list(disguise.take_off_lines(found.lines))
    parts = _parts(answer, lines, material, disguise) if found.blocks > 1 else None
    lines = parts or lines
    lines = lines if is_prose else straighten_quotes(lines, original)
    lines = trim_echo(lines, original, before, after)
    lines = trim_outer_echo(lines, original, before, after)
    lines = _without_outer_blanks(lines, original)
    around = ((), ()) if is_prose and not any(map(str.strip, original)) else (before, after)
    lines = set_indentation(lines, original, *around)
    restored = restore(lines, original)
    if parts and (restored is None or restored.unresolved):
        raise NoEdit("no-edit-parts", count=found.blocks)
    if restored is None:
        missing = placeholders(lines, original)
        raise NoEdit("no-edit-placeholder", line=lines[missing[0]].strip())
    notices = _notices(found, restored, len(before), parts=bool(parts))
    return Offer(restored.lines, tuple(notices), found.source == "fenced")


def _notices(found: Extraction, restored: Restored, above: int, *, parts: bool) -> list[Notice]:
    """Return what to tell of how the code was found; ``above`` lines stand over the selection."""
    notices: list[Notice] = []
    if restored.restored and not parts:
        notices.append(Notice.of("warn-restored", count=restored.restored))
    if restored.unresolved:
        numbers = ", ".join(str(above + number + 1) for number in restored.unresolved)
        notices.append(Notice.of("warn-unresolved", lines=numbers))
    if parts:
        notices.append(Notice.of("warn-parts", count=found.blocks))
    elif found.blocks > 1:
        notices.append(Notice.of("warn-several-blocks", count=found.blocks))
    if found.source == "unfenced":
        notices.append(Notice.of("warn-unfenced"))
    if found.source == "left open":
        notices.append(Notice.of("warn-left-open"))
    return notices


def _parts(
    answer: str, chosen: Sequence[str], material: Material, disguise: Disguise
) -> list[str] | None:
    """Return the blocks of ``answer`` as one where each rewrites another part of the selection."""
    names = {*info_strings(material.language), ""}
    others = [
        disguise.take_off_lines(block.lines)
        for block in blocks_of(answer)
        if block.closed and block.language in names
    ]
    return join_parts(chosen, others, material.selection)


def _without_outer_blanks(lines: list[str], original: Sequence[str]) -> list[str]:
    """Return ``lines`` with as many blank lines at either end as the original has there."""
    visible = [number for number, line in enumerate(lines) if not is_blank(line)]
    kept = [number for number, line in enumerate(original) if not is_blank(line)]
    if not visible:
        return lines
    inner = lines[visible[0] : visible[-1] + 1]
    if not kept:
        return inner
    return [*original[: kept[0]], *inner, *original[kept[-1] + 1 :]]


def _excerpt(answer: str) -> str:
    line = " ".join(answer.split())
    return line if len(line) <= _EXCERPT else line[:_EXCERPT] + "…"
