"""What one editor's session holds: documents, edits, settings, prompts and the model."""

from __future__ import annotations

import asyncio
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.uris import to_fs_path

from spyhop.errors import SettingsError
from spyhop.lsp.documents import Documents
from spyhop.lsp.editor import Editor
from spyhop.lsp.journal import Journal
from spyhop.lsp.pages import Pages
from spyhop.lsp.traffic import Traffic
from spyhop.lsp.worker import Worker
from spyhop.messages import Language, Value, language_of, say
from spyhop.sessions.edits import Edits

if TYPE_CHECKING:
    from spyhop.assist.steering import Steering
    from spyhop.models.port import Model
    from spyhop.prompting.library import Library
    from spyhop.settings import Settings


class Session:
    """The state of the server. Only handlers change it, and they run one at a time."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
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
        self.configured = asyncio.Event()
        """Set once the editor has told its settings, or has had its time to."""
        self._journal: Journal | None = None
        self.renamed: dict[str, str] = {}
        """Open documents that have got another URI, and which."""
        self._locale: str | None = None
        self.roots: list[Path] = []
        """The folders that are open."""
        self._sent: dict[str, Any] = {}
        self._editor_options: dict[str, Any] = {}
        self._settings: Settings | None = None
        self._model: Model | None = None
        self._library: Library | None = None
        self._library_stamp: object = None

    def initialize(self, params: types.InitializeParams) -> None:
        """Take in what the client says of itself."""
        self._locale = params.locale
        folders = [folder.uri for folder in params.workspace_folders or []]
        uris: list[str | None] = [*folders] or [params.root_uri]
        self.roots = [Path(path) for uri in uris if uri and (path := to_fs_path(uri))]
        options = params.initialization_options
        sent = options.get("settings") if isinstance(options, dict) else None
        self._sent = sent if isinstance(sent, dict) else {}

    @property
    def language(self) -> Language:
        """The language to speak to the user."""
        if self._settings is None:
            return language_of(self._locale)
        return self._settings.language_for(self._locale)

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
        """Take in the editor's settings; a model that was made from others is let go."""
        self._editor_options = options if isinstance(options, dict) else {}
        self._settings = None
        model, self._model = self._model, None
        if model is not None:
            await asyncio.gather(*self.running.values(), return_exceptions=True)
            await model.aclose()

    @property
    def settings(self) -> Settings:
        """The settings in force. What is wrong in one source is told once, and left out."""
        if self._settings is None:
            from spyhop.settings import Layer, layers_for, resolve  # noqa: PLC0415 - start-up counts

            try:
                layers = layers_for(self.roots[0] if self.roots else Path.cwd())
            except SettingsError as error:
                self._complain(error)
                layers = []
            layers += [
                Layer("initializationOptions", self._sent),
                Layer("editor", self._editor_options),
            ]
            kept: list[Layer] = []
            for layer in layers:
                try:
                    resolve([*kept, layer])
                except SettingsError as error:
                    self._complain(error)
                else:
                    kept.append(layer)
            self._settings = resolve(kept)
        return self._settings

    @property
    def model(self) -> Model:
        """The model in use.

        Raises:
            ModelUnavailable: the settings name none.
        """
        if self._model is None:
            from spyhop.models.connect import connect  # noqa: PLC0415 - start-up counts

            self._model = connect(self.settings)
        return self._model

    @property
    def library(self) -> Library:
        """The prompts as their files are now. What is wrong in one is told once, and left out."""
        from spyhop import resources  # noqa: PLC0415 - start-up counts
        from spyhop.prompting.library import load, stamp  # noqa: PLC0415

        folders = resources.prompt_folders(*self.roots)
        now = stamp(*folders)
        if self._library is None or now != self._library_stamp:
            told = set(map(str, self._library.faults)) if self._library else set[str]()
            self._library, self._library_stamp = load(*folders), now
            for fault in self._library.faults:
                if str(fault) not in told:
                    self._complain(fault)
        return self._library

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
        model, self._model = self._model, None
        if model is not None:
            await model.aclose()
        await self.worker.aclose()
        self.pages.close()
        if self._journal is not None:
            self._journal.close()

    def _complain(self, error: SettingsError) -> None:
        self.editor.show(types.MessageType.Error, error.say(language_of(self._locale)))


def _import_assist() -> None:
    for name in ("spyhop.assist.edit", "spyhop.assist.ask", "spyhop.models.connect"):
        import_module(name)
    # The backend that most have; another is loaded with the first request.
    import_module("spyhop.models.ollama")
