"""A request's body: JSON, and not without end."""

from __future__ import annotations

import json
from typing import Any, Final

from starlette.requests import Request

MOST_BYTES: Final = 8 * 1024 * 1024
"""The longest message of the protocol is a million characters: up to four bytes each, and room."""
_SURROGATE: Final = b"\\ud"


class TooLong(Exception):  # noqa: N818 - what is the matter with the body
    """The body has more than `MOST_BYTES`; the rest was not read."""


class NotJson(Exception):  # noqa: N818 - what is the matter with the body
    """The body is no JSON object."""


async def read_object(request: Request) -> dict[str, Any]:
    """Return the body's JSON object.

    Raises:
        TooLong: it is, or says that it will be.
        NotJson: it is something else.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise NotJson
    said = request.headers.get("content-length", "0")
    if said.isdecimal() and int(said) > MOST_BYTES:
        raise TooLong
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise TooLong
    try:
        value = json.loads(body)
        if _SURROGATE in body.lower():
            # Half a character cannot be stored or sent on.
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise NotJson from error
    if not isinstance(value, dict):
        raise NotJson
    return value
