"""How the user has set things up: language, folders, settings, prompts."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.uris import to_fs_path

from spyhop.errors import SettingsError
from spyhop.lsp.editor import Editor
from spyhop.messages import Language, language_of

if TYPE_CHECKING:
    from spyhop.prompting.library import Library
    from spyhop.settings import Settings


class Setup:
    """What the client says of itself and its user, what files say, and what follows from both."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self.configured = asyncio.Event()
        """Set once the editor has told its settings, or has had its time to."""
        self.roots: list[Path] = []
        """The folders that are open."""
        self._locale: str | None = None
        self._sent: dict[str, Any] = {}
        self._options: dict[str, Any] = {}
        self._settings: Settings | None = None
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

    def configure(self, options: Any) -> None:
        """Take in the editor's settings."""
        self._options = options if isinstance(options, dict) else {}
        self._settings = None

    @property
    def language(self) -> Language:
        """The language to speak to the user."""
        if self._settings is None:
            return language_of(self._locale)
        return self._settings.language_for(self._locale)

    @property
    def settings(self) -> Settings:
        """The settings in force. What is wrong in one source is told once, and left out."""
        if self._settings is None:
            from spyhop.settings import Layer, resolve, sources_for  # noqa: PLC0415 - start-up counts

            kept: list[Layer] = []
            sources = sources_for(self.roots[0] if self.roots else Path.cwd())
            sources.append(partial(Layer, "initializationOptions", self._sent))
            sources.append(partial(Layer, "editor", self._options))
            for source in sources:
                try:
                    self._settings = resolve([*kept, layer := source()])
                except SettingsError as error:
                    self._complain(error)
                else:
                    kept.append(layer)
            self._settings = resolve(kept)
        return self._settings

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

    def _complain(self, error: SettingsError) -> None:
        self._editor.show(types.MessageType.Error, error.say(self.language))
