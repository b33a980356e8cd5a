from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.assist.chat import database
from spyhop.assist.chat.storage import Storage
from spyhop.errors import UsageError
from spyhop.sessions.chats.conversation import Conversation
from spyhop.sessions.chats.values import Attachment, Chat, Turn, TurnState


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def storage(folder: Path) -> Iterator[Storage]:
    storage = Storage(folder)
    yield storage
    storage.close()


def message(turn_id: str, text: str = "Why?") -> Turn:
    return Turn(id=turn_id, role="user", created=1, text=text)


def answer(turn_id: str, text: str = "", state: TurnState = "streaming") -> Turn:
    return Turn(id=turn_id, role="assistant", created=2, text=text, state=state)


def asked(storage: Storage, chat_id: str = "c", text: str = "Why?") -> Conversation:
    """A chat with one message whose answer is on its way."""
    chat = Conversation(Chat(id=chat_id, created=1, updated=1))
    begun = chat.ask(message(f"{chat_id}1", text), answer(f"{chat_id}2"))
    storage.begin(chat.chat, begun)
    return chat


def answered(storage: Storage, chat_id: str, text: str, reply: str) -> Conversation:
    chat = asked(storage, chat_id, text)
    chat.put(answer(f"{chat_id}2", reply, "done"))
    storage.keep(chat_id, 1, chat.turns[1])
    return chat


def test_what_was_stored_is_there_again(storage: Storage, folder: Path) -> None:
    chat = answered(storage, "c", "Why?", "So.")
    storage.close()
    again = Storage(folder)
    assert again.load("c") == chat
    assert again.chats() == [chat.chat]
    assert again.load("other") is None
    again.close()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_any_text_comes_back_and_is_found(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    storage = Storage(tmp_path_factory.mktemp("data"))
    for number, text in enumerate(texts):
        chat = answered(storage, str(number), text, text[::-1])
        assert storage.load(str(number)) == chat
    for number, text in enumerate(texts):
        for word in text.replace("\0", " ").split():
            assert str(number) in {hit.chat.id for hit in storage.search(word)}
    storage.close()


@pytest.mark.parametrize("indexed", [True, False])
def test_search_finds_turns_that_hold_every_word(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, indexed: bool
) -> None:
    if not indexed:
        monkeypatch.setattr(database, "_INDEX", "CREATE VIRTUAL TABLE t USING missing(words)")
    storage = Storage(tmp_path)
    assert storage.database.indexed == indexed
    answered(storage, "a", "Why is gcd slow?", "Because it recurses.")
    answered(storage, "b", "为什么最大公约数这么慢？", '100% _sure_ "quoted" \\d')
    found = {
        query: [(hit.chat.id, hit.turn_id) for hit in storage.search(query)]
        for query in (
            "GCD slow",
            "recurs",
            "公约数",
            "慢",
            "0%",
            "_sure_",
            '"quoted"',
            "\\d",
            "x",
            "",
        )
    }
    assert found == {
        "GCD slow": [("a", "a1")],
        "recurs": [("a", "a2")],
        "公约数": [("b", "b1")],
        "慢": [("b", "b1")],
        "0%": [("b", "b2")],
        "_sure_": [("b", "b2")],
        '"quoted"': [("b", "b2")],
        "\\d": [("b", "b2")],
        "x": [],
        "": [],
    }
    assert storage.search("recurs")[0].excerpt == "Because it recurses."
    storage.close()


def test_a_title_and_an_attached_path_are_found(storage: Storage) -> None:
    chat = Conversation(Chat(id="c", title="Mine", created=1, updated=1))
    shown = Attachment(id="a", kind="file", path="src/fractions.py")
    begun = chat.ask(
        message("1").model_copy(update={"attachments": (shown,)}), answer("2", "So.", "done")
    )
    storage.begin(chat.chat, begun)
    assert [hit.turn_id for hit in storage.search("mine")] == [None]
    assert [hit.turn_id for hit in storage.search("fractions")] == ["1"]


def test_what_is_cut_off_or_deleted_is_gone_and_not_found(storage: Storage, folder: Path) -> None:
    chat = answered(storage, "c", "Why slow?", "Because.")
    begun = chat.edit("c1", message("c3", "Why quick?"), answer("c4"))
    storage.begin(chat.chat, begun)
    assert storage.load("c") == chat
    assert storage.search("Because") == []
    assert [hit.turn_id for hit in storage.search("quick")] == ["c3"]
    storage.delete("c")
    assert storage.load("c") is None
    assert storage.chats() == []
    assert storage.search("quick") == []
    with sqlite3.connect(folder / "chats.db") as connection:
        assert connection.execute("SELECT count(*) FROM turns").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM turn_words").fetchone() == (0,)
    connection.close()


def test_an_answer_of_a_process_that_lives_is_on_its_way(storage: Storage, folder: Path) -> None:
    chat = asked(storage)
    other = Storage(folder)
    assert other.load("c") == chat
    ended = Conversation(chat.chat, [*chat.turns[:1], answer("c2", "", "done")])
    begun = ended.ask(message("c3"), answer("c4"))
    with pytest.raises(UsageError) as refused:
        other.begin(chat.chat, begun)
    assert refused.value.key == "chat-busy"
    storage.close()
    found = other.load("c")
    assert found is not None
    assert [turn.state for turn in found.turns] == ["done", "interrupted"]
    other.close()


def test_two_processes_do_not_write_over_each_other(storage: Storage, folder: Path) -> None:
    chat = answered(storage, "c", "Why?", "So.")
    other = Storage(folder)
    mine, theirs = storage.load("c"), other.load("c")
    assert mine is not None
    assert theirs is not None
    begun = mine.ask(message("3"), answer("4", "", "done"))
    storage.begin(mine.chat, begun)
    begun = theirs.ask(message("5"), answer("6", "", "done"))
    with pytest.raises(UsageError) as refused:
        other.begin(chat.chat, begun)
    assert refused.value.key == "chat-changed"
    assert other.load("c") == mine
    other.close()


def test_many_processes_at_once_lose_nothing(folder: Path) -> None:
    storages = [Storage(folder) for _ in range(4)]

    def write(number: int) -> None:
        for one in range(10):
            answered(storages[number], f"{number}-{one}", "Why?", "So.")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert {chat.id for chat in storages[0].chats()} == {
        f"{number}-{one}" for number in range(4) for one in range(10)
    }
    for storage in storages:
        storage.close()


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from test_storage import answer, asked
from spyhop.assist.chat.storage import Storage
storage = Storage(Path(sys.argv[1]))
chat = asked(storage)
storage.keep("c", 1, answer("c2", "as far as it had come"))
print("kept", flush=True)
sys.stdin.read()
"""


def test_killed_in_mid_answer_what_had_come_is_there(folder: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "-c", KILLED, folder, Path(__file__).parent],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"kept\n"
        process.kill()
    storage = Storage(folder)
    found = storage.load("c")
    assert found is not None
    assert found.turns[1] == answer("c2", "as far as it had come", "interrupted")
    assert storage.take_notices() == []
    storage.close()


@pytest.mark.parametrize("damage", [b"no database at all" * 400, None])
def test_a_damaged_file_is_put_aside_and_said(folder: Path, damage: bytes | None) -> None:
    storage = Storage(folder)
    for number in range(50):
        answered(storage, str(number), "Why?" * 100, "So.")
    storage.close()
    path = folder / "chats.db"
    data = path.read_bytes()
    broken = damage or data[:4096] + b"\xff" * (len(data) - 4096)
    path.write_bytes(broken)
    storage = Storage(folder)
    assert storage.chats() == []
    answered(storage, "new", "Why?", "So.")
    [notice] = storage.take_notices()
    assert notice.key == "chats-damaged"
    [aside] = folder.glob("*damaged*.db")
    # SQLite may have counted up in the head of what still had one.
    assert aside.read_bytes()[4096:] == broken[4096:]
    assert str(aside) in notice.say("en")
    storage.close()
    storage = Storage(folder)
    assert [chat.id for chat in storage.chats()] == ["new"]
    assert storage.take_notices() == []
    storage.close()


def test_a_file_of_a_newer_spyhop_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    connection = sqlite3.connect(folder / "chats.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = (folder / "chats.db").read_bytes()
    storage = Storage(folder)
    answered(storage, "c", "Why?", "So.")
    assert [notice.key for notice in storage.take_notices()] == ["chats-unstored"]
    assert [chat.id for chat in storage.chats()] == ["c"]
    storage.close()
    assert (folder / "chats.db").read_bytes() == before


def test_where_nothing_can_be_written_chats_live_in_memory(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"a file where the folder should be")
    storage = Storage(tmp_path / "data")
    chat = answered(storage, "c", "Why?", "So.")
    assert storage.load("c") == chat
    assert [notice.key for notice in storage.take_notices()] == ["chats-unstored"]
    storage.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_the_user_can_read_the_files(storage: Storage, folder: Path) -> None:
    answered(storage, "c", "Why?", "So.")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert set(modes.values()) == {0o600}
    assert {"chats.db", "chats.db-wal"} <= set(modes)
    assert os.listdir(folder)  # noqa: PTH208 - the folder itself can be listed


def test_a_turn_that_cannot_be_read_ends_its_chat_there(storage: Storage, folder: Path) -> None:
    chat = answered(storage, "c", "Why?", "So.")
    connection = sqlite3.connect(folder / "chats.db")
    with connection:
        connection.execute("UPDATE turns SET value = '{}' WHERE place = 1")
    connection.close()
    found = storage.load("c")
    assert found is not None
    assert found.turns == chat.turns[:1]
