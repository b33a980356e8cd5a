"""The doctor's round on the real engine with the stand-in."""

from __future__ import annotations

import os
from contextlib import aclosing
from pathlib import Path

import pytest

from spyhop import resources
from spyhop.assist.doctor.checks import NAMES, Check
from spyhop.assist.doctor.examine import examine
from spyhop.assist.doctor.report import Report
from spyhop.models.connect import connect
from spyhop.settings import Layer, resolve

pytest.importorskip("xllamacpp")

pytestmark = pytest.mark.anyio


def standin() -> Path:
    path = resources.standin()
    if not path.exists() or path.stat().st_size == 0:
        unbuilt = f"{path} is not built: run tests/standin/build.py"
        if "CI" in os.environ:
            pytest.fail(unbuilt)
        pytest.skip(unbuilt)
    return path


async def examined(model: Path, context_tokens: int = 1024) -> tuple[Report, dict[str, Check]]:
    options = {"backend": "embedded", "model": str(model), "context_tokens": context_tokens}
    report = Report()
    async with aclosing(examine(resolve([Layer("test", options)]), connect)) as events:
        async for event in events:
            report.take(event)
    return report, {check.name: check for check in report.parts[1].checks}


async def test_the_engine_is_examined_from_the_file_to_the_prompt_cache() -> None:
    report, checks = await examined(standin())
    # The stand-in knows the demo by heart and cannot count.
    unsure = {"prefill", "thinking"}
    assert {name: checks[name].state for name in NAMES[1:] if name not in unsure} == dict.fromkeys(
        (name for name in NAMES[1:] if name not in unsure), "ok"
    )
    assert all(checks[name].state in {"ok", "warning"} for name in unsure)
    assert report.outcome == "usable"
    assert checks["reachable"].message.key == "doctor-engine"
    assert checks["model"].message.key == "doctor-model-loaded"
    assert checks["version"].facts["version"]
    assert checks["thinking"].facts["thought"] is True
    cached = checks["cache"].facts["cached_tokens"]
    prompt = checks["cache"].facts["prompt_tokens"]
    assert isinstance(cached, int)
    assert isinstance(prompt, int)
    assert cached > prompt / 2
    speed = checks["answer"].facts["tokens_per_second"]
    assert isinstance(speed, float)


async def test_a_file_that_is_none_fails_before_the_engine_starts(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(b"GGML" + bytes(100))
    for model, key in ((path, "embedded-not-gguf"), (tmp_path / "none.gguf", "embedded-no-file")):
        report, checks = await examined(model)
        assert checks["reachable"].state == "failed"
        assert checks["reachable"].message.key == key
        assert checks["model"].state == "skipped"
        assert report.outcome == "unusable"


async def test_a_damaged_file_fails_where_it_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(standin().read_bytes()[:5000])
    report, checks = await examined(path)
    assert "failed" in {checks["reachable"].state, checks["model"].state}
    assert checks["answer"].state == "skipped"
    assert report.outcome == "unusable"
