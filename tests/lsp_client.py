"""A language client for tests: it holds documents as an editor does, with versions and undo."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

SECONDS = 30.0

CAPABILITIES: dict[str, Any] = {
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True},
        "configuration": True,
        "codeLens": {"refreshSupport": True},
    },
    "textDocument": {
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}
    },
    "window": {"workDoneProgress": True},
}


@dataclass
class OpenDocument:
    """A document with its history: one entry an undo step."""

    text: str
    version: int = 1
    undo: list[str] = field(default_factory=list)
    redo: list[str] = field(default_factory=list)


def offset(text: str, position: Mapping[str, int]) -> int:
    """Return the offset of a UTF-16 position, by the plainest means."""
    lines = text.replace("\r\n", "\0\n").replace("\r", "\n").split("\n")
    start = sum(len(line) + 1 for line in lines[: position["line"]])
    line = lines[position["line"]].encode("utf-16-le")[: 2 * position["character"]]
    return start + len(line.decode("utf-16-le"))


def position(text: str, at: int) -> dict[str, int]:
    """Return the UTF-16 position of an offset, by the plainest means."""
    before = text[:at].replace("\r\n", "\0\n").replace("\r", "\n")
    last = before.rpartition("\n")[2]
    return {"line": before.count("\n"), "character": len(last.encode("utf-16-le")) // 2}


class Client:
    """Speaks to a server over two streams and answers what an editor answers."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._next_id = 0
        self._waiting: dict[int | str, asyncio.Future[dict[str, Any]]] = {}
        self._changed = asyncio.Condition()
        self.documents: dict[str, OpenDocument] = {}
        self.settings: dict[str, Any] = {}
        self.received: list[dict[str, Any]] = []
        """Every message from the server, in order."""
        self.before_apply: Callable[[], None] | None = None
        """Called when an applyEdit has come and before it is looked at: the user types now."""
        self.answers = True
        """Answer messages with buttons; else the user looks elsewhere."""
        self.button: str | None = None
        """The button that the user presses, in each message that has it."""
        self.checks_versions = True
        self.applies = True
        """Apply what the server asks for; else only say so."""
        self.string_ids = False
        """Number requests by texts, as LSP4IJ does."""
        self.full_text = False
        """Report each change as the whole text."""

    # The user's side

    def open(self, uri: str, text: str, language: str = "python") -> None:
        self.documents[uri] = OpenDocument(text)
        item = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def close(self, uri: str) -> None:
        del self.documents[uri]
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def type(self, uri: str, start: int, end: int, text: str) -> None:
        """Replace the offsets ``start`` to ``end``, as a person types or pastes."""
        document = self.documents[uri]
        document.undo.append(document.text)
        document.redo.clear()
        self._replace(uri, [(start, end, text)])

    def undo(self, uri: str) -> None:
        document = self.documents[uri]
        document.redo.append(document.text)
        self._become(uri, document.undo.pop())

    def redo(self, uri: str) -> None:
        document = self.documents[uri]
        document.undo.append(document.text)
        self._become(uri, document.redo.pop())

    def _become(self, uri: str, text: str) -> None:
        """Go to another text by one change, as small as a common prefix and suffix make it."""
        old = self.documents[uri].text
        limit = min(len(old), len(text))
        head = next((i for i in range(limit) if old[i] != text[i]), limit)
        rest = limit - head
        tail = next((i for i in range(rest) if old[-1 - i] != text[-1 - i]), rest)
        self._replace(uri, [(head, len(old) - tail, text[head : len(text) - tail])])

    def _replace(self, uri: str, edits: Sequence[tuple[int, int, str]]) -> None:
        """Make disjoint edits, last first, and report them in one notification."""
        document = self.documents[uri]
        events: list[dict[str, Any]] = []
        for start, end, text in sorted(edits, reverse=True):
            old = document.text
            range_ = {"start": position(old, start), "end": position(old, end)}
            document.text = old[:start] + text + old[end:]
            events.append({"range": range_, "text": text})
        document.version += 1
        if self.full_text:
            events = [{"text": document.text}]
        identifier = {"uri": uri, "version": document.version}
        self.notify(
            "textDocument/didChange", {"textDocument": identifier, "contentChanges": events}
        )

    # The wire

    def notify(self, method: str, params: Any) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def send_request(
        self, method: str, params: Any
    ) -> tuple[int | str, asyncio.Future[dict[str, Any]]]:
        self._next_id += 1
        id_ = str(self._next_id) if self.string_ids else self._next_id
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = future
        self._send({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})
        return id_, future

    async def request(self, method: str, params: Any) -> Any:
        _, future = self.send_request(method, params)
        answer = await asyncio.wait_for(future, SECONDS)
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["result"]

    async def command(self, name: str, argument: Any) -> Any:
        return await self.request(
            "workspace/executeCommand", {"command": name, "arguments": [argument]}
        )

    async def until(self, condition: Callable[[], Any]) -> Any:
        """Wait until a message has made ``condition`` true, and return what it gave."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(condition), SECONDS)
        return condition()

    def messages(self, method: str) -> list[Any]:
        """Return the params of every message of this method so far."""
        return [it.get("params") for it in self.received if it.get("method") == method]

    async def message(self, method: str, count: int = 1) -> Any:
        """Wait for the ``count``-th message of this method and return its params."""
        await self.until(lambda: len(self.messages(method)) >= count)
        return self.messages(method)[count - 1]

    async def initialize(self, **options: Any) -> dict[str, Any]:
        params = {"processId": None, "rootUri": None, "capabilities": CAPABILITIES} | options
        result: dict[str, Any] = await self.request("initialize", params)
        self.notify("initialized", {})
        return result

    async def lenses(self, uri: str) -> list[tuple[int, str, dict[str, Any]]]:
        """Return each lens's line, title and command."""
        found = await self.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
        return [
            (lens["range"]["start"]["line"], lens["command"]["title"], lens["command"])
            for lens in found
        ]

    async def press(self, uri: str, title: str, line: int | None = None) -> None:
        """Run the command of the first lens with this title, at ``line`` where given."""
        for at, name, command in await self.lenses(uri):
            if name.startswith(title) and line in {None, at}:
                await self.request(
                    "workspace/executeCommand",
                    {"command": command["command"], "arguments": command["arguments"]},
                )
                return
        raise AssertionError([(at, name) for at, name, _ in await self.lenses(uri)])

    async def run(self) -> None:
        while True:
            length = 0
            while line := (await self._reader.readline()).strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not length:
                return
            message = json.loads(await self._reader.readexactly(length))
            self.received.append(message)
            self._handle(message)
            async with self._changed:
                self._changed.notify_all()

    def _handle(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            future = self._waiting.pop(message["id"], None)
            if future is not None and not future.done():
                future.set_result(message)
        elif "id" in message:
            if message["method"] == "window/showMessageRequest" and not self.answers:
                return
            answer = self._answer(message["method"], message.get("params"))
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": answer})

    def _answer(self, method: str, params: Any) -> Any:
        if method == "workspace/applyEdit":
            return self._apply(params["edit"]) if self.applies else {"applied": True}
        if method == "window/showDocument":
            return {"success": True}
        if method == "window/showMessageRequest":
            return next((it for it in params["actions"] if it["title"] == self.button), None)
        if method == "workspace/configuration":
            return [self.settings.get(item["section"]) for item in params["items"]]
        return None

    def _apply(self, edit: dict[str, Any]) -> dict[str, Any]:
        if self.before_apply is not None:
            act, self.before_apply = self.before_apply, None
            act()
        for uri, version, changes in _document_changes(edit):
            document = self.documents[uri]
            if self.checks_versions and version not in {None, document.version}:
                return {"applied": False, "failureReason": "version"}
            document.undo.append(document.text)
            document.redo.clear()
            edits = [
                (
                    offset(document.text, it["range"]["start"]),
                    offset(document.text, it["range"]["end"]),
                    it["newText"],
                )
                for it in changes
            ]
            self._replace(uri, edits)
        return {"applied": True}

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        self._writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


def _document_changes(edit: dict[str, Any]) -> list[tuple[str, int | None, list[Any]]]:
    """Return URI, version and text edits of each document, in either of the two notations."""
    if "changes" in edit:
        return [(uri, None, changes) for uri, changes in edit["changes"].items()]
    return [
        (it["textDocument"]["uri"], it["textDocument"]["version"], it["edits"])
        for it in edit["documentChanges"]
    ]


async def started(
    *command: str, env: Mapping[str, str] | None = None
) -> tuple[asyncio.subprocess.Process, asyncio.StreamReader, asyncio.StreamWriter]:
    """Start a language server, ours where none is named; return it and the two streams to it."""
    process = await asyncio.create_subprocess_exec(
        *(command or (sys.executable, "-m", "spyhop", "lsp")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
        env=dict(env) if env is not None else None,
    )
    assert process.stdin
    assert process.stdout
    return process, process.stdout, process.stdin


@asynccontextmanager
async def serving(*command: str, env: Mapping[str, str] | None = None) -> AsyncIterator[Client]:
    """Start a language server on stdio and speak to it; it must leave with status 0."""
    process, reader, writer = await started(*command, env=env)
    client = Client(reader, writer)
    running = asyncio.create_task(client.run())
    try:
        yield client
        await client.request("shutdown", None)
        client.notify("exit", None)
        status = await asyncio.wait_for(process.wait(), SECONDS)
        assert status == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        running.cancel()
        outcome = (await asyncio.gather(running, return_exceptions=True))[0]
        if isinstance(outcome, Exception):
            raise outcome
