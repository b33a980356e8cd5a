"""Reading files from the web: redirects followed, and httpx's exceptions mapped.

Hubs and mirrors redirect to the hosts that hold their files. No key is sent to anyone; a user's
name and password stand in an address, so they go to its host alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

import httpx

from spyhop.core.urls import without_user
from spyhop.models.address import bad_proxy, fault_of, is_loopback
from spyhop.models.errors import Broken, ModelUnavailable, Unreachable
from spyhop.models.words import error_text, reason

STALL_SECONDS: Final = 60.0
"""How long a server may send nothing."""
_CONNECT_SECONDS: Final = 15.0
_MOST_REDIRECTS: Final = 10
_PAGE_BYTES: Final = 8 << 20
_ERROR_BYTES: Final = 1 << 16


class DownloadRefused(ModelUnavailable):
    """A server answered with an error status, ``status``."""

    def __init__(self, url: str, status: int, why: str) -> None:
        super().__init__("download-refused", url=url, status=status, why=why)
        self.status = status

    @property
    def passing(self) -> bool:
        """Whether it may be another answer the next time."""
        server_error = self.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return server_error or self.status == HTTPStatus.TOO_MANY_REQUESTS


class Web:
    """A client for downloads, open within ``async with``.

    Raises:
        Unreachable: the environment's proxy is none.
    """

    def __init__(self, url: str, *, stall_seconds: float = STALL_SECONDS) -> None:
        try:
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(stall_seconds, connect=_CONNECT_SECONDS),
                # What is counted and hashed are the file's own bytes.
                headers={"Accept-Encoding": "identity"},
                trust_env=not is_loopback(url),
                follow_redirects=False,
            )
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            raise bad_proxy(shown(url), error) from error

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    @asynccontextmanager
    async def open(
        self, url: str, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[httpx.Response]:
        """Give the answer to a GET, behind all redirects; 416 is one too.

        Raises:
            Unreachable: a host cannot be reached, or the address is none.
            DownloadRefused: the status says no.
            Broken: the connection broke off or stalled, or redirects never end or lead from
                https to http.
        """
        try:
            response = await self._behind_redirects(url, headers or {})
            try:
                range_fault = response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
                if not response.is_success and not range_fault:
                    why = error_text(await _beginning(response, _ERROR_BYTES))
                    # A page for people says no more than the status.
                    if not why or why.startswith("<"):
                        why = httpx.codes.get_reason_phrase(response.status_code)
                    raise DownloadRefused(shown(url), response.status_code, why)
                yield response
            finally:
                await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise Unreachable("download-unreachable", url=shown(url), why=reason(error)) from error
        except httpx.HTTPError as error:
            raise Broken("download-broken", url=shown(url), why=reason(error)) from error

    async def get(self, url: str) -> tuple[bytes, httpx.Headers]:
        """Return the body and the headers of the answer to a GET; raises what `open` does."""
        async with self.open(url) as response:
            body = await _beginning(response, _PAGE_BYTES + 1)
        if len(body) > _PAGE_BYTES:
            raise Broken("answer-too-large", url=shown(url), size=_PAGE_BYTES >> 20)
        return body, response.headers

    async def _behind_redirects(self, url: str, headers: Mapping[str, str]) -> httpx.Response:
        at = url
        for _ in range(_MOST_REDIRECTS + 1):
            if fault := fault_of(at):
                raise Unreachable("bad-url", url=shown(at), why=fault)
            request = self._client.build_request("GET", at, headers=headers)
            response = await self._client.send(request, stream=True)
            if not response.has_redirect_location:
                return response
            await response.aclose()
            at = redirect_target(response)
        raise Broken("download-redirects", url=shown(url), count=_MOST_REDIRECTS)


def redirect_target(response: httpx.Response) -> str:
    """Return the address that a redirect leads to.

    Raises:
        Broken: it is none, or what was asked for by https would come by http.
    """
    location = response.headers["Location"]
    try:
        target = response.url.join(location)
    except (httpx.InvalidURL, ValueError) as error:
        why = reason(error)
        raise Broken("download-broken", url=shown(str(response.url)), why=why) from error
    if response.url.scheme == "https" and target.scheme != "https":
        raise Broken("download-downgraded", url=shown(str(response.url)), to=shown(str(target)))
    return str(target)


def shown(url: str) -> str:
    """Return an address as it may be shown: without user and password, query and fragment."""
    return without_user(url).partition("?")[0].partition("#")[0]


async def _beginning(response: httpx.Response, limit: int) -> bytes:
    data = b""
    async for chunk in response.aiter_raw():
        data += chunk
        if len(data) >= limit:
            break
    return data[:limit]
