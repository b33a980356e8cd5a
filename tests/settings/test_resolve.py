from __future__ import annotations

import json
import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr
from pydantic.alias_generators import to_camel

from spyhop.errors import SettingsError
from spyhop.messages import LANGUAGES
from spyhop.settings import FILE_NAME, Layer, Settings, layers_for, resolve

_THINKING: Final[dict[str, tuple[Any, ...]]] = {
    "thinking.mode": ("on", "off"),
    "thinking.max_tokens": (1, 4000),
    "thinking.max_seconds": (0.5, 60),
}
_LEGAL: Final[dict[str, tuple[Any, ...]]] = {
    "backend": ("ollama", "openai", "embedded"),
    "url": ("http://localhost:1", "https://gpu.example:6399"),
    "key": ("sk-1", "a+/=:b"),
    "headers": ({"X-Team": "blue", "api-key": "a b"},),
    "stall_seconds": (0.5, 600),
    "model": ("deepseek-r1:7b", "a.gguf"),
    "context_tokens": (1024, 4096, 1_048_576),
    "temperature": (0, 0.5, 2),
    "top_p": (0.1, 1),
    "keep_alive": ("-1", "5m", "0", "300"),
    "language": ("auto", "en", "zh-cn"),
    "preload": (True, False),
    "trusted_folders": (("~/work/mine", "/srv/mine"),),
    "edit.repair": ("off", "once"),
    **_THINKING,
    **{f"edit.{name}": values for name, values in _THINKING.items()},
    **{f"chat.{name}": values for name, values in _THINKING.items()},
    **{f"{role}.model": ("deepseek-r1:14b",) for role in ("edit", "chat", "complete")},
}
# Their values are of the endpoints that there are.
_OF_ENDPOINTS: Final = ("edit.endpoint", "chat.endpoint", "complete.endpoint", "endpoints")
NAMES: Final = sorted(_LEGAL)

flat_options = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(values) for name, values in _LEGAL.items()}
)


def nested(flat: Mapping[str, Any], spell: Callable[[str], str] = str) -> dict[str, Any]:
    """Put ``section.name`` into tables, as files and editors have them."""
    tables: dict[str, Any] = {}
    for name, value in flat.items():
        *sections, last = map(spell, name.split("."))
        table = tables
        for section in sections:
            table = table.setdefault(section, {})
        table[last] = value
    return tables


def value_of(settings: Settings, name: str) -> Any:
    return plain(attrgetter(name)(settings))


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def fields(section: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from fields(field.annotation, f"{prefix}{name}.")
        else:
            yield prefix + name


def user_file() -> Path:
    return Path(platformdirs.user_config_dir("spyhop", appauthor=False)) / FILE_NAME


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def settings_in(folder: Path, **environment: str) -> Settings:
    resolved = resolve(layers_for(folder, environment))
    assert resolved.faults == ()
    return resolved.settings


def fault(folder: Path, **environment: str) -> SettingsError:
    [found] = resolve(layers_for(folder, environment)).faults
    return found


# Layers


def test_every_setting_has_legal_values_here() -> None:
    assert sorted(fields(Settings)) == sorted([*NAMES, *_OF_ENDPOINTS])


def holds(name: str, layer: dict[str, Any], later: list[dict[str, Any]]) -> bool:
    """Tell whether what a layer says holds against the later ones, which say it not."""
    if name in {"key", "headers"}:
        return all(one.get("url") in {None, layer.get("url", one.get("url"))} for one in later)
    _, _, of_all = name.partition(".")
    return not any(of_all in one for one in later)


@given(st.lists(flat_options))
def test_a_setting_is_what_the_last_layer_that_has_it_says(layers: list[dict[str, Any]]) -> None:
    expected: dict[str, Any] = {}
    for number, layer in enumerate(layers):
        later = layers[number + 1 :]
        for name, value in layer.items():
            expected.pop(name, None)
            if holds(name, layer, later):
                expected[name] = value
    sent = [Layer(str(number), nested(layer)) for number, layer in enumerate(layers)]
    settings = resolve(sent).settings
    assert settings == Settings.model_validate(nested(expected))


@given(flat_options)
def test_editors_may_write_camel_case(layer: dict[str, Any]) -> None:
    camel = nested(layer, to_camel)
    in_file = resolve([Layer("file", nested(layer))])
    assert resolve([Layer("editor", camel)]).settings == in_file.settings


@given(flat_options, flat_options)
def test_both_spellings_are_the_same_setting(first: dict[str, Any], second: dict[str, Any]) -> None:
    found = resolve([Layer("file", nested(first)), Layer("editor", nested(second, to_camel))])
    same = resolve([Layer("file", nested(first)), Layer("editor", nested(second))])
    assert found.settings == same.settings


def test_an_unset_option_leaves_the_layer_below() -> None:
    unset = {"model": None, "topP": None, "thinking": {"maxTokens": None}, "edit": None}
    below = {"model": "a", "thinking": {"max_tokens": 9}}
    settings = resolve([Layer("file", below), Layer("editor", unset)]).settings
    assert (settings.model, settings.thinking.max_tokens) == ("a", 9)


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
    steps.append(resolve(layers).settings)
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
        variable = f"SPYHOP_{name.replace('.', '_').upper()}"
        written = os.pathsep.join(value) if isinstance(value, tuple) else str(value)
        written = json.dumps(value) if isinstance(value, dict) else written
        found = settings_in(tmp_path, **{variable: written})
        assert value_of(found, name) == value


@pytest.mark.parametrize("name", NAMES)
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


def test_a_bad_variable_is_told(tmp_path: Path) -> None:
    error = fault(tmp_path, SPYHOP_CONTEXT_TOKENS="many")
    assert error.key == "settings-bad-tokens"
    assert str(error).startswith('SPYHOP_CONTEXT_TOKENS: context_tokens is "many": write ')


# What is no setting


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("modle", "model"),
        ("Model", "model"),
        ("context-tokens", "context_tokens"),
        ("topp", "top_p"),
        ("max_tokens", "thinking.max_tokens"),
        ("repair", "edit.repair"),
        ("endpoint", "endpoints"),
    ],
)
def test_an_unknown_setting_is_told_with_its_place_and_the_nearest(
    tmp_path: Path, key: str, near: str
) -> None:
    path = write(user_file(), f'{key} = "x"')
    error = fault(tmp_path)
    assert error.key == "settings-unknown-near"
    assert (error.values["place"], error.values["key"]) == (f"{path}:1", key)
    assert error.values["near"] == near


def test_where_none_is_near_the_known_settings_are_listed(tmp_path: Path) -> None:
    path = write(user_file(), 'top_p = 0.5\nxyz = "x"')
    error = resolve(layers_for(tmp_path, {})).faults[0]
    assert error.key == "settings-unknown-key"
    assert error.values["place"] == f"{path}:2"
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
        ({"stallSeconds": 0}, "stallSeconds"),
        ({"key": 7}, "key"),
        ({"key": ""}, "key"),
        ({"temperature": True}, "temperature"),
        ({"headers": []}, "headers"),
        ({"headers": {"X Y": "a"}}, "headers.X Y"),
        ({"headers": {"X": 7}}, "headers.X"),
        ({"edit": {"repair": "twice"}}, "edit.repair"),
        ({"thinking": {"maxTokens": 0}}, "thinking.maxTokens"),
        ({"thinking": {"max_seconds": 0}}, "thinking.max_seconds"),
        ({"thinking": "maybe"}, "thinking.mode"),
        ({"thinking": []}, "thinking"),
    ],
)
def test_a_bad_value_is_told_with_its_key_as_written(options: Mapping[str, Any], key: str) -> None:
    resolved = resolve([Layer("somewhere", {**options, "top_p": 0.5})])
    [error] = resolved.faults
    assert error.key.startswith("settings-bad-")
    assert error.values["place"] == "somewhere"
    assert error.values["key"] == key
    assert resolved.settings == Settings(top_p=0.5)


def test_a_layer_is_checked_even_where_a_later_one_goes_over_it() -> None:
    resolved = resolve([Layer("file", {"temperature": 9}), Layer("editor", {"temperature": 1})])
    assert [error.values["place"] for error in resolved.faults] == ["file"]
    assert resolved.settings.temperature == 1


# Files


@pytest.mark.parametrize("whose", ["user", "project"])
def test_a_broken_file_is_named(tmp_path: Path, whose: str) -> None:
    path = write(user_file() if whose == "user" else tmp_path / FILE_NAME, "model = \n")
    error = fault(tmp_path)
    assert error.key == "settings-syntax"
    assert error.values["place"] == f"{path}:1:9"


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
    ],
)
def test_a_projects_file_may_not_send_code_elsewhere(tmp_path: Path, url: str) -> None:
    path = write(tmp_path / FILE_NAME, f'url = "{url}"')
    error = fault(tmp_path)
    assert error.key == "settings-not-in-project"
    assert (error.values["place"], error.values["key"]) == (f"{path}:1", "url")


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


@pytest.mark.parametrize(
    "model",
    ["x.gguf", "X.GGUF", "./x", "../x", "/x", "~/x", "C:\\\\x", "\\\\\\\\host\\\\x", "inside"],
)
def test_a_projects_file_may_not_choose_a_file_to_run(tmp_path: Path, model: str) -> None:
    (tmp_path / "inside").write_bytes(b"GGUF")
    write(tmp_path / FILE_NAME, f'model = "{model}"')
    error = fault(tmp_path)
    assert error.key == "settings-not-in-project"
    assert error.values["key"] == "model"


def test_a_projects_file_may_name_a_model(tmp_path: Path) -> None:
    name = "modelscope.cn/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF"
    write(tmp_path / FILE_NAME, f'model = "{name}"')
    assert settings_in(tmp_path).model == name


def test_the_user_may_decide_all_of_it(tmp_path: Path) -> None:
    write(user_file(), 'url = "https://gpu.example"\nbackend = "embedded"')
    write(tmp_path / FILE_NAME, "top_p = 0.5")
    expected = Settings(url="https://gpu.example", backend="embedded", top_p=0.5)
    assert settings_in(tmp_path) == expected


# Keys

PLANTED: Final = "sk-planted-0123456789"


@pytest.mark.parametrize("option", [f'key = "{PLANTED}"', f'headers = {{ X = "{PLANTED}" }}'])
def test_a_projects_file_may_not_hold_a_key(tmp_path: Path, option: str) -> None:
    write(tmp_path / FILE_NAME, option)
    error = fault(tmp_path)
    assert error.key == "settings-not-in-project"
    assert error.values["key"] == option.split(maxsplit=1)[0]
    assert PLANTED not in str(error)


@pytest.mark.parametrize("later", [{}, {"key": PLANTED}])
def test_a_server_of_a_projects_choice_does_not_get_the_users_key(
    tmp_path: Path, later: dict[str, str]
) -> None:
    write(user_file(), f'url = "https://gpu.example"\nkey = "{PLANTED}"\nheaders = {{ X = "y" }}')
    editor = Layer("editor", later)
    assert settings_in(tmp_path).key is not None
    write(tmp_path / FILE_NAME, 'url = "http://localhost:9"')
    settings = resolve([*layers_for(tmp_path, {}), editor]).settings
    assert (settings.url, settings.key, settings.headers) == ("http://localhost:9", None, {})
    own = resolve([*layers_for(tmp_path, {"SPYHOP_URL": "https://gpu.example"}), editor])
    assert value_of(own.settings, "key") == PLANTED


def test_a_key_stands_in_no_rendering_of_the_settings() -> None:
    settings = Settings(key=SecretStr(PLANTED), headers={"X": SecretStr(PLANTED)})
    shown = [repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json()]
    assert not [it for it in shown if PLANTED in it]


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
    ],
)
def test_a_key_that_is_wrong_or_in_the_wrong_place_is_not_shown(options: dict[str, Any]) -> None:
    [error] = resolve([Layer("somewhere", options)]).faults
    assert PLANTED not in "".join(traceback.format_exception(error)) + repr(error)
    assert not [language for language in LANGUAGES if PLANTED in error.say(language)]


def test_white_space_around_a_key_does_not_count() -> None:
    settings = resolve([Layer("file", {"key": " sk-1\n", "headers": {"X": " y "}})]).settings
    assert (value_of(settings, "key"), value_of(settings, "headers")) == ("sk-1", {"X": "y"})


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
