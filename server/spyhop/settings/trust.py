"""What a project may decide that was perhaps merely downloaded: not where code is sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from spyhop.core.paths import is_path
from spyhop.errors import SettingsError
from spyhop.settings.check import Said
from spyhop.settings.files import user_file
from spyhop.settings.layers import KeyPath, Layer
from spyhop.settings.schema import SECRETS

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def is_trusted(folder: Path, trusted: Iterable[str]) -> bool:
    """Tell whether ``folder`` is one of ``trusted`` or below one; links are followed.

    A trusted folder is absolute, or begins with ``~``.
    """
    try:
        real = folder.resolve()
    except (OSError, RuntimeError):
        return False
    return any(_is_below(real, one) for one in trusted)


def _is_below(real: Path, trusted: str) -> bool:
    try:
        top = Path(trusted).expanduser()
        return any(top.samefile(one) for one in (real, *real.parents))
    except (OSError, RuntimeError, ValueError):
        return False


def permitted(
    layer: Layer, said: Mapping[KeyPath, Said]
) -> tuple[dict[KeyPath, Said], list[SettingsError]]:
    """Return what ``layer`` may say of what it says, and the faults for the rest."""
    kept: dict[KeyPath, Said] = {}
    faults: list[SettingsError] = []
    for path, one in said.items():
        if path == ("trusted_folders",) and layer.whose != "user":
            faults.append(
                SettingsError("settings-trust-elsewhere", place=one.place, file=str(user_file()))
            )
        elif layer.whose != "project" or _is_harmless(path, one.value, _folder(layer)):
            kept[path] = one
        elif len(path) == 1 or path[0] != "endpoints" or path[2:] == ():
            faults.append(_refusal(path, one.place, _folder(layer)))
    return kept, faults


def _refusal(path: KeyPath, place: str, folder: Path) -> SettingsError:
    return SettingsError(
        "settings-not-in-project",
        place=place,
        key=".".join(path),
        file=str(user_file()),
        folder=json.dumps(folder.as_posix(), ensure_ascii=False),
    )


def _folder(layer: Layer) -> Path:
    return Path(layer.source).parent


def _is_harmless(path: KeyPath, value: object, folder: Path) -> bool:
    name = path[-1]
    if path[0] == "endpoints" or name == "endpoint" or name in SECRETS:
        return False
    if name == "url":
        return _is_loopback(str(value))
    if name == "backend":
        return value != "embedded"
    return name != "model" or not _names_file(str(value), folder)


def _names_file(model: str, folder: Path) -> bool:
    """Tell whether the embedded engine would read a file of the project's choice."""
    return model.lower().endswith(".gguf") or is_path(model) or _exists(folder / model)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        # Of a name that no file can have.
        return False


def _is_loopback(url: str) -> bool:
    try:
        return urlsplit(url).hostname in _LOOPBACK
    except ValueError:
        return False
