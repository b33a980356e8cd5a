"""What ``SPYHOP_*`` in the environment says."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, Final

from spyhop.core.nearest import nearest
from spyhop.errors import SettingsError
from spyhop.settings import shorthand
from spyhop.settings.check import names
from spyhop.settings.layers import KeyPath, Layer
from spyhop.settings.schema import ConnectionSettings, Settings

_PREFIX: Final = "SPYHOP_"
_ENDPOINTS: Final = f"{_PREFIX}ENDPOINTS_"
# The project's own tests are told by it how long to look.
_OTHERS: Final = frozenset({"SPYHOP_EXAMPLES"})


def environment_layer(environment: Mapping[str, str]) -> Layer:
    """Read ``SPYHOP_MODEL``, ``SPYHOP_THINKING_MAX_TOKENS``; an empty one is as good as none.

    Tables are JSON, folders are parted as in PATH. ``SPYHOP_ENDPOINTS_GPU_KEY`` is the key of the
    endpoint ``gpu``.
    """
    options: dict[str, Any] = {}
    places: dict[KeyPath, str] = {}
    faults: list[SettingsError] = []
    known = {_variable(path): path for path in _paths()}
    # A table as a whole comes before what is in it.
    for variable in sorted(environment, key=len):
        if not variable.startswith(_PREFIX) or variable in _OTHERS or not environment[variable]:
            continue
        if (path := known.get(variable) or _endpoint_path(variable)) is None:
            faults.append(_unknown(variable, known))
        else:
            _put(options, path, _read(path, environment[variable]))
            places[path] = variable
    return Layer("SPYHOP_*", options, places=places, faults=tuple(faults))


def _paths() -> Iterator[KeyPath]:
    """Yield the paths of all settings, and of the tables that can be written in one."""
    for name in names(Settings):
        path = tuple(name.split("."))
        yield path
        if path[-2:] == ("thinking", "mode"):
            yield path[:-1]


def _variable(path: KeyPath) -> str:
    return _PREFIX + "_".join(path).upper()


def _endpoint_path(variable: str) -> KeyPath | None:
    """Return the path of an endpoint's setting; its name is what stands before the setting's."""
    for name in ConnectionSettings.model_fields:
        suffix = f"_{name.upper()}"
        if variable.startswith(_ENDPOINTS) and variable.endswith(suffix):
            endpoint = variable.removeprefix(_ENDPOINTS).removesuffix(suffix).lower()
            return ("endpoints", endpoint, name) if endpoint else None
    return None


def _read(path: KeyPath, text: str) -> object:
    if path == ("trusted_folders",):
        return [folder for folder in text.split(os.pathsep) if folder]
    if path == ("endpoints",):
        return shorthand.endpoints(text)
    return shorthand.thinking(text) if path[-1] == "thinking" else text


def _put(options: dict[str, Any], path: KeyPath, value: object) -> None:
    *sections, last = path
    table = options
    for section in sections:
        inner = table.setdefault(section, {})
        if not isinstance(inner, dict):
            # The table as a whole is wrong, and told so.
            return
        table = inner
    table[last] = value


def _unknown(variable: str, known: Mapping[str, KeyPath]) -> SettingsError:
    if (near := nearest(variable, known)) is not None:
        return SettingsError("settings-variable-near", name=variable, near=near)
    return SettingsError("settings-unknown-variable", name=variable)
