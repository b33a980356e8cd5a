"""The settings as a JSON Schema, from which editors complete and check them."""

from __future__ import annotations

from typing import Any, Final

from pydantic.alias_generators import to_snake

from spyhop.settings.schema import Settings

# Taplo and most editors know this draft best.
_DRAFT: Final = "http://json-schema.org/draft-07/schema#"
# What `shorthand` also takes.
_SHORTHAND: Final[dict[str, list[dict[str, Any]]]] = {
    "keep_alive": [{"type": "integer"}],
    "languages_off": [{"type": "string"}],
    "mode": [{"type": "boolean"}],
    "repair": [{"type": "boolean"}],
    "thinking": [
        {"enum": ["on", "off"]},
        {"type": "boolean"},
        {"type": "integer", "minimum": 0},
    ],
    "trusted_folders": [{"type": "string"}],
}
# What pydantic calls a bound where null is legal beside the number.
_BOUNDS: Final = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum"}
_ANNOTATIONS: Final = ("description", "default", "examples")


def json_schema(*, camel_case: bool = False) -> dict[str, Any]:
    """Return the schema of ``spyhop.toml``; with ``camel_case`` that of an editor's settings."""
    made = Settings.model_json_schema(by_alias=camel_case)
    schema = _tidied(made, made["$defs"])
    if camel_case:
        # An editor has a word for trust of its own.
        del schema["properties"]["trustedFolders"]
    return {"$schema": _DRAFT, "title": "Spyhop's settings", **schema}


def _tidied(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return ``schema`` without references and nulls, for TOML has none."""
    if (reference := schema.get("$ref")) is not None:
        schema = definitions[reference.rpartition("/")[2]] | schema
    for one in schema.get("anyOf", ()):
        if one != {"type": "null"}:
            schema = one | schema
    tidy = {
        _BOUNDS.get(key, key): value
        for key, value in schema.items()
        if key not in {"$defs", "$ref", "anyOf", "title"} and (key, value) != ("default", None)
    }
    if tidy.get("type") == "object":
        # Its settings have defaults each.
        tidy.pop("default", None)
    if "properties" in tidy:
        tidy["properties"] = {
            name: _with_shorthand(name, _tidied(one, definitions))
            for name, one in tidy["properties"].items()
        }
    if "patternProperties" in tidy:
        tidy["additionalProperties"] = False
    if isinstance(inner := tidy.get("additionalProperties"), dict):
        tidy["additionalProperties"] = _entry(_tidied(inner, definitions))
    return tidy


def _with_shorthand(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    short = _SHORTHAND.get(to_snake(name))
    if short is None:
        return schema
    said: dict[str, Any] = {key: schema.pop(key) for key in _ANNOTATIONS if key in schema}
    return {**said, "anyOf": [*short, schema]}


def _entry(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an endpoint."""
    for one in schema["properties"].values():
        # What an endpoint does not say is the top level's.
        one.pop("default", None)
    url = schema["properties"]["url"]
    return {"anyOf": [{"type": "string", "pattern": url["pattern"]}, schema]}
