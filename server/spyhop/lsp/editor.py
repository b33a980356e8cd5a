"""The editor at the other end: what it can do, and the few things it is asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from spyhop.core.anchors import Change
from spyhop.core.positions import Encoding
from spyhop.lsp.convert import encoding_from, text_edits
from spyhop.lsp.documents import Document

# Seconds that a client may take to open a document.
_PATIENCE: Final = 10.0
_LOG: Final = logging.getLogger("spyhop")


class Editor:
    """Asks the client for things, each only where the client can do it."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server

    @property
    def encoding(self) -> Encoding:
        """The unit in which the client counts characters."""
        return encoding_from(self._server.workspace.position_encoding)

    @property
    def can_show_progress(self) -> bool:
        """Whether progress that the server starts is shown."""
        window = self._server.client_capabilities.window
        return bool(window and window.work_done_progress)

    @property
    def can_show_documents(self) -> bool:
        """Whether a document can be opened for the user."""
        window = self._server.client_capabilities.window
        return bool(window and window.show_document and window.show_document.support)

    @property
    def can_configure(self) -> bool:
        """Whether settings can be asked for."""
        workspace = self._server.client_capabilities.workspace
        return bool(workspace and workspace.configuration)

    @property
    def has_inline_completion(self) -> bool:
        """Whether the client shows ghost text."""
        document = self._server.client_capabilities.text_document
        return bool(document and document.inline_completion)

    @property
    def reads_markdown(self) -> bool:
        """Whether what describes an entry of a list may be Markdown."""
        document = self._server.client_capabilities.text_document
        item = document.completion.completion_item if document and document.completion else None
        formats = item.documentation_format if item else None
        return types.MarkupKind.Markdown in (formats or ())

    @property
    def _shows_buttons(self) -> bool:
        window = self._server.client_capabilities.window
        return bool(window and window.show_message)

    @property
    def _versions_edits(self) -> bool:
        workspace = self._server.client_capabilities.workspace
        edit = workspace.workspace_edit if workspace else None
        return bool(edit and edit.document_changes)

    @property
    def _refreshes_lenses(self) -> bool:
        workspace = self._server.client_capabilities.workspace
        lens = workspace.code_lens if workspace else None
        return bool(lens and lens.refresh_support)

    def show(self, kind: types.MessageType, message: str) -> None:
        """Show a message to the user."""
        self._server.window_show_message(types.ShowMessageParams(kind, message))

    async def ask(
        self, kind: types.MessageType, message: str, buttons: Sequence[str]
    ) -> str | None:
        """Show a message with buttons and return the one that was pressed; None where none was.

        A client without buttons shows the message.
        """
        if self._shows_buttons:
            actions = [types.MessageActionItem(button) for button in buttons]
            params = types.ShowMessageRequestParams(kind, message, actions)
            try:
                pressed = await self._server.window_show_message_request_async(params)
            except JsonRpcException:
                _LOG.warning("The client failed to show a message with buttons")
            else:
                return pressed.title if pressed is not None else None
        self.show(kind, message)
        return None

    async def apply(
        self, document: Document, changes: Sequence[Change], label: str
    ) -> types.ApplyWorkspaceEditResult:
        """Ask for changes of a document as it is at its version, as one step of undo."""
        edits = text_edits(document.source, changes, self.encoding)
        if self._versions_edits:
            identifier = types.OptionalVersionedTextDocumentIdentifier(
                document.uri, document.version
            )
            workspace_edit = types.WorkspaceEdit(
                document_changes=[types.TextDocumentEdit(identifier, list(edits))]
            )
        else:
            workspace_edit = types.WorkspaceEdit(changes={document.uri: edits})
        params = types.ApplyWorkspaceEditParams(workspace_edit, label)
        return await self._server.workspace_apply_edit_async(params)

    async def show_document(self, uri: str) -> bool:
        """Open a document for the user; tell whether the client says that it did.

        A selection goes along: LSP4IJ never answers without one.
        """
        start = types.Range(types.Position(0, 0), types.Position(0, 0))
        return await self._show(
            types.ShowDocumentParams(uri, external=False, take_focus=True, selection=start)
        )

    async def open_external(self, address: str) -> bool:
        """Open an address in the user's browser; tell whether the client says that it did."""
        return self.can_show_documents and await self._show(
            types.ShowDocumentParams(address, external=True)
        )

    async def _show(self, params: types.ShowDocumentParams) -> bool:
        try:
            answer = await asyncio.wait_for(
                self._server.window_show_document_async(params), _PATIENCE
            )
        except (TimeoutError, JsonRpcException):
            return False
        return answer.success

    async def refresh_lenses(self) -> None:
        """Ask for the code lenses to be asked for again."""
        if self._refreshes_lenses:
            try:
                await self._server.workspace_code_lens_refresh_async(None)
            except JsonRpcException:
                _LOG.warning("The client failed to refresh its code lenses")

    async def configuration(self) -> Any:
        """Return the user's settings under ``spyhop``; None where there are none."""
        item = types.ConfigurationItem(section="spyhop")
        params = types.ConfigurationParams(items=[item])
        answers = await self._server.workspace_configuration_async(params)
        return answers[0] if answers else None
