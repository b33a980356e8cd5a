from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from pydantic import BaseModel, SecretStr

from configured import LEGAL, PLANTED, flat_options, nested
from spyhop.settings import EndpointSettings, Role, Settings, ThinkingSettings
from spyhop.settings.check import names

ROLES: tuple[Role, ...] = get_args(Role)
GPU = {"url": "http://gpu:1", "model": "big"}


def settings(**options: Any) -> Settings:
    return Settings.model_validate(options)


def test_every_setting_has_legal_values_here() -> None:
    of_endpoints = ["edit.endpoint", "chat.endpoint", "complete.endpoint", "endpoints"]
    assert sorted(names(Settings)) == sorted([*LEGAL, *of_endpoints])


def sections(kind: type[BaseModel]) -> list[type[BaseModel]]:
    inner = [field.annotation for field in kind.model_fields.values()]
    found = [one for one in inner if isinstance(one, type) and issubclass(one, BaseModel)]
    return [kind, *(deeper for one in found for deeper in sections(one))]


@pytest.mark.parametrize("kind", sections(Settings))
def test_every_setting_says_what_it_is_for(kind: type[BaseModel]) -> None:
    assert not [name for name, field in kind.model_fields.items() if not field.description]


# Endpoints


@given(flat_options)
def test_without_endpoints_the_top_level_is_the_one_there_is(options: dict[str, Any]) -> None:
    made = Settings.model_validate(nested(options))
    for role in ROLES:
        [endpoint] = made.endpoints_for(role)
        assert endpoint.name == "default"
        expected = {
            name: getattr(made, name)
            for name in EndpointSettings.model_fields.keys() & Settings.model_fields.keys()
        }
        expected["model"] = getattr(made, role).model or made.model
        assert {name: getattr(endpoint, name) for name in expected} == expected


def test_by_default_all_roles_ask_the_same() -> None:
    assert len({settings(**GPU).endpoints_for(role) for role in ROLES}) == 1


def test_an_endpoint_takes_what_it_does_not_say_from_the_top() -> None:
    made = settings(model="small", stall_seconds=9, endpoints={"gpu": GPU, "laptop": {}})
    gpu, laptop = made.endpoints_for("edit")
    assert (gpu.name, gpu.url, gpu.model, gpu.stall_seconds) == ("gpu", "http://gpu:1", "big", 9)
    assert (laptop.name, laptop.url, laptop.model) == ("laptop", "http://localhost:11434", "small")


def test_a_key_is_not_for_an_endpoint_with_a_url_of_its_own() -> None:
    secrets = {"key": "k", "headers": {"X": "y"}}
    other = {"url": "http://other", "key": "own"}
    made = settings(**secrets, endpoints={"gpu": GPU, "laptop": {"model": "a"}, "other": other})
    gpu, laptop, third = made.endpoints_for("edit")
    assert (gpu.key, gpu.headers) == (None, {})
    assert (laptop.key, laptop.headers) == (SecretStr("k"), {"X": SecretStr("y")})
    assert (third.key, third.headers) == (SecretStr("own"), {})


@pytest.mark.parametrize("role", ROLES)
def test_a_roles_model_is_on_the_endpoint_it_asks_first(role: Role) -> None:
    endpoints = {"a": {}, "b": {"model": "of b"}, "c": {}}
    own = {"endpoint": "b", "model": "mine"}
    made = settings(model="top", endpoints=endpoints, **{role: own})
    found = [(one.name, one.model) for one in made.endpoints_for(role)]
    assert found == [("b", "mine"), ("a", "top"), ("c", "top")]
    others = [made.endpoints_for(other) for other in ROLES if other != role]
    assert {tuple((one.name, one.model) for one in order) for order in others} == {
        (("a", "top"), ("b", "of b"), ("c", "top"))
    }


def test_equal_endpoints_are_one_key_of_a_cache_and_others_are_not() -> None:
    secrets = {"key": "k", "headers": {"X": "y"}}
    [one] = settings(**GPU, **secrets).endpoints_for("edit")
    [same] = settings(**GPU, **secrets).endpoints_for("chat")
    others = [
        settings(**GPU | secrets | change).endpoints_for("edit")[0]
        for change in ({"key": "l"}, {"headers": {"X": "z"}}, {"model": "m"}, {"stall_seconds": 1})
    ]
    assert {one: 1}[same] == 1
    assert len({one, same, *others}) == 1 + len(others)


# Thinking


@pytest.mark.parametrize("role", ["edit", "chat"])
def test_a_role_thinks_as_it_says_and_else_as_all_do(role: Any) -> None:
    both: dict[str, Any] = {"max_tokens": 9, "max_seconds": 8}
    assert settings(thinking=both).thinking_for(role) == ThinkingSettings(**both)
    own = settings(thinking=both, **{role: {"thinking": {"max_tokens": 5}}}).thinking_for(role)
    assert own == ThinkingSettings(max_tokens=5, max_seconds=8)
    off = settings(thinking="off", **{role: {"thinking": 500}})
    assert off.thinking_for(role) == ThinkingSettings(max_tokens=500)
    other: Any = "chat" if role == "edit" else "edit"
    assert off.thinking_for(other).mode == "off"


# Secrets


@pytest.mark.parametrize("endpoints", [{}, {"gpu": {"key": PLANTED, "headers": {"X": PLANTED}}}])
def test_a_key_stands_in_no_rendering_of_the_settings(endpoints: dict[str, Any]) -> None:
    made = settings(key=PLANTED, headers={"X": PLANTED}, endpoints=endpoints)
    for one in (made, *made.endpoints_for("edit")):
        shown = [repr(one), str(one), str(one.model_dump()), one.model_dump_json()]
        assert not [it for it in shown if PLANTED in it]


def test_white_space_around_a_key_does_not_count() -> None:
    made = settings(key=" sk-1\n", headers={"X": " y "})
    assert (made.key, made.headers) == (SecretStr("sk-1"), {"X": SecretStr("y")})


@pytest.mark.parametrize(
    ("language", "locale", "expected"),
    [
        ("auto", "zh_CN", "zh-cn"),
        ("auto", "de", "en"),
        ("auto", None, "en"),
        ("en", "zh_CN", "en"),
        ("zh-cn", "en", "zh-cn"),
    ],
)
def test_messages_are_in_the_language_set_or_else_the_locales(
    language: str, locale: str | None, expected: str
) -> None:
    assert settings(language=language).language_for(locale) == expected
