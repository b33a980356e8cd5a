"""A user who writes a file with a model at their side, and that model; both are dice.

    python tests/author.py SOURCE NAME SEED
    python tests/author.py SOURCE NAME SEED LINES TAKES OPEN...

records 500 keys of writing SOURCE into tests/cases/sessions/NAME.jsonl: from nothing, or LINES of
it in a file that has all the others (`Session`). The same source and seed give the same session.

The user types at their own rhythm, in an editor that indents and closes brackets, with typos that
they see after a letter or two, and pauses before new thoughts. In a longer pause they look at what
the model offers, and often take all of it or its first word where it is what they have in mind.
Imports are forgotten at first: after some lines the user goes up, adds one, and comes back.
"""

from __future__ import annotations

import re
import sys
from bisect import insort
from dataclasses import replace
from math import log
from pathlib import Path
from random import Random
from typing import Final

from keystrokes import FOLDER, Key, Session, write_session
from spyhop.core.closers import closed_at

LENGTH: Final = 500
_TAKES_A_WORD: Final = 5 / 8
"""So much as often as all of it."""
_WORD: Final = re.compile(r"\s*\w{2,}")
_IMPORT: Final = re.compile(r"(?:from|import)\s(?!__future__)")
_PAIRS: Final = {"(": ")", "[": "]", "{": "}"}
_NEIGHBOURS: Final = dict(
    zip("qwertyuiopasdfghjklzxcvbnm", "wertyuiopqsdfghjklaxcvbnmz", strict=True)
)


def _dice(*of: object) -> Random:
    """Return dice that fall the same way for the same things."""
    return Random(repr(of))  # noqa: S311 -- a session that can be made again has no secrets


class Oracle:
    """A model that has seen the file, and is not sure of every line."""

    def __init__(self, target: str) -> None:
        self.target = target
        self._lines = target.split("\n")

    def complete(self, text: str, caret: int) -> str:
        """Return what it offers at the caret; along a line it goes on as it began."""
        *before, start = text[:caret].split("\n")
        number = self._number(before[-1] if before else "", start)
        if number is None:
            return self._guess(start)
        line = self._lines[number]
        dice = _dice(line, number)
        known_from = dice.choice([0, 0, len(line) // 4, len(line) // 3, len(line) // 2, len(line)])
        if len(start) < known_from:
            return self._guess(start)
        more = dice.choice([0, 0, 1, 3]) if line.endswith(":") else 0
        return "\n".join([line[len(start) :], *self._lines[number + 1 : number + 1 + more]])

    def _number(self, before: str, start: str) -> int | None:
        """Return the line that begins as the one being written, best of all behind ``before``."""
        found = [number for number, line in enumerate(self._lines) if line.startswith(start)]
        behind = [it for it in found if it and self._lines[it - 1] == before]
        if behind:
            return behind[0]
        return found[0] if found and start.strip() else None

    def _guess(self, start: str) -> str:
        return _dice(start).choice(self._lines).strip()


class Author:
    """Writes what a session's user has in mind, one key after the other."""

    def __init__(self, session: Session) -> None:
        self._dice = _dice(session.seed)
        self._oracle = Oracle(session.target)
        self._takes = session.takes
        self._lines = session.target.split("\n")
        self._indent = min(filter(None, map(_indentation, self._lines)), default=4)
        self._stretches = session.stretches
        self._missing = [number for stretch in self._stretches for number in stretch]
        missing = set(self._missing)
        self._written = [it for it in range(len(self._lines)) if it not in missing]
        """The numbers of the target's lines that are in the text, in order."""
        self._before, self._behind = "", session.start
        """The text before and behind the caret."""
        self._thought = 0.0
        self._keys: list[Key] = []

    def record(self, length: int) -> tuple[Key, ...]:
        """Return the first ``length`` keys; fewer when the text is finished before."""
        forgotten = [it for it in self._missing if _IMPORT.match(self._lines[it])]
        later = set(forgotten)
        for stretch in self._stretches:
            if self._written:
                self._press(Key(self._beat(8), move=self._end_of(stretch[0] - 1)))
            for number in stretch:
                if len(self._keys) >= length:
                    return tuple(self._keys[:length])
                if number in later or number in self._written:
                    continue
                self._break_line(number)
                self._write(number)
                if forgotten and number > forgotten[-1] and self._dice.random() < 0.15:
                    self._go_up_for(forgotten.pop(0), number)
        return tuple(self._keys[:length])

    def _break_line(self, number: int) -> None:
        """Go to a new line, as deep as it is wanted."""
        if self._written:
            line = self._lines[number]
            wanted = _indentation(line)
            last = next(it for it in reversed(self._before.split("\n")) if it.strip())
            given = _indentation(last) + self._indent * last.endswith((":", "(", "[", "{"))
            given *= bool(line)
            self._press(Key(self._beat(1.5), type="\n" + " " * given))
            for _ in range(given, wanted, -self._indent):
                self._press(Key(self._beat(), delete=self._indent))
            if given < wanted:
                self._press(Key(self._beat(), type=" " * (wanted - given)))
        insort(self._written, number)

    def _write(self, number: int) -> None:
        """Write what is missing of a line, by hand or with what the model offers."""
        line = self._lines[number]
        while rest := line[len(self._line_before) :]:
            if self._thinks(rest):
                self._thought += self._dice.uniform(0.7, 2.5)
                taken = self._take(number, rest)
                if "\n" in taken:
                    return
            elif rest[0] == self._closers[:1]:
                self._press(Key(self._beat(), over=rest[0]))
            else:
                self._type(rest)

    def _thinks(self, rest: str) -> bool:
        starts = rest[0].isalnum() and not self._before[-1:].isalnum()
        return starts and not self._thought and self._dice.random() < 0.3

    def _take(self, number: int, rest: str) -> str:
        """Take what the model offers, or its first word, where it is right; return what it was."""
        offered = self._oracle.complete(self._before + self._behind, len(self._before))
        more = [self._lines[it] for it in self._following(number)]
        whole = f"{offered}\n".startswith(f"{rest}\n")
        right = "\n".join([rest, *more]).startswith(offered)
        if whole and right and self._chance(self._takes):
            for added in range(number + 1, number + 1 + offered.count("\n")):
                insort(self._written, added)
            self._press(Key(0, accept=offered, replaces=len(self._closers)))
            return offered
        word = _WORD.match(offered)
        if word and rest.startswith(word.group()) and self._chance(_TAKES_A_WORD * self._takes):
            self._press(Key(0, accept=word.group()))
            return word.group()
        return ""

    def _type(self, rest: str) -> None:
        wrong = _NEIGHBOURS.get(rest[0])
        if wrong and self._chance(0.03):
            # Seen after a letter or two more.
            typo = wrong + "".join(it for it in rest[1:3] if it.isalpha())
            for character in typo:
                self._press(Key(self._beat(), type=character))
            for place in range(len(typo)):
                self._press(Key(self._beat(0.8 if place else 2), delete=1))
        closes = _PAIRS.get(rest[0], "")
        if closed_at(rest[1:], closes) is None:
            closes = ""
        self._press(Key(self._beat(), type=rest[0], closes=closes))

    def _following(self, number: int) -> range:
        """Return the lines behind one that are still to be written where it stands."""
        end = next(it.stop for it in self._stretches if number in it)
        return range(number + 1, end) if number + 1 not in self._written else range(0)

    def _go_up_for(self, forgotten: int, number: int) -> None:
        """Write a line where it was forgotten, and come back to the end of line ``number``."""
        self._press(Key(self._beat(8), move=self._end_of(forgotten - 1)))
        self._press(Key(self._beat(2), type="\n"))
        insort(self._written, forgotten)
        self._write(forgotten)
        self._press(Key(self._beat(5), move=self._end_of(number)))

    def _end_of(self, number: int) -> int:
        """Return where a line ends, or the last one before it that is there."""
        return sum(len(self._lines[it]) + 1 for it in self._written if it <= number) - 1

    @property
    def _line_before(self) -> str:
        return self._before.rpartition("\n")[2]

    @property
    def _closers(self) -> str:
        """What the editor has closed on this line."""
        return self._behind.partition("\n")[0]

    def _chance(self, of_one: float) -> bool:
        return self._dice.random() < of_one

    def _beat(self, times: float = 1) -> float:
        return times * self._dice.lognormvariate(log(0.15), 0.4)

    def _press(self, key: Key) -> None:
        self._keys.append(replace(key, after=round(key.after + self._thought, 3)))
        self._thought = 0.0
        text = self._before + self._behind
        if key.move is not None:
            self._before, self._behind = text[: key.move], text[key.move :]
        gone = self._before[len(self._before) - (key.delete or 0) :]
        put_in = key.type or key.over or key.accept or ""
        self._before = self._before.removesuffix(gone) + put_in
        self._behind = key.closes + self._behind[key.replaces + len(key.over or "") :]


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def record(session: Session) -> Session:
    """Return a session with its `LENGTH` keys, whatever keys it has."""
    return replace(session, keys=Author(session).record(LENGTH))


def main(
    source: str, name: str, seed: str, lines: str = "", takes: str = "0.8", *opened: str
) -> None:
    path = Path(source)
    target = path.read_text(encoding="utf-8")
    session = Session(path.name, target, int(seed), (), lines, float(takes), opened)
    write_session(FOLDER / f"{name}.jsonl", record(session))


if __name__ == "__main__":
    main(*sys.argv[1:])
