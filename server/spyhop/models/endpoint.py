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


class Decoder(Protocol):
    """Takes records out of a byte stream."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the records that ``chunk`` completes."""
        ...

    def finish(self) -> list[bytes]:
        """Return the last record, where nothing ended it."""
        ...


class Endpoint:
    """An HTTP server at ``url`` (no trailing slash needed); ``unreachable`` names its message."""

    def __init__(
        self, url: str, unreachable: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self._unreachable = unreachable
        # A proxy set for the web must not catch what is meant for this machine.
        self._client = httpx.AsyncClient(
            timeout=_TIMEOUT, headers=dict(headers or {}), trust_env=not is_loopback(url)
        )

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
        async with self._mapped(), self._client.stream("POST", self.url + path, json=payload) as it:
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
            response = await self._client.request(method, self.url + path, json=payload)
        if response.is_error:
            raise self._refused(response.status_code, response.content)
        return response.content

    @asynccontextmanager
    async def _mapped(self) -> AsyncIterator[None]:
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise Unreachable(self._unreachable, url=self.url, why=reason(error)) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise Unreachable("bad-url", url=self.url, why=reason(error)) from error
        except httpx.HTTPError as error:
            raise Broken("stream-broken", url=self.url, why=reason(error)) from error

    def _refused(self, status: int, body: bytes) -> Refused:
        return Refused(status, error_text(body), self.url)


def is_loopback(url: str) -> bool:
    """Tell whether ``url`` names this machine."""
    try:
        host = httpx.URL(url).host
    except httpx.InvalidURL:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def error_text(body: bytes) -> str:
    """Return the message of an error body: ``{"error": …}`` as runtimes write it, else its text."""
    text = body.decode("utf-8", "replace").strip()
    try:
        value = json.loads(text)
    except ValueError:
        return excerpt(text)
    while isinstance(value, dict):
        value = value.get("error", value.get("message", text))
    return excerpt(str(value))


def excerpt(text: str) -> str:
    """Return the beginning of ``text`` on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else line[:_EXCERPT] + "…"


def reason(error: Exception) -> str:
    """Return what an exception says, or its name when it says nothing."""
    return str(error) or type(error).__name__
