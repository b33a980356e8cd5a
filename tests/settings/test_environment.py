from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from configured import LEGAL, fault_in, resolved_in, settings_in, value_of, write
from spyhop.settings import Settings, layers_for, resolve
from spyhop.settings.files import user_file


def written(name: str, value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value)
    separator = os.pathsep if name == "trusted_folders" else ","
    return separator.join(value) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("name", LEGAL)
def test_every_setting_has_a_variable(tmp_path: Path, name: str) -> None:
    variable = f"SPYHOP_{name.replace('.', '_').upper()}"
    for value in LEGAL[name]:
        resolved = resolved_in(tmp_path, **{variable: written(name, value)})
        assert resolved.faults == ()
        assert value_of(resolved.settings, name) == value
        assert resolved.sources == {name: variable}


@pytest.mark.parametrize("name", LEGAL)
def test_an_empty_variable_is_as_good_as_none(tmp_path: Path, name: str) -> None:
    variable = f"SPYHOP_{name.replace('.', '_').upper()}"
    assert settings_in(tmp_path, **{variable: ""}) == Settings()


def test_the_environment_is_the_processs_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPYHOP_MODEL", "from the environment")
    assert resolve(layers_for(tmp_path)).settings.model == "from the environment"


def test_other_variables_are_no_settings(tmp_path: Path) -> None:
    environment = {"SPYHOP_EXAMPLES": "9", "MODEL": "x", "spyhop_model": "x", "SPYHOP_MODLE": ""}
    assert settings_in(tmp_path, **environment) == Settings()


@pytest.mark.parametrize(
    ("variable", "near"),
    [
        ("SPYHOP_MODLE", "SPYHOP_MODEL"),
        ("SPYHOP_CONTEXTTOKENS", "SPYHOP_CONTEXT_TOKENS"),
        ("SPYHOP_CHAT_MODE", "SPYHOP_CHAT_MODEL"),
        ("SPYHOP_ENDPOINTS_GPU_MODLE", None),
        ("SPYHOP_ENDPOINTS_KEY", None),
        ("SPYHOP_COLOUR", None),
    ],
)
def test_a_variable_that_is_no_setting_is_told(
    tmp_path: Path, variable: str, near: str | None
) -> None:
    error = fault_in(tmp_path, **{variable: "sk-planted"})
    assert error.values["name"] == variable
    assert error.values.get("near") == near
    assert "sk-planted" not in str(error)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("SPYHOP_CONTEXT_TOKENS", "many", 'context_tokens is "many": write a whole number'),
        ("SPYHOP_THINKING", "loud", 'thinking.mode is "loud": write "on", "off", a number'),
        ("SPYHOP_HEADERS", "X: y", "headers is no header: write a table"),
        ("SPYHOP_ENDPOINTS", "gpu", 'endpoints is "gpu": write each endpoint as a table'),
        ("SPYHOP_TRUSTED_FOLDERS", "work", "trusted_folders is […]: write a list of folders"),
    ],
)
def test_a_bad_variable_is_told(tmp_path: Path, variable: str, value: str, message: str) -> None:
    error = fault_in(tmp_path, **{variable: value})
    assert str(error).startswith(f"{variable}: {message}")


def test_thinking_may_be_one_variable_or_several(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, SPYHOP_THINKING="off", SPYHOP_CHAT_THINKING="2000")
    assert settings.thinking_for("edit").mode == "off"
    assert settings.thinking_for("chat").max_tokens == 2000
    settings = settings_in(tmp_path, SPYHOP_THINKING="off", SPYHOP_THINKING_MAX_SECONDS="9")
    assert (settings.thinking.mode, settings.thinking.max_seconds) == ("off", 9)


def test_endpoints_may_be_one_variable_in_their_order(tmp_path: Path) -> None:
    table = {"b": "http://b:1", "a": {"url": "http://a:1", "key": "k"}}
    settings = settings_in(
        tmp_path, SPYHOP_ENDPOINTS=json.dumps(table), SPYHOP_COMPLETE_ENDPOINT="a"
    )
    assert [one.name for one in settings.endpoints_for("edit")] == ["b", "a"]
    assert [one.name for one in settings.endpoints_for("complete")] == ["a", "b"]


def test_a_variable_holds_one_setting_of_an_endpoint(tmp_path: Path) -> None:
    write(user_file(), '[endpoints.My-gpu]\nurl = "http://gpu:1"')
    settings = settings_in(
        tmp_path, SPYHOP_ENDPOINTS_MY_GPU_KEY="k", SPYHOP_ENDPOINTS_MY_GPU_CONTEXT_TOKENS="4096"
    )
    [endpoint] = settings.endpoints_for("edit")
    assert endpoint.name == "My-gpu"
    assert (endpoint.key and endpoint.key.get_secret_value(), endpoint.context_tokens) == (
        "k",
        4096,
    )


def test_it_also_goes_over_what_one_variable_says_of_all(tmp_path: Path) -> None:
    settings = settings_in(
        tmp_path, SPYHOP_ENDPOINTS='{"gpu": "http://gpu:1"}', SPYHOP_ENDPOINTS_GPU_MODEL="a"
    )
    [endpoint] = settings.endpoints_for("edit")
    assert (endpoint.url, endpoint.model) == ("http://gpu:1", "a")


@pytest.mark.parametrize("more", [{}, {"SPYHOP_ENDPOINTS_GPU_MODEL": "a"}])
def test_the_key_of_an_endpoint_does_not_go_to_a_server_that_is_asked_alone(
    tmp_path: Path, more: dict[str, str]
) -> None:
    write(user_file(), '[endpoints.gpu]\nurl = "http://gpu:1"')
    environment = {"SPYHOP_ENDPOINTS_GPU_KEY": "k", **more}
    assert settings_in(tmp_path, **environment).endpoints_for("edit")[0].key is not None
    settings = settings_in(tmp_path, SPYHOP_URL="http://other:1", **environment)
    [alone] = settings.endpoints_for("edit")
    assert (alone.name, alone.url, alone.key) == ("default", "http://other:1", None)


def test_an_endpoint_may_be_said_variable_by_variable(tmp_path: Path) -> None:
    settings = settings_in(
        tmp_path, SPYHOP_ENDPOINTS_GPU_URL="http://gpu:1", SPYHOP_ENDPOINTS_GPU_KEY="k"
    )
    [endpoint] = settings.endpoints_for("edit")
    assert (endpoint.name, endpoint.url, endpoint.key is not None) == ("gpu", "http://gpu:1", True)


def test_a_key_for_an_endpoint_that_is_not_there_is_told(tmp_path: Path) -> None:
    write(user_file(), '[endpoints.gpu]\nurl = "http://gpu:1"')
    error = fault_in(tmp_path, SPYHOP_ENDPOINTS_GPO_KEY="sk-planted")
    assert (error.values["place"], error.values["near"]) == ("SPYHOP_ENDPOINTS_GPO_KEY", "gpu")
    assert "sk-planted" not in str(error) + repr(error)
