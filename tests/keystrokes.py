"""Recorded sessions of tests/cases/sessions: what a user does in an editor, key by key.

A session is replayed word for word: what was accepted is put in, in one piece, whatever a
completion would be by now. So different engines and settings can be measured on the same keys.
tests/cases/sessions/README.md describes the files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from spyhop.core.anchors import Change, apply
from spyhop.core.positions import Span

FOLDER: Final = Path(__file__).with_name("cases") / "sessions"


@dataclass(frozen=True, slots=True)
class Key:
    """One key: exactly one of ``type``, ``over``, ``delete``, ``move`` and ``accept``."""

    after: float
    """Seconds since the key before it."""
    type: str | None = None
    """What is put in at the caret: a character, or a line break with the next indentation."""
    closes: str = ""
    """With ``type``: what the editor puts in behind the caret by itself."""
    over: str | None = None
    """The character behind the caret that is typed over: the caret moves past it."""
    delete: int | None = None
    """How many characters before the caret go away."""
    move: int | None = None
    """The offset that the caret moves to."""
    accept: str | None = None
    """What a completion puts in at the caret, in one piece."""
    replaces: int = 0
    """With ``accept``: how many characters behind the caret go away."""

    def __post_init__(self) -> None:
        kinds = (self.type, self.over, self.delete, self.move, self.accept)
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError(f"not one kind of key: {self}")


@dataclass(frozen=True, slots=True)
class Step:
    """A key, and the document after it."""

    at: float
    """Seconds since the session began."""
    key: Key
    change: Change | None
    """None where only the caret moves."""
    text: str
    caret: int


@dataclass(frozen=True, slots=True)
class Session:
    """A user who writes a file, or some lines of it."""

    file: str
    """The file's name; its ending gives the language."""
    target: str
    """The text that the user has in mind; the session may end before all of it is written."""
    seed: int
    """What `record` made the session with."""
    keys: tuple[Key, ...]
    lines: str = ""
    """The lines that are written, in this order: ``20,56-61``, 1-based; empty: all of them."""
    takes: float = 0.8
    """How often the user takes all of what is offered where it is right, 0 to 1."""
    open: tuple[str, ...] = ()
    """The files that are open beside it: their paths from the repository's root."""

    @property
    def stretches(self) -> list[range]:
        """`lines`, 0-based."""
        if not self.lines:
            return [range(self.target.count("\n") + 1)]
        bounds = (part.partition("-") for part in self.lines.split(","))
        return [range(int(first) - 1, int(last or first)) for first, _, last in bounds]

    @property
    def start(self) -> str:
        """The document at the beginning: what is not written is there."""
        written = {number for stretch in self.stretches for number in stretch}
        lines = enumerate(self.target.split("\n"))
        return "\n".join(line for number, line in lines if number not in written)

    def play(self) -> Iterator[Step]:
        """Yield the document after each key."""
        text, caret, now = self.start, 0, 0.0
        for key in self.keys:
            now += key.after
            change = _change(key, caret)
            if change is not None:
                text, caret = apply(text, change), change.span.start + len(change.text)
                caret -= len(key.closes)
            elif key.over is not None:
                caret += len(key.over)
            else:
                caret = key.move or 0
            yield Step(now, key, change, text, caret)


def _change(key: Key, caret: int) -> Change | None:
    if key.delete is not None:
        return Change(Span(caret - key.delete, caret), "")
    if key.accept is not None:
        return Change(Span(caret, caret + key.replaces), key.accept)
    return Change(Span(caret, caret), key.type + key.closes) if key.type is not None else None


def read_session(path: Path) -> Session:
    """Return the session of a file.

    Raises:
        ValueError: it is not as tests/cases/sessions/README.md says.
    """
    head, *keys = map(json.loads, path.read_text(encoding="utf-8").split("\n")[:-1])
    try:
        head["open"] = tuple(head.get("open", ()))
        return Session(**head, keys=tuple(Key(**key) for key in keys))
    except TypeError as error:
        raise ValueError(f"{path.name}: {error}") from error


def write_session(path: Path, session: Session) -> None:
    """Write a session to a file, one key a line."""
    head = asdict(replace(session, keys=()))
    usual = asdict(Session("", "", 0, ()))
    told = {name: value for name, value in head.items() if value != usual[name]}
    told["target"] = told.pop("target")
    lines = [told, *(_without_defaults(asdict(key)) for key in session.keys)]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8", newline="\n")


def _without_defaults(key: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in key.items() if value not in {None, "", 0}}
