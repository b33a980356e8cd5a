"""What is in force, and where each value comes from; a key is "set", and no more is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from pydantic import BaseModel, SecretStr

from spyhop.core.urls import without_user
from spyhop.settings.check import names
from spyhop.settings.resolve import Resolved
from spyhop.settings.schema import EndpointSettings, Settings

SET: Final = "set"
"""What stands for a key, and for the value of a header."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A setting as it is in force."""

    name: str
    """As it is written in a file: ``thinking.max_tokens``."""
    value: Any
    """What JSON knows; None where it is not set."""
    source: str | None
    """The file and the line, the variable, …; None: it is the default."""


def explain(resolved: Resolved) -> Iterator[Explained]:
    """Yield every setting, the endpoints' at the end, as far as they say something of their own."""
    settings = resolved.settings
    for name in names(Settings):
        if name != "endpoints":
            yield Explained(name, shown(attrgetter(name)(settings)), resolved.sources.get(name))
    for name, endpoint in settings.endpoints.items():
        for key in sorted(endpoint.model_fields_set, key=list(type(endpoint).model_fields).index):
            path = f"endpoints.{name}.{key}"
            yield Explained(path, shown(getattr(endpoint, key)), resolved.sources.get(path))


def endpoint_of(endpoint: EndpointSettings) -> dict[str, Any]:
    """Return what JSON knows of an endpoint as it is asked."""
    values = {name: shown(getattr(endpoint, name)) for name in type(endpoint).model_fields}
    return {"name": values.pop("name"), **values}


def shown(value: Any) -> Any:
    """Return a value as JSON knows it, without secrets."""
    match value:
        case SecretStr():
            return SET
        case BaseModel():
            return {name: shown(getattr(value, name)) for name in type(value).model_fields}
        case dict():
            return {name: shown(one) for name, one in value.items()}
        case tuple():
            return [shown(one) for one in value]
        case str():
            return without_user(value)
        case _:
            return value
