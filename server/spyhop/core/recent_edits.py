"""What was edited lately, as short diffs: they tell what the user is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from spyhop.core.diff import Hunk, diff
from spyhop.core.lines import is_blank, without_end

_MOST_LINES: Final = 6


@dataclass(frozen=True, slots=True)
class FileEdit:
    """Some lines of a file as they were a while ago and as they are now."""

    path: str
    before: str
    after: str
    first_line: int = 0
    """Where in the file they begin, 0-based."""


@dataclass(frozen=True, slots=True)
class RecentEdit:
    """One hunk of what was edited."""

    path: str
    hunk: Hunk

    @property
    def text(self) -> str:
        r"""The path, the deleted and the inserted lines, at most six of each; ``\n`` between."""
        return "\n".join(
            [
                self.path,
                *(f"-{without_end(line)}" for line in self.hunk.old[:_MOST_LINES]),
                *(f"+{without_end(line)}" for line in self.hunk.new[:_MOST_LINES]),
            ]
        )


def recent_edits(files: Iterable[FileEdit], most: int) -> list[RecentEdit]:
    """Return the last ``most`` edits of ``files``, which come in the order they were edited in.

    Edits of white space are none.
    """
    edits = [
        RecentEdit(file.path, _moved(hunk, file.first_line))
        for file in files
        for hunk in diff(file.before, file.after)
        if _squeezed(hunk.old) != _squeezed(hunk.new)
    ]
    return edits[max(0, len(edits) - most) :]


def _moved(hunk: Hunk, lines: int) -> Hunk:
    return replace(hunk, old_start=hunk.old_start + lines, new_start=hunk.new_start + lines)


def _squeezed(lines: tuple[str, ...]) -> list[str]:
    return ["".join(line.split()) for line in lines if not is_blank(line)]
