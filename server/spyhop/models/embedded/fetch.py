"""One file from the web onto the disk: resumed where it was left, checked, and then put in place.

Until it is whole it is called ``NAME.part`` (see `part`).
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, Final

import httpx

from spyhop.core.transfer import bytes_text
from spyhop.models.embedded.files import read_header
from spyhop.models.embedded.gguf import MAGIC
from spyhop.models.embedded.part import Note, Part
from spyhop.models.embedded.sources import RemoteFile
from spyhop.models.embedded.web import DownloadRefused, Web, shown
from spyhop.models.errors import Broken, ModelUnavailable, Unreachable
from spyhop.models.words import reason

_ATTEMPTS: Final = 5
_BLOCK: Final = 4 << 20
# Left free on the disk, for a system without any space falls ill.
_SPARE_BYTES: Final = 64 << 20
_CONTENT_RANGE: Final = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+)")

Sleep = Callable[[float], Awaitable[None]]


class _Unfit(ModelUnavailable):
    """What came is not what it should be, and is of no use."""


class _Changed(Exception):  # noqa: N818 - no error: it is begun anew
    """The server has another file now than the one that a part is the beginning of."""


class _Here(Exception):  # noqa: N818 - no error either
    """The file is in place, as far as its length tells."""


class Fetch:
    """The download of ``file`` to ``target``; ``sleep`` waits between attempts, in seconds."""

    def __init__(
        self, file: RemoteFile, target: Path, web: Web, *, sleep: Sleep = asyncio.sleep
    ) -> None:
        self.file = file
        self.total = file.bytes
        """The file's size in bytes, as soon as it is known."""
        self._target = target
        self._part = Part(target)
        self._web = web
        self._sleep = sleep
        self._validator = ""
        self._hash = hashlib.sha256()

    async def run(self) -> AsyncGenerator[int, None]:
        """Yield how many of the file's bytes are here, as they come; at the end it is in place.

        Closing it at any moment leaves what has come, and the next run goes on from there.

        Raises:
            ModelUnavailable: the server refuses, the disk is full, or what came is no model, not
                what was listed, or not what the checksum says.
            Broken: the connection broke off, again and again.
        """
        with self._mapped():
            if await self._is_here():
                yield _size_of(self._target)
                return
            try:
                with self._part.path.open("ab+") as out:
                    count = await self._kept(out)
                    yield count
                    async with aclosing(self._attempts(out, count)) as counts:
                        async for count in counts:
                            yield count
                    out.flush()
                    await asyncio.to_thread(os.fsync, out.fileno())
                self._check()
            except _Unfit:
                self._part.drop()
                raise
            except _Here:
                self._part.drop()
                yield _size_of(self._target)
                return
            finally:
                if not _size_of(self._part.path):
                    # What never began leaves nothing behind.
                    self._part.drop()
            self._part.put_in_place()

    async def _is_here(self) -> bool:
        """Tell whether the file is in place already, as far as that can be told without asking."""
        size = _size_of(self._target)
        if not size or not self.file.sha256 or size != (self.total or size):
            return False
        found = hashlib.sha256()
        with self._target.open("rb") as file:
            await _feed(found, file)
        if found.hexdigest() != self.file.sha256:
            return False
        self.total = size
        return True

    async def _kept(self, out: BinaryIO) -> int:
        """Return how many bytes of an earlier run count; the others are dropped."""
        note = self._part.note
        size = out.seek(0, os.SEEK_END)
        fits = self.total is None or size <= self.total
        if note is None or not fits or not note.vouches_for(self._shown_url, self.file.sha256):
            self._begin(out)
            return 0
        self._validator, self.total = note.validator, self.total or note.bytes
        out.seek(0)
        await _feed(self._hash, out)
        return size

    @property
    def _shown_url(self) -> str:
        # What stands behind "?" may be a key, and changes from time to time.
        return shown(self.file.url)

    def _begin(self, out: BinaryIO) -> None:
        """Start over."""
        out.truncate(0)
        self._hash = hashlib.sha256()
        self._validator = ""

    async def _attempts(self, out: BinaryIO, kept: int) -> AsyncGenerator[int, None]:
        """Ask until the file is whole; give up when nothing comes any more."""
        failures, count, most, came = 0, kept, kept, False
        while self.total is None or count < self.total:
            try:
                async with aclosing(self._attempt(out, count)) as counts:
                    async for now in counts:
                        came = came or now > count
                        # What has to be begun anew each time never ends.
                        failures = 0 if now > most else failures
                        count, most = now, max(most, now)
                        yield count
            except _Changed:
                self._begin(out)
                count = 0
            except (Broken, Unreachable, DownloadRefused) as error:
                failures += 1
                lasting = isinstance(error, DownloadRefused) and not error.passing
                if lasting or not came or failures == _ATTEMPTS:
                    raise
                await self._sleep(2.0**failures)
            else:
                return

    async def _attempt(self, out: BinaryIO, offset: int) -> AsyncGenerator[int, None]:
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        if offset and self._validator:
            headers["If-Range"] = self._validator
        async with self._web.open(self.file.url, headers) as response:
            if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                whole = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
                if not offset:
                    raise self._broken("HTTP 416")
                if whole is None or int(whole[2]) != offset:
                    raise _Changed
                self.total = offset
                return
            offset = self._resumed(response, out, offset)
            self._look_for_room(offset)
            head, whole_from_here = b"", not offset
            yield offset
            async for chunk in response.aiter_raw():
                if whole_from_here and offset < len(MAGIC):
                    head += chunk
                    self._look_at(head)
                out.write(chunk)
                self._hash.update(chunk)
                offset += len(chunk)
                yield offset
        if self.total is not None and offset != self.total:
            raise self._broken(f"{bytes_text(offset)} / {bytes_text(self.total)}")
        self.total = offset

    def _resumed(self, response: httpx.Response, out: BinaryIO, offset: int) -> int:
        """Return where what comes belongs: behind what is here, or at the beginning."""
        validator, length = _validator_of(response), response.headers.get("Content-Length", "")
        if response.status_code == HTTPStatus.PARTIAL_CONTENT:
            found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
            total = int(found[2]) if found else None
            changed = self._validator and validator and validator != self._validator
            unfit = found is None or found[1] is None or int(found[1]) != offset
            if unfit or changed or total != (self.total or total):
                raise _Changed if offset else self._broken("Content-Range")
        else:
            total = int(length) if length.isdecimal() else None
            if offset:
                self._begin(out)
            offset = 0
        if self.file.bytes is not None and total is not None and total != self.file.bytes:
            raise self._other_size(total)
        self.total, self._validator = self.file.bytes or total, validator
        if not offset and not self.file.sha256 and total and total == _size_of(self._target):
            raise _Here
        note = Note(
            url=self._shown_url, validator=validator, bytes=self.total, sha256=self.file.sha256
        )
        self._part.keep(note)
        return offset

    def _look_for_room(self, offset: int) -> None:
        free = shutil.disk_usage(self._target.parent).free
        needed = (self.total or 0) - offset + _SPARE_BYTES
        if needed > free:
            raise self._disk_full(needed, free)

    def _look_at(self, head: bytes) -> None:
        """Refuse what begins as no GGUF file does, before gigabytes of it have come."""
        if head[: len(MAGIC)] != MAGIC[: len(head)]:
            raise _Unfit("download-not-gguf", url=self._shown_url)

    def _check(self) -> None:
        """Refuse a file that is not what it should be."""
        found = self._hash.hexdigest()
        if self.file.sha256 and found != self.file.sha256:
            expected = self.file.sha256
            raise _Unfit("download-checksum", url=self._shown_url, expected=expected, found=found)
        try:
            read_header(self._part.path)
        except ModelUnavailable:
            self._part.drop()
            raise

    def _broken(self, why: str) -> Broken:
        return Broken("download-broken", url=self._shown_url, why=why)

    def _other_size(self, total: int) -> _Unfit:
        return _Unfit(
            "download-other-size",
            url=self._shown_url,
            expected=bytes_text(self.file.bytes or 0),
            found=bytes_text(total),
        )

    def _disk_full(self, needed: int, free: int) -> ModelUnavailable:
        return ModelUnavailable(
            "download-disk-full",
            folder=str(self._target.parent),
            needed=bytes_text(needed),
            free=bytes_text(free),
        )

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise self._disk_full((self.total or 0) - _size_of(self._part.path), 0) from error
            why = reason(error)
            raise ModelUnavailable(
                "download-unwritable", path=str(self._part.path), why=why
            ) from error


async def _feed(into: hashlib._Hash, file: BinaryIO) -> None:
    while block := await asyncio.to_thread(file.read, _BLOCK):
        await asyncio.to_thread(into.update, block)


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _validator_of(response: httpx.Response) -> str:
    """Return what a server compares in ``If-Range``; a weak ETag does not do there (RFC 9110)."""
    etag: str = response.headers.get("ETag", "")
    if etag and not etag.startswith("W/"):
        return etag
    return str(response.headers.get("Last-Modified", ""))
