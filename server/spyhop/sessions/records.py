"""Edits as lines of JSON, and back: what a journal holds.

A journal is one snapshot of a document and its edits, then what has happened since, in order:

    {"version": 1, "uri": …, "text": …, "edits": […]}      the snapshot
    {"changes": [[start, end, text], …]}                   the document changed
    {"edits": […]}                                         the edits are these now

The same state machine that followed the document when the lines were written follows them again
when they are read. Thoughts, prompts and settings are not in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from spyhop.core.anchors import Change, apply, apply_all
from spyhop.core.positions import Source, Span
from spyhop.sessions.edit import Applying, Edit
from spyhop.sessions.edits import Edits
from spyhop.sessions.following import Hunks
from spyhop.sessions.proposal import ProposedHunk, State

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Past:
    """A document and its edits as they were last."""

    uri: str
    text: str
    edits: tuple[Edit, ...]


def snapshot(uri: str, text: str, edits: Iterable[Edit]) -> bytes:
    """Return the line of a snapshot."""
    values = {"version": VERSION, "uri": uri, "text": text, "edits": _edits(text, edits)}
    return _line(values)


def edits_line(text: str, edits: Iterable[Edit]) -> bytes:
    """Return the line of edits that have changed other than with the document of this text."""
    return _line({"edits": _edits(text, edits)})


def changes_line(changes: Sequence[Change]) -> bytes:
    """Return the line of changes made one after the other."""
    return _line({"changes": [_change(change) for change in changes]})


def replay(data: bytes) -> Past | None:
    """Return what a journal's lines lead to; None where there is no whole snapshot.

    What follows a line that cannot be read, as the last one of a killed process, is left out.
    """
    past: Past | None = None
    for line in data.split(b"\n")[:-1]:
        try:
            values = json.loads(line)
            if "version" in values and values["version"] != VERSION:
                return None
            past = _next(past, values)
        except (KeyError, TypeError, ValueError, IndexError):
            break
    return past


def _next(past: Past | None, values: dict[str, Any]) -> Past:
    if past is None:
        uri, text = _text(values["uri"]), _text(values["text"])
        return Past(uri, text, tuple(edit_from(it, uri, text) for it in values["edits"]))
    if "changes" in values:
        changes = [_change_from(it) for it in values["changes"]]
        edits = Edits()
        for edit in past.edits:
            edits.put(edit)
        after = past.text
        for change in changes:
            after = apply(after, change)
        edits.changed(past.uri, Source(past.text), Source(after), changes)
        return Past(past.uri, after, past.edits)
    return Past(
        past.uri,
        past.text,
        tuple(edit_from(it, past.uri, past.text) for it in values["edits"]),
    )


def edit_to(edit: Edit, text: str) -> dict[str, Any]:
    """Return an edit, in a document of this text, as JSON's values."""
    table: dict[tuple[str, str, str, str | None], int] = {}
    on_way = edit.applying
    values: dict[str, Any] = {
        "id": edit.id,
        "title": edit.title,
        "target": [edit.target.start, edit.target.end],
        "hunks": _rows(edit.hunks, table),
        "checkpoints": {mark: _rows(it, table) for mark, it in edit.checkpoints.items()},
        "recent": {mark: _rows(it, table) for mark, it in edit.recent.items()},
    }
    if on_way is not None:
        values["applying"] = {
            "changes": [_change(change) for change in on_way.changes],
            "undone": _rows(on_way.undone, table),
            "done": _rows(on_way.done, table),
            "confirmed": on_way.confirmed,
            "arrived": sorted(on_way.arrived),
        }
        if on_way.before != text:
            values["applying"]["before"] = on_way.before
    values["texts"] = [list(texts) for texts in table]
    return values


def edit_from(values: dict[str, Any], uri: str, text: str) -> Edit:
    """Return the edit of a document of this text; what only the model's work needs is left empty.

    Raises:
        KeyError, TypeError, ValueError, IndexError: these are not an edit's values.
    """
    texts = [
        (_text(id_), _text(old), _text(new), None if base is None else _text(base))
        for id_, old, new, base in values["texts"]
    ]

    def hunks(rows: Sequence[Any]) -> Hunks:
        found: list[ProposedHunk] = []
        for number, start, end, state in rows:
            id_, old, new, base = texts[number]
            found.append(ProposedHunk(id_, _span(start, end), old, new, State(state), base))
        return tuple(found)

    applying = None
    if (on_way := values.get("applying")) is not None:
        changes = tuple(_change_from(it) for it in on_way["changes"])
        before = _text(on_way.get("before", text))
        applying = Applying(
            changes,
            before,
            apply_all(before, changes),
            hunks(on_way["undone"]),
            hunks(on_way["done"]),
            bool(on_way["confirmed"]),
            frozenset(map(int, on_way["arrived"])),
        )
    return Edit(
        _text(values["id"]),
        uri,
        _text(values["title"]),
        _span(*values["target"]),
        (),
        hunks(values["hunks"]),
        applying=applying,
        checkpoints={mark: hunks(rows) for mark, rows in values["checkpoints"].items()},
        recent={mark: hunks(rows) for mark, rows in values["recent"].items()},
    )


def _edits(text: str, edits: Iterable[Edit]) -> list[dict[str, Any]]:
    return [edit_to(edit, text) for edit in edits if edit.open]


def _rows(hunks: Hunks, table: dict[tuple[str, str, str, str | None], int]) -> list[Any]:
    """Return where hunks stand and their states; their texts go into the table, each once."""
    return [
        [
            table.setdefault((it.id, it.old_text, it.new_text, it.base_text), len(table)),
            it.span.start,
            it.span.end,
            it.state.value,
        ]
        for it in hunks
    ]


def _change(change: Change) -> list[Any]:
    return [change.span.start, change.span.end, change.text]


def _change_from(values: Sequence[Any]) -> Change:
    start, end, text = values
    return Change(_span(start, end), _text(text))


def _span(start: Any, end: Any) -> Span:
    if not 0 <= int(start) <= int(end):
        raise ValueError
    return Span(int(start), int(end))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _line(values: dict[str, Any]) -> bytes:
    # Any text may come, lone surrogates too, which only escapes can hold.
    return json.dumps(values, separators=(",", ":")).encode("ascii") + b"\n"
