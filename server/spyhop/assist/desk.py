"""What lies ready between one completion and the next: files as read, and what was shown of them.

Files are read in threads, one at a time, and only when related code is chosen: an older version
of a file serves until then.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from spyhop.core.completion.place import Trigger
from spyhop.core.recent_edits import FileEdit
from spyhop.core.tokens import TokenCounts
from spyhop.prompting.budget import CompletionBudget
from spyhop.prompting.file_index import FileIndex, index_file
from spyhop.prompting.layout import Layout, lay_out
from spyhop.prompting.related import Place, Related, Sources, choose

_MOST_FILES: Final = 32
# In characters; reading takes some 0.3 s a million.
_LONGEST: Final = 2_000_000
# Seconds that a first completion waits for files to be read.
_PATIENCE: Final = 0.15


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is now."""

    uri: str
    path: str
    """As prompts name it."""
    language: str
    """LSP's identifier."""
    text: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A caret in a file, and what the user had to do with lately."""

    file: File
    caret: int
    """Offset in the file's text."""
    trigger: Trigger = "automatic"
    others: Sequence[File] = ()
    """Other files, the last visited first."""
    edits: Sequence[FileEdit] = ()
    """What was edited, the last one last."""
    repository: str = ""
    """The name of the project's folder, where it is known."""


class Desk:
    """What is kept of the files that are completed in; used on one event loop."""

    def __init__(self) -> None:
        self._layouts: OrderedDict[str, Layout] = OrderedDict()
        self._indexes: OrderedDict[str, FileIndex] = OrderedDict()
        self._counts: dict[str, TokenCounts] = {}
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._turn = asyncio.Lock()
        self._due: set[str] = set()
        """Where related code was chosen since files were last read."""

    def counts_of(self, model: str) -> TokenCounts:
        """Return what counts the tokens of the model with this name."""
        return self._counts.setdefault(model, TokenCounts())

    async def begin(self, spot: Spot) -> None:
        """Have files read that never were, and wait for them for a moment."""
        new = [it for it in (spot.file, *spot.others) if it.uri not in self._indexes]
        tasks = [task for file in new if (task := self._read(file)) is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=_PATIENCE)

    def lay_out(self, spot: Spot, budget: CompletionBudget, counts: TokenCounts) -> Layout:
        """Return what to show at a spot, and remember it; mostly quick, at times 0.1 s.

        May be called in a thread, if for one spot of a file at a time.
        """
        uri = spot.file.uri

        def chosen(place: Place) -> Related:
            self._due.add(uri)
            return choose(self._sources(spot), place, budget, counts)

        earlier = self._layouts.get(uri)
        layout = lay_out(earlier, spot.file.text, spot.caret, chosen, budget, counts)
        self._layouts[uri] = layout
        _keep_last(self._layouts, uri)
        return layout

    def catch_up(self, spot: Spot) -> None:
        """Have files read again that have changed, for when related code is chosen next."""
        if spot.file.uri in self._due:
            self._due.remove(spot.file.uri)
            for file in (spot.file, *spot.others):
                self._read(file)

    def forget(self, uri: str) -> None:
        """Forget a file."""
        self._layouts.pop(uri, None)
        self._indexes.pop(uri, None)
        self._due.discard(uri)

    def renew(self) -> None:
        """Have everything laid out anew: the runtime has read something else meanwhile."""
        self._layouts.clear()

    async def aclose(self) -> None:
        """Stop reading."""
        tasks = list(self._reading.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _sources(self, spot: Spot) -> Sources:
        file = spot.file
        own = self._indexes.get(file.uri) or index_file(file.path, file.language, "")
        known = (self._indexes.get(other.uri) for other in spot.others)
        return Sources(own, [it for it in known if it is not None], spot.edits)

    def _read(self, file: File) -> asyncio.Task[None] | None:
        """Have a file read; None where that is needless."""
        known = self._indexes.get(file.uri)
        is_known = known is not None and known.outline.text == file.text
        if is_known or len(file.text) > _LONGEST:
            return None
        if file.uri not in self._reading:
            task = asyncio.create_task(self._index(file))
            self._reading[file.uri] = task
            task.add_done_callback(lambda _: self._reading.pop(file.uri))
        return self._reading[file.uri]

    async def _index(self, file: File) -> None:
        async with self._turn:
            index = await asyncio.to_thread(index_file, file.path, file.language, file.text)
        if file.uri not in self._indexes:
            # What was shown without it lacks the imports and more.
            self._layouts.pop(file.uri, None)
        self._indexes[file.uri] = index
        _keep_last(self._indexes, file.uri)


def _keep_last(kept: OrderedDict[str, Layout] | OrderedDict[str, FileIndex], uri: str) -> None:
    kept.move_to_end(uri)
    if len(kept) > _MOST_FILES:
        kept.popitem(last=False)
