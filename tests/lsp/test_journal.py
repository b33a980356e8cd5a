"""Journals in a folder: whose they are, how many, and what becomes of them."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from spyhop.core.anchors import Change, apply
from spyhop.core.positions import Source, Span
from spyhop.lsp import journal as journal_file
from spyhop.lsp.journal import Journal
from spyhop.owner import Owner, is_alive
from spyhop.sessions.edit import Edit
from spyhop.sessions.edits import Edits
from spyhop.sessions.records import Past

pytestmark = pytest.mark.anyio

URI = "file:///work/a.py"
TEXT = "a\nb\nc\n"


def proposed(uri: str = URI, text: str = TEXT) -> tuple[Edits, Edit, str]:
    """A document whose first line is proposed to become "A"."""
    edits = Edits()
    edit = edits.begin(uri, Source(text), Source(text).lines_span(0, 0), "Edit")
    on_way = edits.propose(edit, Source(text), ["A\n"])
    edits.changed(uri, Source(text), Source(on_way.after), on_way.changes)
    return edits, edit, on_way.after


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "edits"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    made = Journal(folder)
    yield made
    made.close()


def journals(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jsonl"))


def kept(journal: Journal, uri: str = URI) -> tuple[Edits, Edit, str]:
    edits, edit, text = proposed(uri)
    journal.keep(uri, text, edits.of(uri))
    return edits, edit, text


def taken(folder: Path, uri: str = URI) -> list[Past]:
    """What the next server finds."""
    reader = Journal(folder)
    found = reader.take_over(uri)
    reader.close()
    return found


def test_what_one_process_kept_the_next_one_takes_over(journal: Journal, folder: Path) -> None:
    edits, edit, text = kept(journal)
    change = Change(Span(len(text), len(text)), "typed 🐋\ud800\n")
    after = apply(text, change)
    edits.changed(URI, Source(text), Source(after), [change])
    journal.changed(URI, [change], after, edits.of(URI))
    journal.close()
    (past,) = taken(folder)
    assert (past.uri, past.text) == (URI, after)
    (read,) = past.edits
    assert (read.hunks, read.checkpoints) == (edit.hunks, edit.checkpoints)


def test_nothing_is_written_where_nothing_is_open(journal: Journal, folder: Path) -> None:
    edits, edit, text = proposed()
    edits.accept(edit)
    journal.keep(URI, text, edits.of(URI))
    journal.changed(URI, [Change(Span(0, 0), "x")], f"x{text}", edits.of(URI))
    journal.keep("file:///other.py", text, [])
    assert not folder.exists()


def test_a_journal_goes_with_its_last_open_hunk_and_comes_back_with_a_redo(
    journal: Journal, folder: Path
) -> None:
    edits, _, text = kept(journal)
    undo = Change(Span(0, 2), "a\n")
    edits.changed(URI, Source(text), Source(TEXT), [undo])
    journal.changed(URI, [undo], TEXT, edits.of(URI))
    assert journals(folder) == []
    redo = Change(Span(0, 2), "A\n")
    edits.changed(URI, Source(TEXT), Source(text), [redo])
    journal.changed(URI, [redo], text, edits.of(URI))
    assert len(journals(folder)) == 1


def test_a_living_process_keeps_its_journals(journal: Journal, folder: Path) -> None:
    kept(journal)
    assert taken(folder) == []
    assert len(journals(folder)) == 1


def test_two_processes_keep_the_same_document_apart(journal: Journal, folder: Path) -> None:
    other = Journal(folder)
    kept(journal)
    kept(other)
    assert len(journals(folder)) == 2
    other.forget(URI)
    assert len(journals(folder)) == 1
    journal.close()
    assert other.take_over(URI) != []
    assert other.take_over(URI) == []
    other.close()


def test_a_journal_that_was_taken_over_stays_until_there_is_another(folder: Path) -> None:
    first = Journal(folder)
    edits, _, text = kept(first)
    first.close()
    second = Journal(folder)
    assert len(second.take_over(URI)) == 1
    assert len(journals(folder)) == 1
    second.close()
    third = Journal(folder)
    assert len(third.take_over(URI)) == 1
    third.keep(URI, text, edits.of(URI))
    assert len(journals(folder)) == 1
    third.forget(URI)
    assert journals(folder) == []
    third.close()


def test_a_log_that_has_outgrown_its_snapshot_becomes_a_new_one(
    journal: Journal, folder: Path
) -> None:
    edits, edit, text = kept(journal)
    largest = 0
    for number in range(300):
        change = Change(Span(len(text), len(text)), f"{number} {'x' * 500}\n")
        if number % 2:
            change = Change(Span(len(TEXT), len(text)), "")
        after = apply(text, change)
        edits.changed(URI, Source(text), Source(after), [change])
        journal.changed(URI, [change], after, edits.of(URI))
        text = after
        largest = max(largest, journals(folder)[0].stat().st_size)
    assert 1 << 16 < largest < 1 << 17
    assert journals(folder)[0].stat().st_size < largest
    assert not list(folder.glob("*.tmp"))
    journal.close()
    (past,) = taken(folder)
    assert (past.text, past.edits[0].hunks) == (text, edit.hunks)


async def test_a_long_text_is_written_aside_and_what_comes_meanwhile_behind_it(
    journal: Journal, folder: Path
) -> None:
    edits, edit, text = proposed(text="a\n" + "b\n" * (1 << 20))
    writing = asyncio.create_task(journal.keep_ahead(URI, text, edits.of(URI)))
    await asyncio.sleep(0)
    change = Change(Span(len(text), len(text)), "typed\n")
    after = apply(text, change)
    edits.changed(URI, Source(text), Source(after), [change])
    journal.changed(URI, [change], after, edits.of(URI))
    await writing
    journal.close()
    (past,) = taken(folder)
    assert past.text == after
    assert past.edits[0].hunks == edit.hunks


async def test_a_long_text_whose_edits_are_settled_while_it_is_written_leaves_nothing(
    journal: Journal, folder: Path
) -> None:
    edits, _, text = proposed(text="a\n" + "b\n" * (1 << 20))
    writing = asyncio.create_task(journal.keep_ahead(URI, text, edits.of(URI)))
    await asyncio.sleep(0)
    journal.forget(URI)
    await writing
    assert journals(folder) == []


async def test_a_text_of_more_than_eight_mebibytes_is_not_kept_and_that_is_said_once(
    journal: Journal, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    edits, _, text = proposed(text="a\n" + "圆" * (3 << 20))
    with caplog.at_level(logging.WARNING):
        await journal.keep_ahead(URI, text, edits.of(URI))
        journal.keep(URI, text, edits.of(URI))
    assert len(caplog.records) == 1
    assert journals(folder) == []


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_nobody_else_can_read_what_is_kept(journal: Journal, folder: Path) -> None:
    previous = os.umask(0)
    try:
        kept(journal)
    finally:
        os.umask(previous)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 2


def test_a_folder_that_cannot_be_written_is_told_once_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "edits").write_text("a file")
    journal = Journal(tmp_path / "edits")
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            edits, _, text = kept(journal)
            journal.changed(URI, [Change(Span(0, 0), "")], text, edits.of(URI))
        assert journal.take_over(URI) == []
        journal.clean()
    assert len(caplog.records) == 1
    journal.close()


def test_a_full_disk_is_told_once_and_a_later_verdict_writes_anew(
    journal: Journal,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    edits, edit, text = proposed()
    with caplog.at_level(logging.WARNING):
        with monkeypatch.context() as patch:
            patch.setattr(journal_file, "_write_whole", full)
            journal.keep(URI, text, edits.of(URI))
            journal.keep(URI, text, edits.of(URI))
        assert len(caplog.records) == 1
    journal.keep(URI, text, edits.of(URI))
    journal.close()
    assert taken(folder)[0].edits[0].hunks == edit.hunks


def test_no_more_documents_are_kept_than_the_bound(
    journal: Journal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_file, "MOST_DOCUMENTS", 3)
    uris = [f"file:///{number}.py" for number in range(5)]
    for uri in uris:
        kept(journal, uri)
    assert len(journals(folder)) == 3
    journal.close()
    assert [bool(taken(folder, uri)) for uri in uris] == [False, False, True, True, True]


def test_no_more_bytes_are_kept_than_the_bound(
    journal: Journal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_file, "MOST_BYTES", 1500)
    for number in range(9):
        kept(journal, f"file:///{number}.py")
    assert 0 < sum(path.stat().st_size for path in journals(folder)) < 3000


def age(path: Path, seconds: float) -> None:
    modified = path.stat().st_mtime - seconds
    os.utime(path, (modified, modified))


def test_cleaning_takes_what_is_too_old_or_too_much_from_dead_processes_only(
    journal: Journal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(journal, "file:///alive.py")
    age(journals(folder)[0], 30 * 24 * 3600)
    (alive,) = journals(folder)
    dead = Journal(folder)
    for number in range(6):
        kept(dead, f"file:///{number}.py")
    fresh = [path for path in journals(folder) if path != alive]
    owner = fresh[0].name.split(".")[1]
    dead.close()
    for seconds, path in enumerate(fresh):
        age(path, seconds)
    age(fresh[2], 15 * 24 * 3600)
    (folder / f"x.{owner}.9.tmp").touch()
    (folder / f"{owner}.lock").touch()
    (folder / "notes.txt").touch()
    for left in (folder / f"x.{owner}.9.tmp", folder / f"{owner}.lock", folder / "notes.txt"):
        age(left, 3600)
    monkeypatch.setattr(journal_file, "MOST_DOCUMENTS", 4)
    journal.clean()
    assert set(journals(folder)) == {alive, fresh[0], fresh[1], fresh[3], fresh[4]}
    others = sorted(path.name for path in folder.iterdir() if path.suffix != ".jsonl")
    assert others == sorted(["notes.txt", f"{alive.name.split('.')[1]}.lock"])


def test_an_owner_is_alive_until_it_is_released(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    assert is_alive(tmp_path, owner.name)
    assert is_alive(tmp_path, owner.name)
    owner.release()
    assert not is_alive(tmp_path, owner.name)
    (tmp_path / f"{owner.name}.lock").touch()
    assert not is_alive(tmp_path, owner.name)
