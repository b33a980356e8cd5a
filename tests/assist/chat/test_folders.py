from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from spyhop.assist.chat import folders as module
from spyhop.assist.chat.folders import Folders
from spyhop.errors import UsageError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (root / "src" / "a.py").write_text("x = 1\n", encoding="utf-8")
    (root / "node_modules").mkdir()
    (root / "node_modules" / "b.js").write_text("b\n", encoding="utf-8")
    (tmp_path / "secret.py").write_text("secret\n", encoding="utf-8")
    return root


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.invalid")
    subprocess.run(("git", *identity, *arguments), cwd=root, check=True, capture_output=True)  # noqa: S603, S607 - fixed words


def test_what_is_below_is_read_and_nothing_else(root: Path) -> None:
    folders = Folders([root])
    source = folders.read(root / "src" / "a.py")
    assert source is not None
    assert source.text == "x = 1\n"
    assert folders.read(root / "no.py") is None
    assert folders.read(root / "src" / "a.py" / "deeper") is None
    (root / "link.py").symlink_to(root.parent / "secret.py")
    (root / "up").symlink_to(root.parent)
    (root / "loop").symlink_to(root / "loop")
    (root / "bin").write_bytes(b"\0\1")
    for path, key in (
        ("../secret.py", "file-outside"),
        ("link.py", "file-outside"),
        ("up/secret.py", "file-outside"),
        ("src", "file-is-folder"),
        ("bin", "file-binary"),
        ("loop", "file-unreadable"),
    ):
        with pytest.raises(UsageError) as refused:
            folders.read(root / path)
        assert refused.value.key == key


def test_what_is_too_large_is_not_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 3)
    with pytest.raises(UsageError) as refused:
        Folders([root]).read(root / "src" / "a.py")
    assert refused.value.key == "file-too-large"


def test_a_new_file_is_made_below_the_first_folder_only(root: Path) -> None:
    folders = Folders([root])
    made = folders.create("new/b.py", "b = 1\r\n")
    assert made == root / "new" / "b.py"
    assert made.read_bytes() == b"b = 1\r\n"
    (root / "up").symlink_to(root.parent)
    for path, key in (
        ("new/b.py", "file-exists"),
        ("src", "file-exists"),
        ("../b.py", "file-outside"),
        ("/tmp/b.py", "file-outside"),  # noqa: S108 - it is not made
        ("up/b.py", "file-outside"),
        (".git/hooks/x", "file-outside"),
        ("", "file-outside"),
        ("src/a.py/b.py", "file-exists"),
        ("nul\0", "file-unwritable"),
    ):
        with pytest.raises(UsageError) as refused:
            folders.create(path, "x")
        assert refused.value.key == key, path
    with pytest.raises(UsageError) as refused:
        Folders([]).create("a.py", "x")
    assert refused.value.key == "chat-no-folder"


def test_without_git_files_are_found_by_walking(root: Path) -> None:
    assert [shown for _, shown in Folders([root]).files()] == ["src/a.py"]


def test_with_git_its_files_and_changes_are_told(root: Path) -> None:
    folders = Folders([root])
    with pytest.raises(UsageError) as refused:
        asyncio.run(folders.diff())
    assert refused.value.key == "chat-no-git"
    git(root, "init", "-q")
    (root / ".gitignore").write_text("node_modules\n", encoding="utf-8")
    git(root, "add", ".")
    git(root, "commit", "-qm", "one")
    assert asyncio.run(folders.diff()) == ""
    (root / "src" / "a.py").write_text("x = 2\n", encoding="utf-8")
    (root / "文件.py").write_text("y\n", encoding="utf-8")
    assert "-x = 1\n+x = 2\n" in asyncio.run(folders.diff())
    assert {shown for _, shown in folders.files()} == {".gitignore", "src/a.py", "文件.py"}
