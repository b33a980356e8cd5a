from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configured import LEGAL, PLANTED
from spyhop.errors import SettingsError
from spyhop.messages import LANGUAGES
from spyhop.settings import Layer, Settings, editor_layer, resolve

parts = sorted(
    {part for name in LEGAL for part in name.split(".")} | {"endpoints", "endpoint", "x"}
)
keys = st.sampled_from(parts) | st.text(max_size=4)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


def faults(options: Mapping[str, Any]) -> tuple[SettingsError, ...]:
    return resolve([Layer("somewhere", options)]).faults


def fault(options: Mapping[str, Any]) -> SettingsError:
    [found] = faults(options)
    return found


@given(st.dictionaries(keys, anything, max_size=4))
def test_whatever_is_sent_there_are_settings_and_every_fault_can_be_said(
    options: dict[str, Any],
) -> None:
    resolved = resolve([Layer("somewhere", options)])
    assert resolved.settings.endpoints_for("edit")
    for error in resolved.faults:
        assert error.say("en").startswith("somewhere")
        assert error.say("zh-cn").startswith("somewhere：")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"backend": "vllm"}, 'backend is "vllm": write one of "ollama", "openai", "embedded".'),
        ({"url": "localhost:1"}, 'url is "localhost:1": write an address that begins with http'),
        ({"url": "http://"}, 'url is "http://": write an address'),
        ({"url": ["http://localhost"]}, "url is […]: write an address"),
        ({"model": 7}, "model is 7: write a model's name or the path of a GGUF file"),
        ({"model": " "}, 'model is " ": write a model\'s name'),
        (
            {"context_tokens": "8k"},
            'context_tokens is "8k": write a whole number of tokens from 1024 to 1048576, for exam',
        ),
        ({"context_tokens": 16**9000}, "context_tokens is …: write a whole number"),
        ({"thinking": "9" * 9000}, 'thinking.mode is "9999…": write "on", "off", a number'),
        ({"thinking": 16**9000}, "thinking.max_tokens is …: write a whole number of tokens"),
        ({"contextTokens": 100}, "contextTokens is 100: write a whole number of tokens from 1024"),
        ({"context_tokens": 8192.5}, "context_tokens is 8192.5: write a whole number"),
        ({"context_tokens": True}, "context_tokens is true: write a whole number"),
        ({"temperature": -1}, "temperature is -1: write a number from 0 to 2, for example 0.6."),
        ({"temperature": True}, "temperature is true: write a number"),
        ({"temperature": float("nan")}, "temperature is nan: write a number"),
        (
            {"topP": 0},
            "topP is 0: write a number greater than 0 and at most 1, for example 0.95.",
        ),
        ({"keepAlive": "soon"}, 'keepAlive is "soon": write a number and its unit'),
        ({"language": "fr"}, 'language is "fr": write one of "auto", "en", "zh-cn".'),
        (
            {"stallSeconds": 0},
            "stallSeconds is 0: write a number of seconds greater than 0, for example 120.",
        ),
        ({"stall_seconds": float("inf")}, "stall_seconds is inf: write a number of seconds"),
        ({"preload": "perhaps"}, 'preload is "perhaps": write true or false.'),
        ({"trusted_folders": ["work"]}, "trusted_folders is […]: write a list of folders that"),
        ({"trusted_folders": [7]}, "trusted_folders is […]: write a list of folders"),
        ({"complete": {"languagesOff": ["a b"]}}, "complete.languagesOff is […]: write a list of"),
        ({"complete": {"languages_off": 7}}, "complete.languages_off is 7: write a list of your"),
        (
            {"complete": {"max_tokens": 1}},
            "complete.max_tokens is 1: write a whole number of tokens",
        ),
        ({"edit": 7}, "edit is 7: this is a table of settings, such as [edit]."),
        ({"edit": {"repair": "twice"}}, 'edit.repair is "twice": write one of "off", "once".'),
        ({"chat": {"endpoint": 7}}, "chat.endpoint is 7: write the name of an endpoint"),
        ({"chat": {"thinking": "loud"}}, 'chat.thinking.mode is "loud": write "on", "off", a num'),
        ({"thinking": []}, 'thinking is […]: write "on", "off", a number of tokens'),
        ({"thinking": 0.5}, 'thinking is 0.5: write "on", "off", a number of tokens'),
        (
            {"thinking": {"maxTokens": 0}},
            "thinking.maxTokens is 0: write a whole number of tokens from 1 to 1048576, for exam",
        ),
        ({"thinking": -5}, "thinking.max_tokens is -5: write a whole number of tokens from 1 "),
        ({"thinking": {"max_seconds": 0}}, "thinking.max_seconds is 0: write a number of seconds"),
        ({"endpoints": ["http://a"]}, "endpoints is […]: write each endpoint as a table"),
        ({"endpoints": "{"}, 'endpoints is "{": write each endpoint as a table'),
        ({"endpoints": {"gpu": 7}}, "endpoints.gpu is 7: write each endpoint as a table"),
        ({"endpoints": {"a b": {}}}, '"a b" is no name for an endpoint: use letters, digits'),
        ({"endpoints": {"a": {"url": "b"}}}, 'endpoints.a.url is "b": write an address'),
        ({"complete": {"thinking": "off"}}, "completion never thinks"),
        ({"key": 7}, "key is no key: write it as one text"),
        ({"key": ""}, "key is no key: write it as one text"),
        ({"headers": []}, "headers is no header: write a table"),
        ({"headers": {"X": 7}}, "headers.X is no header: write a table"),
        ({"headers": {"X Y": "a"}}, "headers.X Y is no header: write a table"),
    ],
)
def test_a_bad_value_is_told_with_what_would_be_right(
    options: Mapping[str, Any], message: str
) -> None:
    resolved = resolve([Layer("somewhere", options)])
    [error] = resolved.faults
    assert str(error).startswith(f"somewhere: {message}")
    assert not any(word in str(error).lower() for word in ("input should", "valid string", "pydan"))
    assert error.say("zh-cn") != str(error)
    assert resolved.settings == Settings.model_validate(
        {"endpoints": {"a": {}}} if "a" in options.get("endpoints", ()) else {}
    )


@pytest.mark.parametrize(
    ("options", "near"),
    [
        ({"modle": "x"}, "model"),
        ({"Model": "x"}, "model"),
        ({"context-tokens": 1}, "context_tokens"),
        ({"topp": 1}, "top_p"),
        ({"max_tokens": 1}, "thinking.max_tokens"),
        ({"maxTokens": 1}, "thinking.max_tokens"),
        ({"repair": "off"}, "edit.repair"),
        ({"endpoint": "x"}, "endpoints"),
        ({"completion": {}}, "complete"),
        ({"api_key": "x"}, "key"),
        ({"num_ctx": 1}, "context_tokens"),
        ({"numCtx": 1}, "context_tokens"),
        ({"chat": {"modle": "x"}}, "chat.model"),
        ({"chat": {"temperature": 1}}, "temperature"),
        ({"edit": {"thinking": {"max_token": 1}}}, "edit.thinking.max_tokens"),
        ({"endpoints": {"my_gpu": {"base_url": "x"}}}, "endpoints.my_gpu.url"),
    ],
)
def test_an_unknown_setting_is_told_with_the_nearest(options: dict[str, Any], near: str) -> None:
    error = fault(options)
    assert error.key == "settings-unknown-near"
    assert error.values["near"] == near


def test_an_editor_is_told_in_its_spelling() -> None:
    options = {"contexttokens": 1, "thinking": {"maxtoken": 1}, "max_seconds": 1}
    faults = resolve([editor_layer("spyhop", options)]).faults
    assert [(error.values["place"], error.values["near"]) for error in faults] == [
        ("spyhop.contexttokens", "contextTokens"),
        ("spyhop.thinking.maxtoken", "thinking.maxTokens"),
        ("spyhop.max_seconds", "thinking.maxSeconds"),
    ]


@pytest.mark.parametrize(
    ("options", "known"),
    [
        ({"xyz": 1}, Settings.model_fields),
        ({"thinking": {"xyz": 1}}, ("mode", "max_tokens", "max_seconds")),
        ({"endpoints": {"a": {"xyz": 1}}}, ("backend", "url", "key", "headers")),
    ],
)
def test_where_none_is_near_those_of_the_table_are_listed(
    options: dict[str, Any], known: Mapping[str, Any]
) -> None:
    error = fault(options)
    assert error.key == "settings-unknown-key"
    assert str(error.values["known"]).split(", ")[: len(known)] == list(known)


@pytest.mark.parametrize(
    "options",
    [
        {"key": f"{PLANTED} {PLANTED}"},
        {"key": f"{PLANTED}\n{PLANTED}"},
        {"key": f"{PLANTED}密"},
        {"key": [PLANTED]},
        {"kye": PLANTED},
        {"headers": PLANTED},
        {"headers": [PLANTED]},
        {"headers": {"X": f"{PLANTED}\r\nY: z"}},
        {"headers": {"X": [PLANTED]}},
        {"headers": {"X Y": PLANTED}},
        {"thinking": {"max_tokens": PLANTED}},
        {"url": f"ftp://{PLANTED}@x"},
        {"url": f"me:{PLANTED}@x"},
        {"url": "ftp://me:pass@x", "model": PLANTED},
        {"backend": PLANTED},
        {"endpoints": PLANTED},
        {"endpoints": {"gpu": {"url": "http://x", "key": f"{PLANTED} {PLANTED}"}}},
        {"edit": PLANTED},
        {"trusted_folders": [PLANTED]},
        {"chat": {"endpoint": PLANTED}},
    ],
)
def test_a_key_that_is_wrong_or_in_the_wrong_place_is_not_shown(options: dict[str, Any]) -> None:
    error = fault(options)
    shown = [*traceback.format_exception(error), repr(error), *map(error.say, LANGUAGES)]
    assert not [text for text in shown if PLANTED in text or ":pass" in text]


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        ({"backend": "OpenAI"}, "backend", "openai"),
        ({"keep_alive": -1}, "keep_alive", "-1"),
        ({"language": "zh_CN"}, "language", "zh-cn"),
        ({"language": "ZH"}, "language", "zh-cn"),
        ({"preload": "no"}, "preload", False),
        ({"trusted_folders": "~/work"}, "trusted_folders", ("~/work",)),
        ({"complete": {"languages_off": "Markdown"}}, "complete.languages_off", ("markdown",)),
        ({"complete": {"languages_off": "c++, ,x"}}, "complete.languages_off", ("c++", "x")),
        ({"complete": {"languages_off": ""}}, "complete.languages_off", ()),
        ({"edit": {"repair": False}}, "edit.repair", "off"),
        ({"edit": {"repair": True}}, "edit.repair", "once"),
        ({"model": " r1 "}, "model", "r1"),
        ({"context_tokens": "4096"}, "context_tokens", 4096),
    ],
)
def test_what_can_mean_but_one_thing_is_taken(
    options: dict[str, Any], name: str, value: object
) -> None:
    resolved = resolve([Layer("file", options)])
    assert resolved.faults == ()
    found: Any = resolved.settings
    for part in name.split("."):
        found = getattr(found, part)
    assert found == value


@pytest.mark.parametrize("role", ["edit", "chat"])
@pytest.mark.parametrize("of_role", [True, False])
@pytest.mark.parametrize(
    ("written", "mode", "tokens"),
    [
        ("off", "off", None),
        ("OFF", "off", None),
        (False, "off", None),
        ("false", "off", None),
        (0, "off", None),
        ("0", "off", None),
        ("on", "on", None),
        (True, "on", None),
        (2000, "on", 2000),
        ("2000", "on", 2000),
        ({"mode": "off", "max_tokens": 5}, "off", 5),
        ({"mode": False}, "off", None),
    ],
)
def test_how_to_think_may_be_written_short(
    role: Any, of_role: bool, written: object, mode: str, tokens: int | None
) -> None:
    resolved = resolve(
        [Layer("f", {role: {"thinking": written}} if of_role else {"thinking": written})]
    )
    assert resolved.faults == ()
    thinking = resolved.settings.thinking_for(role)
    assert (thinking.mode, thinking.max_tokens) == (mode, tokens)


def test_an_endpoint_may_be_written_as_its_url() -> None:
    resolved = resolve([Layer("file", {"endpoints": {"gpu": "http://gpu:1"}})])
    assert resolved.faults == ()
    [endpoint] = resolved.settings.endpoints_for("edit")
    assert (endpoint.name, endpoint.url) == ("gpu", "http://gpu:1")


@pytest.mark.parametrize(
    ("url", "shown"),
    [("htp://u:p@ss@gpu", '"htp://gpu"'), ("u:p a@gpu", '"gpu"'), ("htp://gpu", '"htp://gpu"')],
)
def test_a_wrong_url_is_quoted_without_a_user_and_a_password(url: str, shown: str) -> None:
    (fault,) = resolve([Layer("test", {"url": url})]).faults
    assert f"url is {shown}: write an address" in str(fault)
