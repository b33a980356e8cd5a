from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from configured import LEGAL, flat_options, nested
from spyhop.settings import Layer, resolve
from spyhop.settings.json_schema import json_schema

ROOT: Final = Path(__file__).parents[2]
SCHEMA: Final = json_schema()
CAMEL: Final = json_schema(camel_case=True)
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


def is_of(kind: str, value: Any) -> bool:
    return isinstance(value, _TYPES[kind]) and isinstance(value, bool) == (kind == "boolean")


def accepts(schema: dict[str, Any], value: Any) -> bool:
    """Tell whether a value is valid by those words of JSON Schema that ours uses."""
    if "type" in schema and not is_of(schema["type"], value):
        return False
    return all(RULES[word](schema, value) for word in schema if word in RULES)


def accepts_members(schema: dict[str, Any], value: dict[str, Any]) -> bool:
    for name, member in value.items():
        rules = [schema["properties"][name]] if name in schema.get("properties", {}) else []
        patterns = schema.get("patternProperties", {})
        rules += [rule for pattern, rule in patterns.items() if re.search(pattern, name)]
        rest = schema.get("additionalProperties", {})
        rules = rules or ([rest] if isinstance(rest, dict) else [])
        if not (rules and all(accepts(rule, member) for rule in rules)):
            return False
    return True


RULES: Final[dict[str, Callable[[dict[str, Any], Any], bool]]] = {
    "anyOf": lambda schema, value: any(accepts(one, value) for one in schema["anyOf"]),
    "enum": lambda schema, value: value in schema["enum"],
    "items": lambda schema, value: all(accepts(schema["items"], one) for one in value),
    "minLength": lambda schema, value: len(value) >= schema["minLength"],
    "pattern": lambda schema, value: re.search(schema["pattern"], value) is not None,
    "minimum": lambda schema, value: bool(value >= schema["minimum"]),
    "maximum": lambda schema, value: bool(value <= schema["maximum"]),
    "exclusiveMinimum": lambda schema, value: bool(value > schema["exclusiveMinimum"]),
    "properties": accepts_members,
    "patternProperties": accepts_members,
    "additionalProperties": accepts_members,
}


def words(schema: Any) -> Iterator[str]:
    """Yield the words of JSON Schema that are used."""
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key in {"properties", "patternProperties"}:
                yield key
                for inner in value.values():
                    yield from words(inner)
            else:
                yield key
                yield from words(value if key in {"anyOf", "items", "additionalProperties"} else 0)
    elif isinstance(schema, list):
        for one in schema:
            yield from words(one)


@pytest.mark.parametrize(
    ("path", "schema"),
    [("docs/spyhop.schema.json", SCHEMA), ("extension/settings.schema.json", CAMEL)],
)
def test_the_files_are_what_the_code_makes(path: str, schema: dict[str, Any]) -> None:
    assert json.loads((ROOT / path).read_text(encoding="utf-8")) == schema, "run: make schema"


def test_the_check_here_knows_every_word_of_it() -> None:
    told = {"$schema", "title", "description", "default", "examples", "format", "writeOnly"}
    assert set(words(SCHEMA)) - told == {"type", *RULES}


@given(flat_options)
def test_what_is_legal_is_valid_in_both_spellings(options: dict[str, Any]) -> None:
    assert accepts(SCHEMA, nested(options))
    options.pop("trusted_folders", None)
    assert accepts(CAMEL, nested(options, to_camel))


GPU: Final = {"url": "http://gpu:1", "model": "a", "key": "k", "headers": {"X": "y"}}


@pytest.mark.parametrize(
    "options",
    [
        {"thinking": "off"},
        {"thinking": False},
        {"thinking": 0},
        {"thinking": 2000},
        {"chat": {"thinking": {"mode": True, "max_seconds": 1}}},
        {"edit": {"repair": False, "endpoint": "gpu"}},
        {"keep_alive": -1},
        {"trusted_folders": "~/a"},
        {"complete": {"languages_off": "markdown, latex"}},
        {"endpoints": {"gpu": GPU, "laptop": {}, "other": "http://a"}},
    ],
)
def test_what_may_be_written_short_is_valid(options: dict[str, Any]) -> None:
    assert accepts(SCHEMA, options)


@pytest.mark.parametrize(
    "options",
    [
        {"backend": "vllm"},
        {"url": "localhost:1"},
        {"model": 7},
        {"context_tokens": 100},
        {"context_tokens": "8k"},
        {"temperature": 3},
        {"top_p": 0},
        {"preload": "perhaps"},
        {"modle": "x"},
        {"trusted_folders": [7]},
        {"edit": 7},
        {"edit": {"repair": "twice"}},
        {"chat": {"thinking": "loud"}},
        {"thinking": -1},
        {"thinking": {"max_tokens": 0}},
        {"complete": {"thinking": "off"}},
        {"complete": {"languages_off": ["a b"]}},
        {"complete": {"prompt_tokens": 100}},
        {"endpoints": {"gpu": {"url": "x"}}},
        {"endpoints": {"gpu": {"temperature": 1}}},
        {"headers": {"X Y": "a"}},
    ],
)
def test_what_is_a_fault_is_not_valid(options: dict[str, Any]) -> None:
    assert not accepts(SCHEMA, options)
    assert resolve([Layer("file", options)]).faults


@given(st.sampled_from(sorted(LEGAL)))
def test_every_setting_is_described(name: str) -> None:
    schema = SCHEMA
    for part in name.split("."):
        inner = [one for one in schema.get("anyOf", [schema]) if "properties" in one]
        schema = inner[0]["properties"][part]
    assert schema["description"]


@pytest.mark.parametrize(
    ("name", "default"),
    [("backend", "ollama"), ("context_tokens", 8192), ("preload", True), ("keep_alive", "30m")],
)
def test_defaults_are_told_at_the_top_and_not_of_an_endpoint(name: str, default: object) -> None:
    assert SCHEMA["properties"][name]["default"] == default
    endpoint = SCHEMA["properties"]["endpoints"]["additionalProperties"]["anyOf"][1]
    assert "default" not in endpoint["properties"].get(name, {})


def test_an_editor_does_not_say_whom_to_trust() -> None:
    assert "trustedFolders" not in CAMEL["properties"]
