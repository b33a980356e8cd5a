"""Lines with their depth and the line whose block they are in, told by indentation alone.

A line that closes or goes on with a block ("}", "else:", "</ul>") has the line that opened it as
its parent: by that two equal closing lines are told apart.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

from spyhop.core.indentation import indent_of
from spyhop.core.lines import is_blank

_TAB_WIDTH: Final = 4
_CLOSES: Final = re.compile(
    r"[)\]}]|</|(?:end\w*|else|elif|elsif|except|catch|finally|rescue|ensure|fi|done|esac|until)\b",
    re.IGNORECASE,
)
_OPENS: Final = re.compile(
    r"[:{(\[>]\s*(?:(?:#|//|--|/\*).*)?$|\b(?:do|then|else|begin|loop|try)\b\s*(?:\|[^|]*\|)?$"
    r"|(?:def|class|module|if|elif|elsif|unless|while|until|for|case|begin|switch|function"
    r"|local function|sub|proc)\b|</?\w[^<]*$",
    re.IGNORECASE,
)
_TELLS: Final = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that is not blank, without its outer white space."""

    number: int
    """The 0-based line."""
    text: str
    depth: int
    """The width of its indentation."""
    parents: tuple[str, ...]
    """The lines it is nested in, innermost first, as far as they are known."""
    is_rooted: bool
    """Whether all its parents are known: a placeholder, or code at the margin, may hide them."""

    @property
    def closes(self) -> bool:
        """Whether the line closes a block or goes on with one."""
        return bool(_CLOSES.match(self.text))

    @property
    def tells(self) -> bool:
        """Whether the line says something, as brackets and bare keywords do not."""
        return not self.closes and bool(_TELLS.search(self.text))


def depth_of(line: str) -> int:
    """Return the width of the indentation of ``line``."""
    return len(indent_of(line).expandtabs(_TAB_WIDTH))


def outline(lines: Sequence[str], placeholders: Container[int] = ()) -> list[Entry]:
    """Return the lines that are not blank; those of ``placeholders`` hide what they are nested in.

    A placeholder is an entry itself.
    """
    entries: list[Entry] = []
    above: list[Entry] = []
    for number, line in enumerate(lines):
        if is_blank(line):
            continue
        text, depth = line.strip(), depth_of(line)
        closes = bool(_CLOSES.match(text))
        while above and (above[-1].depth > depth or (above[-1].depth == depth and not closes)):
            above.pop()
        entry = _nested(number, text, depth, above[-1] if above else None, placeholders)
        while above and above[-1].depth == depth:
            above.pop()
        entries.append(entry)
        above.append(entry)
    return entries


def _nested(
    number: int, text: str, depth: int, parent: Entry | None, placeholders: Container[int]
) -> Entry:
    if parent is None:
        return Entry(number, text, depth, (), is_rooted=True)
    is_sibling = parent.depth == depth and not _OPENS.search(parent.text)
    if parent.number in placeholders or is_sibling:
        return Entry(number, text, depth, (), is_rooted=False)
    return Entry(number, text, depth, (parent.text, *parent.parents), parent.is_rooted)
