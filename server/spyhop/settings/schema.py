"""Every setting: its name, its type, its default and what it is for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    StringConstraints,
)
from pydantic.alias_generators import to_camel

from spyhop.messages import Language, Value, language_of
from spyhop.settings import shorthand

Role: TypeAlias = Literal["edit", "chat", "complete"]

SECRETS: Final = ("key", "headers")
"""What belongs to one server and is shown nowhere."""
_KEY: Final = re.compile(r"[\x21-\x7e]+")
_HEADER_VALUE: Final = re.compile(r"[\x20-\x7e]+")


class Section(BaseModel):
    """A table of settings. Files and the environment write names_so, editors namesSo."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        alias_generator=to_camel,
        validate_by_name=True,
        # A key that is written wrong is a key all the same.
        hide_input_in_errors=True,
    )


@dataclass(frozen=True, slots=True)
class Wrong:
    """The message that says what a setting may be, and an example for it."""

    key: str
    example: Value = ""


# What HTTP cannot carry would fail at the first request, in words that quote it.
def _checked_key(key: SecretStr) -> SecretStr:
    text = key.get_secret_value().strip()
    if not _KEY.fullmatch(text):
        raise ValueError("no key")
    return SecretStr(text)


def _checked_value(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip()
    if not _HEADER_VALUE.fullmatch(text):
        raise ValueError("no header's value")
    return SecretStr(text)


def _checked_folder(folder: str) -> str:
    """Refuse a folder that would be another one wherever Spyhop is started."""
    if not (folder.startswith("~") or PurePath(folder).is_absolute()):
        raise ValueError("no absolute path")
    return folder


Key: TypeAlias = Annotated[SecretStr, AfterValidator(_checked_key)]
Headers: TypeAlias = Annotated[
    dict[
        Annotated[str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")],
        Annotated[SecretStr, AfterValidator(_checked_value)],
    ],
    BeforeValidator(shorthand.table),
]
Count: TypeAlias = Annotated[int, BeforeValidator(shorthand.number)]
Number: TypeAlias = Annotated[float, BeforeValidator(shorthand.number)]
Folder: TypeAlias = Annotated[str, AfterValidator(_checked_folder)]
LanguageName: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^\s*[\w.+#-]+\s*$")
]
ModelName: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class ConnectionSettings(Section):
    """A model server, and which of its models is asked in what way."""

    backend: Annotated[
        Literal["ollama", "openai", "embedded"], BeforeValidator(shorthand.lower)
    ] = Field(
        default="ollama",
        description="Where the model runs: Ollama; a server of OpenAI's API (llama.cpp, vLLM, LM "
        "Studio, Open WebUI, DeepSeek, …); or llama.cpp in Spyhop itself.",
    )
    url: Annotated[str, Wrong("settings-bad-url")] = Field(
        default="http://localhost:11434",
        pattern=r"^https?://[^/\s]+",
        description="Where the model server answers; for a server of OpenAI's API what stands "
        "before /chat/completions, which mostly ends in /v1.",
        examples=["http://localhost:11434", "https://api.deepseek.com/v1"],
    )
    key: Annotated[Key | None, Wrong("settings-bad-key")] = Field(
        default=None,
        description="The server's key, best set as SPYHOP_KEY in the environment. It is sent to "
        "the url beside it and shown nowhere.",
    )
    headers: Annotated[Headers, Wrong("settings-bad-headers")] = Field(
        default={},
        description="What else is sent with every request; kept as secret as the key. JSON in "
        "SPYHOP_HEADERS.",
        examples=[{"X-Team": "blue"}],
    )
    stall_seconds: Annotated[Number, Wrong("settings-bad-seconds", 120)] = Field(
        default=120,
        gt=0,
        description="How long a server that has begun to answer may send nothing.",
    )
    model: Annotated[ModelName | None, Wrong("settings-bad-model", "deepseek-r1:7b")] = Field(
        default=None,
        description="The model's name, or the path of a GGUF file. Unset: the largest "
        "DeepSeek-R1 there is.",
        examples=["deepseek-r1:7b", "~/models/DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf"],
    )
    context_tokens: Annotated[Count, Wrong("settings-bad-tokens", 8192)] = Field(
        default=8192,
        ge=1024,
        le=1_048_576,
        description="How many tokens prompt, thought and answer may take together. More takes "
        "more memory.",
    )
    keep_alive: Annotated[
        str, BeforeValidator(shorthand.text), Wrong("settings-bad-duration", "30m")
    ] = Field(
        default="30m",
        pattern=r"^-?\d+(ms|s|m|h)?$",
        description="How long Ollama, or the embedded engine, keeps the model in memory after a "
        "request; -1: for ever.",
    )


class EndpointSettings(ConnectionSettings):
    """An endpoint as it is asked: every value is the one in force. Equal ones may share a model."""

    name: str = "default"
    """``default`` where the user has named no endpoints."""
    of_project: bool = False
    """Whether a project that is not trusted chose the url: no key of the user's goes there."""

    def __hash__(self) -> int:
        # Headers are a table, so of what makes endpoints equal, what mostly tells them apart.
        return hash((self.name, self.backend, self.url, self.model))


class ThinkingSettings(Section):
    """Whether the model thinks, and when a thought is ended and the answer made from it."""

    mode: Annotated[
        Literal["on", "off"], BeforeValidator(shorthand.switch), Wrong("settings-bad-thinking")
    ] = Field(default="on", description="Whether the model thinks before it answers.")
    max_tokens: Annotated[Count | None, Wrong("settings-bad-tokens", 2000)] = Field(
        default=None,
        ge=1,
        le=1_048_576,
        description="After so many tokens the model answers from what it has thought. Unset: as "
        "many as leave room for the answer.",
    )
    max_seconds: Annotated[Number | None, Wrong("settings-bad-seconds", 60)] = Field(
        default=None, gt=0, description="The same by time."
    )


Thinking: TypeAlias = Annotated[
    ThinkingSettings, BeforeValidator(shorthand.thinking), Wrong("settings-bad-thinking")
]


class RoleSettings(Section):
    """What a role has of its own."""

    model: Annotated[ModelName | None, Wrong("settings-bad-model", "deepseek-r1:7b")] = Field(
        default=None,
        description="This role's own model, on the endpoint that it asks first. Unset: the one "
        "for all roles.",
        examples=["deepseek-r1:14b"],
    )
    endpoint: Annotated[str | None, Wrong("settings-bad-endpoint", "gpu")] = Field(
        default=None,
        description="The name of the endpoint that this role asks first; the others follow in "
        "their order.",
        examples=["gpu"],
    )


class ThinkingRoleSettings(RoleSettings):
    """A role whose model may think."""

    thinking: Thinking = Field(
        default=ThinkingSettings(),
        description="How long the model thinks in this role: on, off, a number of tokens, or a "
        "table. Unset: as in all roles.",
    )


class EditSettings(ThinkingRoleSettings):
    """Edits and comments."""

    repair: Annotated[Literal["off", "once"], BeforeValidator(shorthand.repair)] = Field(
        default="once",
        description="Whether the model is asked again when its edit would add a syntax error.",
    )


class ChatSettings(ThinkingRoleSettings):
    """Questions and chats."""


class CompleteSettings(RoleSettings):
    """Completion at the cursor. It never thinks."""

    enabled: bool = Field(
        default=True,
        description="Whether completions come while you type. With false, only where you ask.",
    )
    prompt_tokens: Annotated[Count, Wrong("settings-bad-tokens", 2000)] = Field(
        default=2000,
        ge=200,
        le=1_048_576,
        description="How many tokens of your code the model is shown, at most half of "
        "context_tokens. More takes longer to read, but only once.",
    )
    max_tokens: Annotated[Count, Wrong("settings-bad-tokens", 256)] = Field(
        default=256, ge=8, le=8192, description="How many tokens a completion may have."
    )
    languages_off: Annotated[
        tuple[LanguageName, ...],
        BeforeValidator(shorthand.names),
        Wrong("settings-bad-languages"),
    ] = Field(
        default=("markdown", "plaintext"),
        description="Languages, by the editor's names for them, in which completions come only "
        "where you ask.",
        examples=[["markdown", "plaintext", "latex"]],
    )


class Settings(ConnectionSettings):
    """Spyhop's settings. What stands at the top holds for every endpoint and role."""

    temperature: Annotated[Number, Wrong("settings-bad-number", 0.6)] = Field(
        default=0.6, ge=0, le=2, description="0.5 to 0.7 as R1's authors advise."
    )
    top_p: Annotated[Number, Wrong("settings-bad-share", 0.95)] = Field(
        default=0.95, gt=0, le=1, description="0.95 as R1's authors advise."
    )
    language: Annotated[Literal["auto", "en", "zh-cn"], BeforeValidator(shorthand.language)] = (
        Field(
            default="auto",
            description="The language of messages; auto: the editor's or the system's.",
        )
    )
    preload: bool = Field(
        default=True, description="Whether Ollama loads the model when an editor starts."
    )
    trusted_folders: Annotated[
        tuple[Folder, ...], BeforeValidator(shorthand.folders), Wrong("settings-bad-folders")
    ] = Field(
        default=(),
        description="Folders whose projects may set everything in their own spyhop.toml, as you "
        "may; with all folders below them. Only in your own spyhop.toml, or "
        "SPYHOP_TRUSTED_FOLDERS.",
        examples=[["~/work/mine"]],
    )
    edit: EditSettings = Field(default=EditSettings(), description="Edits and comments.")
    chat: ChatSettings = Field(default=ChatSettings(), description="Questions and chats.")
    thinking: Thinking = Field(
        default=ThinkingSettings(),
        description="How long the model thinks, in all roles: on, off, a number of tokens, or a "
        "table.",
    )
    complete: CompleteSettings = Field(
        default=CompleteSettings(), description="Completion at the cursor. It never thinks."
    )
    endpoints: Annotated[
        dict[str, ConnectionSettings],
        BeforeValidator(shorthand.endpoints),
        Wrong("settings-bad-endpoints"),
    ] = Field(
        default={},
        description="Several endpoints by name, tried in the order they are written. One that "
        "says nothing of a setting takes the top level's; only key and headers are not for an "
        "endpoint with a url of its own.",
    )
    _url_of_project: bool = PrivateAttr(default=False)

    def with_url_of_project(self) -> Settings:
        """Return these settings where a project that is not trusted chose the top level's url."""
        copy = self.model_copy()
        copy._url_of_project = True  # noqa: SLF001 - its own class's
        return copy

    def endpoints_for(self, role: Role) -> tuple[EndpointSettings, ...]:
        """Return the endpoints that a role asks, in the order to be tried; there is at least one.

        The role's own model is that of the first; the others have theirs.
        """
        own: RoleSettings = getattr(self, role)
        said = self.endpoints or {"default": ConnectionSettings.model_construct()}
        found = [self._endpoint(name, one) for name, one in said.items()]
        found.sort(key=lambda one: one.name != own.endpoint)
        if own.model is not None:
            found[0] = found[0].model_copy(update={"model": own.model})
        return tuple(found)

    def _endpoint(self, name: str, said: ConnectionSettings) -> EndpointSettings:
        values = {one: getattr(self, one) for one in ConnectionSettings.model_fields}
        own = said.model_fields_set
        if "url" in own:
            values |= {one: ConnectionSettings.model_fields[one].default for one in SECRETS}
        values |= {one: getattr(said, one) for one in own}
        of_project = self._url_of_project and "url" not in own
        return EndpointSettings(name=name, of_project=of_project, **values)

    def thinking_for(self, role: Literal["edit", "chat"]) -> ThinkingSettings:
        """Return how a role thinks: what it says itself, else what holds for all."""
        own: ThinkingSettings = getattr(self, role).thinking
        said: dict[str, Any] = {one: getattr(own, one) for one in own.model_fields_set}
        return self.thinking.model_copy(update=said)

    def language_for(self, locale: str | None) -> Language:
        """Return the language of messages where the system or the editor has ``locale``."""
        return language_of(locale) if self.language == "auto" else self.language
