"""The trail that a user leaves: the files they were in lately, and what they edited there.

Following a change costs the same in a file of any length.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from spyhop.core.anchors import Change, apply
from spyhop.core.recent_edits import FileEdit

_MOST_FILES: Final = 12
_MOST_EDITS: Final = 8
# Changes nearer to each other than so many characters are one edit.
_NEAR: Final = 400
# A longer one tells nothing of what the user is about: a file was formatted, or pasted.
_LONGEST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Visited:
    """A file as it was when the user was there last."""

    uri: str
    language: str
    """LSP's identifier."""
    text: str


@dataclass(slots=True)
class _Edit:
    """What is being edited: the text from ``start`` to ``old_end`` became that to ``new_end``."""

    uri: str
    before: str
    after: str
    start: int
    old_end: int
    new_end: int

    def takes(self, uri: str, change: Change) -> bool:
        span = change.span
        near = span.start <= self.new_end + _NEAR and span.end >= self.start - _NEAR
        return uri == self.uri and near

    def take(self, change: Change, after: str) -> None:
        span = change.span
        self.start = min(self.start, span.start)
        beyond = max(0, span.end - self.new_end)
        self.old_end += beyond
        self.new_end += beyond + change.growth
        self.after = after

    def lines(self) -> FileEdit | None:
        """Return the lines that it is in, with the URI for a path; None where they are too many."""
        if max(self.old_end, self.new_end) - self.start > _LONGEST:
            return None
        begin = self.before.rfind("\n", 0, self.start) + 1
        before = self.before[begin : _line_end(self.before, self.old_end)]
        after = self.after[begin : _line_end(self.after, self.new_end)]
        return FileEdit(self.uri, before, after, self.before.count("\n", 0, begin))


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return end + 1 if end >= 0 else len(text)


class Trail:
    """The last 12 files that the user was in, and their last 8 edits."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, Visited] = OrderedDict()
        self._edits: deque[FileEdit] = deque(maxlen=_MOST_EDITS - 1)
        self._edit: _Edit | None = None

    def visited(self, uri: str, language: str, text: str) -> None:
        """Note that the user is in a file."""
        self._files[uri] = Visited(uri, language, text)
        self._files.move_to_end(uri)
        if len(self._files) > _MOST_FILES:
            self._files.popitem(last=False)

    def changed(self, uri: str, before: str, after: str, changes: Sequence[Change]) -> None:
        """Follow ``changes``, made one after the other, that turned ``before`` into ``after``."""
        text = before
        for change in changes:
            if self._edit is None or not self._edit.takes(uri, change):
                self._end_edit()
                start, end = change.span.start, change.span.end
                self._edit = _Edit(uri, text, text, start, end, end)
            text = apply(text, change) if len(changes) > 1 else after
            self._edit.take(change, text)

    def forget(self, uri: str) -> None:
        """Forget a file that is no more."""
        self._files.pop(uri, None)

    def others(self, uri: str) -> list[Visited]:
        """Return the files but this one, the last visited first."""
        return [file for file in reversed(self._files.values()) if file.uri != uri]

    def edits(self, path_of: Callable[[str], str]) -> list[FileEdit]:
        """Return the edits, the last one last; ``path_of`` gives the paths for URIs."""
        now = self._edit.lines() if self._edit is not None else None
        edits = [*self._edits, *([now] if now is not None else [])]
        return [replace(edit, path=path_of(edit.path)) for edit in edits]

    def _end_edit(self) -> None:
        if self._edit is not None and (edit := self._edit.lines()) is not None:
            self._edits.append(edit)
        self._edit = None
