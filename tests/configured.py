"""Settings of tests: legal values of each, and files that hold some."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st
from pydantic import SecretStr

from spyhop.errors import SettingsError
from spyhop.settings import FILE_NAME, Resolved, Settings, layers_for, resolve

PLANTED: Final = "sk-planted-0123456789"

_THINKING: Final[dict[str, tuple[Any, ...]]] = {
    "thinking.mode": ("on", "off"),
    "thinking.max_tokens": (1, 4000),
    "thinking.max_seconds": (0.5, 60),
}
LEGAL: Final[dict[str, tuple[Any, ...]]] = {
    "backend": ("ollama", "openai", "embedded"),
    "url": ("http://localhost:1", "https://gpu.example:6399"),
    "key": ("sk-1", "a+/=:b"),
    "headers": ({"X-Team": "blue", "api-key": "a b"},),
    "stall_seconds": (0.5, 600),
    "model": ("deepseek-r1:7b", "a.gguf"),
    "context_tokens": (1024, 4096, 1_048_576),
    "temperature": (0, 0.5, 2),
    "top_p": (0.1, 1),
    "keep_alive": ("-1", "5m", "0", "300"),
    "language": ("auto", "en", "zh-cn"),
    "preload": (True, False),
    "trusted_folders": (["~/work/mine", "/srv/mine"],),
    "edit.repair": ("off", "once"),
    "complete.enabled": (True, False),
    "complete.prompt_tokens": (200, 4000),
    "complete.max_tokens": (8, 512),
    "complete.languages_off": (["markdown", "c++"], ["latex"]),
    **_THINKING,
    **{f"edit.{name}": values for name, values in _THINKING.items()},
    **{f"chat.{name}": values for name, values in _THINKING.items()},
    **{f"{role}.model": ("deepseek-r1:14b",) for role in ("edit", "chat", "complete")},
}
"""Legal values of the settings by their names, but for those about several endpoints."""

flat_options = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(values) for name, values in LEGAL.items()}
)
"""Legal options by their names."""


def nested(flat: Mapping[str, Any], spell: Callable[[str], str] = str) -> dict[str, Any]:
    """Put ``section.name`` into tables, as files and editors have them."""
    tables: dict[str, Any] = {}
    for name, value in flat.items():
        *sections, last = map(spell, name.split("."))
        table = tables
        for section in sections:
            table = table.setdefault(section, {})
        table[last] = value
    return tables


def value_of(settings: Settings, name: str) -> Any:
    """Return a setting's value as a file has it."""
    return plain(attrgetter(name)(settings))


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return list(value)
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def write(path: Path, text: str) -> Path:
    """Write a file, and the folders that it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def project(folder: Path, text: str) -> Path:
    """Write a project's settings."""
    return write(folder / FILE_NAME, text)


def resolved_in(folder: Path, **environment: str) -> Resolved:
    return resolve(layers_for(folder, environment))


def settings_in(folder: Path, **environment: str) -> Settings:
    """Return the settings in force in a folder, where nothing is wrong."""
    resolved = resolved_in(folder, **environment)
    assert resolved.faults == ()
    return resolved.settings


def fault_in(folder: Path, **environment: str) -> SettingsError:
    """Return what is wrong, where one thing is."""
    [fault] = resolved_in(folder, **environment).faults
    return fault
