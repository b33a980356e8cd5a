"""The routes. All but the first are for those who have the cookie.

GET  /<secret>/open?token=…    exchanges the token for the cookie, and goes on to the page
GET  /<secret>/                the page, and its files
POST /<secret>/call/METHOD     a request of the protocol
GET  /<secret>/events?after=N  the events behind number N, as server-sent events
GET  /<secret>/alive           nothing: the page asks whether it is known still
"""

from __future__ import annotations

import asyncio
import html
import logging
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from spyhop import resources
from spyhop.assist.chat.port import ChatPort
from spyhop.assist.chat.protocol import METHODS
from spyhop.errors import SpyhopError
from spyhop.messages import Language, language_of, say
from spyhop.web.access import Access
from spyhop.web.events import stream
from spyhop.web.headers import SECURITY
from spyhop.web.reading import NotJson, TooLong, read_object

_LOG: Final = logging.getLogger("spyhop")
_FILES: Final = {
    "": ("index.html", "text/html; charset=utf-8"),
    "page.js": ("page.js", "text/javascript; charset=utf-8"),
    "page.css": ("page.css", "text/css; charset=utf-8"),
    "icon.svg": ("icon.svg", "image/svg+xml"),
    "LICENSES.txt": ("LICENSES.txt", "text/plain; charset=utf-8"),
}
# Pages that listen at once: more than anyone has open, fewer than would weigh on the editor.
_MOST_LISTENERS: Final = 64


class App:
    """Answers HTTP. It knows who asks by `Access`, and has no file to give but the page's own."""

    def __init__(self, access: Access, chats: ChatPort, language: Callable[[], Language]) -> None:
        self._access = access
        self._chats = chats
        self._language = language
        self.closing = asyncio.Event()
        """Set when the server ends: no stream of events outlives it."""
        self.listeners = 0
        """How many pages follow the events now."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except SpyhopError as error:
            response = _failed(HTTPStatus.UNPROCESSABLE_ENTITY, error.say(self._language()))
        except Exception as error:  # noqa: BLE001 - a traceback is for the log
            _LOG.error("A fault of Spyhop's own", exc_info=error)
            why = type(error).__name__
            words = say(self._language(), "unexpected", why=why)
            response = _failed(HTTPStatus.INTERNAL_SERVER_ERROR, words)
        for name, value in SECURITY.items():
            response.headers[name] = value
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path, access = request.scope["path"], self._access
        name = path.removeprefix(access.root)
        is_below = name != path
        if is_below and name == "open":
            return self._open(request)
        foreign = access.is_foreign(request.method, request.headers)
        if foreign or (is_below and not access.admits(request.headers)):
            return _refused(request)
        return await self._route(request, name) if is_below else _nothing(HTTPStatus.NOT_FOUND)

    async def _route(self, request: Request, name: str) -> Response:
        """Answer one who was let in."""
        match request.method, *name.split("/"):
            case "POST", "call", method if method in METHODS:
                return await self._call(request, method)
            case "GET", "events":
                return self._events(request)
            case "GET", "alive":
                return _nothing(HTTPStatus.NO_CONTENT)
            case "GET", file if file in _FILES:
                return await _file(*_FILES[file])
            case _:
                return _nothing(HTTPStatus.NOT_FOUND)

    def _open(self, request: Request) -> Response:
        """Let a browser in that has a token, or that has been let in before.

        The page is gone to from here by the browser itself: behind a redirect from another site's
        link it would not send a cookie that is for the same site only.
        """
        headers, query = request.headers, request.query_params
        if request.method != "GET" or not self._access.is_opened(headers):
            return _refused(request)
        cookie = self._access.redeem(query.get("token", ""))
        if cookie is None and not self._access.admits(headers):
            return _refused(request)
        target = f"{self._access.root}?{urlencode({'lang': query.get('lang', '')})}"
        if chat := query.get("chat"):
            target += f"#{quote(chat, safe='')}"
        target = html.escape(target)
        response = HTMLResponse(
            f'<!doctype html><meta http-equiv="refresh" content="0;url={target}">'
            f'<link rel="icon" href="{self._access.root}icon.svg">'
            f'<title>Spyhop</title><a href="{target}">Spyhop</a>'
        )
        if cookie is not None:
            response.headers["Set-Cookie"] = cookie
        return response

    async def _call(self, request: Request, method: str) -> Response:
        try:
            params = await read_object(request)
        except TooLong:
            words = say(self._language(), "page-too-long")
            return _failed(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words)
        except NotJson:
            return _nothing(HTTPStatus.BAD_REQUEST)
        return JSONResponse(await self._chats.call(method, params))

    def _events(self, request: Request) -> Response:
        after = request.query_params.get("after", "")
        if not (after.isascii() and after.isdecimal()):
            return _nothing(HTTPStatus.BAD_REQUEST)
        if self.listeners >= _MOST_LISTENERS:
            return _nothing(HTTPStatus.SERVICE_UNAVAILABLE)

        async def listening() -> AsyncIterator[bytes]:
            self.listeners += 1
            try:
                async for record in stream(self._chats, int(after), self.closing):
                    yield record
            finally:
                self.listeners -= 1

        return StreamingResponse(listening(), headers={"Content-Type": "text/event-stream"})


async def _file(name: str, kind: str) -> Response:
    content = await asyncio.to_thread((resources.chat_page() / name).read_bytes)
    return Response(content, headers={"Content-Type": kind})


def _refused(request: Request) -> Response:
    """Say so in words: a person whose address is used up sees them."""
    language = language_of(request.headers.get("accept-language"))
    words = say(language, "page-refused")
    return Response(words, HTTPStatus.FORBIDDEN, {"Content-Type": "text/plain; charset=utf-8"})


def _failed(status: HTTPStatus, message: str) -> Response:
    return JSONResponse({"message": message}, status)


def _nothing(status: HTTPStatus) -> Response:
    return Response(status_code=status)
