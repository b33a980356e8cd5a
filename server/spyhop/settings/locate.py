"""Where the keys of a TOML document stand; the standard library's parser does not tell."""

from __future__ import annotations

import re
import tomllib
from typing import Final

from spyhop.settings.layers import KeyPath

_SPACE: Final = re.compile(r"[ \t]*")
# What may stand between statements and between the values of an array.
_GAP: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING: Final = re.compile(
    r"""\"""(?:\\.|[^\\])*?\"{3,5}|'''.*?'{3,5}|"(?:\\.|[^"\\])*"|'[^']*'""", re.DOTALL
)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
# A number, a truth or a date, which may hold a space.
_SCALAR: Final = re.compile(r"[^,\]}#\r\n]*")


def locate(text: str) -> dict[KeyPath, int]:
    """Return the lines, 1-based, where the keys of a valid TOML document first stand.

    A value in an array is below its index: ``("plugins", "0", "name")``. Tables that are only
    named on the way to another one are there too.
    """
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._text = text
        self._at = 0
        self._arrays: dict[KeyPath, int] = {}
        """How many tables each array of tables has so far."""

    def document(self) -> None:
        """Read the whole text."""
        table: KeyPath = ()
        while self._skip(_GAP) < len(self._text):
            if self._takes("[["):
                table = self._header(array=True)
            elif self._takes("["):
                table = self._header(array=False)
            else:
                self._pair(table)

    def _header(self, *, array: bool) -> KeyPath:
        table: KeyPath = ()
        parts = self._key()
        for index, part in enumerate(parts):
            table = (*table, part)
            self._found(table)
            if array and index + 1 == len(parts):
                self._arrays[table] = self._arrays.get(table, 0) + 1
            if count := self._arrays.get(table):
                table = (*table, str(count - 1))
        self._at += 2 if array else 1
        return table

    def _pair(self, table: KeyPath) -> None:
        path = table
        for part in self._key():
            path = (*path, part)
            self._found(path)
        self._at += 1
        self._skip(_SPACE)
        self._value(path)

    def _key(self) -> list[str]:
        """Read the parts of a key, and what is around them."""
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            if bare := _BARE.match(self._text, self._at):
                self._at = bare.end()
                parts.append(bare[0])
            else:
                parts.append(tomllib.loads(f"key = {self._string()}")["key"])
            self._skip(_SPACE)
            if not self._takes("."):
                return parts

    def _value(self, path: KeyPath) -> None:
        if self._takes("["):
            self._items(path)
        elif self._takes("{"):
            while self._skip(_GAP) < len(self._text) and not self._takes("}"):
                self._pair(path)
                self._skip(_GAP)
                self._takes(",")
        elif self._text[self._at] in "\"'":
            self._string()
        else:
            self._skip(_SCALAR)

    def _items(self, path: KeyPath) -> None:
        index = 0
        while self._skip(_GAP) < len(self._text) and not self._takes("]"):
            self._value((*path, str(index)))
            index += 1
            self._skip(_GAP)
            self._takes(",")

    def _string(self) -> str:
        start = self._at
        self._skip(_STRING)
        return self._text[start : self._at]

    def _found(self, path: KeyPath) -> None:
        if path not in self.lines:
            self.lines[path] = self._text.count("\n", 0, self._at) + 1

    def _takes(self, sign: str) -> bool:
        if not self._text.startswith(sign, self._at):
            return False
        self._at += len(sign)
        return True

    def _skip(self, what: re.Pattern[str]) -> int:
        """Go behind ``what``, where it stands here; return where that is."""
        if found := what.match(self._text, self._at):
            self._at = found.end()
        return self._at
