"""The layers of settings for work in a folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spyhop.settings.environment import environment_layer
from spyhop.settings.files import project_file, read, user_file
from spyhop.settings.layers import KeyPath, Layer
from spyhop.settings.resolve import resolve
from spyhop.settings.trust import is_trusted


def layers_for(
    folder: Path, environment: Mapping[str, str] | None = None, *, trusted: bool = False
) -> list[Layer]:
    """Return the layers of files and environment for work in ``folder``.

    Its project decides everything where it is ``trusted``, or where the user's own file or the
    environment trusts the folder.
    """
    user = read(user_file(), "user")
    variables = environment_layer(os.environ if environment is None else environment)
    project = project_file(folder)
    if project == user_file():
        return [user, variables]
    trusted = trusted or is_trusted(folder, resolve([user, variables]).settings.trusted_folders)
    return [user, read(project, "trusted-project" if trusted else "project"), variables]


def editor_layer(prefix: str, options: Mapping[str, Any]) -> Layer:
    """Return the layer of an editor, which calls its settings ``prefix`` and their names.

    What is empty is not set: an editor may show an empty box for it.
    """
    places: dict[KeyPath, str] = {}
    said = _said(options, prefix, (), places)
    return Layer(prefix, said, "editor", places)


def _said(
    options: Mapping[str, Any], prefix: str, path: KeyPath, places: dict[KeyPath, str]
) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for key, value in options.items():
        here = (*path, key)
        places[here] = ".".join((prefix, *here))
        if isinstance(value, Mapping):
            said[key] = _said(value, prefix, here, places)
        elif value != "":
            said[key] = value
    return said


def command_layer(options: Mapping[str, Any]) -> Layer:
    """Return the layer of a command's options, by the names of the settings; None is not given."""
    places: dict[KeyPath, str] = {(name,): f"--{name.replace('_', '-')}" for name in options}
    return Layer("command line", options, places=places)
