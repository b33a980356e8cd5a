"""Text with what a terminal would obey, or nobody could see, as visible characters."""

from __future__ import annotations

from typing import Final

_VISIBLE: Final = (
    {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"}
    | {0x7F: 0x2421}
    | dict.fromkeys([*range(0x80, 0xA0), *range(0xD800, 0xE000)], 0xFFFD)
    # They turn the order of the signs around them, so that code reads otherwise than it runs.
    | dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD)
)


def visible(text: str) -> str:
    """Return ``text`` with what a terminal would obey or could not show as visible characters.

    What is shown of a change must be what is written.
    """
    return text.translate(_VISIBLE)


def visible_line(text: str) -> str:
    """Return ``text``, into which paths, names and foreign words were put, visible on one line."""
    return visible(text).replace("\n", "␊")
