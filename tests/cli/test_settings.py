"""``spyhop settings``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from command import Result, run
from configured import PLANTED, project, write
from spyhop.settings.files import user_file
from spyhop.settings.json_schema import json_schema

TEXT = f"""\
model = "deepseek-r1:7b"
key = "{PLANTED}"
headers = {{ X-Team = "{PLANTED}" }}

[chat]
endpoint = "laptop"

[endpoints.gpu]
url = "http://me:{PLANTED}@10.0.0.5:6399"
model = "deepseek-r1:32b"

[endpoints.laptop]
"""


def settings(folder: Path, *options: str, **environment: str) -> Result:
    return run("settings", *options, cwd=folder, env=environment)


def test_each_value_is_shown_with_its_source(tmp_path: Path) -> None:
    path = write(user_file(), TEXT)
    project(tmp_path, "\ntop_p = 0.5")
    found = settings(tmp_path, SPYHOP_STALL_SECONDS="9")
    assert (found.status, found.err) == (0, "")
    lines = [line.split() for line in found.out.decode().splitlines()]
    assert ["model", '"deepseek-r1:7b"', f"{path}:1"] in lines
    assert ["key", "set", f"{path}:2"] in lines
    assert ["headers", "{", "X-Team", "}", f"{path}:3"] in lines
    assert ["stall_seconds", "9", "SPYHOP_STALL_SECONDS"] in lines
    assert ["top_p", "0.5", f"{tmp_path / 'spyhop.toml'}:2"] in lines
    assert ["context_tokens", "8192", "default"] in lines
    assert ["thinking.max_tokens", "not", "set", "default"] in lines
    assert ["endpoints.gpu.url", '"http://10.0.0.5:6399"', f"{path}:9"] in lines
    assert PLANTED not in found.out.decode()


def test_the_files_and_the_order_of_endpoints_are_shown(tmp_path: Path) -> None:
    write(user_file(), TEXT)
    text = settings(tmp_path).out.decode()
    assert f"Your file: {user_file()}\n" in text
    assert f"The project's: {tmp_path / 'spyhop.toml'} (not there)\n" in text
    gpu = "gpu (http://10.0.0.5:6399, deepseek-r1:32b)"
    laptop = "laptop (http://localhost:11434, deepseek-r1:7b)"
    assert f"Asked for edit: {gpu} → {laptop}\n" in text
    assert f"Asked for chat: {laptop} → {gpu}\n" in text


@pytest.mark.parametrize(("trusted", "words"), [("", "(not trusted"), ("{}", "(trusted)")])
def test_whether_the_project_is_trusted_is_shown(tmp_path: Path, trusted: str, words: str) -> None:
    project(tmp_path, "")
    found = settings(tmp_path, SPYHOP_TRUSTED_FOLDERS=trusted.format(tmp_path))
    assert words in found.out.decode()


def test_faults_are_told_on_stderr_and_the_rest_is_shown(tmp_path: Path) -> None:
    write(user_file(), 'modle = "x"\n[complete]\nthinking = "off"')
    found = settings(tmp_path)
    assert found.status == 0
    assert len(found.err.splitlines()) == 2
    assert "Did you mean model?" in found.err
    assert "context_tokens" in found.out.decode()


def test_json_has_values_sources_roles_and_faults_and_no_key(tmp_path: Path) -> None:
    path = write(user_file(), f"{TEXT}kye = 1")
    found = settings(tmp_path, "--json")
    value: dict[str, Any] = json.loads(found.out)
    assert value["settings"]["key"] == {"value": "set", "source": f"{path}:2"}
    assert value["settings"]["headers"]["value"] == {"X-Team": "set"}
    assert value["settings"]["top_p"] == {"value": 0.95, "source": "default"}
    chat = value["roles"]["chat"]
    assert [one["name"] for one in chat["endpoints"]] == ["laptop", "gpu"]
    assert chat["endpoints"][1]["key"] is None
    assert chat["thinking"]["mode"] == "on"
    assert value["roles"]["complete"]["thinking"] is None
    [fault] = value["faults"]
    assert "Did you mean endpoints.laptop.key?" in fault
    assert PLANTED not in found.out.decode() + found.err


def test_the_schema_is_printed_whatever_the_settings_are(tmp_path: Path) -> None:
    write(user_file(), "modle = ")
    found = settings(tmp_path, "--schema")
    assert (found.status, found.err) == (0, "")
    assert json.loads(found.out) == json_schema()


def test_it_speaks_chinese_where_the_settings_say_so(tmp_path: Path) -> None:
    write(user_file(), 'language = "zh-cn"\nmodle = "x"')
    found = settings(tmp_path)
    lines = [line.split() for line in found.out.decode().splitlines()]
    assert ["key", "未设置", "默认"] in lines
    assert "是不是想写 model？" in found.err
    columns = {
        line.index("默认") + line.count("未设置") * 3
        for line in found.out.decode().splitlines()
        if "默认" in line
    }
    assert len(columns) == 1


def test_a_name_that_a_terminal_would_obey_is_shown(tmp_path: Path) -> None:
    write(user_file(), 'model = "\\u001b[31m"')
    out = settings(tmp_path).out
    assert b"\x1b" not in out
    assert os.fsencode("\\u001b[31m") in out
