"""pygls's protocol, with five habits of ours.

- Documents are kept by `spyhop.lsp.documents` alone, so pygls's own copies are not made.
- The parameters of requests about chats are passed on as they came.
- A request that is refused with a `Refusal` is no fault that is logged.
- Every request is answered: also one whose parameters are not what the specification says.
- A client may cancel a request that was answered already with the promise of an edit; it is told
  to `SpyhopServer.late_cancel`.
- A request is about its document as it is when the request comes, but a coroutine starts later:
  `SpyhopProtocol.document` is the document of then.
- Some versions of VS Code's client send that editor's own numbers for how an inline completion was
  triggered, 0 and 1 for the specification's 1 and 2. They are known by the 0.
"""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import Future
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import (
    JsonRPCNotification,
    JsonRPCRequestMessage,
    LanguageServerProtocol,
    lsp_method,
)

from spyhop.lsp.documents import Document

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer
    from pygls.protocol.json_rpc import MsgId, RPCMessage


_OWN: Final = "spyhop/chat/"
"""What the methods of chats begin with."""


class Refusal(JsonRpcException):
    """A request is answered with an error that has a message for the user."""

    CODE = types.LSPErrorCodes.RequestFailed.value


_DOCUMENT: Final[ContextVar[Document | None]] = ContextVar("document", default=None)


class SpyhopProtocol(LanguageServerProtocol):
    """See the module."""

    def __init__(self, server: LanguageServer, converter: Any) -> None:
        super().__init__(server, converter)
        self._counts_from_0 = False

    @property
    def document(self) -> Document | None:
        """The document that the request at hand is about, as it was when the request came."""
        return _DOCUMENT.get()

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(
        self, params: types.DidOpenTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """Pass the notification on."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(
        self, params: types.DidChangeTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """Pass the notification on."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(
        self, params: types.DidCloseTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """Pass the notification on."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE], (params,), None

    def handle_message(self, message: RPCMessage) -> None:
        """Handle a message; a cancellation that comes late still has its effect."""
        if getattr(message, "method", None) == types.CANCEL_REQUEST:
            request_id = message.params.id  # type: ignore[union-attr]
            if request_id not in self._request_futures:
                self._server.late_cancel(request_id)  # type: ignore[attr-defined]
                return
        super().handle_message(message)

    def _handle_request(self, msg_id: int | str, method_name: str, params: Any) -> None:
        identifier = getattr(params, "text_document", None)
        if identifier is not None:
            documents = self._server.session.documents  # type: ignore[attr-defined]
            _DOCUMENT.set(documents.find(identifier.uri))
        super()._handle_request(msg_id, method_name, params)

    def _send_handler_result(self, future: Future[Any], *, msg_id: MsgId) -> None:
        """Answer a request; one that is refused is no fault, so nothing is logged of it."""
        refused = None if future.cancelled() else future.exception()
        if isinstance(refused, Refusal):
            self._request_futures.pop(msg_id, None)
            self._send_response(msg_id, error=refused.to_response_error())
        else:
            super()._send_handler_result(future, msg_id=msg_id)

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Read a message; a request that cannot be read is answered with the error."""
        if str(data.get("method", "")).startswith(_OWN):
            # As a named tuple, which pygls makes of them, parameters lose their names.
            params, version = data.get("params"), data.get("jsonrpc", "")
            if "id" in data:
                return JsonRPCRequestMessage(data["id"], data["method"], version, params)
            return JsonRPCNotification(data["method"], version, params)
        if data.get("method") == types.TEXT_DOCUMENT_INLINE_COMPLETION:
            self._mend_trigger(data.get("params"))
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], None, error.to_response_error())
            raise

    def _mend_trigger(self, params: Any) -> None:
        context = params.get("context") if isinstance(params, dict) else None
        if not isinstance(context, dict):
            return
        kind = context.get("triggerKind")
        self._counts_from_0 = self._counts_from_0 or kind == 0
        if self._counts_from_0 and kind in {0, 1}:
            context["triggerKind"] = kind + 1
