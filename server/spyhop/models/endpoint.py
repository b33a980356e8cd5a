"""One HTTP server of a model: JSON in, records out; httpx's exceptions are mapped here."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

import httpx

from spyhop.models.errors import Broken, Refused, Unreachable

# A model may take minutes to load before the first byte, so only connecting is bounded.
_TIMEOUT: Final = httpx.Timeout(None, connect=10.0)
_EXCERPT: Final = 200
_LAST_PORT: Final = 65_535


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
        self, url: str, unreachable: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self._unreachable = unreachable
        if fault := _fault(url):
            raise Unreachable("bad-url", url=url, why=fault)
        loopback = is_loopback(url)
        # Loading the certificates takes a tenth of a second, and plain HTTP needs none.
        certificates = not loopback or url.startswith("https:")
        try:
            # A proxy set for the web must not catch what is meant for this machine.
            self._client = httpx.AsyncClient(
                timeout=_TIMEOUT,
                headers=dict(headers or {}),
                trust_env=not loopback,
                verify=certificates,
            )
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            raise Unreachable("bad-proxy", url=self.url, why=reason(error)) from error

    async def get(self, path: str) -> bytes:
        """Return the body of the answer to a GET."""
        return await self._request("GET", path, None)

    async def post(self, path: str, payload: Mapping[str, Any]) -> bytes:
        """Return the body of the answer to a POST."""
        return await self._request("POST", path, payload)

    async def stream(
        self, path: str, payload: Mapping[str, Any], decoder: Decoder
    ) -> AsyncGenerator[bytes, None]:
        """Yield the records of the answer to a POST as they arrive.

        Closing the generator closes the connection, at which runtimes stop generating.

        Raises:
            Unreachable: nothing answers at the address.
            Refused: the answer's status says no.
            Broken: the connection broke off.
        """
        call = self._client.stream("POST", self.url + path, **_body(payload))
        async with self._mapped(), call as it:
            if it.is_error:
                raise self._refused(it.status_code, await it.aread())
            async for chunk in it.aiter_bytes():
                for record in decoder.feed(chunk):
                    yield record
        for record in decoder.finish():
            yield record

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _request(self, method: str, path: str, payload: Mapping[str, Any] | None) -> bytes:
        async with self._mapped():
            response = await self._client.request(method, self.url + path, **_body(payload))
        if response.is_error:
            raise self._refused(response.status_code, response.content)
        return response.content

    @asynccontextmanager
    async def _mapped(self) -> AsyncIterator[None]:
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise Unreachable(self._unreachable, url=self.url, why=reason(error)) from error
        except httpx.HTTPError as error:
            raise Broken("stream-broken", url=self.url, why=reason(error)) from error

    def _refused(self, status: int, body: bytes) -> Refused:
        return Refused(status, error_text(body), self.url)


def _body(payload: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the arguments that make httpx send ``payload`` as JSON."""
    if payload is None:
        return {}
    # A lone surrogate, of a path or an argument that is no UTF-8, has no bytes; httpx would fail.
    data = json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
    return {"content": data, "headers": {"Content-Type": "application/json"}}


def _fault(url: str) -> str:
    """Return why ``url`` is no address of an HTTP server; empty when it is one.

    httpx finds some of these faults when it connects, and raises what is no error of its own.
    """
    try:
        parsed = httpx.URL(url)
        host = parsed.host
    except (httpx.InvalidURL, ValueError) as error:
        return reason(error)
    if parsed.scheme not in {"http", "https"} or not host:
        return "http://HOST:PORT"
    if (parsed.port or 0) > _LAST_PORT:
        return f"port {parsed.port} > {_LAST_PORT}"
    return ""


def is_loopback(url: str) -> bool:
    """Tell whether ``url`` names this machine."""
    try:
        host = httpx.URL(url).host
    except (httpx.InvalidURL, ValueError):
        return False
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    # Ollama users write 0.0.0.0, where it listens, for where it answers.
    return address.is_loopback or address.is_unspecified


def error_text(body: bytes) -> str:
    """Return the message of an error body: ``{"error": …}`` as runtimes write it, else its text."""
    text = body.decode("utf-8", "replace").strip()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return excerpt(text)
    while isinstance(value, dict):
        value = value.get("error") or value.get("message")
    return excerpt(value if isinstance(value, str) else text)


def excerpt(text: str) -> str:
    """Return the beginning of ``text`` on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else line[:_EXCERPT] + "…"


def reason(error: Exception) -> str:
    """Return what an exception says, or its name when it says nothing."""
    return str(error) or type(error).__name__
