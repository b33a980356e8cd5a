"""What the documents say of the settings is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

from spyhop.settings import Layer, resolve
from spyhop.settings.check import names
from spyhop.settings.schema import ConnectionSettings, Settings

ROOT: Final = Path(__file__).parents[2]
READMES: Final = ("README.md", "README.zh-CN.md")
# Said of one role for all, or under the shorthand.
_TOLD_ELSEWHERE: Final = re.compile(
    r"(edit|chat)\.thinking\..*|(chat|complete)\.endpoint|thinking\.mode"
)


@pytest.mark.parametrize("name", READMES)
def test_the_example_is_as_it_says(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    resolved = resolve([Layer("README", tomllib.loads(example))])
    assert resolved.faults == ()
    gpu, laptop = resolved.settings.endpoints_for("edit")
    assert (gpu.name, gpu.model) == ("gpu", "deepseek-r1:32b")
    assert (laptop.name, laptop.model) == ("laptop", "deepseek-r1:7b")
    assert resolved.settings.endpoints_for("chat")[0].model == "deepseek-r1:14b"
    assert resolved.settings.thinking_for("chat").max_tokens == 2000


@pytest.mark.parametrize("name", READMES)
def test_every_setting_is_in_the_table(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    rows = "\n".join(line for line in text.splitlines() if line.startswith("| `"))
    known = {one for one in names(Settings) if not _TOLD_ELSEWHERE.fullmatch(one)}
    told = {one for one in known if f"`{one}`" in rows or f"`{one}." in rows}
    assert told == known
    endpoint = next(line for line in rows.splitlines() if line.startswith("| `endpoints."))
    assert set(re.findall(r"`(\w+)`", endpoint)) == set(ConnectionSettings.model_fields)


@pytest.mark.parametrize("name", READMES)
@pytest.mark.parametrize("setting", ["backend", "url", "keep_alive", "context_tokens", "preload"])
def test_the_defaults_in_the_table_are_those_in_force(name: str, setting: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith(f"| `{setting}` |"))
    default = row.split("|")[2].strip(" `")
    assert tomllib.loads(f"default = {default}")["default"] == getattr(Settings(), setting)
