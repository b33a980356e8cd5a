"""A chat's title, made from its first message: no model is asked for it."""

from __future__ import annotations

import re
from typing import Final

MOST: Final = 60
"""How many characters a title has at the most."""
_MARKS: Final = re.compile(r"^(?:#{1,6}\s+|[-*+>]\s+|\d{1,9}[.)]\s+)+|[`*_~]{1,}")
_FENCE: Final = re.compile(r"^\s*(?:`{3,}|~{3,})")


def title_of(message: str) -> str:
    """Return a title: the message's first line that says something, on one line, shortened.

    Never empty where the message is not blank.
    """
    lines = [line for line in message.splitlines() if line.strip() and not _FENCE.match(line)]
    words = next(iter(filter(None, map(_plain, lines))), "") or " ".join(message.split())
    if len(words) <= MOST:
        return words
    head = words[: MOST - 1]
    # Chinese has no spaces to cut at.
    cut = head.rpartition(" ")[0] if words[MOST - 1] != " " else head
    return (cut if len(cut) > MOST // 2 else head).rstrip(" ,;:，；：、") + "…"


def _plain(line: str) -> str:
    return " ".join(_MARKS.sub("", line.strip()).split())
