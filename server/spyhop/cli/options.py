"""Options that all commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from spyhop.settings import Resolved, command_layer, layers_for, resolve


class Backend(StrEnum):
    """Where the model runs."""

    OLLAMA = "ollama"
    OPENAI = "openai"
    EMBEDDED = "embedded"


BackendOption: TypeAlias = Annotated[
    Backend | None,
    typer.Option(help="Where the model runs: Ollama, a server of OpenAI's API, or Spyhop."),
]
UrlOption: TypeAlias = Annotated[
    str | None, typer.Option(help="Where the model server answers.", metavar="URL")
]
ModelOption: TypeAlias = Annotated[
    str | None,
    typer.Option(help="The model's exact name, or a GGUF file for the embedded engine."),
]
ShowThinkingOption: TypeAlias = Annotated[
    bool, typer.Option("--show-thinking", help="Print the model's thoughts to stderr.")
]


def settings_for(
    backend: Backend | None, url: str | None, model: str | None, folder: Path | None = None
) -> Resolved:
    """Return the settings in force for a command with these options, and what is wrong elsewhere.

    Raises:
        SettingsError: an option is wrong.
    """
    options = {"backend": backend and backend.value, "url": url, "model": model}
    layer = command_layer(options)
    for fault in resolve([layer]).faults:
        raise fault
    return resolve([*layers_for(folder or here()), layer])


def here() -> Path:
    """Return the folder that the command is run in."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        # It was deleted, so it holds no settings.
        return Path()
