"""The page's types are the protocol's values, field by field."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final, get_args

import pytest
from pydantic import BaseModel

from spyhop.assist.chat import protocol
from spyhop.sessions.chats import values

_TYPES: Final = (Path(__file__).parents[2] / "extension/chat/src/protocol.ts").read_text("utf-8")
_COMMENT: Final = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_FIELD: Final = re.compile(r"^  (\w+)(\??):", re.MULTILINE)
_INTERFACE: Final = re.compile(
    r"^(?:export )?interface (\w+)[^{]*\{\n(.*?)^\}", re.DOTALL | re.MULTILINE
)
_INTERFACES: Final = dict(_INTERFACE.findall(_COMMENT.sub("", _TYPES)))
_MODELS: Final = {
    name: model
    for module in (values, protocol)
    for name, model in vars(module).items()
    if isinstance(model, type) and issubclass(model, BaseModel)
}
# What carries others, or is told by the union of events and the table of methods.
_OWN: Final = {"Methods"}


def fields(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


@pytest.mark.parametrize("name", sorted(set(_INTERFACES) - _OWN))
def test_an_interface_has_the_fields_of_its_value(name: str) -> None:
    base = re.search(rf"interface {name} extends (\w+)", _TYPES)
    own = {field for field, _ in _FIELD.findall(_INTERFACES[name])}
    inherited = fields(_MODELS[base[1]]) if base else set()
    leaves_out = {"diagnostics"} if name == "AttachParams" else set()
    assert own | inherited | leaves_out == fields(_MODELS[name])


def test_every_method_is_there() -> None:
    methods = re.findall(r"^  (\w+): \[", _INTERFACES["Methods"], re.MULTILINE)
    assert methods == list(protocol.METHODS)


def test_every_event_has_its_fields() -> None:
    union = _COMMENT.sub("", _TYPES).partition("export type ChatEvent")[2]
    told: dict[str, set[str]] = {}
    for variant in re.findall(r"\{([^{}]*kind: [^{}]*)\}", union):
        names = set(re.findall(r"(\w+):", variant))
        (kind,) = re.findall(r'kind: "(\w+)"', variant)
        told[kind] = names | {"seq"}
    union_of_all: Any = get_args(protocol.AnyEvent)[0]
    events = {event.model_fields["kind"].default: fields(event) for event in get_args(union_of_all)}
    assert told == events


@pytest.mark.parametrize(
    ("name", "field"),
    [("Turn", "state"), ("Turn", "role"), ("Attachment", "state"), ("Place", "why")],
)
def test_a_choice_has_the_same_words(name: str, field: str) -> None:
    (choices,) = re.findall(rf"^  {field}: ([^;]+);", _INTERFACES[name], re.MULTILINE)
    annotation = _MODELS[name].model_fields[field].annotation
    assert set(re.findall(r'"(\w+)"', choices)) == set(get_args(annotation))
