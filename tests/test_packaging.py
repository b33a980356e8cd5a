"""The wheel holds all that the checkout has."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def run(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "spyhop", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(installed)},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_every_prompt_ships_in_the_wheel(installed: Path) -> None:
    shipped = {path.name for path in (installed / "spyhop/prompts").iterdir()}
    assert shipped == {path.name for path in (ROOT / "prompts").iterdir()}


def test_the_chat_page_ships_in_the_wheel(installed: Path) -> None:
    shipped = {path.name: path.read_bytes() for path in (installed / "spyhop/chat_page").iterdir()}
    built = (ROOT / "extension/chat/built").iterdir()
    assert shipped == {path.name: path.read_bytes() for path in built}
    assert "page.js" in shipped


def test_every_outline_ships_in_the_wheel(installed: Path) -> None:
    folder = "spyhop/syntax/outlines"
    shipped = {path.name for path in (installed / folder).iterdir()}
    assert shipped == {path.name for path in (ROOT / "server" / folder).iterdir()}


def test_the_demo_runs_from_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    where = "import spyhop; print(spyhop.__file__)"
    found = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", where],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert found.stdout.startswith(str(installed))
    done = run(installed, tmp_path, "demo", "--yes")
    assert done.returncode == 0, done.stderr
    assert "    return abs(a)\n" in done.stdout
