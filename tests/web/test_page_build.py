"""The built page is what its sources make, and ships with all that it owes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHAT = ROOT / "extension/chat"
BUILT = CHAT / "built"


def test_the_built_page_is_what_its_sources_make(tmp_path: Path) -> None:
    again = tmp_path / "chat"
    shutil.copytree(CHAT, again, ignore=shutil.ignore_patterns("node_modules", "built", ".tests"))
    (again / "node_modules").symlink_to(CHAT / "node_modules", target_is_directory=True)
    subprocess.run(["node", "build.js"], cwd=again, check=True)  # noqa: S607 - of the PATH
    names = {path.name for path in BUILT.iterdir()}
    assert names == {path.name for path in (again / "built").iterdir()}
    changed = [
        name
        for name in names
        if (BUILT / name).read_bytes() != (again / "built" / name).read_bytes()
    ]
    assert changed == [], "extension/chat/built is out of date: make page"


def test_the_page_asks_no_other_place_for_anything() -> None:
    index = (BUILT / "index.html").read_text("utf-8")
    style = (BUILT / "page.css").read_text("utf-8")
    assert "//" not in re.sub(r"<!.*?>", "", index)
    assert not re.search(r"url\(|@import|https?:", style)
    assert "<style" not in index
    assert " style=" not in index
    assert not re.search(r"<script(?![^>]* src=)", index)


def test_a_licence_goes_along_with_each_library() -> None:
    licences = (BUILT / "LICENSES.txt").read_text("utf-8")
    package = json.loads((CHAT / "package.json").read_text("utf-8"))
    for name, version in package["dependencies"].items():
        assert f"{name} {version} (" in licences


def test_every_version_is_exact_and_no_address_is_recorded() -> None:
    package = json.loads((CHAT / "package.json").read_text("utf-8"))
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
    lock = json.loads((CHAT / "package-lock.json").read_text("utf-8"))
    packages = [it for path, it in lock["packages"].items() if path]
    assert all(it["integrity"].startswith("sha512-") for it in packages)
    assert not any("resolved" in it for it in packages)
    assert "registry" not in (CHAT / "package-lock.json").read_text("utf-8")
