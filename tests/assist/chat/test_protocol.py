from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from spyhop.assist.chat import protocol
from spyhop.assist.chat.protocol import METHODS, AnyEvent, Event, SendParams, to_json
from spyhop.sessions.chats import values
from spyhop.sessions.chats.values import Attachment, Lines, Turn, Value

PAGE = (Path(__file__).parents[3] / "extension" / "PROTOCOL.md").read_text(encoding="utf-8")
EVENTS: tuple[type[Event], ...] = get_args(get_args(AnyEvent)[0])


def rows(heading: str) -> dict[str, list[str]]:
    """The table below a heading: the other cells by the first one."""
    section = PAGE.split(f"{heading}\n", 1)[1].split("\n#", 1)[0]
    cells = [
        [cell.strip() for cell in row.strip("|").split("|")]
        for row in section.splitlines()
        if row.startswith("| `")
    ]
    return {first.strip("`"): rest for first, *rest in cells}


def written(
    model: type[BaseModel], *, optional: bool, without: frozenset[str] = frozenset()
) -> str:
    names = [
        (field.alias or name) + ("?" if optional and not field.is_required() else "")
        for name, field in model.model_fields.items()
        if name not in without
    ]
    return "{" + ", ".join(names) + "}"


def test_every_method_is_on_the_page_and_no_other() -> None:
    assert {name: cells[:2] for name, cells in rows("## Chats").items()} == {
        name: [
            f"`{written(params, optional=True)}`",
            f"`{written(result, optional=False)}`",
        ]
        for name, (params, result) in METHODS.items()
    }


def test_every_event_is_on_the_page_and_no_other() -> None:
    def kind(event: type[Event]) -> Any:
        return event.model_fields["kind"].default

    assert {name: cells[0] for name, cells in rows("### Events").items()} == {
        kind(event): f"`{written(event, optional=False, without=frozenset({'seq', 'kind'}))}`"
        for event in EVENTS
    }


@pytest.mark.parametrize("name", rows("### Values"))
def test_every_value_is_on_the_page_as_it_is(name: str) -> None:
    model = getattr(values, name, None) or getattr(protocol, name)
    said = rows("### Values")[name][0]
    assert said.startswith(f"`{written(model, optional=False)}`")


@pytest.mark.parametrize(
    ("model", "field"),
    [
        (Attachment, "kind"),
        (Attachment, "state"),
        (Turn, "role"),
        (Turn, "state"),
        (protocol.Place, "why"),
        (protocol.Mention, "kind"),
        (protocol.Applied, "state"),
    ],
)
def test_every_choice_is_on_the_page(model: type[BaseModel], field: str) -> None:
    choices = get_args(model.model_fields[field].annotation)
    section = "## Chats" if model is protocol.Applied else "### Values"
    name = "apply" if model is protocol.Applied else model.__name__
    assert set(choices) <= set(re.findall(r"`(\w+)`", " ".join(rows(section)[name])))


def test_values_come_back_from_json_and_ignore_what_is_newer() -> None:
    turn = Turn(
        id="1",
        role="user",
        created=5,
        attachments=(Attachment(id="2", kind="file", range=Lines(start=1, end=2)),),
    )
    assert Turn.model_validate({**to_json(turn), "newer": 1}) == turn


def test_parameters_that_are_not_known_are_refused() -> None:
    assert SendParams.model_validate({"chatId": "1"}) == SendParams(chat_id="1")
    wrongs: list[Any] = [{}, {"chatId": 1}, {"chatId": "1", "attachments": []}, []]
    for wrong in wrongs:
        with pytest.raises(ValidationError):
            SendParams.model_validate(wrong)


def test_a_value_does_not_change() -> None:
    value: Value = Lines(start=0, end=1)
    with pytest.raises(ValidationError):
        setattr(value, "start", 2)  # noqa: B010 - the type checker forbids it too
