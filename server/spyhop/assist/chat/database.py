"""The SQLite file that chats are in: opened, or made, or put aside where it is damaged.

Several processes may have it open at once: it is in WAL mode, and one that writes is waited for.
Only its user can read it. Where it cannot be had, chats live in memory, and that is told.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from spyhop.locks import held
from spyhop.messages import Notice

VERSION: Final = 1
"""The version of the tables, in ``user_version``."""
_SECONDS_TO_WAIT: Final = 10.0
_LOG: Final = logging.getLogger("spyhop")

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS chats (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS turns (
    number INTEGER PRIMARY KEY,
    chat TEXT NOT NULL REFERENCES chats(id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    owner TEXT,
    value TEXT NOT NULL,
    words TEXT NOT NULL,
    UNIQUE (chat, place)
);
"""
# Three letters at a time: Chinese has no spaces between its words.
_INDEX: Final = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS turn_words USING fts5(words, tokenize='trigram')"
)


class Database:
    """A connection to the file, used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.notices: list[Notice] = []
        """What to tell the user; whoever tells it takes it out."""
        self.indexed = False
        """Whether there is an index of words: SQLite may have been built without."""
        self._connection = self._opened()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection; what is read is as it was at one moment.

        Raises:
            sqlite3.Error: the file cannot be read.
        """
        yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection; all that is written by the block is, or none of it.

        Raises:
            sqlite3.Error: nothing was written.
        """
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            # What damage a file has may not even let it be rolled back.
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def start_anew(self, why: sqlite3.DatabaseError) -> None:
        """Put a file aside that has turned out to be damaged, and begin with an empty one."""
        self.close()
        self._put_aside(why)
        self._connection = self._opened()

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self._connection.close()

    def _opened(self) -> sqlite3.Connection:
        try:
            try:
                return self._connect()
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self._put_aside(error)
                return self._connect()
        except (sqlite3.Error, OSError) as error:
            self.notices.append(
                Notice.of("chats-unstored", path=str(self._path), why=str(error) or "-")
            )
            return self._prepared(_connection(":memory:"))

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives the files that it makes beside it the same mode.
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = _connection(self._path)
        try:
            _check_version(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            return self._prepared(connection)
        except BaseException:
            connection.close()
            raise

    def _prepared(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executescript(
            f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {VERSION};COMMIT;"
        )
        try:
            connection.execute(_INDEX)
            self.indexed = True
        except sqlite3.OperationalError:
            self.indexed = False
        connection.execute("SELECT count(*) FROM chats, turns").fetchone()
        return connection

    def _put_aside(self, why: sqlite3.DatabaseError) -> None:
        """Rename the file, unless another process has done so.

        Raises:
            OSError: it cannot be renamed.
        """
        with held(self._path.with_suffix(".lock")) as mine:
            if not mine or not _is_damaged(self._path):
                return
            aside = self._path.with_suffix(f".damaged-{time.strftime('%Y%m%d-%H%M%S')}.db")
            self._path.replace(aside)
            for ending in ("-wal", "-shm"):
                beside = self._path.with_name(self._path.name + ending)
                if beside.exists():
                    beside.replace(aside.with_name(aside.name + ending))
        _LOG.warning("The chats in %s are damaged: %s", self._path, why)
        self.notices.append(Notice.of("chats-damaged", path=str(aside), why=str(why)))


def _connection(to: Path | str) -> sqlite3.Connection:
    """Return a connection whose transactions begin and end where we say so."""
    return sqlite3.connect(
        to, timeout=_SECONDS_TO_WAIT, isolation_level=None, check_same_thread=False
    )


def _check_version(connection: sqlite3.Connection) -> None:
    """Refuse a file whose tables only a newer Spyhop knows.

    Raises:
        OSError: it is such a one.
    """
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise OSError(f"version {version}")


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error means that the file is no sound database."""
    return error.sqlite_errorname in {"SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_CORRUPT_VTAB"}


def _is_damaged(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path, timeout=_SECONDS_TO_WAIT)) as connection:
            found: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            return found != "ok"
    except sqlite3.DatabaseError as error:
        return is_damage(error)
