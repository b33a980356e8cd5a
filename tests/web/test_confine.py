from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from scripted_chats import ScriptedChats
from spyhop.errors import UsageError
from spyhop.web.confine import Confined, is_inside, path_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "work space"
    (root / "inside").mkdir(parents=True)
    (root / "gcd.py").write_text("a = 1\n")
    (tmp_path / "secret.txt").write_text("hunter2\n")
    (tmp_path / "work space too").mkdir()
    return root


def attach(uri: str) -> dict[str, Any]:
    return {"chatId": "1", "kind": "file", "uri": uri}


async def refused(root: Path | None, method: str, params: Any) -> bool:
    """Tell whether a request is refused before the service of chats has it."""
    chats = ScriptedChats()
    chats.fault = UsageError("no-question")
    with pytest.raises(UsageError) as error:
        await Confined(chats, lambda: [root] if root else []).call(method, params)
    assert (error.value.key == "page-outside-workspace") is not bool(chats.calls)
    return not chats.calls


async def test_what_is_inside_is_let_through(workspace: Path) -> None:
    assert not await refused(workspace, "attach", attach((workspace / "gcd.py").as_uri()))
    assert not await refused(workspace, "attach", attach((workspace / "not there yet").as_uri()))
    assert not await refused(workspace, "newFile", {"path": "inside/new.py"})
    assert not await refused(workspace, "attach", {"chatId": "1", "kind": "diff", "uri": ""})


@pytest.mark.parametrize(
    "uri",
    [
        "{outside}/secret.txt",
        "{inside}/../secret.txt",
        "{inside}/inside/../../secret.txt",
        "{inside}/%2e%2e/secret.txt",
        "{inside}/..%2fsecret.txt",
        "{inside}%20too/secret.txt",
        "{inside}/a%00b",
        "{inside}/gcd.py?x=1",
        "file:///etc/passwd",
        "file://evil.example/share/gcd.py",
        "file:gcd.py",
        "gcd.py",
        "http://127.0.0.1/gcd.py",
        "https:///etc/passwd",
        "data:text/plain,x",
        "file://[",
        "\\\\evil.example\\share\\gcd.py",
    ],
)
async def test_a_uri_that_leads_out_is_refused(workspace: Path, uri: str) -> None:
    named = uri.format(inside=workspace.as_uri(), outside=workspace.parent.as_uri())
    assert await refused(workspace, "attach", attach(named))
    place = {"uri": named, "range": {"start": 0, "end": 1}}
    assert await refused(workspace, "apply", {"chatId": "1", "turnId": "2", "place": place})


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "inside/../../secret.txt",
        "/etc/passwd",
        "/etc/cron.d/x",
        "a\0b",
        "~/../../x",
    ],
)
async def test_a_path_that_leads_out_is_refused(workspace: Path, path: str) -> None:
    assert await refused(workspace, "newFile", {"path": path})


async def test_without_a_folder_nothing_is_inside(workspace: Path) -> None:
    assert await refused(None, "attach", attach((workspace / "gcd.py").as_uri()))
    assert await refused(None, "newFile", {"path": "new.py"})


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
async def test_a_link_counts_as_what_it_points_to(workspace: Path) -> None:
    (workspace / "link.txt").symlink_to(workspace.parent / "secret.txt")
    (workspace / "folder").symlink_to(workspace.parent)
    (workspace / "loop").symlink_to(workspace / "loop")
    (workspace / "near.py").symlink_to(workspace / "gcd.py")
    for name in ("link.txt", "folder/secret.txt", "folder/new.txt", "loop"):
        assert await refused(workspace, "attach", attach((workspace / name).as_uri()))
        assert await refused(workspace, "newFile", {"path": name})
    assert not await refused(workspace, "attach", attach((workspace / "near.py").as_uri()))


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
async def test_a_workspace_may_be_a_link_itself(workspace: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(workspace)
    assert not await refused(link, "attach", attach((link / "gcd.py").as_uri()))
    assert not await refused(link, "attach", attach((workspace / "gcd.py").as_uri()))


async def test_a_path_of_chinese_and_spaces_is_read_as_it_is_written(workspace: Path) -> None:
    path = workspace / "最大 公约数#1.py"
    assert path_of(path.as_uri()) == path
    assert is_inside(path, workspace)
