"""One HTTP server of a model: JSON in, records out; httpx's exceptions are mapped here.

What a server sends is bounded in size, and in time once it has begun. Redirects are not followed:
the code and the key go to the address that the user named and nowhere else. No text that leaves
here holds a secret of the request's headers, even where the server repeats it.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from base64 import b64encode
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from copy import copy
from typing import Any, Final, Protocol, Self

import httpx

from spyhop.core.urls import without_user
from spyhop.core.wire import SseDecoder
from spyhop.errors import ModelError
from spyhop.models.address import bad_proxy, fault_of, has_proxy, is_loopback
from spyhop.models.errors import Broken, ModelUnavailable, Refused, Retry, Unreachable
from spyhop.models.words import error_text, excerpt, reason, seconds_of

CONNECT_SECONDS: Final = 10.0
"""How long a server may take to accept a connection."""
ANSWER_SECONDS: Final = 30.0
"""How long a server may take over a GET: what it tells of itself needs no model."""
STALL_SECONDS: Final = 120.0
"""How long a server that has begun to answer may send nothing, or no whole line."""
_RECORD_BYTES: Final = 8 << 20
_ERROR_BYTES: Final = 1 << 16
# A shorter value ("true", "EMPTY") is no secret, and would be found in innocent words.
_SECRET_LENGTH: Final = 8


class Decoder(Protocol):
    """Takes records out of a byte stream."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the records that ``chunk`` completes."""
        ...

    def finish(self) -> list[bytes]:
        """Return the last record, where nothing ended it."""
        ...


class Endpoint:
    """An HTTP server at ``url`` (no trailing slash needed); ``unreachable`` names its message.

    Raises:
        Unreachable: the address, or the environment's proxy for it, is none.
    """

    def __init__(
        self,
        url: str,
        unreachable: str,
        headers: Mapping[str, str] | None = None,
        *,
        stall_seconds: float = STALL_SECONDS,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self.base = url.rstrip("/")
        """What stands before every path."""
        self.url = without_user(self.base)
        """The address to show: no user's name, no password."""
        self._unreachable = unreachable
        self._stall_seconds = stall_seconds
        self._answer_seconds = answer_seconds
        if fault := fault_of(url):
            raise Unreachable("bad-url", url=self.url, why=fault)
        self._secrets = list(_secrets(url, headers or {}))
        loopback = is_loopback(url)
        self._is_behind_proxy = not loopback and has_proxy(url)
        # Loading the certificates takes a tenth of a second, and plain HTTP needs none.
        certificates = not loopback or url.startswith("https:")
        try:
            # A proxy set for the web must not catch what is meant for this machine.
            self._client = httpx.AsyncClient(
                # A model may take minutes to load before the first byte.
                timeout=httpx.Timeout(None, connect=connect_seconds),
                # Compressed, a small body could be a gigantic one, and tokens wait for each other.
                headers={"Accept-Encoding": "identity", **(headers or {})},
                trust_env=not loopback,
                verify=certificates,
                follow_redirects=False,
            )
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            raise bad_proxy(self.url, error) from error

    def below(self, base: str) -> Self:
        """Return the same server's endpoint at another ``base``; it shares the connections."""
        other = copy(self)
        other.base, other.url = base, without_user(base)
        return other

    async def get(self, path: str) -> bytes:
        """Return the body of the answer to a GET."""
        return (await self.get_with_headers(path))[0]

    async def get_with_headers(self, path: str) -> tuple[bytes, Mapping[str, str]]:
        """Return the body of the answer to a GET, and its headers, by names in any case."""
        seconds = self._answer_seconds
        try:
            async with asyncio.timeout(seconds):
                return await self._request("GET", path, None)
        except TimeoutError as error:
            raise Unreachable("endpoint-silent", url=self.url, why=f"{seconds:g} s") from error

    async def post(self, path: str, payload: Mapping[str, Any]) -> bytes:
        """Return the body of the answer to a POST."""
        return (await self._request("POST", path, payload))[0]

    async def stream(
        self,
        path: str,
        payload: Mapping[str, Any],
        decoder: Decoder,
        *,
        stall_seconds: float | None = None,
    ) -> AsyncGenerator[bytes, None]:
        """Yield the records of the answer to a POST as they arrive.

        Closing the generator closes the connection, at which runtimes stop generating.
        ``stall_seconds`` goes over what the server is allowed otherwise.

        Raises:
            Unreachable: nothing answers at the address.
            ModelUnavailable: the server sends us to another address.
            Refused: the answer's status says no, or its type is not that of a stream.
            Broken: the connection broke off or stalled, or a record is larger than 8 MiB.
        """
        wrong = {"text/html"} | ({"application/json"} if isinstance(decoder, SseDecoder) else set())
        async with self._answer("POST", path, payload) as it:
            if it.headers.get("Content-Type", "").partition(";")[0].strip().lower() in wrong:
                raise await self._refused(it)
            size = 0
            async with aclosing(self._chunks(it, stall_seconds)) as chunks:
                async for chunk in chunks:
                    records = decoder.feed(chunk)
                    size = len(chunk) + (0 if records else size)
                    if size > _RECORD_BYTES:
                        raise self._too_large()
                    for record in records:
                        yield record
        for record in decoder.finish():
            yield record

    def said(self, body: bytes) -> str:
        """Return what ``body`` says, on one short line and without secrets."""
        text = self._without_secrets(body.decode("utf-8", "replace"))
        # Once more behind JSON's escapes; and first of all, for an excerpt may cut a key in two.
        return self._without_secrets(error_text(text.encode()))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _request(
        self, method: str, path: str, payload: Mapping[str, Any] | None
    ) -> tuple[bytes, Mapping[str, str]]:
        async with self._answer(method, path, payload) as response:
            body = await self._body(response, _RECORD_BYTES + 1)
        if len(body) > _RECORD_BYTES:
            raise self._too_large()
        return body, response.headers

    @asynccontextmanager
    async def _answer(
        self, method: str, path: str, payload: Mapping[str, Any] | None
    ) -> AsyncIterator[httpx.Response]:
        """Give the answer to a request; its status says yes."""
        answered = False
        try:
            content = _content(payload)
            async with self._client.stream(method, self.base + path, **content) as response:
                answered = True
                if response.has_redirect_location:
                    raise self._redirected(response, path)
                if not response.is_success:
                    raise await self._refused(response)
                yield response
        except httpx.HTTPError as error:
            raise self._fault(error, answered=answered) from error

    async def _chunks(
        self, response: httpx.Response, stall_seconds: float | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield the body as it comes; the first byte may take its time, the later lines not.

        A server that sends a byte now and then, and never a whole line, stalls too.
        """
        chunks, clock = response.aiter_bytes(), asyncio.get_running_loop().time
        wait = stall_seconds or self._stall_seconds
        deadline: float | None = None
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    chunk = await anext(chunks, b"")
            except TimeoutError as error:
                raise Broken("stream-stalled", url=self.url, seconds=round(wait)) from error
            if not chunk:
                return
            yield chunk
            if deadline is None or b"\n" in chunk:
                deadline = clock() + wait

    async def _body(self, response: httpx.Response, limit: int) -> bytes:
        """Return the body's first ``limit`` bytes."""
        parts: list[bytes] = []
        size = 0
        async with aclosing(self._chunks(response)) as chunks:
            async for chunk in chunks:
                parts.append(chunk)
                size += len(chunk)
                if size >= limit:
                    break
        return b"".join(parts)[:limit]

    async def _refused(self, response: httpx.Response) -> Refused:
        why = self.said(await self._body(response, _ERROR_BYTES))
        why = why or httpx.codes.get_reason_phrase(response.status_code)
        after = seconds_of(response.headers.get("Retry-After", ""))
        return Refused(response.status_code, why, self.url, after)

    def _redirected(self, response: httpx.Response, path: str) -> ModelUnavailable:
        location = response.headers["Location"]
        with suppress(httpx.InvalidURL, ValueError):
            location = str(response.url.join(location))
        shown = excerpt(self._without_secrets(without_user(location.removesuffix(path))))
        return ModelUnavailable("endpoint-redirects", url=self.url, to=shown)

    def _too_large(self) -> Broken:
        return Broken("answer-too-large", url=self.url, size=_RECORD_BYTES >> 20)

    def _fault(self, error: httpx.HTTPError, *, answered: bool) -> ModelError:
        """Return our error for httpx's; ``answered`` is whether the answer had begun."""
        why = self._why(error)
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
            return Unreachable(self._cause(error), url=self.url, why=why)
        if answered:
            return Broken("stream-broken", url=self.url, why=why)
        # A connection that was kept open is closed by the server whenever it likes.
        dropped = isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError)
        retry = Retry("dropped") if dropped else None
        return Broken("connection-dropped", url=self.url, why=why, retry=retry)

    def _cause(self, error: BaseException) -> str:
        """Return the key of the message for why no connection came about."""
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, ssl.SSLError | socket.gaierror):
            cause = cause.__cause__ or cause.__context__
        if isinstance(cause, ssl.SSLError):
            return "tls-failed"
        # Behind a proxy, it is the proxy that no connection could be made to.
        if self._is_behind_proxy:
            return "bad-proxy"
        return self._unreachable if cause is None else "host-unknown"

    def _why(self, error: Exception) -> str:
        return self._without_secrets(reason(error))

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def _secrets(url: str, headers: Mapping[str, str]) -> Iterator[str]:
    """Yield what no message may hold, the longest first."""
    parsed = httpx.URL(url)
    basic = b64encode(f"{parsed.username}:{parsed.password}".encode()).decode()
    values = {parsed.password, basic, *headers.values()}
    values |= {value.partition(" ")[2] for value in headers.values()}
    yield from sorted((it for it in values if len(it) >= _SECRET_LENGTH), key=len, reverse=True)


def _content(payload: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the arguments that make httpx send ``payload`` as JSON."""
    if payload is None:
        return {}
    # A lone surrogate, of a path or an argument that is no UTF-8, has no bytes; httpx would fail.
    data = json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
    return {"content": data, "headers": {"Content-Type": "application/json"}}
