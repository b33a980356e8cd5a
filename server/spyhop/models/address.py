"""Addresses of HTTP servers: which are none, name this machine, or are behind a proxy."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.request import getproxies, proxy_bypass

import httpx

from spyhop.models.errors import Unreachable
from spyhop.models.words import reason

_FORM: Final = "http://HOST:PORT"
_LAST_PORT: Final = 65_535
_BARE: Final = re.compile(r"https?://[^/]+")


def openai_base(url: str) -> str:
    """Return what stands before OpenAI's paths in ``url``: most servers answer below /v1."""
    base = url.rstrip("/").removesuffix("/chat/completions").removesuffix("/completions")
    return f"{base}/v1" if _BARE.fullmatch(base) else base


def fault_of(url: str) -> str:
    """Return why ``url`` is no address of an HTTP server; empty when it is one.

    httpx finds some of these faults when it connects, and raises what is no error of its own.
    """
    try:
        parsed = httpx.URL(url)
        host = parsed.host
    except (httpx.InvalidURL, ValueError) as error:
        # What is no port is the beginning of a password then.
        return _FORM if "@" in url else reason(error)
    if parsed.scheme not in {"http", "https"} or not host:
        return _FORM
    if (parsed.port or 0) > _LAST_PORT:
        return f"port {parsed.port} > {_LAST_PORT}"
    return ""


def has_proxy(url: str) -> bool:
    """Tell whether the environment sets a proxy for ``url``, which is an address."""
    parsed, proxies = httpx.URL(url), getproxies()
    return bool(proxies.keys() & {parsed.scheme, "all"}) and not proxy_bypass(parsed.host)


def bad_proxy(url: str, error: Exception) -> Unreachable:
    """Return the error of a proxy in the environment that is none; ``url`` is what is asked."""
    # What is wrong with its address may be a part of a password.
    why = _FORM if isinstance(error, httpx.InvalidURL) else reason(error)
    return Unreachable("bad-proxy", url=url, why=why)


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
