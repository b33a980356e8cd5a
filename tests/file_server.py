"""A web server on loopback that serves files, and misbehaves in every way that is asked of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

_RANGE: Final = re.compile(r"bytes=(\d+)-")


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered to a request for a path."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""
    ranges: bool = True
    """Whether a part is sent where one is asked for."""
    minds_if_range: bool = True
    length: bool = True
    """Whether the length is told beforehand."""
    cut_after: int | None = None
    """Reset the connection after so many bytes of the body."""
    hold_after: int | None = None
    """Send nothing more after so many bytes of the body."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came; the headers by their names in lower case."""

    path: str
    headers: Mapping[str, str]

    @property
    def start(self) -> int:
        """The first byte that is asked for."""
        found = _RANGE.fullmatch(self.headers.get("range", ""))
        return int(found[1]) if found else 0


class FileServer:
    """Serves ``pages``, by their paths with the query; several for a path are given in turn."""

    def __init__(self) -> None:
        self.pages: dict[str, Page | Sequence[Page]] = {}
        self.asked: list[Asked] = []
        self.url = ""
        self.held = asyncio.Event()
        """Set while a client is kept waiting."""
        self._given: dict[str, int] = {}

    def of(self, path: str) -> list[Asked]:
        """Return the requests for a path so far."""
        return [one for one in self.asked if one.path == path]

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
            pairs = (line.split(": ", 1) for line in lines)
            asked = Asked(unquote(first.split(" ")[1]), {key.lower(): it for key, it in pairs})
            self.asked.append(asked)
            await self._answer(asked, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _page(self, path: str) -> Page:
        pages = self.pages.get(path, Page(b"not found", 404))
        if isinstance(pages, Page):
            return pages
        count = self._given[path] = self._given.get(path, 0) + 1
        return pages[min(count, len(pages)) - 1]

    async def _answer(
        self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        page = self._page(asked.path)
        status, body, headers = page.status, page.body, dict(page.headers)
        if page.etag:
            headers["ETag"] = page.etag
        condition = asked.headers.get("if-range", page.etag)
        if asked.start and page.ranges and (condition == page.etag or not page.minds_if_range):
            if asked.start >= len(body):
                status, headers["Content-Range"], body = 416, f"bytes */{len(body)}", b""
            else:
                last, total = len(body) - 1, len(body)
                status, body = 206, body[asked.start :]
                headers.setdefault("Content-Range", f"bytes {asked.start}-{last}/{total}")
        if page.length:
            headers["Content-Length"] = str(len(body))
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        stop = page.cut_after if page.cut_after is not None else page.hold_after
        writer.write(body if stop is None else body[:stop])
        await writer.drain()
        if page.hold_after is not None:
            self.held.set()
            await reader.read()
        if page.cut_after is not None:
            # What was written must arrive before the end does.
            writer.write_eof()


@asynccontextmanager
async def file_server() -> AsyncIterator[FileServer]:
    it = FileServer()
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(it.converse(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async with await asyncio.start_server(accept, "127.0.0.1") as server:
        it.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield it
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
