"""The files of settings: the user's and the project's."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import platformdirs

from spyhop.errors import SettingsError
from spyhop.settings.layers import Layer, Whose
from spyhop.settings.locate import locate

FILE_NAME: Final = "spyhop.toml"
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
        text = path.read_text(encoding="utf-8-sig")
        options = tomllib.loads(text)
    except FileNotFoundError:
        return Layer(str(path), {}, whose)
    except tomllib.TOMLDecodeError as error:
        return Layer(str(path), {}, whose, faults=(_syntax(path, str(error)),))
    except (OSError, UnicodeDecodeError) as error:
        fault = SettingsError("settings-unreadable", path=str(path), why=str(error))
        return Layer(str(path), {}, whose, faults=(fault,))
    places = {key: f"{path}:{line}" for key, line in locate(text).items()}
    return Layer(str(path), options, whose, places)


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


def _syntax(path: Path, why: str) -> SettingsError:
    found = _WHERE.search(why)
    place = f"{path}:{found[1]}:{found[2]}" if found and found[1] else str(path)
    return SettingsError("settings-syntax", place=place, why=why[: found.start()] if found else why)
