"""A layer's options against the schema: each value is legal, or left out and its fault told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from pydantic import ValidationError
from pydantic.alias_generators import to_camel, to_snake
from pydantic.fields import FieldInfo

from spyhop.core.nearest import nearest
from spyhop.errors import SettingsError
from spyhop.messages import Value
from spyhop.settings import shorthand
from spyhop.settings.layers import KeyPath, Layer
from spyhop.settings.schema import (
    SECRETS,
    ConnectionSettings,
    Section,
    Settings,
    ThinkingSettings,
    Wrong,
)

_ENDPOINT: Final = re.compile(r"\w[\w-]*")
# What the same is called elsewhere, where the name alone does not tell.
_ELSEWHERE: Final = {
    "api_key": "key",
    "ask": "chat",
    "base_url": "url",
    "completion": "complete",
    "context_length": "context_tokens",
    "context_window": "context_tokens",
    "host": "url",
    "num_ctx": "context_tokens",
    "provider": "backend",
    "timeout": "stall_seconds",
    "token": "key",
    "trusted": "trusted_folders",
}
# A key that landed in the wrong place is longer.
_SHOWN: Final = 16
# Python refuses to write a larger number out.
_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Said:
    """A legal value, and where it stands."""

    value: Any
    place: str


def checked(layer: Layer) -> tuple[dict[KeyPath, Said], list[SettingsError]]:
    """Return what ``layer`` legally says, by canonical paths, and what is wrong with the rest.

    An endpoint is there as ``("endpoints", name)``, also when it says nothing.
    """
    reader = _Reader(layer)
    reader.section(Settings, layer.options, (), ())
    return reader.found, reader.faults


def names(section: type[Section], prefix: str = "") -> Iterator[str]:
    """Yield the names of all settings, those of a table behind its name and a dot."""
    for name, field in section.model_fields.items():
        if (inner := _section_of(field)) is not None:
            yield from names(inner, f"{prefix}{name}.")
        else:
            yield prefix + name


class _Reader:
    def __init__(self, layer: Layer) -> None:
        self.found: dict[KeyPath, Said] = {}
        self.faults: list[SettingsError] = []
        self._layer = layer

    def section(
        self, kind: type[Section], options: Mapping[str, Any], written: KeyPath, path: KeyPath
    ) -> None:
        """Take in a table; ``written`` is its path as the source has it."""
        for key, value in options.items():
            # Editors send null for what is not set.
            if value is None:
                continue
            here = (*written, key)
            name = _name_of(kind, key)
            if name is None:
                self._unknown(kind, here, path)
            elif (inner := _section_of(kind.model_fields[name])) is not None:
                self._table(inner, value, here, (*path, name))
            elif (*path, name) == ("endpoints",):
                self._endpoints(value, here)
            else:
                self._value(kind, value, here, (*path, name))

    def _table(self, kind: type[Section], value: object, written: KeyPath, path: KeyPath) -> None:
        thinks = issubclass(kind, ThinkingSettings)
        table = shorthand.thinking(value) if thinks else value
        if isinstance(table, Mapping):
            self.section(kind, table, written, path)
        else:
            key = "settings-bad-thinking" if thinks else "settings-bad-table"
            self._wrong(key, written, value)

    def _endpoints(self, value: object, written: KeyPath) -> None:
        table = shorthand.endpoints(value)
        if not isinstance(table, Mapping):
            self._wrong("settings-bad-endpoints", written, value)
            return
        for name, said in table.items():
            here, path = (*written, name), ("endpoints", name)
            if said is None:
                continue
            if not _ENDPOINT.fullmatch(name):
                self._wrong("settings-bad-endpoint-name", here, name)
            elif not isinstance(said, Mapping):
                self._wrong("settings-bad-endpoints", here, said)
            else:
                self.found[path] = Said({}, self._layer.place(here))
                self.section(ConnectionSettings, said, here, path)

    def _value(self, kind: type[Section], value: object, written: KeyPath, path: KeyPath) -> None:
        name = path[-1]
        try:
            made = kind.model_validate({name: value})
        except ValidationError as error:
            # Within a table of texts, the one that is wrong.
            inner = [str(part) for part in error.errors()[0]["loc"][1:] if part != "[key]"]
            at = (*written, *inner) if name in SECRETS else written
            self._wrong(_message(kind.model_fields[name]), at, value, kind.model_fields[name])
        else:
            self.found[path] = Said(getattr(made, name), self._layer.place(written))

    def _wrong(
        self, message: str, written: KeyPath, value: object, field: FieldInfo | None = None
    ) -> None:
        shown = "" if set(written) & set(SECRETS) else quoted(value)
        allowed = {} if field is None else _allowed(field)
        place, key = self._layer.place(written), ".".join(written)
        self.faults.append(SettingsError(message, place=place, key=key, value=shown, **allowed))

    def _unknown(self, kind: type[Section], written: KeyPath, path: KeyPath) -> None:
        place, key = self._layer.place(written), ".".join(written)
        if (*path, written[-1]) == ("complete", "thinking"):
            self.faults.append(SettingsError("settings-complete-thinking", place=place))
            return
        if (near := self._meant(kind, written)) is not None:
            error = SettingsError("settings-unknown-near", place=place, key=key, near=near)
        else:
            known = ", ".join(map(self._spelt, kind.model_fields))
            error = SettingsError("settings-unknown-key", place=place, key=key, known=known)
        self.faults.append(error)

    def _meant(self, kind: type[Section], written: KeyPath) -> str | None:
        """Return the setting that was probably meant: of this table, else of another one."""
        key = written[-1]
        near = nearest(key, {*kind.model_fields, *names(kind)})
        if near is None and _ELSEWHERE.get(to_snake(key)) in kind.model_fields:
            near = _ELSEWHERE[to_snake(key)]
        if near is not None:
            return ".".join((*written[:-1], self._spelt(near)))
        found = [name for name in names(Settings) if name.rpartition(".")[2] == to_snake(key)]
        return self._spelt(min(found, key=len)) if found else None

    def _spelt(self, name: str) -> str:
        if self._layer.whose != "editor":
            return name
        return ".".join(map(to_camel, name.split(".")))


def _name_of(kind: type[Section], key: str) -> str | None:
    """Return the field that ``key`` names in either spelling."""
    return next((it for it in kind.model_fields if key in {it, to_camel(it)}), None)


def _section_of(field: FieldInfo) -> type[Section] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, Section) else None


def _message(field: FieldInfo) -> str:
    for one in field.metadata:
        if isinstance(one, Wrong):
            return one.key
    return "settings-bad-switch" if field.annotation is bool else "settings-bad-choice"


def _allowed(field: FieldInfo) -> dict[str, Value]:
    """Return what a message may say of the values that are legal."""
    allowed: dict[str, Value] = {}
    for one in field.metadata:
        if isinstance(one, Wrong):
            allowed["example"] = one.example
        for bound, name in (("ge", "low"), ("gt", "low"), ("le", "high")):
            if (value := getattr(one, bound, None)) is not None:
                allowed[name] = value
    if choices := [one for one in get_args(field.annotation) if isinstance(one, str)]:
        allowed["choices"] = ", ".join(f'"{choice}"' for choice in choices)
    return allowed


def quoted(value: object) -> str:
    """Return a value as a message may quote it: short, without a user's name and password."""
    if isinstance(value, Mapping):
        return "{…}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[…]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > _BITS:
        return "…"
    if not isinstance(value, str):
        return str(value)
    user, _, text = value.rpartition("@")
    if "//" in user:
        text = f"{user.partition('//')[0]}//{text}"
    return json.dumps(text if len(text) <= _SHOWN else f"{text[:4]}…", ensure_ascii=False)
