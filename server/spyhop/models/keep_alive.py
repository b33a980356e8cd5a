"""How long a model stays in memory after a request, written as Ollama takes it."""

from __future__ import annotations

import math
import re
from typing import Final

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_DURATION: Final = re.compile(rf"-?(?:\d+|(?:{_PART.pattern})+)")


def keep_alive_seconds(text: str) -> float:
    """Return the seconds that ``30m``, ``1h30m``, ``0`` or ``300`` mean; negative: infinity.

    Source: "How do I keep a model loaded in memory" in Ollama's FAQ, Go's time.ParseDuration.

    Raises:
        ValueError: it is no duration.
    """
    if not _DURATION.fullmatch(text):
        raise ValueError(text)
    if text.startswith("-"):
        return math.inf
    if text.isdigit():
        return float(text)
    return sum(float(count) * _UNITS[unit] for count, unit in _PART.findall(text))
