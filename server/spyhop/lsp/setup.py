"""How the user has set things up: language, folders, settings, prompts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.uris import to_fs_path

from spyhop.errors import SettingsError
from spyhop.lsp.editor import Editor
from spyhop.messages import Language, language_of

if TYPE_CHECKING:
    from spyhop.prompting.library import Library
    from spyhop.settings import Resolved, Settings


class Setup:
    """What the client says of itself and its user, what files say, and what follows from both."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self.configured = asyncio.Event()
        """Set once the editor has told its settings, or has had its time to."""
        self.roots: list[Path] = []
        """The folders that are open."""
        self.shows_chats = False
        """Whether the client shows chats itself."""
        self._locale: str | None = None
        self._trusted = False
        self._sent: dict[str, Any] = {}
        self._options: dict[str, Any] = {}
        self._resolved: Resolved | None = None
        self._settings_stamp: object = None
        self._library: Library | None = None
        self._library_stamp: object = None
        self._told: dict[str, set[str]] = {}
        """What was complained about: the faults that there still are."""

    def initialize(self, params: types.InitializeParams) -> None:
        """Take in what the client says of itself."""
        self._locale = params.locale
        folders = [folder.uri for folder in params.workspace_folders or []]
        uris: list[str | None] = [*folders] or [params.root_uri]
        self.roots = [Path(path) for uri in uris if uri and (path := to_fs_path(uri))]
        options = params.initialization_options
        options = options if isinstance(options, dict) else {}
        self._trusted = options.get("trusted") is True
        self.shows_chats = options.get("chat") is True
        sent = options.get("settings")
        self._sent = sent if isinstance(sent, dict) else {}

    def configure(self, options: Any) -> None:
        """Take in the editor's settings."""
        self._options = options if isinstance(options, dict) else {}
        self._resolved = None

    @property
    def language(self) -> Language:
        """The language to speak to the user."""
        if self._resolved is None:
            return language_of(self._locale)
        return self._resolved.settings.language_for(self._locale)

    @property
    def settings(self) -> Settings:
        """The settings in force, as their files are now: the same object until one changes."""
        return self.resolved.settings

    @property
    def resolved(self) -> Resolved:
        """The settings in force, and what is wrong with what was said: that is told once."""
        from spyhop import settings  # noqa: PLC0415 - start-up counts

        folder = self.roots[0] if self.roots else Path.cwd()
        now = settings.stamp(folder)
        if self._resolved is None or now != self._settings_stamp:
            self._resolved = settings.resolve(
                [
                    *settings.layers_for(folder, trusted=self._trusted),
                    settings.editor_layer("initializationOptions.settings", self._sent),
                    settings.editor_layer("spyhop", self._options),
                ]
            )
            self._settings_stamp = now
            self._complain("settings", self._resolved.faults)
        return self._resolved

    @property
    def library(self) -> Library:
        """The prompts as their files are now. What is wrong in one is told once, and left out."""
        from spyhop import resources  # noqa: PLC0415 - start-up counts
        from spyhop.prompting.library import load, stamp  # noqa: PLC0415

        folders = resources.prompt_folders(*self.roots)
        now = stamp(*folders)
        if self._library is None or now != self._library_stamp:
            self._library, self._library_stamp = load(*folders), now
            self._complain("prompts", self._library.faults)
        return self._library

    def _complain(self, about: str, faults: Iterable[SettingsError]) -> None:
        """Tell the faults that were not there before."""
        words = {str(fault): fault for fault in faults}
        for fault in [words[one] for one in words if one not in self._told.get(about, ())]:
            self._editor.show(types.MessageType.Error, fault.say(self.language))
        self._told[about] = set(words)
