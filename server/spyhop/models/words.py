"""What servers and exceptions say, and the models that there are, on one short line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from rapidfuzz.distance import Indel

_EXCERPT: Final = 200
_MOST_NAMES: Final = 20


def error_text(body: bytes) -> str:
    """Return the message of an error body: ``{"error": …}`` as runtimes write it, else its text."""
    text = body.decode("utf-8", "replace").strip()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return excerpt(text)
    while isinstance(value, dict):
        value = value.get("error") or value.get("message") or value.get("detail")
    return excerpt(value if isinstance(value, str) else text)


def excerpt(text: str) -> str:
    """Return the beginning of ``text`` on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else line[:_EXCERPT] + "…"


def names_text(names: Iterable[str], wanted: str) -> str:
    """Return ``names`` for a message: of very many those most like ``wanted``; ``-`` for none."""
    known = list(names)
    if len(known) > _MOST_NAMES:
        known.sort(key=lambda name: Indel.normalized_distance(wanted.lower(), name.lower()))
        known[_MOST_NAMES:] = ["…"]
    return ", ".join(known) or "-"


def reason(error: Exception) -> str:
    """Return what an exception says, or its name when it says nothing."""
    return str(error) or type(error).__name__


def seconds_of(retry_after: str) -> int | None:
    """Return how many seconds a ``Retry-After`` means: it gives them, or a date."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return int(text[:9])
    try:
        left = parsedate_to_datetime(text) - datetime.now(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
    return max(0, round(left.total_seconds()))
