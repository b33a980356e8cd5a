"""What one editor's session holds: its documents, edits and model, and the work on them."""

from __future__ import annotations

import asyncio
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from spyhop.lsp.documents import Documents
from spyhop.lsp.editor import Editor
from spyhop.lsp.journal import Journal
from spyhop.lsp.pages import Pages
from spyhop.lsp.setup import Setup
from spyhop.lsp.traffic import Traffic
from spyhop.lsp.worker import Worker
from spyhop.messages import Language, Value, say
from spyhop.sessions.edits import Edits

if TYPE_CHECKING:
    from spyhop.assist.steering import Steering
    from spyhop.models.port import Model
    from spyhop.settings import EndpointSettings, Role, Settings


class Session:
    """The state of the server. Only handlers change it, and they run one at a time."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.setup = Setup(editor)
        self.documents = Documents()
        self.edits = Edits()
        self.traffic = Traffic()
        self.running: dict[str, asyncio.Task[None]] = {}
        """The tasks of the edits that the model works on, by edit."""
        self.requests: dict[str | int, str] = {}
        """The edits by the id of the request that asked for them."""
        self.steering: dict[str, Steering] = {}
        """What ends the thoughts of the edits that the model works on, where it can be ended."""
        self.worker = Worker()
        self.pages = Pages()
        self._asks = 0
        self._loading: asyncio.Task[None] | None = None
        self._journal: Journal | None = None
        self.renamed: dict[str, str] = {}
        """Open documents that have got another URI, and which."""
        self._models: dict[EndpointSettings, Model] = {}
        self._settings: Settings | None = None
        """The settings that the models were made from."""
        self._closing: set[asyncio.Task[None]] = set()
        """Closes models that settings no longer name."""

    @property
    def language(self) -> Language:
        """The language to speak to the user."""
        return self.setup.language

    def say(self, key: str, /, **values: Value) -> str:
        """Return a message in the user's language."""
        return say(self.language, key, **values)

    def started(self, edit_id: str, task: asyncio.Task[None], request_id: str | int | None) -> None:
        """Keep the task of an edit, and the request that asked for it, until it is done."""
        self.running[edit_id] = task
        if request_id is not None:
            self.requests[request_id] = edit_id

        def done(_: asyncio.Task[None]) -> None:
            del self.running[edit_id]
            self.steering.pop(edit_id, None)
            if request_id is not None:
                self.requests.pop(request_id, None)

        task.add_done_callback(done)

    async def load(self) -> None:
        """Import what asks a model, once, off the loop: it takes longer than a request may wait."""
        if self._loading is None:
            self._loading = asyncio.create_task(asyncio.to_thread(_import_assist))
        await asyncio.shield(self._loading)

    def next_ask_id(self) -> str:
        """Return an id for a question; no edit has such a one."""
        self._asks += 1
        return f"ask-{self._asks}"

    async def configure(self, options: Any) -> None:
        """Take in the editor's settings; models that were made from others are let go."""
        self.setup.configure(options)
        await self._close(self._let_go())

    def model_for(self, role: Role) -> Model:
        """Return the model that a role asks; roles with the same endpoint share it.

        Raises:
            ModelUnavailable: the settings name none.
        """
        from spyhop.models.connect import connect  # noqa: PLC0415 - start-up counts

        settings = self.setup.settings
        if settings is not self._settings:
            if old := self._let_go():
                closing = asyncio.create_task(self._close(old))
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)
            self._settings = settings
        endpoint = settings.endpoints_for(role)[0]
        if endpoint not in self._models:
            self._models[endpoint] = connect(endpoint)
        return self._models[endpoint]

    def _let_go(self) -> list[Model]:
        models = list(self._models.values())
        self._models.clear()
        return models

    async def _close(self, models: list[Model]) -> None:
        """Close models once the edits that may ask them are done."""
        if models:
            await asyncio.gather(*self.running.values(), return_exceptions=True)
        for model in models:
            await model.aclose()

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
        for task in self.running.values():
            task.cancel()
        await asyncio.gather(*self.running.values(), return_exceptions=True)
        await self._close(self._let_go())
        await asyncio.gather(*self._closing)
        await self.worker.aclose()
        self.pages.close()
        if self._journal is not None:
            self._journal.close()


def _import_assist() -> None:
    for name in ("spyhop.assist.edit", "spyhop.assist.ask", "spyhop.models.connect"):
        import_module(name)
    # The backend that most have; another is loaded with the first request.
    import_module("spyhop.models.ollama")
