from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from spyhop.errors import SettingsError
from spyhop.settings import FILE_NAME, Layer, Settings, layers_for, resolve

NAMES: Final = sorted(Settings.model_fields)

_LEGAL: Final[dict[str, tuple[Any, ...]]] = {
    "backend": ("ollama", "embedded"),
    "url": ("http://localhost:1", "https://gpu.example:6399"),
    "model": ("deepseek-r1:7b", "a.gguf"),
    "context_tokens": (1024, 4096, 1_048_576),
    "temperature": (0, 0.5, 2),
    "top_p": (0.1, 1),
    "keep_alive": ("-1", "5m", "0", "300"),
    "language": ("auto", "en", "zh-cn"),
}

options = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(_LEGAL.get(name, (None,))) for name in NAMES}
)


def user_file() -> Path:
    return Path(platformdirs.user_config_dir("spyhop", appauthor=False)) / FILE_NAME


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def settings_in(folder: Path, **environment: str) -> Settings:
    return resolve(layers_for(folder, environment))


def fault(folder: Path, **environment: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        settings_in(folder, **environment)
    return caught.value


# Layers


def test_every_setting_has_legal_values_here() -> None:
    assert sorted(_LEGAL) == NAMES


@given(st.lists(options))
def test_a_setting_is_what_the_last_layer_that_has_it_says(layers: list[dict[str, Any]]) -> None:
    expected: dict[str, Any] = {}
    for layer in layers:
        expected |= layer
    settings = resolve([Layer(str(number), layer) for number, layer in enumerate(layers)])
    assert settings == Settings(**expected)


@given(options)
def test_editors_may_write_camel_case(layer: dict[str, Any]) -> None:
    camel = {to_camel(name): value for name, value in layer.items()}
    assert resolve([Layer("editor", camel)]) == resolve([Layer("file", layer)])


@given(options, options)
def test_both_spellings_are_the_same_setting(first: dict[str, Any], second: dict[str, Any]) -> None:
    camel = {to_camel(name): value for name, value in second.items()}
    found = resolve([Layer("file", first), Layer("editor", camel)])
    assert found == Settings(**(first | second))


def test_an_unset_option_leaves_the_layer_below() -> None:
    layers = [Layer("file", {"model": "a"}), Layer("editor", {"model": None, "topP": None})]
    assert resolve(layers).model == "a"


def test_files_and_environment_go_over_one_another_in_their_order(tmp_path: Path) -> None:
    names = ("context_tokens", "temperature", "top_p", "keep_alive")
    steps: list[Settings] = [settings_in(tmp_path)]
    write(user_file(), 'context_tokens = 2048\ntemperature = 0.1\ntop_p = 0.1\nkeep_alive = "1m"')
    steps.append(settings_in(tmp_path))
    write(tmp_path / FILE_NAME, 'temperature = 0.2\ntop_p = 0.2\nkeep_alive = "2m"')
    steps.append(settings_in(tmp_path))
    steps.append(settings_in(tmp_path, SPYHOP_TOP_P="0.3", SPYHOP_KEEP_ALIVE="3m"))
    layers = [
        *layers_for(tmp_path, {"SPYHOP_TOP_P": "0.3", "SPYHOP_KEEP_ALIVE": "3m"}),
        Layer("editor", {"keepAlive": "4m"}),
    ]
    steps.append(resolve(layers))
    changed = [
        [name for name in names if getattr(one, name) != getattr(other, name)]
        for one, other in pairwise(steps)
    ]
    assert changed == [list(names), list(names[1:]), list(names[2:]), list(names[3:])]


def test_without_files_and_environment_the_defaults_hold(tmp_path: Path) -> None:
    assert settings_in(tmp_path) == Settings()


def test_the_users_folder_has_one_file_of_settings(tmp_path: Path) -> None:
    write(user_file(), 'url = "https://gpu.example"')
    assert settings_in(user_file().parent).url == "https://gpu.example"
    assert settings_in(tmp_path).url == "https://gpu.example"


# The environment


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_has_a_variable(tmp_path: Path, name: str) -> None:
    for value in _LEGAL[name]:
        found = settings_in(tmp_path, **{f"SPYHOP_{name.upper()}": str(value)})
        assert getattr(found, name) == value


def test_the_environment_is_the_processs_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPYHOP_MODEL", "from the environment")
    assert resolve(layers_for(tmp_path)).model == "from the environment"


def test_other_variables_are_no_settings(tmp_path: Path) -> None:
    environment = {"SPYHOP_LOG": "x", "MODEL": "x", "spyhop_model": "x"}
    assert settings_in(tmp_path, **environment) == Settings()


def test_a_bad_variable_is_told(tmp_path: Path) -> None:
    error = fault(tmp_path, SPYHOP_CONTEXT_TOKENS="many")
    assert error.key == "settings-bad-value"
    assert "SPYHOP" in str(error)
    assert "context_tokens" in str(error)


# What is no setting


@pytest.mark.parametrize("key", ["modle", "Model", "context-tokens", "topp"])
def test_an_unknown_setting_is_told_with_its_file_and_the_known_ones(
    tmp_path: Path, key: str
) -> None:
    path = write(user_file(), f'{key} = "x"')
    error = fault(tmp_path)
    assert error.key == "settings-unknown-key"
    assert error.values["source"] == str(path)
    assert error.values["key"] == key
    assert all(name in str(error) for name in NAMES)


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"backend": "vllm"}, "backend"),
        ({"url": "localhost:11434"}, "url"),
        ({"url": "http://"}, "url"),
        ({"url": ["http://localhost"]}, "url"),
        ({"model": 7}, "model"),
        ({"contextTokens": 100}, "contextTokens"),
        ({"context_tokens": 100}, "context_tokens"),
        ({"temperature": -1}, "temperature"),
        ({"topP": 0}, "topP"),
        ({"keepAlive": "soon"}, "keepAlive"),
        ({"language": "fr"}, "language"),
    ],
)
def test_a_bad_value_is_told_with_its_key_as_written(options: Mapping[str, Any], key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        resolve([Layer("somewhere", options)])
    assert caught.value.key == "settings-bad-value"
    assert caught.value.values["source"] == "somewhere"
    assert caught.value.values["key"] == key


def test_a_layer_is_checked_even_where_a_later_one_goes_over_it() -> None:
    with pytest.raises(SettingsError):
        resolve([Layer("file", {"temperature": 9}), Layer("editor", {"temperature": 1})])


# Files


@pytest.mark.parametrize("whose", ["user", "project"])
def test_a_broken_file_is_named(tmp_path: Path, whose: str) -> None:
    path = write(user_file() if whose == "user" else tmp_path / FILE_NAME, "model = \n")
    error = fault(tmp_path)
    assert error.key == "settings-syntax"
    assert error.values["path"] == str(path)
    assert "line 1" in str(error)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b'model = "\xff"')
    assert fault(tmp_path).key == "settings-unreadable"
    path.unlink()
    path.mkdir()
    error = fault(tmp_path)
    assert error.key == "settings-unreadable"
    assert str(path) in str(error)


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_may_come_from_any_editor(tmp_path: Path, start: str, end: str) -> None:
    write(user_file(), f'{start}model = "a"{end}top_p = 0.5{end}')
    assert settings_in(tmp_path) == Settings(model="a", top_p=0.5)


# What a project may not decide


@pytest.mark.parametrize(
    "url",
    [
        "http://gpu.example:11434",
        "http://localhost.example",
        "http://localhost@gpu.example",
        "http://localhost:80@gpu.example",
        "http://127.0.0.1.example",
        "http://10.0.0.1",
        "http://[2001:db8::1]",
        "http://[localhost",
        "http://a\u2100b",
        "localhost",
        "",
    ],
)
def test_a_projects_file_may_not_send_code_elsewhere(tmp_path: Path, url: str) -> None:
    path = write(tmp_path / FILE_NAME, f'url = "{url}"')
    error = fault(tmp_path)
    assert error.key == "settings-not-in-project"
    assert error.values == {"source": str(path), "key": "url"}


@pytest.mark.parametrize(
    "url", ["http://localhost:8080", "https://LOCALHOST", "http://127.0.0.1", "http://[::1]:11434"]
)
def test_a_projects_file_may_name_another_port_of_this_machine(tmp_path: Path, url: str) -> None:
    write(tmp_path / FILE_NAME, f'url = "{url}"')
    assert settings_in(tmp_path).url == url


def test_a_projects_file_may_not_start_an_engine(tmp_path: Path) -> None:
    write(tmp_path / FILE_NAME, 'backend = "embedded"')
    error = fault(tmp_path)
    assert error.key == "settings-not-in-project"
    assert error.values["key"] == "backend"


def test_the_user_may_decide_all_of_it(tmp_path: Path) -> None:
    write(user_file(), 'url = "https://gpu.example"\nbackend = "embedded"')
    write(tmp_path / FILE_NAME, "top_p = 0.5")
    expected = Settings(url="https://gpu.example", backend="embedded", top_p=0.5)
    assert settings_in(tmp_path) == expected


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
    settings = Settings.model_validate({"language": language})
    assert settings.language_for(locale) == expected
