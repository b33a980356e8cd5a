"""What all tests share."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# Times differ from machine to machine; a test may not fail for one.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No setting of the developer's own reaches a test."""
    home = tmp_path_factory.mktemp("home")
    folders = ("CACHE", "CONFIG", "DATA", "STATE")
    for name in ("HOME", "APPDATA", "LOCALAPPDATA", *(f"XDG_{it}_HOME" for it in folders)):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("OLLAMA_MODELS", str(home / "ollama"))
    for name in ("HF_ENDPOINT", "MODELSCOPE_DOMAIN"):
        monkeypatch.delenv(name, raising=False)
    for name in [name for name in os.environ if name.startswith("SPYHOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
