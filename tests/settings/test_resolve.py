from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from configured import PLANTED, flat_options, nested, project, settings_in, value_of, write
from spyhop.settings import Layer, Settings, layers_for, resolve
from spyhop.settings.files import user_file

# Later over earlier


def holds(name: str, layer: dict[str, Any], later: list[dict[str, Any]]) -> bool:
    """Tell whether what a layer says holds against later ones, which do not say it."""
    if name in {"key", "headers"}:
        urls = [one["url"] for one in (layer, *later) if "url" in one]
        return not urls or layer.get("url", urls[-1]) == urls[-1]
    _, _, of_all = name.partition(".")
    return not any(of_all in one for one in later)


@given(st.lists(flat_options))
def test_a_setting_is_what_the_last_layer_that_has_it_says(layers: list[dict[str, Any]]) -> None:
    expected: dict[str, Any] = {}
    for number, layer in enumerate(layers):
        for name, value in layer.items():
            expected.pop(name, None)
            if holds(name, layer, layers[number + 1 :]):
                expected[name] = value
    sent = [Layer(str(number), nested(layer)) for number, layer in enumerate(layers)]
    resolved = resolve(sent)
    assert resolved.faults == ()
    assert resolved.settings == Settings.model_validate(nested(expected))


@given(flat_options, flat_options)
def test_both_spellings_are_the_same_setting(first: dict[str, Any], second: dict[str, Any]) -> None:
    layers = [Layer("file", nested(first)), Layer("file", nested(second))]
    camel = [Layer("file", nested(first)), Layer("file", nested(second, to_camel))]
    assert resolve(layers).settings == resolve(camel).settings


def test_an_unset_option_leaves_the_layer_below() -> None:
    unset = {"model": None, "topP": None, "thinking": {"maxTokens": None}, "edit": None}
    below = {"model": "a", "thinking": {"max_tokens": 9}}
    settings = resolve([Layer("file", below), Layer("editor", unset)]).settings
    assert (settings.model, settings.thinking.max_tokens) == ("a", 9)


@given(flat_options)
def test_each_value_has_its_source(options: dict[str, Any]) -> None:
    places = {tuple(name.split(".")): f"file:{name}" for name in options}
    resolved = resolve([Layer("file", nested(options), places=places)])
    # A project of its own choice names no server here, so what is said is what is there.
    assert resolved.sources == {name: f"file:{name}" for name in options}


def test_a_layer_is_checked_even_where_a_later_one_goes_over_it() -> None:
    resolved = resolve([Layer("file", {"temperature": 9}), Layer("editor", {"temperature": 1})])
    assert [error.values["place"] for error in resolved.faults] == ["file"]
    assert resolved.settings.temperature == 1


def test_all_faults_of_all_layers_are_told_and_the_rest_holds() -> None:
    first = {"temperature": 9, "modle": "x", "top_p": 0.5}
    second = {"chat": {"thinking": "loud", "model": "a"}, "endpoints": 7}
    resolved = resolve([Layer("first", first), Layer("second", second)])
    told = [(error.values["place"], error.values["key"]) for error in resolved.faults]
    assert told == [
        ("first", "temperature"),
        ("first", "modle"),
        ("second", "chat.thinking.mode"),
        ("second", "endpoints"),
    ]
    assert resolved.settings == Settings.model_validate({"top_p": 0.5, "chat": {"model": "a"}})


# Later and for all, over earlier and for one

BELOW = {
    "url": "http://top:1",
    "model": "top",
    "context_tokens": 2048,
    "chat": {"model": "chat", "endpoint": "laptop", "thinking": 500},
    "endpoints": {
        "gpu": {"url": "http://gpu:1", "model": "gpu", "context_tokens": 4096, "key": PLANTED},
        "laptop": {},
    },
}


def asked(role: Any, *above: dict[str, Any]) -> list[tuple[str, str, str | None, int]]:
    resolved = resolve([Layer("file", BELOW), *(Layer("later", one) for one in above)])
    assert resolved.faults == ()
    return [
        (one.name, one.url, one.model, one.context_tokens)
        for one in resolved.settings.endpoints_for(role)
    ]


def test_a_role_asks_its_endpoint_first_and_its_model_there() -> None:
    gpu = ("gpu", "http://gpu:1", "gpu", 4096)
    assert asked("edit") == [gpu, ("laptop", "http://top:1", "top", 2048)]
    assert asked("chat") == [("laptop", "http://top:1", "chat", 2048), gpu]


@pytest.mark.parametrize("role", ["edit", "chat", "complete"])
def test_a_later_model_is_asked_of_every_endpoint_and_in_every_role(role: str) -> None:
    assert {model for _, _, model, _ in asked(role, {"model": "new"})} == {"new"}


def test_a_later_value_for_all_goes_over_that_of_each_endpoint() -> None:
    assert {tokens for *_, tokens in asked("edit", {"context_tokens": 1024})} == {1024}


@pytest.mark.parametrize("option", [{"url": "http://new:1"}, {"backend": "openai"}])
@pytest.mark.parametrize("role", ["edit", "chat"])
def test_a_later_server_is_asked_alone(option: dict[str, Any], role: str) -> None:
    [(name, url, model, _)] = asked(role, option)
    assert (name, url) == ("default", option.get("url", "http://top:1"))
    assert model == ("chat" if role == "chat" else "top")


def test_one_layer_may_say_both_for_all_and_for_one() -> None:
    above = {
        "url": "http://new:1",
        "model": "new",
        "chat": {"model": "mine", "endpoint": "b"},
        "endpoints": {"a": {}, "b": {"url": "http://b:1"}},
    }
    b = ("b", "http://b:1", "mine", 2048)
    assert asked("chat", above) == [b, ("a", "http://new:1", "new", 2048)]


def test_later_endpoints_follow_earlier_ones_and_go_over_those_of_their_name() -> None:
    above = {"endpoints": {"cloud": {"url": "http://cloud:1"}, "GPU": {"model": "new"}}}
    found = asked("edit", above)
    assert [(name, model) for name, _, model, _ in found] == [
        ("gpu", "new"),
        ("laptop", "top"),
        ("cloud", "top"),
    ]


def test_a_later_way_to_think_goes_over_a_roles_earlier_one() -> None:
    layers = [Layer("file", BELOW), Layer("later", {"thinking": {"max_tokens": 9}})]
    thinking = resolve(layers).settings.thinking_for("chat")
    assert (thinking.mode, thinking.max_tokens) == ("on", 9)
    layers = [Layer("file", BELOW), Layer("later", {"thinking": "off"})]
    assert resolve(layers).settings.thinking_for("chat").mode == "off"


@pytest.mark.parametrize(
    ("name", "key"), [("gpo", "settings-endpoint-near"), ("cloud", "settings-no-endpoint")]
)
def test_an_endpoint_that_is_not_there_is_told(name: str, key: str) -> None:
    layers = [Layer("file", BELOW), Layer("later", {"chat": {"endpoint": name}})]
    resolved = resolve(layers)
    [fault] = resolved.faults
    assert (fault.key, fault.values["place"], fault.values["key"]) == (
        key,
        "later",
        "chat.endpoint",
    )
    assert resolved.settings.endpoints_for("chat")[0].name == "gpu"


def test_a_role_may_name_its_endpoint_in_capitals() -> None:
    assert asked("chat", {"chat": {"endpoint": "GPU"}})[0][0] == "gpu"


# Whose key goes where


def keys(*layers: dict[str, Any]) -> list[tuple[str, str | None]]:
    resolved = resolve([Layer(str(number), one) for number, one in enumerate(layers)])
    assert resolved.faults == ()
    endpoints = resolved.settings.endpoints_for("edit")
    return [(one.url, one.key.get_secret_value() if one.key else None) for one in endpoints]


HERE = {"url": "http://here:1", "key": PLANTED}


@pytest.mark.parametrize(
    ("layers", "key"),
    [
        ([HERE], PLANTED),
        ([HERE, {"url": "http://here:1/v1"}], PLANTED),
        ([HERE, {"url": "http://there:1"}], None),
        ([HERE, {"url": "http://here:2"}], None),
        ([{"url": "https://here:1", "key": PLANTED}, {"url": "http://here:1"}], None),
        ([HERE, {"url": "http://here:1/v1"}, {"url": "http://there:1"}], None),
        ([HERE, {"url": "http://there:1"}, {"url": "http://here:1"}], PLANTED),
        ([HERE, {"url": "http://there:1", "key": "other"}], "other"),
        ([{"key": PLANTED}, {"url": "http://there:1"}], PLANTED),
        ([{"url": "http://there:1"}, {"key": PLANTED}], PLANTED),
        ([HERE, {"endpoints": {"a": {}}}], PLANTED),
        ([HERE, {"endpoints": {"a": {"url": "http://here:1"}}}], None),
        ([HERE, {"endpoints": {"a": {"url": "http://here:1", "key": "other"}}}], "other"),
        ([{"endpoints": {"a": HERE}}, {"endpoints": {"a": {"url": "http://there:1"}}}], None),
        ([{"endpoints": {"a": HERE}}, {"endpoints": {"a": {"key": "other"}}}], "other"),
        ([{"endpoints": {"a": HERE}}, {"key": "other"}], PLANTED),
    ],
)
def test_a_key_goes_to_the_server_that_was_named_beside_it(
    layers: list[dict[str, Any]], key: str | None
) -> None:
    [(_, found)] = keys(*layers)
    assert found == key


@pytest.mark.parametrize("said", [{"key": PLANTED}, {"headers": {"X": PLANTED}}])
def test_a_key_for_an_endpoint_that_nobody_has_named_is_told(said: dict[str, Any]) -> None:
    layer = Layer("later", {"endpoints": {"gpo": said}})
    resolved = resolve([Layer("file", BELOW), layer])
    [fault] = resolved.faults
    assert (fault.key, fault.values["near"]) == ("settings-endpoint-near", "gpu")
    assert PLANTED not in str(fault) + repr(fault)
    assert [one.name for one in resolved.settings.endpoints_for("edit")] == ["gpu", "laptop"]


@pytest.mark.parametrize(
    "later", [{}, {"key": PLANTED}, {"endpoints": {"a": {"key": PLANTED, "model": "x"}}}]
)
def test_a_server_of_a_projects_choice_does_not_get_the_users_key(
    tmp_path: Path, later: dict[str, Any]
) -> None:
    write(user_file(), f'url = "https://gpu.example"\nkey = "{PLANTED}"\nheaders = {{ X = "y" }}')
    editor = Layer("editor", later)
    assert settings_in(tmp_path).key is not None
    project(tmp_path, 'url = "http://localhost:9"')
    settings = resolve([*layers_for(tmp_path, {}), editor]).settings
    for asked in settings.endpoints_for("edit"):
        assert (asked.url, asked.key, asked.headers) == ("http://localhost:9", None, {})
        assert asked.of_project
    own = resolve([*layers_for(tmp_path, {"SPYHOP_URL": "https://gpu.example"}), editor]).settings
    assert value_of(own, "key") == PLANTED
    assert not own.endpoints_for("edit")[0].of_project


def test_a_key_that_is_withheld_has_no_source(tmp_path: Path) -> None:
    write(user_file(), f'key = "{PLANTED}"')
    project(tmp_path, 'url = "http://localhost:9"')
    assert "key" not in resolve(layers_for(tmp_path, {})).sources


@pytest.mark.parametrize("name", ["key", "headers", "url", "model", "endpoint", "thinking"])
def test_an_endpoint_may_be_called_as_a_setting_is(tmp_path: Path, name: str) -> None:
    project(tmp_path, 'url = "http://localhost:9"\nmodel = "a"')
    editor = Layer("editor", {"endpoints": {name: {}, "other": {"model": "b"}}})
    found = resolve([*layers_for(tmp_path, {}), editor]).settings.endpoints_for("edit")
    assert [(one.name, one.model) for one in found] == [(name, "a"), ("other", "b")]
    alone = resolve([editor, Layer("later", {"thinking": "off", "url": "http://x"})])
    assert [one.name for one in alone.settings.endpoints_for("edit")] == ["default"]


def test_an_endpoint_beside_a_server_of_a_projects_choice_keeps_its_own_key(tmp_path: Path) -> None:
    project(tmp_path, 'url = "http://localhost:9"')
    editor = Layer("editor", {"endpoints": {"mine": HERE, "theirs": {}}})
    found = resolve([*layers_for(tmp_path, {}), editor]).settings.endpoints_for("edit")
    assert [(one.name, one.key is not None, one.of_project) for one in found] == [
        ("mine", True, False),
        ("theirs", False, True),
    ]
