"""A scripted HTTP server on loopback, for tests and benchmarks: what all runtimes share.

Each generation request takes the next `Reply`: the exact pieces in which the body leaves, where it
waits, and how it ends. The server runs in a thread of its own, so that code under test may block.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ClassVar, Final, Literal, Protocol, Self, TypeAlias

import h11

Ending: TypeAlias = Literal["whole", "abort", "close"]
NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class Reply:
    """How one generation request is answered."""

    pieces: tuple[bytes, ...]
    """The body, in the pieces in which it is written to the socket."""
    status: int = 200
    content_type: str = "application/x-ndjson"
    headers: tuple[tuple[str, str], ...] = ()
    ending: Ending = "whole"
    """``abort`` resets the connection after the last piece, ``close`` closes it unfinished."""
    hold_after: int | None = None
    """After so many pieces, wait for `ScriptedServer.release`; at 0 nothing is sent before."""
    delay: float = 0.0
    """Seconds between pieces."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it came."""

    path: str
    body: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)
    """By their names in lower case."""


class Answer(Protocol):
    """What a model says, before it is put into the bytes of one of an API's endpoints."""

    def reply(self, path: str) -> Reply:
        """Return it in the bytes of the endpoint ``path``."""
        ...


def tokens_of(text: str, size: int = 4) -> list[str]:
    """Cut ``text`` into pieces of ``size`` characters, as a model's tokens would."""
    return [text[at : at + size] for at in range(0, len(text), size)]


def cut(data: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    """Cut ``data`` into pieces of the given sizes, repeated as often as needed."""
    at = index = 0
    while at < len(data):
        size = max(1, sizes[index % len(sizes)])
        yield data[at : at + size]
        at += size
        index += 1


@dataclass
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    h11: h11.Connection = field(default_factory=lambda: h11.Connection(h11.SERVER))


class ScriptedServer:
    """A server on a loopback port that answers each generation with the next of ``replies``.

    When they have run out, the last one is given again. A runtime's own server says which paths
    generate and answers all others.
    """

    generating: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, replies: Iterable[Answer | Reply]) -> None:
        self._replies = list(replies)
        self._generations = 0
        self._released: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._port: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, name="scripted-model", daemon=True)
        self.requests: list[Recorded] = []
        """Every request so far."""
        self.disconnects = 0
        """How many generations the client has left before their end."""
        self.changed = threading.Condition()
        """Notified at every request, hold and disconnect."""
        self.holding = 0
        """How many generations have come to their `Reply.hold_after`."""

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self._port.result()}"

    @property
    def generations(self) -> list[Recorded]:
        """Every generation request so far."""
        return [request for request in self.requests if self._generates(request)]

    def release(self) -> None:
        """Let held replies go on."""
        self._loop.call_soon_threadsafe(self._released.set)

    def wait_for(self, attribute: str, count: int, seconds: float = 30.0) -> None:
        """Block until ``holding``, ``disconnects`` or ``generations`` has reached ``count``."""

        def value() -> int:
            found = getattr(self, attribute)
            return found if isinstance(found, int) else len(found)

        with self.changed:
            if not self.changed.wait_for(lambda: value() >= count, seconds):
                message = f"{attribute} is {value()} after {seconds} s, not {count}"
                raise TimeoutError(message)

    def __enter__(self) -> Self:
        self._thread.start()
        self._port.result()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._released, self._stopping = asyncio.Event(), asyncio.Event()
        tasks: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(self._converse(_Connection(reader, writer)))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        self._port.set_result(server.sockets[0].getsockname()[1])
        await self._stopping.wait()
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _converse(self, link: _Connection) -> None:
        try:
            while request := await _read(link):
                with self.changed:
                    self.requests.append(request)
                    self.changed.notify_all()
                if not await self._answer(link, request):
                    break
                link.h11.start_next_cycle()
        except (ConnectionError, h11.RemoteProtocolError):
            pass
        finally:
            link.writer.close()

    async def _answer(self, link: _Connection, request: Recorded) -> bool:
        """Answer a request; tell whether the connection goes on."""
        if not self._generates(request):
            return await self._write(link, self._facts(request))
        script = self._replies[min(self._generations, len(self._replies) - 1)]
        self._generations += 1
        return await self._write(
            link, script if isinstance(script, Reply) else script.reply(request.path)
        )

    def _generates(self, request: Recorded) -> bool:
        return request.path in self.generating

    def _facts(self, request: Recorded) -> Reply:
        """Answer what is no generation."""
        del request
        return Reply((b"404 page not found",), NOT_FOUND, "text/plain")

    async def _write(self, link: _Connection, answer: Reply) -> bool:
        gone = asyncio.create_task(link.reader.read(1))
        headers = [
            ("Content-Type", answer.content_type),
            ("Transfer-Encoding", "chunked"),
            *answer.headers,
        ]
        head = h11.Response(status_code=answer.status, headers=headers)
        try:
            for count, piece in enumerate(answer.pieces):
                if answer.hold_after == count and not await self._held(gone):
                    return False
                if answer.delay:
                    await asyncio.wait({gone}, timeout=answer.delay)
                if gone.done():
                    self._left()
                    return False
                _send(link, head, h11.Data(data=piece))
                await link.writer.drain()
                # Each piece must leave on its own, and a client that left must be noticed.
                await asyncio.sleep(0)
            if answer.hold_after == len(answer.pieces) and not await self._held(gone):
                return False
            if answer.ending == "abort":
                link.writer.transport.abort()
            if answer.ending != "whole":
                return False
            _send(link, head, h11.EndOfMessage())
            await link.writer.drain()
        except ConnectionError:
            self._left()
            return False
        finally:
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)
        return True

    async def _held(self, gone: asyncio.Task[bytes]) -> bool:
        """Wait for the release; tell whether the client is still there."""
        with self.changed:
            self.holding += 1
            self.changed.notify_all()
        released = asyncio.create_task(self._released.wait())
        await asyncio.wait({gone, released}, return_when=asyncio.FIRST_COMPLETED)
        released.cancel()
        if gone.done():
            self._left()
        return not gone.done()

    def _left(self) -> None:
        with self.changed:
            self.disconnects += 1
            self.changed.notify_all()


async def _read(link: _Connection) -> Recorded | None:
    """Read one request; None at the connection's end."""
    path, body = "", b""
    headers: dict[str, str] = {}
    while True:
        event = link.h11.next_event()
        if event is h11.NEED_DATA:
            data = await link.reader.read(65_536)
            link.h11.receive_data(data)
            continue
        match event:
            case h11.Request():
                path = event.target.decode("ascii")
                headers = {name.decode(): value.decode() for name, value in event.headers}
            case h11.Data():
                body += bytes(event.data)
            case h11.EndOfMessage():
                return Recorded(path, json.loads(body) if body else {}, headers)
            case _:
                return None


def _send(link: _Connection, head: h11.Response, event: h11.Event) -> None:
    """Send ``event``; the head leaves with the first one, and not before, as a model's does."""
    events = [head, event] if link.h11.our_state is h11.SEND_RESPONSE else [event]
    for one in events:
        link.writer.write(link.h11.send(one) or b"")
