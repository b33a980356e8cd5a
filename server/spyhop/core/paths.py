"""Paths of model files, told from models' names."""

from __future__ import annotations

import re
from typing import Final

# ./x, ~/x, /x, \\host\x, C:\x
_PATH: Final = re.compile(r"[.~/\\]|[A-Za-z]:[/\\]")


def is_path(model: str) -> bool:
    """Tell whether ``model`` is written as a path: from here, the user's folder or the root."""
    return bool(_PATH.match(model))
