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


def environment_layers(environment: Mapping[str, str]) -> list[Layer]:
    """Read ``SPYHOP_MODEL``, ``SPYHOP_THINKING_MAX_TOKENS``; an empty one is as good as none.

    Tables are JSON, folders are parted as in PATH. ``SPYHOP_ENDPOINTS_GPU_KEY`` is the key of the
    endpoint ``gpu``; such are a layer of their own, for it may not be there now.
    """
    options: dict[str, Any] = {}
    of_endpoints: dict[str, Any] = {}
    places: dict[KeyPath, str] = {}
    faults: list[SettingsError] = []
    known = {_variable(path): path for path in _paths()}
    # A table as a whole comes before what is in it.
    for variable in sorted(environment, key=len):
        if not variable.startswith(_PREFIX) or variable in _OTHERS or not environment[variable]:
            continue
        if (path := known.get(variable)) is not None:
            _put(options, path, _read(path, environment[variable]))
        elif (path := _endpoint_path(variable)) is not None:
            _put(of_endpoints, path, environment[variable])
        else:
            faults.append(_unknown(variable, known))
            continue
        places[path] = variable
    return [
        Layer("SPYHOP_*", options, places=places, faults=tuple(faults)),
        Layer("SPYHOP_*", of_endpoints, places=places, amends=True),
    ]


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
    if variable.startswith(_ENDPOINTS):
        rest = variable.removeprefix(_ENDPOINTS)
        for name in ConnectionSettings.model_fields:
            endpoint, found, behind = rest.rpartition(f"_{name.upper()}")
            if endpoint and found and not behind:
                return ("endpoints", endpoint.lower(), name)
    return None


def _read(path: KeyPath, text: str) -> object:
    if path == ("trusted_folders",):
        return [folder for folder in text.split(os.pathsep) if folder]
    if path == ("endpoints",):
        return shorthand.table(text)
    return shorthand.thinking(text) if path[-1] == "thinking" else text


def _put(options: dict[str, Any], path: KeyPath, value: object) -> None:
    *sections, last = path
    table = options
    for section in sections:
        table = table.setdefault(section, {})
    table[last] = value


def _unknown(variable: str, known: Mapping[str, KeyPath]) -> SettingsError:
    # What all begin with makes none of them near.
    near = nearest(variable.removeprefix(_PREFIX), (it.removeprefix(_PREFIX) for it in known))
    if near is not None:
        return SettingsError("settings-variable-near", name=variable, near=_PREFIX + near)
    return SettingsError("settings-unknown-variable", name=variable)
