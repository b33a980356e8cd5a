"""Options as sent, by files, environment and editors, and settings as resolved.

The layers, each over the one before: the defaults, the user's ``spyhop.toml``, the project's, the
environment's ``SPYHOP_*``, the editor's settings or the command line's options.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit

import platformdirs
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from spyhop.errors import SettingsError
from spyhop.messages import Language, language_of

FILE_NAME: Final = "spyhop.toml"
_PREFIX: Final = "SPYHOP_"
_SECRETS: Final = ("key", "headers")
_KEY: Final = re.compile(r"[\x21-\x7e]+")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[\x20-\x7e]+")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class _Section(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        # A key that is written wrong is a key all the same.
        hide_input_in_errors=True,
    )


# What HTTP cannot carry would fail at the first request, in words that quote it.
def _checked_key(key: SecretStr) -> SecretStr:
    text = key.get_secret_value().strip()
    if not _KEY.fullmatch(text):
        raise ValueError("a key is made of ASCII letters, digits and signs, without spaces")
    return SecretStr(text)


def _checked_headers(headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError("a header's name is made of ASCII letters, digits and hyphens")
        if not _HEADER_VALUE.fullmatch(value.get_secret_value().strip()):
            raise ValueError(f"the value of {name} is made of ASCII letters, digits and signs")
    return {name: SecretStr(value.get_secret_value().strip()) for name, value in headers.items()}


def _table(headers: object) -> object:
    """Read the table that a variable holds as JSON."""
    if not isinstance(headers, str):
        return headers
    try:
        return json.loads(headers)
    except (ValueError, RecursionError):
        raise ValueError('write headers as JSON: {"Name": "value"}') from None


Key: TypeAlias = Annotated[SecretStr, AfterValidator(_checked_key)]
Headers: TypeAlias = Annotated[
    dict[str, SecretStr], BeforeValidator(_table), AfterValidator(_checked_headers)
]


class EditSettings(_Section):
    """How edits are made."""

    repair: Literal["off", "once"] = "once"
    """Whether the model is asked again when its edit would add a syntax error."""


class ThinkingSettings(_Section):
    """When a thought is ended before its time, and the answer made from it as it is then."""

    max_tokens: int | None = Field(default=None, ge=1)
    """Unset: as many as leave room for the answer in the model's context."""
    max_seconds: float | None = Field(default=None, gt=0)


class Settings(_Section):
    """The settings in force. Files and the environment write names_so, editors namesSo."""

    backend: Literal["ollama", "openai", "embedded"] = "ollama"
    """``ollama``; ``openai`` for a server of that API; ``embedded`` for llama.cpp in Spyhop."""
    url: str = Field(default="http://localhost:11434", pattern=r"^https?://[^/\s]+")
    """Where Ollama answers, or a server of OpenAI's API: what stands before /chat/completions."""
    key: Key | None = None
    """What the server wants to know its users by; sent to ``url`` and written nowhere."""
    headers: Headers = {}
    """What else is sent with every request; kept as secret as the key."""
    stall_seconds: float = Field(default=120, gt=0)
    """How long a server that has begun to answer may send nothing."""
    model: str | None = None
    """The model's exact name, or a GGUF file's path; unset: the largest DeepSeek-R1 there is."""
    context_tokens: int = Field(default=8192, ge=1024, le=1_048_576)
    """How many tokens prompt, thought and answer may take together. More takes more memory."""
    temperature: float = Field(default=0.6, ge=0, le=2)
    top_p: float = Field(default=0.95, gt=0, le=1)
    keep_alive: str = Field(default="30m", pattern=r"^-?\d+(ms|s|m|h)?$")
    """How long Ollama keeps the model in memory after a request."""
    language: Literal["auto", "en", "zh-cn"] = "auto"
    """The language of messages."""
    edit: EditSettings = EditSettings()
    thinking: ThinkingSettings = ThinkingSettings()

    def language_for(self, locale: str | None) -> Language:
        """Return the language of messages where the system or the editor has ``locale``."""
        return language_of(locale) if self.language == "auto" else self.language


@dataclass(frozen=True, slots=True)
class Layer:
    """Options from one source, not yet checked."""

    source: str
    """What to call the source in a message."""
    options: Mapping[str, Any]
    of_project: bool = False
    """Whether it came with a project, and so perhaps from a stranger."""


def resolve(layers: Iterable[Layer]) -> Settings:
    """Return the settings that the layers make together, later ones over earlier ones.

    Where a project says where the server is, the user's key and headers are not for that server.

    Raises:
        SettingsError: an option does not exist or has no legal value; names its source and key.
    """
    merged: dict[str, Any] = {}
    url_of_project = False
    for layer in layers:
        try:
            checked = Settings.model_validate(_without_unset(layer.options))
        except ValidationError as error:
            raise _explained(error, layer) from error
        options = checked.model_dump(exclude_unset=True)
        url_of_project = layer.of_project if "url" in options else url_of_project
        _lay_over(merged, options)
    if url_of_project:
        for name in _SECRETS:
            merged.pop(name, None)
    return Settings.model_validate(merged)


def _without_unset(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``options`` without those that are None: editors send null for what is not set."""
    return {
        key: _without_unset(value) if isinstance(value, Mapping) else value
        for key, value in options.items()
        if value is not None
    }


def _lay_over(under: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, dict):
            _lay_over(under.setdefault(key, {}), value)
        else:
            under[key] = value


def layers_for(folder: Path, environment: Mapping[str, str] | None = None) -> list[Layer]:
    """Return the layers of files and environment for work in ``folder``.

    Raises:
        SettingsError: a file cannot be read, is no TOML, or sets what a project may not.
    """
    return [read() for read in sources_for(folder, environment)]


def sources_for(
    folder: Path, environment: Mapping[str, str] | None = None
) -> list[Callable[[], Layer]]:
    """Return what reads each of these layers, so that one that cannot be read spoils no other."""
    user = Path(platformdirs.user_config_dir("spyhop", appauthor=False)) / FILE_NAME
    sources = [partial(_file_layer, user)]
    project = folder / FILE_NAME
    if project != user:
        sources.append(partial(_project_layer, project))
    variables = os.environ if environment is None else environment
    return [*sources, partial(_environment_layer, variables)]


def _file_layer(path: Path) -> Layer:
    try:
        options = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        options = {}
    except tomllib.TOMLDecodeError as error:
        raise SettingsError("settings-syntax", path=str(path), why=str(error)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("settings-unreadable", path=str(path), why=str(error)) from error
    return Layer(str(path), options)


def _project_layer(path: Path) -> Layer:
    """Refuse what a project that was merely downloaded must not decide: where code is sent."""
    layer = _file_layer(path)
    url = layer.options.get("url")
    if isinstance(url, str) and not _is_loopback(url):
        raise SettingsError("settings-not-in-project", source=layer.source, key="url")
    for key in _SECRETS:
        if key in layer.options:
            raise SettingsError("settings-not-in-project", source=layer.source, key=key)
    if layer.options.get("backend") == "embedded":
        raise SettingsError("settings-not-in-project", source=layer.source, key="backend")
    model = layer.options.get("model")
    if isinstance(model, str) and _names_file(model, Path(layer.source).parent):
        raise SettingsError("settings-not-in-project", source=layer.source, key="model")
    return replace(layer, of_project=True)


def _names_file(model: str, folder: Path) -> bool:
    """Tell whether the embedded engine would read a file of the project's choice."""
    return (
        model.lower().endswith(".gguf")
        or model.startswith((".", "~", "/", "\\"))
        or ":\\" in model
        or (folder / model).exists()
    )


def _is_loopback(url: str) -> bool:
    try:
        return urlsplit(url).hostname in _LOOPBACK
    except ValueError:
        return False


def _environment_layer(environment: Mapping[str, str]) -> Layer:
    """Read ``SPYHOP_MODEL``, ``SPYHOP_THINKING_MAX_TOKENS``; an empty one is as good as none."""
    return Layer("environment SPYHOP_*", _from_environment(Settings, _PREFIX, environment))


def _from_environment(
    section: type[BaseModel], prefix: str, environment: Mapping[str, str]
) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, field in section.model_fields.items():
        variable = prefix + name.upper()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            options[name] = _from_environment(field.annotation, f"{variable}_", environment)
        elif value := environment.get(variable):
            options[name] = value
    return options


def _explained(error: ValidationError, layer: Layer) -> SettingsError:
    """Return the first fault with its source and key."""
    fault = error.errors()[0]
    key = ".".join(map(str, fault["loc"]))
    if fault["type"] == "extra_forbidden":
        known = ", ".join(_names(Settings))
        return SettingsError("settings-unknown-key", source=layer.source, key=key, known=known)
    return SettingsError("settings-bad-value", source=layer.source, key=key, why=fault["msg"])


def _names(section: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield the names of all settings, those of a section behind its name and a dot."""
    for name, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _names(field.annotation, f"{prefix}{name}.")
        else:
            yield prefix + name
