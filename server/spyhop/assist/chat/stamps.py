"""Ids and times for what is new."""

from __future__ import annotations

import secrets
import time


def new_id() -> str:
    """Return an id that nothing else has."""
    return secrets.token_hex(8)


def now() -> int:
    """Return the time in milliseconds since 1970, UTC."""
    return int(time.time() * 1000)
