"""Chats on disk. Everything here waits for the disk, so it is called in a thread of its own.

A chat is stored with its first message, an answer on its way as far as it had come when it was
stored last. Such an answer belongs to the process that asked for it; where that is gone, it was
interrupted. Neither settings nor keys are in the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import update_wrapper
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, TypeVar

from pydantic import ValidationError

from spyhop.assist.chat.database import Database, is_damage
from spyhop.errors import UsageError
from spyhop.messages import Notice
from spyhop.owner import Owner, is_alive
from spyhop.sessions.chats.conversation import Begun, Conversation
from spyhop.sessions.chats.values import Chat, Turn

_P = ParamSpec("_P")
_T = TypeVar("_T")
_MOST_FOUND: Final = 100
_LEAST_INDEXED: Final = 3
_AROUND: Final = 60


@dataclass(frozen=True, slots=True)
class Hit:
    """A chat that holds what was looked for, and where."""

    chat: Chat
    turn_id: str | None
    """None where only the title holds it."""
    excerpt: str


def _enduring(
    work: Callable[Concatenate[Storage, _P], _T],
) -> Callable[Concatenate[Storage, _P], _T]:
    """Return the work, done once more on a new file where the old one turns out to be damaged."""

    def endure(self: Storage, /, *arguments: _P.args, **named: _P.kwargs) -> _T:
        try:
            try:
                return work(self, *arguments, **named)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self.database.start_anew(error)
                return work(self, *arguments, **named)
        except sqlite3.Error as error:
            raise UsageError("chats-failed", path=str(self.path), why=str(error)) from error

    update_wrapper(endure, work)
    return endure


class Storage:
    """The chats of one user."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "chats.db"
        self._folder = folder
        self.database = Database(self.path)
        self._owner: Owner | None = None
        try:
            self._owner = Owner(folder)
        except OSError:
            # Where there are no locks, an answer on its way counts as interrupted for others.
            self._owner = None

    def take_notices(self) -> list[Notice]:
        """Return what is to be told to the user, once."""
        notices, self.database.notices = self.database.notices, []
        return notices

    @_enduring
    def chats(self) -> list[Chat]:
        """Return all chats, the one that was used last first."""
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT id, title, created, updated FROM chats ORDER BY updated DESC, rowid DESC"
            ).fetchall()
        return [_chat(row) for row in rows]

    @_enduring
    def load(self, chat_id: str) -> Conversation | None:
        """Return a chat with its turns; None where there is none."""
        with self.database.reading() as connection:
            row = connection.execute(
                "SELECT id, title, created, updated FROM chats WHERE id = ?", (chat_id,)
            ).fetchone()
            rows = connection.execute(
                "SELECT value, owner FROM turns WHERE chat = ? ORDER BY place", (chat_id,)
            ).fetchall()
        if row is None:
            return None
        found = Conversation(_chat(row), _turns([value for value, _ in rows]))
        if found.answering is not None and not self._is_answered(rows[-1][1]):
            found.interrupt()
            self.keep(chat_id, len(found.turns) - 1, found.turns[-1])
        return found

    @_enduring
    def begin(self, chat: Chat, begun: Begun) -> None:
        """Store a chat whose turns have changed so.

        Raises:
            UsageError: another process has changed them meanwhile.
        """
        with self.database.writing() as connection:
            count, last = connection.execute(
                "SELECT count(*), max(place) FROM turns WHERE chat = ?", (chat.id,)
            ).fetchone()
            busy = connection.execute(
                "SELECT owner FROM turns WHERE chat = ? AND place = ? AND owner IS NOT NULL",
                (chat.id, last),
            ).fetchone()
            if busy is not None and self._is_answered(busy[0]):
                raise UsageError("chat-busy")
            if count != begun.kept + len(begun.dropped):
                raise UsageError("chat-changed")
            connection.execute(
                "INSERT INTO chats VALUES (:id, :title, :created, :updated) "
                "ON CONFLICT (id) DO UPDATE SET title = :title, updated = :updated",
                chat.model_dump(by_alias=False),
            )
            self._cut(connection, chat.id, begun.kept)
            for place, turn in enumerate(begun.added, begun.kept):
                self._insert(connection, chat.id, place, turn)

    @_enduring
    def keep(self, chat_id: str, place: int, turn: Turn) -> None:
        """Store what a turn has become; without effect where it is gone."""
        owner = self._name if turn.state == "streaming" else None
        with self.database.writing() as connection:
            row = connection.execute(
                "SELECT number, value FROM turns WHERE chat = ? AND place = ?", (chat_id, place)
            ).fetchone()
            if row is None or Turn.model_validate_json(row[1]).id != turn.id:
                return
            words = "" if turn.state == "streaming" else _words(turn)
            connection.execute(
                "UPDATE turns SET value = ?, words = ?, owner = ? WHERE number = ?",
                (_json(turn), words, owner, row[0]),
            )
            self._index(connection, row[0], words)

    @_enduring
    def rename(self, chat: Chat) -> None:
        """Store a chat's title."""
        with self.database.writing() as connection:
            connection.execute("UPDATE chats SET title = ? WHERE id = ?", (chat.title, chat.id))

    @_enduring
    def delete(self, chat_id: str) -> None:
        """Delete a chat for good."""
        with self.database.writing() as connection:
            self._cut(connection, chat_id, 0)
            connection.execute("DELETE FROM chats WHERE id = ?", (chat_id,))

    @_enduring
    def search(self, query: str) -> list[Hit]:
        """Return the chats of which the title, or one turn, holds every word, the latest first.

        Capitals do not matter in ASCII letters.
        """
        words = query.split()
        if not words:
            return []
        hits: list[Hit] = []
        with self.database.reading() as connection:
            for chat in self.chats():
                hit = self._found(connection, chat, words)
                if hit is not None:
                    hits.append(hit)
                if len(hits) == _MOST_FOUND:
                    break
        return hits

    def close(self) -> None:
        """Let go of the file."""
        self.database.close()
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.release()

    @property
    def _name(self) -> str:
        return self._owner.name if self._owner is not None else ""

    def _is_answered(self, owner: str | None) -> bool:
        """Tell whether the process of this name is there, which may be this one."""
        if not owner:
            return False
        return owner == self._name or is_alive(self._folder, owner)

    def _found(
        self, connection: sqlite3.Connection, chat: Chat, words: Sequence[str]
    ) -> Hit | None:
        tests = " AND ".join(["words LIKE ? ESCAPE '\\'"] * len(words))
        values: list[str] = [_pattern(word) for word in words]
        indexed = [word for word in words if len(word) >= _LEAST_INDEXED]
        if self.database.indexed and indexed:
            tests += " AND number IN (SELECT rowid FROM turn_words WHERE turn_words MATCH ?)"
            quoted = (word.replace('"', '""') for word in indexed)
            values.append(" AND ".join(f'"{word}"' for word in quoted))
        row = connection.execute(
            f"SELECT value, words FROM turns WHERE chat = ? AND {tests} ORDER BY place LIMIT 1",  # noqa: S608 - made of constants
            (chat.id, *values),
        ).fetchone()
        if row is not None:
            turn = Turn.model_validate_json(row[0])
            return Hit(chat, turn.id, _excerpt(row[1], words[0]))
        title = chat.title.lower()
        return Hit(chat, None, chat.title) if all(it.lower() in title for it in words) else None

    def _insert(self, connection: sqlite3.Connection, chat_id: str, place: int, turn: Turn) -> None:
        owner = self._name if turn.state == "streaming" else None
        words = _words(turn)
        number = connection.execute(
            "INSERT INTO turns (chat, place, owner, value, words) VALUES (?, ?, ?, ?, ?)",
            (chat_id, place, owner, _json(turn), words),
        ).lastrowid
        if number is not None:
            self._index(connection, number, words)

    def _index(self, connection: sqlite3.Connection, number: int, words: str) -> None:
        if self.database.indexed:
            connection.execute("DELETE FROM turn_words WHERE rowid = ?", (number,))
            if words:
                connection.execute(
                    "INSERT INTO turn_words (rowid, words) VALUES (?, ?)", (number, words)
                )

    def _cut(self, connection: sqlite3.Connection, chat_id: str, kept: int) -> None:
        if self.database.indexed:
            connection.execute(
                "DELETE FROM turn_words WHERE rowid IN "
                "(SELECT number FROM turns WHERE chat = ? AND place >= ?)",
                (chat_id, kept),
            )
        connection.execute("DELETE FROM turns WHERE chat = ? AND place >= ?", (chat_id, kept))


def _chat(row: tuple[str, str, int, int]) -> Chat:
    chat_id, title, created, updated = row
    return Chat(id=chat_id, title=title, created=created, updated=updated)


def _turns(values: Sequence[str]) -> list[Turn]:
    """Return turns up to the first that cannot be read."""
    turns: list[Turn] = []
    for value in values:
        try:
            turns.append(Turn.model_validate_json(value))
        except ValidationError:
            break
    return turns


def _json(turn: Turn) -> str:
    return turn.model_dump_json()


def _words(turn: Turn) -> str:
    paths = [it.path for it in turn.attachments if it.path]
    return "\n".join(filter(None, [turn.text, *paths])).replace("\0", " ")


def _pattern(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _excerpt(words: str, word: str) -> str:
    at = max(0, words.lower().find(word.lower()))
    start, end = max(0, at - _AROUND), at + len(word) + _AROUND
    inner = " ".join(words[start:end].split())
    return ("…" if start else "") + inner + ("…" if end < len(words) else "")
