"""Pending edits when documents and servers come and go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from platformdirs import user_state_dir

from crash import dying
from lsp_client import Client, position, serving
from spyhop.models.scripted import ScriptedOllama, reply

pytestmark = pytest.mark.anyio

URI = "file:///work/a.py"
NEW_URI = "file:///work/b.py"
TEXT = "a = 1\nb = 2\nc = 3\nd = 4\n"
ANSWER = "</think>\n```python\na = 10\nb = 2\nc = 30\nd = 4\n```"
EDITED = "a = 10\nb = 2\nc = 30\nd = 4\n"


@pytest.fixture
def ollama() -> Any:
    with ScriptedOllama([reply(ANSWER)]) as server:
        yield server


async def begin(client: Client, ollama: ScriptedOllama, uri: str = URI, text: str = TEXT) -> None:
    client.settings = {"spyhop": {"url": ollama.url}}
    await client.initialize()
    client.open(uri, text)


async def propose(client: Client, uri: str = URI) -> None:
    """Have two lines of the document changed by the model."""
    text = client.documents[uri].text
    range_ = {"start": position(text, 0), "end": position(text, len(text))}
    count = len(client.messages("workspace/applyEdit"))
    await client.command("spyhop.edit", {"uri": uri, "range": range_, "instruction": "times ten"})
    await client.message("workspace/applyEdit", count + 1)
    await client.lenses(uri)


@asynccontextmanager
async def session(
    ollama: ScriptedOllama, uri: str = URI, text: str = TEXT
) -> AsyncIterator[Client]:
    """A server with a document in which two hunks are pending."""
    async with serving() as client:
        await begin(client, ollama, uri, text)
        await propose(client, uri)
        assert client.documents[uri].text == EDITED
        yield client


async def offered(client: Client, uri: str = URI) -> list[tuple[int, str]]:
    return [(line, title) for line, title, _ in await client.lenses(uri)]


BOTH = [
    (0, "Accept"),
    (0, "Reject"),
    (0, "Accept all 2"),
    (0, "Reject all 2"),
    (2, "Accept"),
    (2, "Reject"),
]


async def test_a_document_closed_and_reopened_has_its_hunks_again(ollama: ScriptedOllama) -> None:
    async with session(ollama) as client:
        client.close(URI)
        client.open(URI, EDITED)
        assert await offered(client) == BOTH
        await client.press(URI, "Reject all")
        assert client.documents[URI].text == TEXT


async def test_reopened_with_another_text_hunks_follow_and_what_is_lost_is_said(
    ollama: ScriptedOllama,
) -> None:
    async with session(ollama) as client:
        client.close(URI)
        client.open(URI, "# new\n" + EDITED.replace("30", "31"))
        assert await offered(client) == [(1, "Accept"), (1, "Reject")]
        message = await client.message("window/showMessage")
        assert message["message"].startswith("a.py is no longer what it was, so 1 of its pending")
        await client.press(URI, "Reject")
        assert client.documents[URI].text == "# new\n" + TEXT.replace("c = 3", "c = 31")


async def test_reopened_as_before_the_edit_nothing_is_offered_until_the_edited_text_is_back(
    ollama: ScriptedOllama,
) -> None:
    async with session(ollama) as client:
        client.close(URI)
        client.open(URI, TEXT)
        assert await offered(client) == []
        client.close(URI)
        client.open(URI, EDITED)
        assert await offered(client) == BOTH
        assert client.messages("window/showMessage") == []


async def test_opening_twice_follows_too(ollama: ScriptedOllama) -> None:
    async with session(ollama) as client:
        client.open(URI, "# new\n" + EDITED)
        assert [line for line, _ in await offered(client)] == [1, 1, 1, 1, 3, 3]


@pytest.mark.parametrize("order", ["close first", "open first"])
async def test_edits_move_with_a_document_that_is_closed_here_and_opened_there(
    ollama: ScriptedOllama, order: str
) -> None:
    async with session(ollama) as client:
        if order == "close first":
            client.close(URI)
            client.open(NEW_URI, EDITED)
        else:
            client.open(NEW_URI, EDITED)
            client.close(URI)
        assert await offered(client, NEW_URI) == BOTH
        await client.press(NEW_URI, "Reject all")
        assert client.documents[NEW_URI].text == TEXT


@pytest.mark.parametrize("moment", ["before closing", "after closing", "after opening"])
@pytest.mark.parametrize("folder", [False, True])
async def test_edits_move_with_renamed_files_and_folders(
    ollama: ScriptedOllama, moment: str, folder: bool, tmp_path: Path
) -> None:
    # The old file is still there, so that only the notification tells of the new name.
    old_file, new_uri = tmp_path / "old" / "a.py", (tmp_path / "new" / "a.py").as_uri()
    old_file.parent.mkdir()
    old_file.write_text(EDITED)
    old_uri = old_file.as_uri()
    names = {"oldUri": old_uri, "newUri": new_uri}
    if folder:
        names = {"oldUri": old_file.parent.as_uri(), "newUri": (tmp_path / "new").as_uri()}
    async with session(ollama, old_uri) as client:

        def tell(now: str) -> None:
            if now == moment:
                client.notify("workspace/didRenameFiles", {"files": [names]})

        tell("before closing")
        client.close(old_uri)
        tell("after closing")
        client.open(new_uri, "# moved\n" + EDITED)
        tell("after opening")
        assert [line for line, _ in await offered(client, new_uri)] == [1, 1, 1, 1, 3, 3]


async def test_edits_stay_with_a_file_that_is_still_there(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    path = tmp_path / "a.py"
    path.write_text(EDITED)
    async with session(ollama, path.as_uri()) as client:
        client.close(path.as_uri())
        client.open(NEW_URI, EDITED)
        assert await offered(client, NEW_URI) == []
        client.open(path.as_uri(), EDITED)
        assert await offered(client, path.as_uri()) == BOTH


async def test_the_edits_of_a_file_closed_and_gone_are_dropped(ollama: ScriptedOllama) -> None:
    async with session(ollama) as client:
        client.close(URI)
        client.open(NEW_URI, "other\n")
        client.open(URI, EDITED)
        assert await offered(client) == []


@pytest.mark.parametrize("uri", [URI, "file:///work"])
async def test_the_edits_of_deleted_files_are_dropped(ollama: ScriptedOllama, uri: str) -> None:
    async with session(ollama) as client:
        client.notify("workspace/didDeleteFiles", {"files": [{"uri": "file:///wor"}]})
        assert await offered(client) == BOTH
        client.notify("workspace/didDeleteFiles", {"files": [{"uri": uri}]})
        assert await offered(client) == []
        client.close(URI)
    async with serving() as client:
        await begin(client, ollama, text=EDITED)
        assert await offered(client) == []


def reload(client: Client, text: str) -> None:
    """Have the editor take in what another program has written."""
    document = client.documents[URI]
    document.text, document.version = text, document.version + 1
    identifier = {"uri": URI, "version": document.version}
    params = {"textDocument": identifier, "contentChanges": [{"text": text}]}
    client.notify("textDocument/didChange", params)


async def test_hunks_follow_a_file_that_another_program_changed(ollama: ScriptedOllama) -> None:
    async with session(ollama) as client:
        reload(client, "# new\n" + EDITED + "e = 5\n")
        assert [line for line, _ in await offered(client)] == [1, 1, 1, 1, 3, 3]
        await client.press(URI, "Reject all")
        assert client.documents[URI].text == "# new\n" + TEXT + "e = 5\n"


async def test_a_checkout_of_what_was_before_undoes_the_hunks(ollama: ScriptedOllama) -> None:
    async with session(ollama) as client:
        reload(client, TEXT)
        assert await offered(client) == []
        reload(client, EDITED)
        assert await offered(client) == BOTH
        client.type(URI, len(EDITED), len(EDITED), "e = 5\n")
        reload(client, TEXT)
        assert await offered(client) == []
        reload(client, TEXT + "f = 6\n")
        assert await offered(client) == []


@asynccontextmanager
async def after_death(ollama: ScriptedOllama, text: str, uri: str = URI) -> AsyncIterator[Client]:
    """A server on the same folder, which is shown a document."""
    async with serving() as client:
        await begin(client, ollama, uri, text)
        yield client


async def killed(ollama: ScriptedOllama) -> Client:
    """Have a server killed with two hunks pending and a line typed above."""
    async with dying() as client:
        await begin(client, ollama)
        await propose(client)
        client.type(URI, 0, 0, "# typed\n")
        await client.lenses(URI)
    return client


async def test_pending_hunks_outlive_a_killed_server(ollama: ScriptedOllama) -> None:
    text = (await killed(ollama)).documents[URI].text
    async with after_death(ollama, text) as client:
        await client.message("workspace/codeLens/refresh")
        assert [line for line, _ in await offered(client)] == [1, 1, 1, 1, 3, 3]
        await client.press(URI, "Accept", 1)
        await client.press(URI, "Reject", 3)
        assert client.documents[URI].text == "# typed\n" + EDITED.replace("c = 30", "c = 3")
    async with after_death(ollama, client.documents[URI].text) as client:
        assert await offered(client) == []


async def test_what_was_typed_while_no_server_ran_is_followed(ollama: ScriptedOllama) -> None:
    text = (await killed(ollama)).documents[URI].text
    async with after_death(ollama, "import os\n" + text.replace("b = 2", "b = 22")) as client:
        assert [line for line, _ in await offered(client)] == [2, 2, 2, 2, 4, 4]
        await client.press(URI, "Reject all")
        expected = "import os\n# typed\n" + TEXT.replace("b = 2", "b = 22")
        assert client.documents[URI].text == expected


@pytest.mark.parametrize("text", [TEXT, "# typed\n" + TEXT, "", "quite\nanother\n"])
async def test_a_journal_never_touches_a_file_that_is_no_longer_what_it_was(
    ollama: ScriptedOllama, text: str
) -> None:
    after = (await killed(ollama)).documents[URI].text
    async with after_death(ollama, text) as client:
        assert await offered(client) == []
        assert client.messages("workspace/applyEdit") == []
    async with after_death(ollama, after) as client:
        assert await offered(client) == []


async def test_ids_of_before_do_not_meet_new_ones(ollama: ScriptedOllama) -> None:
    text = (await killed(ollama)).documents[URI].text
    async with serving() as client:
        await begin(client, ollama, NEW_URI)
        await propose(client, NEW_URI)
        client.open(URI, text)
        assert len(await offered(client)) == len(BOTH)
        await client.press(URI, "Reject all")
        assert client.documents[URI].text == "# typed\n" + TEXT
        assert client.documents[NEW_URI].text == EDITED
        assert await offered(client, NEW_URI) == BOTH
        await propose(client)
        ids = {lens[2]["arguments"][0]["editId"] for lens in await client.lenses(URI)}
        ids |= {lens[2]["arguments"][0]["editId"] for lens in await client.lenses(NEW_URI)}
        assert len(ids) == 2


async def test_a_server_that_lives_keeps_its_edits_from_another_window(
    ollama: ScriptedOllama,
) -> None:
    async with session(ollama) as client:
        async with after_death(ollama, EDITED) as other:
            assert await offered(other) == []
        assert await offered(client) == BOTH
    async with after_death(ollama, EDITED) as other:
        assert await offered(other) == BOTH


async def test_a_conflict_outlives_the_server(ollama: ScriptedOllama) -> None:
    with ScriptedOllama([reply(ANSWER, hold_after=1)]) as slow:
        async with dying() as client:
            await begin(client, slow)
            range_ = {"start": position(TEXT, 0), "end": position(TEXT, len(TEXT))}
            argument = {"uri": URI, "range": range_, "instruction": "times ten"}
            await client.command("spyhop.edit", argument)
            await asyncio.to_thread(slow.wait_for, "holding", 1)
            client.type(URI, 4, 5, "one")
            await client.lenses(URI)
            slow.release()
            await client.message("workspace/applyEdit")
            await client.lenses(URI)
    typed = EDITED.replace("10", "one")
    assert client.documents[URI].text == typed
    async with after_death(ollama, typed) as other:
        assert (0, "Keep mine") in await offered(other)
        await other.press(URI, "Conflict")
        assert other.documents[URI].text == EDITED


async def test_a_file_that_nobody_edits_any_more_leaves_nothing_behind(
    ollama: ScriptedOllama,
) -> None:
    folder = Path(user_state_dir("spyhop", appauthor=False)) / "edits"
    async with session(ollama) as client:
        assert len(list(folder.glob("*.jsonl"))) == 1
        await client.press(URI, "Accept all")
        assert list(folder.glob("*.jsonl")) == []
    assert list(folder.iterdir()) == []


async def test_an_unwritable_folder_stops_no_edit(
    ollama: ScriptedOllama, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    async with session(ollama) as client:
        await client.press(URI, "Reject all")
        assert client.documents[URI].text == TEXT
        assert client.messages("window/showMessage") == []
