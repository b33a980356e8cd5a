r"""The file that a code block of an answer names: in its info string, right above it, or within.

```python src/a.py        ```src/a.py        ```python title="src/a.py"      ```python:src/a.py
**src/a.py**              In `src/a.py`:     ### src/a.py                    File: src/a.py
# src/a.py                // src/a.py        <!-- src/a.html -->     in the first line
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from spyhop.core.lines import is_blank, without_end

_PATH: Final = r"(?:[A-Za-z]:[\\/])?[\w.+@~-]*(?:[\\/][\w.+@~ -]+)*[\w+@~-]*\.[A-Za-z]\w{0,9}"
_IN_INFO: Final = re.compile(rf"(?:^|[\s:='\"{{(])(?P<path>{_PATH})(?=$|[\s:'\"}})#])")
_QUOTED: Final = re.compile(rf"(?:`|\*\*|\"|')(?P<path>{_PATH})(?::\d+(?:-\d+)?)?(?:`|\*\*|\"|')")
_ALONE: Final = re.compile(
    rf"^\W*(?:(?:in|file|filename|path)\W+|(?:文件|在)\W*)?(?P<path>{_PATH})\W*$", re.IGNORECASE
)
_IN_COMMENT: Final = re.compile(
    rf"^\s*(?:#|//|--|/\*|<!--|;|%)\s*(?:file(?:name)?|path|文件)?[:：]?\s*(?P<path>{_PATH})"
    r"(?:\s+\([^)]*\))?\s*(?:\*/|-->)?\s*$",
    re.IGNORECASE,
)
# How many lines above a block may name its file.
_REACH: Final = 2


def file_in_info(info: str) -> str | None:
    """Return the file that a block's info string names."""
    # The first word is mostly the language: "python" has no dot, and "a.py" is a file.
    found = [match["path"] for match in _IN_INFO.finditer(info)]
    return _clean(found[0]) if found else None


def file_above(prose: Sequence[str]) -> str | None:
    """Return the one file that the last lines of ``prose`` name; None: none, or several."""
    shown = [without_end(line) for line in prose if not is_blank(line)][-_REACH:]
    for line in reversed(shown):
        names = {match["path"] for match in _QUOTED.finditer(line)}
        if alone := _ALONE.match(line):
            names = {alone["path"]}
        if names:
            return _clean(names.pop()) if len(names) == 1 else None
    return None


def file_in_first_line(line: str) -> str | None:
    """Return the file that a block's first line names, as a comment of nothing else."""
    found = _IN_COMMENT.match(without_end(line))
    return _clean(found["path"]) if found else None


def matching(name: str, paths: Sequence[str]) -> list[str]:
    """Return which of ``paths`` a name means: the same, else those that end in it."""
    name = name.removeprefix("./")
    if name in paths:
        return [name]
    return [path for path in paths if path.endswith(f"/{name}") or name.endswith(f"/{path}")]


def _clean(path: str) -> str:
    return path.strip().replace("\\", "/")
