"""Open edits on disk, so that they outlive the server.

One file a document, ``DOCUMENT.OWNER.NUMBER.jsonl``, in the user's state folder; its lines are
`spyhop.sessions.records`'s. It is written before a change is sent to the editor, follows the
document, and goes with its last open hunk. It belongs to one process while that lives; then to the
first that opens the document.

What cannot be written is logged once and never stands in an edit's way. Nothing is synced to the
disk: what has reached the system outlives the process, and against a power cut the editor's own
file is no safer.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO, Final

from spyhop.core.anchors import Change
from spyhop.owner import Owner, is_alive
from spyhop.sessions.edit import Edit
from spyhop.sessions.records import Past, changes_line, edits_line, replay, snapshot

_LOG: Final = logging.getLogger("spyhop")

MOST_DOCUMENTS: Final = 200
MOST_BYTES: Final = 64 << 20
MOST_BYTES_OF_TEXT: Final = 8 << 20
MOST_SECONDS: Final = 14 * 24 * 3600
# A longer text is written in a thread.
_LONG: Final = 1 << 20
# Bytes of log that are no reason yet for a new snapshot.
_SHORT_LOG: Final = 1 << 16
_SECONDS_TO_LOCK: Final = 60
# Characters to read again, change by change, that keep an editor waiting for half a second or so.
_MOST_REPLAYED: Final = 1 << 29


@dataclass(slots=True)
class _File:
    """The journal of one document."""

    path: Path
    out: IO[bytes] | None = None
    snapshot_size: int = 0
    log_size: int = 0
    log_lines: int = 0
    held: frozenset[str] = frozenset()
    """The edits that are in it."""
    waiting: list[bytes] | None = None
    """Lines for after the snapshot that a thread is writing."""


class Journal:
    """The journals of one process in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._owner: Owner | None = None
        self._files: dict[str, _File] = {}
        self._taken_over: dict[str, list[Path]] = {}
        self._last_number = 0
        self._told: set[str] = set()

    def keep(self, uri: str, text: str, edits: Sequence[Edit]) -> None:
        """Bring the journal of a document up to its edits."""
        if not any(edit.open for edit in edits):
            self.forget(uri)
        elif (file := self._files.get(uri)) is not None:
            self._append(uri, file, edits_line(text, edits))
            file.held = _open_ids(edits)
        elif self._fits(text):
            self._begin(uri, text, edits)

    async def keep_ahead(self, uri: str, text: str, edits: Sequence[Edit]) -> None:
        """Do the same before something is sent to the editor; a long text is written aside."""
        if uri in self._files or len(text) < _LONG or not self._fits(text):
            self.keep(uri, text, edits)
            return
        file = self._new(uri)
        if file is None:
            return
        file.waiting, file.held = [], _open_ids(edits)
        line = snapshot(uri, text, edits)
        await asyncio.shield(asyncio.create_task(self._write_aside(uri, file, line)))

    def changed(
        self, uri: str, changes: Sequence[Change], text: str, edits: Sequence[Edit]
    ) -> None:
        """Follow a document to this text."""
        file = self._files.get(uri)
        if file is None or not any(edit.open for edit in edits):
            self.keep(uri, text, edits)
            return
        self._append(uri, file, changes_line(changes))
        if not _open_ids(edits) <= file.held:
            # An undo has brought back what was settled.
            self.keep(uri, text, edits)
        if file.waiting is None and (
            file.log_size > max(file.snapshot_size, _SHORT_LOG)
            or file.log_lines * len(text) > _MOST_REPLAYED
        ):
            self._compact(uri, file, text, edits)

    def moved(self, old: str, new: str, text: str, edits: Sequence[Edit]) -> None:
        """Follow a document to another URI."""
        self.keep(new, text, edits)
        self.forget(old)

    def forget(self, uri: str) -> None:
        """Remove the journal of a document."""
        file = self._files.pop(uri, None)
        if file is not None:
            self._close(file)
            _remove([file.path])
        _remove(self._taken_over.pop(uri, []))

    def take_over(self, uri: str) -> list[Past]:
        """Return what journals of processes that are no more hold of a document, newest first.

        They belong to this process from now on, until `keep` or `forget`.
        """
        found: list[Past] = []
        for path in sorted(self._orphans(_digest(uri)), key=_modified, reverse=True):
            if (owner := self._claim()) is None:
                break
            mine = self._path(_digest(uri), owner)
            try:
                path.replace(mine)
                data = mine.read_bytes()
            except OSError:
                # Another process was faster.
                continue
            self._taken_over.setdefault(uri, []).append(mine)
            past = replay(data)
            if past is not None and past.uri == uri:
                found.append(past)
        return found

    def clean(self) -> None:
        """Remove what is too old or too much; meant for a thread of its own."""
        alive: dict[str, bool] = {}
        try:
            paths = [(_modified(path), path) for path in self._folder.iterdir()]
        except OSError:
            return
        count = size = 0
        for modified, path in sorted(paths, reverse=True):
            owner = _owner_of(path)
            if owner is None:
                continue
            age = time.time() - modified
            if owner not in alive:
                alive[owner] = is_alive(self._folder, owner)
            if path.suffix == ".jsonl":
                count, size = count + 1, size + _size(path)
                too_much = count > MOST_DOCUMENTS or size > MOST_BYTES or age > MOST_SECONDS
            else:
                # One that is just being made may not be locked yet.
                too_much = age > _SECONDS_TO_LOCK
            if too_much and not alive[owner]:
                _remove([path])

    def close(self) -> None:
        """Let go of all journals; the next process may take them over."""
        for file in self._files.values():
            self._close(file)
        self._files.clear()
        if self._owner is not None:
            self._owner.release()
            self._owner = None

    def _fits(self, text: str) -> bool:
        size = len(text) if len(text) > MOST_BYTES_OF_TEXT or text.isascii() else _bytes_of(text)
        if size > MOST_BYTES_OF_TEXT:
            self._tell("A document is too long for pending edits to outlive the server: %s", size)
        return size <= MOST_BYTES_OF_TEXT

    def _begin(self, uri: str, text: str, edits: Sequence[Edit]) -> None:
        file = self._new(uri)
        if file is not None:
            self._compact(uri, file, text, edits)

    def _new(self, uri: str) -> _File | None:
        """Return a new journal, for which older ones make room."""
        if (owner := self._claim()) is None:
            return None
        while self._files and (
            len(self._files) >= MOST_DOCUMENTS
            or sum(it.snapshot_size + it.log_size for it in self._files.values()) > MOST_BYTES
        ):
            self.forget(next(iter(self._files)))
        file = self._files[uri] = _File(self._path(_digest(uri), owner))
        return file

    async def _write_aside(self, uri: str, file: _File, line: bytes) -> None:
        try:
            out = await asyncio.to_thread(_write_whole, file.path, line)
        except OSError as error:
            self._failed(uri, file, error)
            return
        lines, file.waiting = file.waiting or [], None
        if self._files.get(uri) is not file:
            # It was forgotten meanwhile.
            out.close()
            _remove([file.path])
            return
        file.out, file.snapshot_size = out, len(line)
        for more in lines:
            self._append(uri, file, more)

    def _compact(self, uri: str, file: _File, text: str, edits: Sequence[Edit]) -> None:
        self._close(file)
        line = snapshot(uri, text, edits)
        try:
            file.out = _write_whole(file.path, line)
        except OSError as error:
            self._failed(uri, file, error)
            return
        file.snapshot_size, file.log_size, file.log_lines = len(line), 0, 0
        file.held = _open_ids(edits)
        _remove(self._taken_over.pop(uri, []))

    def _append(self, uri: str, file: _File, line: bytes) -> None:
        if file.waiting is not None:
            file.waiting.append(line)
            return
        try:
            if file.out is not None:
                file.out.write(line)
                file.out.flush()
        except OSError as error:
            self._failed(uri, file, error)
            return
        file.log_size += len(line)
        file.log_lines += 1

    def _failed(self, uri: str, file: _File, error: OSError) -> None:
        """Give a journal up: the next `keep` begins a new one."""
        self._tell("Pending edits do not outlive the server: %s", error)
        if self._files.get(uri) is file:
            del self._files[uri]
        self._close(file)

    def _tell(self, message: str, value: object) -> None:
        if message not in self._told:
            self._told.add(message)
            _LOG.warning(message, value)

    def _claim(self) -> Owner | None:
        if self._owner is None:
            try:
                self._folder.mkdir(0o700, parents=True, exist_ok=True)
                self._folder.chmod(0o700)
                self._owner = Owner(self._folder)
            except OSError as error:
                self._tell("Pending edits do not outlive the server: %s", error)
        return self._owner

    def _path(self, digest: str, owner: Owner) -> Path:
        self._last_number += 1
        return self._folder / f"{digest}.{owner.name}.{self._last_number}.jsonl"

    def _orphans(self, digest: str) -> Iterator[Path]:
        mine = self._owner.name if self._owner is not None else ""
        for path in self._folder.glob(f"{digest}.*.jsonl"):
            owner = _owner_of(path)
            if owner not in {None, mine} and not is_alive(self._folder, owner or ""):
                yield path

    def _close(self, file: _File) -> None:
        out, file.out = file.out, None
        if out is not None:
            try:
                out.close()
            except OSError as error:
                self._tell("Pending edits do not outlive the server: %s", error)


def _write_whole(path: Path, line: bytes) -> IO[bytes]:
    """Write a new snapshot in the place of what is there, and return the file to append to."""
    new = path.with_suffix(".tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(new, flags, 0o600), "wb") as out:  # noqa: PTH123 - a descriptor
            out.write(line)
        new.replace(path)
    except OSError:
        _remove([new])
        raise
    return path.open("ab")


def _open_ids(edits: Iterable[Edit]) -> frozenset[str]:
    return frozenset(edit.id for edit in edits if edit.open)


def _digest(uri: str) -> str:
    return blake2b(uri.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _owner_of(path: Path) -> str | None:
    """Return the owner of a journal, of its next snapshot or of a lock; None for other files."""
    match path.name.split("."):
        case [_, owner, _, "jsonl" | "tmp"] | [owner, "lock"]:
            return owner
    return None


def _bytes_of(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            _LOG.warning("A journal cannot be removed: %s", error)
