"""The cases of tests/cases/apply: an answer's code block, and where in the files it goes."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from chatting import Chatting, MemoryWorkspace, chatting, path_of, uri_of
from fakemodel import FakeModel
from spyhop.assist.chat.port import Proposed
from spyhop.core.anchors import apply_all
from spyhop.core.lines import split_lines
from spyhop.core.positions import Span
from spyhop.core.stream import Text
from spyhop.errors import NoEdit, UsageError
from spyhop.messages import say
from spyhop.models.port import Done
from spyhop.sessions.proposal import propose

pytestmark = pytest.mark.anyio

FOLDER = Path(__file__).parents[2] / "cases" / "apply"
CASES = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.toml")
}


def lines_in(place: str, files: dict[str, str]) -> tuple[str, dict[str, int] | None]:
    """Read ``a.py``, ``a.py:2-4`` (1-based, both included) or ``a.py:end``."""
    path, _, lines = place.partition(":")
    if not lines:
        return path, None
    if lines == "end":
        count = len(split_lines(files[path]))
        return path, {"start": count, "end": count}
    first, _, last = lines.partition("-")
    return path, {"start": int(first) - 1, "end": int(last)}


def shown(place: dict[str, Any]) -> str:
    """A place as a case writes it, and how it was found."""
    start, end = place["range"]["start"], place["range"]["end"]
    lines = "end" if start == end else f"{start + 1}-{end}"
    return f"{place['path']}:{lines} {place['why']}"


def text_after(proposed: Proposed) -> str:
    """The file as it is once every hunk of the proposal is taken, by the pipeline of edits."""
    source = proposed.source
    start = source.line_span(proposed.first).start
    end = source.line_span(proposed.first + len(proposed.base)).start
    hunks = propose(source, Span(start, end), proposed.base, proposed.lines)
    return apply_all(source.text, [hunk.change for hunk in hunks])


async def outcome_of(case: dict[str, Any], client: Chatting) -> dict[str, Any]:
    """What a case comes to, in the words of its ``expect``."""
    chat_id = await client.new()
    for place in case.get("attached", []):
        path, lines = lines_in(place, client.workspace.files)
        kind = "file" if lines is None else "selection"
        await client("attach", chatId=chat_id, kind=kind, uri=uri_of(path), range=lines)
    answer = await client.ask(chat_id)
    client.workspace.files |= case.get("then", {})
    params: dict[str, Any] = {
        "chatId": chat_id,
        "turnId": answer["id"],
        "block": case.get("block", 0),
    }
    if "chosen" in case:
        path, lines = lines_in(case["chosen"], client.workspace.files)
        params["place"] = {"uri": uri_of(path), "range": lines}
    try:
        applied = await client("apply", **params)
        [*proposals] = client.workspace.proposed
        if applied["state"] == "ask":
            assert proposals == []
            return {"ask": [shown(place) for place in applied["places"]]}
        [proposed] = proposals
        assert path_of(proposed.uri) == applied["places"][0]["path"]
        outcome = {"place": shown(applied["places"][0]), "text": text_after(proposed)}
    except NoEdit as refused:
        return {"refused": refused.key}
    if applied["warnings"]:
        outcome["warns"] = applied["warnings"]
    return outcome


@pytest.mark.parametrize("name", sorted(CASES))
async def test_a_block_goes_where_it_belongs_or_the_user_is_asked(
    name: str, tmp_path: Path
) -> None:
    case = CASES[name]
    files = MemoryWorkspace(dict(case["files"]), list(case.get("open", [])))
    model = FakeModel([Text("</think>" + case["answer"]), Done("stop")])
    async with chatting(model, tmp_path, files) as client:
        assert await outcome_of(case, client) == case["expect"]


def test_there_are_cases() -> None:
    assert len(CASES) >= 30


async def test_a_block_that_is_not_there_is_said(tmp_path: Path) -> None:
    model = FakeModel([Text("</think>```\nx\n```"), Done("stop")])
    async with chatting(model, tmp_path) as client:
        chat_id = await client.new()
        answer = await client.ask(chat_id)
        with pytest.raises(UsageError) as refused:
            await client("apply", chatId=chat_id, turnId=answer["id"], block=1)
        assert str(refused.value) == say("en", "chat-no-block", number=2)


async def test_a_block_becomes_a_new_file_or_goes_to_the_cursor(tmp_path: Path) -> None:
    model = FakeModel([Text("</think>```python src/a.py\n# src/a.py\nx = 1\n```"), Done("stop")])
    async with chatting(model, tmp_path) as client:
        chat_id = await client.new()
        answer = await client.ask(chat_id)
        block: dict[str, Any] = {"chatId": chat_id, "turnId": answer["id"], "block": 0}
        made = await client("newFile", **block, path="src/a.py")
        assert client.workspace.files[path_of(made["uri"])] == "x = 1\n"
        with pytest.raises(UsageError):
            await client("newFile", **block, path="src/a.py")
        await client("insertAtCursor", **block)
        assert client.workspace.inserted == ["x = 1\n"]
