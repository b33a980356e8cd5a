"""The files of settings: the user's and the project's."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import platformdirs

from spyhop.errors import SettingsError
from spyhop.settings.layers import KeyPath, Layer, Whose
from spyhop.settings.locate import locate

FILE_NAME: Final = "spyhop.toml"
# What the parser says, and the message that says what to do about it.
_MENDED: Final = {
    "Invalid value": "settings-syntax-value",
    "Expected '='": "settings-syntax-equals",
    "Unescaped '\\'": "settings-syntax-backslash",
    "Invalid hex value": "settings-syntax-backslash",
    "Expected \"'": "settings-syntax-quote",
    "Unterminated string": "settings-syntax-quote",
    "Illegal character '\\n'": "settings-syntax-quote",
    "Cannot overwrite": "settings-syntax-twice",
    "Cannot declare": "settings-syntax-twice",
    "Cannot redefine": "settings-syntax-twice",
    "Cannot mutate": "settings-syntax-twice",
    "Duplicate": "settings-syntax-twice",
}
_WHERE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def user_file() -> Path:
    """Return where the user's own settings are, or would be."""
    return Path(platformdirs.user_config_dir("spyhop", appauthor=False)) / FILE_NAME


def project_file(folder: Path) -> Path:
    """Return where the settings of the project in ``folder`` are, or would be."""
    return folder / FILE_NAME


def read(path: Path, whose: Whose) -> Layer:
    """Return what a file says; a file that is not there says nothing."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        options, lines = _parsed(path, text)
    except FileNotFoundError:
        return Layer(str(path), {}, whose)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        fault = SettingsError("settings-not-utf8", place=f"{path}:{line}")
    except OSError as error:
        why = error.strerror or str(error)
        fault = SettingsError("settings-unreadable", path=str(path), why=why)
    except SettingsError as error:
        fault = error
    else:
        places = {key: f"{path}:{line}" for key, line in lines.items()}
        return Layer(str(path), options, whose, places)
    return Layer(str(path), {}, whose, faults=(fault,))


def _parsed(path: Path, text: str) -> tuple[dict[str, Any], dict[KeyPath, int]]:
    """Return what a document says, and the lines of its keys.

    Raises:
        SettingsError: it is no TOML.
    """
    try:
        return tomllib.loads(text), locate(text)
    # A number of thousands of digits is a ValueError that names no place.
    except (ValueError, RecursionError) as error:
        raise _syntax(path, text, str(error)) from error


def stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what differs once a file of settings for ``folder`` was added, changed or removed."""
    found: list[tuple[str, int, int]] = []
    for path in (user_file(), project_file(folder)):
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((str(path), status.st_mtime_ns, status.st_size))
    return tuple(found)


def _syntax(path: Path, text: str, why: str) -> SettingsError:
    found = _WHERE.search(why)
    if found and found[1]:
        line, column = found.groups()
    else:
        line, column = str(text.count("\n") + 1), str(len(text) - text.rfind("\n"))
    said = why[: found.start()] if found else why
    key = next((key for words, key in _MENDED.items() if words in said), "settings-syntax")
    return SettingsError(key, place=f"{path}:{line}:{column}", why=said)
