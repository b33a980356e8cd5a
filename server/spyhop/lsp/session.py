"""What one editor's session holds: its documents, edits and model, and the work on them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, Literal

from lsprotocol import types

from spyhop.lsp.documents import Documents
from spyhop.lsp.editor import Editor
from spyhop.lsp.journal import Journal
from spyhop.lsp.pages import Pages
from spyhop.lsp.setup import Setup
from spyhop.lsp.traffic import Traffic
from spyhop.lsp.worker import Worker
from spyhop.messages import Language, Notice, Value, say
from spyhop.sessions.edits import Edits

if TYPE_CHECKING:
    from spyhop.assist.steering import Steering
    from spyhop.models.patience import Tell
    from spyhop.models.port import Model
    from spyhop.models.reach import Reach
    from spyhop.models.router import Router
    from spyhop.settings import Role


_LOG: Final = logging.getLogger("spyhop")


class Session:
    """The state of the server. Only handlers change it, and they run one at a time."""

    def __init__(self, editor: Editor, give_way: Callable[[], None]) -> None:
        """Begin; ``give_way`` stops completions, for work that goes before them."""
        self.editor = editor
        self._give_way = give_way
        self.setup = Setup(editor)
        self.documents = Documents()
        self.edits = Edits()
        self.traffic = Traffic()
        self.running: dict[str, asyncio.Task[None]] = {}
        """The tasks of the edits that the model works on, by edit."""
        self.pulls: dict[str, asyncio.Task[None]] = {}
        """The tasks of the models that are being pulled, by name."""
        self._aside: set[asyncio.Task[None]] = set()
        self.requests: dict[str | int, str] = {}
        """The edits, and pulls, by the id of the request that asked for them."""
        self.steering: dict[str, Steering] = {}
        """What ends the thoughts of the edits that the model works on, where it can be ended."""
        self.worker = Worker()
        self.pages = Pages()
        self._works = 0
        self._loading: asyncio.Task[None] | None = None
        self._journal: Journal | None = None
        self.renamed: dict[str, str] = {}
        """Open documents that have got another URI, and which."""
        self._router: Router | None = None
        self._closing: set[asyncio.Task[None]] = set()
        """Closes models that settings no longer name."""
        self._told: set[Notice] = set()

    @property
    def language(self) -> Language:
        """The language to speak to the user."""
        return self.setup.language

    def say(self, key: str, /, **values: Value) -> str:
        """Return a message in the user's language."""
        return say(self.language, key, **values)

    def started(self, edit_id: str, task: asyncio.Task[None], request_id: str | int | None) -> None:
        """Keep the task of an edit, and the request that asked for it, until it is done."""
        self._give_way()
        self.running[edit_id] = task
        if request_id is not None:
            self.requests[request_id] = edit_id

        def done(_: asyncio.Task[None]) -> None:
            del self.running[edit_id]
            self.steering.pop(edit_id, None)
            if request_id is not None:
                self.requests.pop(request_id, None)

        task.add_done_callback(done)

    def aside(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Have ``work`` done beside all else; the session's end ends it."""
        task = asyncio.create_task(work)
        self._aside.add(task)

        def done(_: asyncio.Task[None]) -> None:
            self._aside.discard(task)
            if not task.cancelled() and (error := task.exception()):
                _LOG.error("A fault of Spyhop's own", exc_info=error)

        task.add_done_callback(done)
        return task

    async def load(self) -> None:
        """Import what asks a model, once, off the loop: it takes longer than a request may wait."""
        if self._loading is None:
            self._loading = asyncio.create_task(asyncio.to_thread(_import_assist))
        await asyncio.shield(self._loading)

    def next_id(self, kind: Literal["ask", "doctor"]) -> str:
        """Return an id for work that is no edit; no edit has such a one."""
        self._works += 1
        return f"{kind}-{self._works}"

    async def configure(self, options: Any) -> None:
        """Take in the editor's settings; models that they do not name are let go."""
        self.setup.configure(options)
        if self._router is not None:
            await self._close(self._router.configure(self.setup.settings))

    async def model(self, role: Role, tell: Tell) -> Model:
        """Return the model that a role asks now; roles with the same endpoint share it.

        Raises:
            ModelUnavailable: there is none to ask.
        """
        from spyhop.models.router import Router  # noqa: PLC0415 - start-up counts

        settings = self.setup.settings
        if self._router is None:
            self._router = Router(settings, self.announce)
        elif settings is not self._router.settings and (
            unnamed := self._router.configure(settings)
        ):
            closing = asyncio.create_task(self._close(unnamed))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        return await self._router.model(role, tell)

    def announce(self, notice: Notice) -> None:
        """Show a notice to the user."""
        self.editor.show(types.MessageType.Info, notice.say(self.language))

    def tell_once(self, notice: Notice) -> None:
        """Show a notice to the user, unless he has had the same one in this session."""
        if notice not in self._told:
            self._told.add(notice)
            self.announce(notice)

    async def _close(self, unused: Sequence[Model | Reach]) -> None:
        """Close what settings have no use for, once the edits that may ask it are done."""
        if unused:
            await asyncio.gather(*self.running.values(), return_exceptions=True)
        for it in unused:
            await it.aclose()

    @property
    def journal(self) -> Journal:
        """The journal of open edits; the first use begins to clean it, aside."""
        if self._journal is None:
            from platformdirs import user_state_dir  # noqa: PLC0415 - start-up counts

            self._journal = Journal(Path(user_state_dir("spyhop", appauthor=False), "edits"))
            Thread(target=self._journal.clean, name="clean-journal", daemon=True).start()
        return self._journal

    def keep(self, uri: str) -> None:
        """Write down what has become of a document's edits."""
        if (text := self._text_of(uri)) is not None:
            self.journal.keep(uri, text, self.edits.of(uri))

    async def keep_ahead(self, uri: str) -> None:
        """Do so before something is sent to the editor."""
        if (text := self._text_of(uri)) is not None:
            await self.journal.keep_ahead(uri, text, self.edits.of(uri))

    def _text_of(self, uri: str) -> str | None:
        document = self.documents.find(uri)
        return document.source.text if document is not None else self.edits.closed_text(uri)

    async def aclose(self) -> None:
        """Stop all work."""
        tasks = [*self.running.values(), *self._aside]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*self._closing)
        if self._router is not None:
            await self._router.aclose()
        await self.worker.aclose()
        self.pages.close()
        if self._journal is not None:
            self._journal.close()


def _import_assist() -> None:
    for name in (
        "spyhop.assist.edit",
        "spyhop.assist.ask",
        "spyhop.assist.complete",
        "spyhop.assist.pull",
        "spyhop.models.router",
    ):
        import_module(name)
    # The backend that most have; another is loaded with the first request.
    import_module("spyhop.models.ollama")
