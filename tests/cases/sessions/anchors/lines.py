r"""Lines end at ``\n``, ``\r\n`` or ``\r`` and nowhere else.

LSP and Git agree on this; ``str.splitlines`` does not: it also splits at form feeds, U+0085 and
U+2028, which stand inside string literals of real source files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

LINE_END: Final = re.compile(r"\r\n|\n|\r")
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


def split_lines(text: str) -> list[str]:
    """Return the lines of ``text`` with their terminators; joined, they are ``text`` again."""
    return _LINE.findall(text)


def without_end(line: str) -> str:
    """Return ``line`` without its terminator."""
    return line.removesuffix("\n").removesuffix("\r")


def end_of(line: str) -> str:
    """Return the terminator of ``line``; empty when it has none."""
    return line[len(without_end(line)) :]


def common_end(text: str, default: str = "\n") -> str:
    """Return the line terminator that ``text`` uses most; ``default`` when it has none."""
    both = text.count("\r\n")
    counts = {"\r\n": both, "\n": text.count("\n") - both, "\r": text.count("\r") - both}
    most = max(counts.values())
    if not most:
        return default
    # Where several are as frequent, the first one in the text.
    ends = [end for end, count in counts.items() if count == most]
    return ends[0] if len(ends) == 1 else _first(text, ends)


def _first(text: str, ends: Sequence[str]) -> str:
    return next(end.group() for end in LINE_END.finditer(text) if end.group() in ends)


def is_blank(line: str) -> bool:
    """Tell whether ``line`` holds white space only."""
    return not line.strip()


def common_prefix(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many items both sequences share at the beginning."""
    limit = min(len(old), len(new))
    return next((i for i in range(limit) if old[i] != new[i]), limit)


def common_suffix(old: Sequence[str], new: Sequence[str], limit: int) -> int:
    """Return how many items, at most ``limit``, both sequences share at the end."""
    return next((i for i in range(limit) if old[-1 - i] != new[-1 - i]), limit)


class LineSplitter:
    """Splits a stream of text into lines; the same lines come out however it is cut."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest: list[str] = []

    def feed(self, chunk: str) -> list[str]:
        r"""Return the lines completed by ``chunk``, terminators included.

        A final ``\r`` waits for what follows: it may be half of ``\r\n``.
        """
        ready = LINE_END.search(chunk) or (self._rest and self._rest[-1].endswith("\r"))
        if not chunk or not ready:
            if chunk:
                self._rest.append(chunk)
            return []
        lines = split_lines("".join(self._rest) + chunk)
        complete = lines[-1].endswith("\n")
        self._rest = [] if complete else [lines.pop()]
        return lines

    def finish(self) -> list[str]:
        """Return the last line, which no terminator ended; empty when there is none."""
        rest, self._rest = "".join(self._rest), []
        return split_lines(rest)
