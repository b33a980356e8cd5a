from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from pydantic.alias_generators import to_camel

from configured import flat_options, nested, project, settings_in, write
from spyhop.settings import Layer, Settings, command_layer, editor_layer, layers_for, resolve
from spyhop.settings.files import user_file


def test_files_and_environment_go_over_one_another_in_their_order(tmp_path: Path) -> None:
    names = ("context_tokens", "temperature", "top_p", "keep_alive")
    steps: list[Settings] = [settings_in(tmp_path)]
    write(user_file(), 'context_tokens = 2048\ntemperature = 0.1\ntop_p = 0.1\nkeep_alive = "1m"')
    steps.append(settings_in(tmp_path))
    project(tmp_path, 'temperature = 0.2\ntop_p = 0.2\nkeep_alive = "2m"')
    steps.append(settings_in(tmp_path))
    environment = {"SPYHOP_TOP_P": "0.3", "SPYHOP_KEEP_ALIVE": "3m"}
    steps.append(settings_in(tmp_path, **environment))
    editor = editor_layer("spyhop", {"keepAlive": "4m"})
    steps.append(resolve([*layers_for(tmp_path, environment), editor]).settings)
    changed = [
        [name for name in names if getattr(one, name) != getattr(other, name)]
        for one, other in pairwise(steps)
    ]
    assert changed == [list(names), list(names[1:]), list(names[2:]), list(names[3:])]


def test_without_files_and_environment_the_defaults_hold(tmp_path: Path) -> None:
    assert settings_in(tmp_path) == Settings()


@given(flat_options)
def test_editors_write_camel_case(options: dict[str, Any]) -> None:
    options.pop("trusted_folders", None)
    found = resolve([editor_layer("spyhop", nested(options, to_camel))])
    assert found.faults == ()
    assert found.settings == resolve([Layer("file", nested(options))]).settings


@pytest.mark.parametrize("empty", ["", None, {}])
def test_what_an_editor_leaves_empty_is_not_set(empty: object) -> None:
    options = {"model": empty, "key": empty, "edit": {"repair": empty}, "chat": empty}
    options["model"] = empty or ""
    found = resolve([Layer("below", {"model": "a"}), editor_layer("spyhop", options)])
    assert found.settings == Settings(model="a")


def test_an_editors_settings_are_called_as_it_calls_them() -> None:
    layer = editor_layer("spyhop", {"topP": 9, "thinking": {"maxTokens": 0}})
    places = [fault.values["place"] for fault in resolve([layer]).faults]
    assert places == ["spyhop.topP", "spyhop.thinking.maxTokens"]


def test_an_option_that_is_not_given_says_nothing_and_a_bad_one_is_named() -> None:
    layer = command_layer({"url": "localhost", "model": None, "backend": "openai"})
    resolved = resolve([layer])
    assert [fault.values["place"] for fault in resolved.faults] == ["--url"]
    assert resolved.sources == {"backend": "--backend"}
