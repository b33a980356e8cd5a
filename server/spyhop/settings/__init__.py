"""Floor 1: options as sent, by files, environment and editors, and settings as resolved.

The layers, each over the one before: the defaults, the user's ``spyhop.toml``, the project's, the
environment's ``SPYHOP_*``, the editor's settings or the command line's options.
"""

from spyhop.settings.files import FILE_NAME, stamp
from spyhop.settings.layers import Layer
from spyhop.settings.resolve import Resolved, resolve
from spyhop.settings.schema import (
    CompleteSettings,
    EndpointSettings,
    Role,
    Settings,
    ThinkingSettings,
)
from spyhop.settings.sources import command_layer, editor_layer, layers_for

__all__ = [
    "FILE_NAME",
    "CompleteSettings",
    "EndpointSettings",
    "Layer",
    "Resolved",
    "Role",
    "Settings",
    "ThinkingSettings",
    "command_layer",
    "editor_layer",
    "layers_for",
    "resolve",
    "stamp",
]
