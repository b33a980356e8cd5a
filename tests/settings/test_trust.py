from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from configured import PLANTED, fault_in, project, resolved_in, settings_in, write
from spyhop.settings import Layer, Settings, editor_layer, layers_for, resolve
from spyhop.settings.files import user_file
from spyhop.settings.trust import is_trusted

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
    path = project(tmp_path, f'top_p = 0.5\nurl = "{url}"')
    error = fault_in(tmp_path)
    assert error.key == "settings-not-in-project"
    assert (error.values["place"], error.values["key"]) == (f"{path}:2", "url")
    assert resolved_in(tmp_path).settings == Settings(top_p=0.5)


@pytest.mark.parametrize(
    "url", ["http://localhost:8080", "https://LOCALHOST", "http://127.0.0.1", "http://[::1]:11434"]
)
def test_a_projects_file_may_name_another_port_of_this_machine(tmp_path: Path, url: str) -> None:
    project(tmp_path, f'url = "{url}"')
    assert settings_in(tmp_path).url == url


@pytest.mark.parametrize(
    "model",
    ["x.gguf", "X.GGUF", "./x", "../x", "/x", "~/x", "C:\\\\x", "\\\\\\\\host\\\\x", "inside"],
)
@pytest.mark.parametrize("role", ["", "chat.", "complete."])
def test_a_projects_file_may_not_choose_a_file_to_run(
    tmp_path: Path, model: str, role: str
) -> None:
    (tmp_path / "inside").write_bytes(b"GGUF")
    project(tmp_path, f'{role}model = "{model}"')
    error = fault_in(tmp_path)
    assert (error.key, error.values["key"]) == ("settings-not-in-project", f"{role}model")


def test_a_projects_file_may_name_a_model(tmp_path: Path) -> None:
    for name in ("modelscope.cn/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF", "a" * 9000):
        project(tmp_path, f'model = "{name}"')
        assert settings_in(tmp_path).model == name


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('backend = "embedded"', "backend"),
        (f'key = "{PLANTED}"', "key"),
        (f'headers = {{ X = "{PLANTED}" }}', "headers"),
        ('chat.endpoint = "gpu"', "chat.endpoint"),
        (f'[endpoints.theirs]\nurl = "http://localhost:1"\nkey = "{PLANTED}"', "endpoints.theirs"),
        (f'[endpoints.gpu]\nheaders.X = "{PLANTED}"', "endpoints.gpu"),
    ],
)
def test_a_projects_file_may_decide_nothing_of_the_kind(
    tmp_path: Path, text: str, key: str
) -> None:
    write(user_file(), '[endpoints.laptop]\n[endpoints.gpu]\nurl = "https://gpu.example"')
    project(tmp_path, text)
    error = fault_in(tmp_path)
    assert (error.key, error.values["key"]) == ("settings-not-in-project", key)
    assert PLANTED not in str(error) + repr(error)
    before = resolve([layers_for(tmp_path, {})[0]]).settings
    assert resolved_in(tmp_path).settings == before


def test_what_is_refused_is_told_with_the_line_to_add_and_where(tmp_path: Path) -> None:
    folder = tmp_path / 'it is "mine"'
    folder.mkdir()
    project(folder, 'url = "http://gpu.example"')
    error = fault_in(folder)
    line = str(error).partition("write there: ")[2]
    assert str(user_file()) in str(error)
    write(user_file(), line)
    assert settings_in(folder).url == "http://gpu.example"


def test_the_user_may_decide_all_of_it(tmp_path: Path) -> None:
    write(user_file(), 'url = "https://gpu.example"\nbackend = "embedded"')
    project(tmp_path, "top_p = 0.5")
    expected = Settings(url="https://gpu.example", backend="embedded", top_p=0.5)
    assert settings_in(tmp_path) == expected


# Whom the user trusts

REMOTE = 'url = "https://gpu.example"\nmodel = "x.gguf"\n[endpoints.a]\nurl = "http://a"\nkey = "k"'


def is_taken(folder: Path, **environment: str) -> bool:
    return settings_in(folder, **environment).url == "https://gpu.example"


@pytest.mark.parametrize("below", ["", "sub", "sub/sub"])
def test_a_project_in_a_trusted_folder_may_set_everything(tmp_path: Path, below: str) -> None:
    folder = tmp_path / below
    project(folder, REMOTE)
    assert resolved_in(folder).settings.url != "https://gpu.example"
    assert is_taken(folder, SPYHOP_TRUSTED_FOLDERS=str(tmp_path))
    write(user_file(), f"trusted_folders = ['{tmp_path.as_posix()}']")
    assert is_taken(folder)


def test_the_editor_may_trust_a_folder_and_takes_no_trust_away(tmp_path: Path) -> None:
    project(tmp_path, REMOTE)
    assert resolve(layers_for(tmp_path, {}, trusted=True)).faults == ()
    environment = {"SPYHOP_TRUSTED_FOLDERS": str(tmp_path)}
    assert resolve(layers_for(tmp_path, environment, trusted=False)).faults == ()


def test_several_folders_are_parted_as_in_path(tmp_path: Path) -> None:
    project(tmp_path, REMOTE)
    folders = os.pathsep.join(["/nowhere", "", str(tmp_path)])
    assert is_taken(tmp_path, SPYHOP_TRUSTED_FOLDERS=folders)


@pytest.mark.parametrize("whose", ["project", "trusted", "editor"])
def test_nobody_but_the_user_says_whom_to_trust(tmp_path: Path, whose: str) -> None:
    text = f"trusted_folders = ['{tmp_path.as_posix()}']"
    layers = layers_for(tmp_path, {})
    if whose == "editor":
        layers.append(editor_layer("spyhop", {"trustedFolders": [str(tmp_path)]}))
    else:
        project(tmp_path, text)
        layers = layers_for(tmp_path, {}, trusted=whose == "trusted")
    resolved = resolve(layers)
    [error] = resolved.faults
    assert error.key == "settings-trust-elsewhere"
    assert resolved.settings.trusted_folders == ()


def test_trust_is_for_the_folder_and_those_below_it(tmp_path: Path) -> None:
    for name in ("mine", "mine-not", "other"):
        (tmp_path / name / "sub").mkdir(parents=True)
    trusted = [str(tmp_path / "mine")]
    assert is_trusted(tmp_path / "mine", trusted)
    assert is_trusted(tmp_path / "mine" / "sub", trusted)
    assert is_trusted(tmp_path / "other" / ".." / "mine", trusted)
    assert not is_trusted(tmp_path / "mine-not", trusted)
    assert not is_trusted(tmp_path / "other" / "sub", trusted)
    assert not is_trusted(tmp_path, trusted)
    assert not is_trusted(tmp_path / "mine" / ".." / "other", trusted)


@pytest.mark.parametrize("trusted", ["/nowhere/at/all", "~nobody-of-this-name/x", "a\0b", "~\0"])
def test_a_folder_that_is_not_there_is_no_trust(tmp_path: Path, trusted: str) -> None:
    assert not is_trusted(tmp_path, [trusted])


def test_a_tilde_is_the_users_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    (tmp_path / "work").mkdir()
    assert is_trusted(tmp_path / "work", ["~/work"])
    assert not is_trusted(tmp_path, ["~/work"])


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
def test_links_are_followed(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    mine.mkdir()
    other.mkdir()
    (mine / "out").symlink_to(other)
    (tmp_path / "link").symlink_to(mine)
    assert not is_trusted(mine / "out", [str(mine)])
    assert is_trusted(tmp_path / "link", [str(mine)])
    assert is_trusted(mine, [str(tmp_path / "link")])


def test_a_project_that_is_trusted_takes_the_users_key_along_as_the_user_would(
    tmp_path: Path,
) -> None:
    layers = [
        Layer("user", {"key": PLANTED}),
        Layer(str(tmp_path / "spyhop.toml"), {"url": "http://gpu:1"}, "trusted-project"),
    ]
    [endpoint] = resolve(layers).settings.endpoints_for("edit")
    assert (endpoint.key is not None, endpoint.of_project) == (True, False)
