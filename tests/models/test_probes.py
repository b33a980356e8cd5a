"""Verdicts on disk: right for a day, of no use to a thief, and never in the way."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spyhop.models.errors import ModelUnavailable
from spyhop.models.openai import OpenAi
from spyhop.models.port import Request
from spyhop.models.probes import Probes
from spyhop.models.scripted import ScriptedOpenAi, dialogue, refusal
from spyhop.models.scripted.shapes import VLLM
from spyhop.prompting.r1 import Turn

KEY = ("http://gpu:8000/v1", "1.0", "deepseek-r1")
UNKNOWN = replace(VLLM, listed={}, facts={})
PROBED = {"max_tokens": 1, "temperature": 0}


@dataclass
class Clock:
    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@given(raw=st.booleans(), seconds=st.integers(-(10**9), 10**9))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_verdict_holds_for_a_day(tmp_path: Path, raw: bool, seconds: int) -> None:
    clock = Clock()
    probes = Probes(tmp_path, clock=clock)
    probes.keep_raw(*KEY, verdict=raw)
    assert probes.raw(*KEY) is raw
    clock.now += seconds
    assert probes.raw(*KEY) is (raw if 0 <= seconds < 86_400 else None)


@pytest.mark.parametrize("other", [0, 1, 2])
def test_it_holds_for_one_server_version_and_model(tmp_path: Path, other: int) -> None:
    probes = Probes(tmp_path)
    probes.keep_raw(*KEY, verdict=True)
    key = [*KEY]
    key[other] += "x"
    assert probes.raw(*key) is None
    probes.forget(*key)
    assert probes.raw(*KEY) is True
    probes.forget(*KEY)
    assert probes.raw(*KEY) is None


def test_a_refresh_looks_at_no_old_one_and_leaves_a_new_one(tmp_path: Path) -> None:
    Probes(tmp_path).keep_raw(*KEY, verdict=True)
    refreshing = Probes(tmp_path, refresh=True)
    assert refreshing.raw(*KEY) is None
    refreshing.keep_raw(*KEY, verdict=False)
    assert Probes(tmp_path).raw(*KEY) is False


def test_no_address_and_no_model_can_be_read_from_it(tmp_path: Path) -> None:
    Probes(tmp_path).keep_raw(*KEY, verdict=True)
    (file,) = tmp_path.iterdir()
    assert set(json.loads(file.read_text())) == {"raw", "time"}
    assert not any(part in file.name for part in ("gpu", "deepseek"))


@given(data=st.binary(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_corrupt_file_is_no_verdict_and_is_written_over(tmp_path: Path, data: bytes) -> None:
    probes = Probes(tmp_path)
    probes.keep_raw(*KEY, verdict=True)
    (file,) = tmp_path.iterdir()
    file.write_bytes(data)
    assert probes.raw(*KEY) in {None, True, False}
    probes.keep_raw(*KEY, verdict=True)
    assert probes.raw(*KEY) is True
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_cannot_be_written_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    probes = Probes(tmp_path / "file" / "probes")
    probes.keep_raw(*KEY, verdict=True)
    assert probes.raw(*KEY) is None
    probes.forget(*KEY)


# As the client uses them


@asynccontextmanager
async def openai(
    server: ScriptedOpenAi, folder: Path, *, refresh: bool = False
) -> AsyncIterator[OpenAi]:
    probes = Probes(folder, refresh)
    it = OpenAi(server.base, None, context_tokens=8192, probes=probes)
    try:
        yield it
    finally:
        await it.aclose()


def probed(server: ScriptedOpenAi) -> int:
    return sum(it.body.get("max_tokens") == 1 for it in server.requests)


@pytest.mark.anyio
@pytest.mark.parametrize("raw", [False, True])
async def test_a_server_is_probed_once_a_day(tmp_path: Path, raw: bool) -> None:
    form = "r1" if raw else "chat"
    with ScriptedOpenAi([], replace(UNKNOWN, raw=raw)) as server:
        for _ in range(3):
            async with openai(server, tmp_path) as model:
                assert (await model.info()).format == form
                await model.wire_prompt(Request((Turn("user", "x"),)))
        assert probed(server) == 1
        async with openai(server, tmp_path, refresh=True) as model:
            assert (await model.info()).format == form
        assert probed(server) == 2


@pytest.mark.anyio
async def test_a_fault_of_the_server_is_no_verdict(tmp_path: Path) -> None:
    with ScriptedOpenAi([], UNKNOWN, probed=refusal(500, "out of memory")) as server:
        for count in (1, 2):
            async with openai(server, tmp_path) as model:
                assert (await model.info()).format == "chat"
            assert probed(server) == count


@pytest.mark.anyio
async def test_a_verdict_that_turns_out_wrong_is_forgotten(tmp_path: Path) -> None:
    ask = Request((Turn("user", "x"),))
    with ScriptedOpenAi([refusal(404, "Not Found"), dialogue("x")], UNKNOWN) as server:
        async with openai(server, tmp_path) as model:
            with pytest.raises(ModelUnavailable, match="has no /completions"):
                await anext(model.stream(ask))
            assert Probes(tmp_path).raw(server.base, "", UNKNOWN.model) is None
            await model.info()
        assert probed(server) == 2
