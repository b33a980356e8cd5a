"""What people also write for a setting, where it can mean but one thing.

Each function returns the value spelt out, and what it does not know as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

# Of a number that could be meant; Python refuses to read one of thousands.
_DIGITS: Final = 18
_LANGUAGES: Final = {
    "zh": "zh-cn",
    "zh-hans": "zh-cn",
    "english": "en",
    "en-gb": "en",
    "en-us": "en",
}


def lower(value: object) -> object:
    """``"Ollama"`` is ``"ollama"``."""
    return value.strip().lower() if isinstance(value, str) else value


def text(value: object) -> object:
    """``300`` is ``"300"``."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def switch(value: object) -> object:
    """``true`` is ``"on"``, ``false`` is ``"off"``."""
    if isinstance(value, bool):
        return "on" if value else "off"
    known = lower(value)
    return {"true": "on", "false": "off"}.get(known, known) if isinstance(known, str) else known


def repair(value: object) -> object:
    """``true`` is ``"once"``, ``false`` is ``"off"``."""
    known = switch(value)
    return "once" if known == "on" else known


def thinking(value: object) -> object:
    """``"off"`` is ``{mode = "off"}``, ``2000`` is ``{mode = "on", max_tokens = 2000}``."""
    known = switch(value)
    if isinstance(known, str) and len(known) <= _DIGITS and known.removeprefix("-").isdecimal():
        known = int(known)
    if isinstance(known, int):
        return {"mode": "on", "max_tokens": known} if known else {"mode": "off"}
    return {"mode": known} if isinstance(known, str) else value


def language(value: object) -> object:
    """``"zh_CN"`` and ``"zh"`` are ``"zh-cn"``."""
    known = lower(value)
    if isinstance(known, str):
        known = known.replace("_", "-")
        return _LANGUAGES.get(known, known)
    return known


def folders(value: object) -> object:
    """``"~/work"`` is ``["~/work"]``."""
    return [value] if isinstance(value, str) else value


def names(value: object) -> object:
    """``"markdown, latex"`` is ``["markdown", "latex"]``; an empty text is no name."""
    if not isinstance(value, str):
        return value
    return [name.strip() for name in value.split(",") if name.strip()]


def number(value: object) -> object:
    """``true`` is no number.

    Raises:
        ValueError: it is ``true`` or ``false``.
    """
    if isinstance(value, bool):
        raise ValueError("no number")  # noqa: TRY004 - what pydantic takes for a wrong value
    return value


def table(value: object) -> object:
    """Read the table that a variable holds as JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def endpoints(value: object) -> object:
    """A text for an endpoint is its url."""
    known = table(value)
    if not isinstance(known, Mapping):
        return known
    return {name: {"url": one} if isinstance(one, str) else one for name, one in known.items()}
