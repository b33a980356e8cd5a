r"""A scripted model: Ollama's wire bytes from a server on loopback, for tests and benchmarks.

Each generation request takes the next `Reply`: the exact pieces in which the body leaves, where it
waits, and how it ends. The server runs in a thread of its own, so that code under test may block.

    with ScriptedOllama([reply("<think>\nhm\n</think>\n\n```python\nx = 1\n```")]) as server:
        … Ollama(server.url, None) …
        assert server.requests[0].body["raw"]
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias

import h11

R1_TEMPLATE: Final = "{{ .System }}<｜User｜>{{ .Prompt }}<｜Assistant｜><think>\n{{ .Response }}"
PLAIN_TEMPLATE: Final = "{{ .Prompt }}"
_NS: Final = 1_000_000
_GENERATE: Final = frozenset({"/api/chat", "/api/generate"})

Ending: TypeAlias = Literal["whole", "abort", "close"]


@dataclass(frozen=True, slots=True)
class Reply:
    """How one generation request is answered."""

    pieces: tuple[bytes, ...]
    """The body, in the pieces in which it is written to the socket."""
    status: int = 200
    content_type: str = "application/x-ndjson"
    ending: Ending = "whole"
    """``abort`` resets the connection after the last piece, ``close`` closes it unfinished."""
    hold_after: int | None = None
    """After so many pieces, wait for `ScriptedOllama.release`; at 0 nothing is sent before."""
    delay: float = 0.0
    """Seconds between pieces."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it came."""

    path: str
    body: dict[str, Any]


def record(**fields: object) -> bytes:
    """Return one line of an Ollama stream."""
    base = {"model": "scripted", "created_at": "2026-01-01T00:00:00Z"}
    return json.dumps(base | fields, ensure_ascii=False).encode() + b"\n"


def done_record(path: str, reason: str = "stop") -> bytes:
    """Return the last line of an Ollama stream."""
    message: dict[str, object] = {"message": {"role": "assistant", "content": ""}}
    return record(
        **(message if path == "/api/chat" else {"response": ""}),
        done=True,
        done_reason=reason,
        total_duration=5 * _NS,
        load_duration=_NS,
        prompt_eval_count=100,
        prompt_eval_duration=_NS,
        eval_count=20,
        eval_duration=_NS,
    )


def tokens_of(text: str, size: int = 4) -> list[str]:
    """Cut ``text`` into pieces of ``size`` characters, as a model's tokens would."""
    return [text[at : at + size] for at in range(0, len(text), size)]


@dataclass(frozen=True, slots=True)
class Script:
    """What the model says, before it is put into the bytes of one of the API's two endpoints."""

    text: Sequence[str]
    """The pieces of the text field, one a record."""
    thinking: Sequence[str] = ()
    """The pieces of the thinking field, sent before the text."""
    done_reason: str | None = "stop"
    """None: the stream ends with no ``done``."""
    error: str | None = None
    """A fault that Ollama reports after the text, in mid-stream."""
    cuts: Sequence[int] | None = None
    """The sizes, repeated, of the pieces in which bytes leave; None: one record each."""
    ending: Ending = "whole"
    hold_after: int | None = None
    delay: float = 0.0

    def reply(self, path: str) -> Reply:
        """Return this script in the bytes of the endpoint ``path``."""
        lines = [self._line(path, "thinking", piece) for piece in self.thinking]
        lines += [self._line(path, "text", piece) for piece in self.text]
        if self.error is not None:
            lines.append(json.dumps({"error": self.error}).encode() + b"\n")
        elif self.done_reason is not None:
            lines.append(done_record(path, self.done_reason))
        pieces = lines if self.cuts is None else list(cut(b"".join(lines), self.cuts))
        return Reply(
            tuple(pieces), ending=self.ending, hold_after=self.hold_after, delay=self.delay
        )

    def _line(self, path: str, field_: str, piece: str) -> bytes:
        if path == "/api/chat":
            name = "thinking" if field_ == "thinking" else "content"
            return record(message={"role": "assistant", "content": "", name: piece}, done=False)
        name = "thinking" if field_ == "thinking" else "response"
        return record(**({"response": ""} | {name: piece}), done=False)


def cut(data: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    """Cut ``data`` into pieces of the given sizes, repeated as often as needed."""
    at = index = 0
    while at < len(data):
        size = max(1, sizes[index % len(sizes)])
        yield data[at : at + size]
        at += size
        index += 1


def reply(output: str, **options: Any) -> Script:
    """Return the script of a model that writes ``output``, thought and tags included."""
    return Script(tokens_of(output), **options)


@dataclass
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    h11: h11.Connection = field(default_factory=lambda: h11.Connection(h11.SERVER))


class ScriptedOllama:
    """An Ollama on a loopback port that answers each generation with the next of ``replies``.

    When they have run out, the last one is given again. ``models`` are the installed names with
    their sizes in bytes; ``template`` is what ``/api/show`` tells of each.
    """

    def __init__(
        self,
        replies: Iterable[Script | Reply],
        *,
        models: dict[str, int] | None = None,
        template: str = R1_TEMPLATE,
        context_length: int = 131_072,
        capabilities: Sequence[str] = ("completion", "thinking"),
    ) -> None:
        self._replies = list(replies)
        self._models = {"deepseek-r1:7b": 4_700_000_000} if models is None else models
        self._template = template
        self._context_length = context_length
        self._capabilities = list(capabilities)
        self._generations = 0
        self._released: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._port: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, name="scripted-ollama", daemon=True)
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
        return [request for request in self.requests if request.path in _GENERATE]

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
        if request.path not in _GENERATE:
            return await self._write(link, self._facts(request))
        script = self._replies[min(self._generations, len(self._replies) - 1)]
        self._generations += 1
        return await self._write(
            link, script.reply(request.path) if isinstance(script, Script) else script
        )

    def _facts(self, request: Recorded) -> Reply:
        body: dict[str, Any]
        match request.path:
            case "/api/version":
                body = {"version": "0.30.0"}
            case "/api/tags":
                body = {"models": [{"name": n, "size": s} for n, s in self._models.items()]}
            case "/api/show":
                body = {
                    "template": self._template,
                    "capabilities": self._capabilities,
                    "model_info": {
                        "general.architecture": "qwen2",
                        "qwen2.context_length": self._context_length,
                    },
                }
            case _:
                return Reply((b"404 page not found",), 404, "text/plain")
        return Reply((json.dumps(body).encode(),), content_type="application/json")

    async def _write(self, link: _Connection, answer: Reply) -> bool:
        gone = asyncio.create_task(link.reader.read(1))
        headers = [("Content-Type", answer.content_type), ("Transfer-Encoding", "chunked")]
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
    while True:
        event = link.h11.next_event()
        if event is h11.NEED_DATA:
            data = await link.reader.read(65_536)
            link.h11.receive_data(data)
            continue
        match event:
            case h11.Request():
                path = event.target.decode("ascii")
            case h11.Data():
                body += bytes(event.data)
            case h11.EndOfMessage():
                return Recorded(path, json.loads(body) if body else {})
            case _:
                return None


def _send(link: _Connection, head: h11.Response, event: h11.Event) -> None:
    """Send ``event``; the head leaves with the first one, and not before, as Ollama's does."""
    events = [head, event] if link.h11.our_state is h11.SEND_RESPONSE else [event]
    for one in events:
        link.writer.write(link.h11.send(one) or b"")
