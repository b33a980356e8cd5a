"""The beginning of a file on disk, and what is known of the file that it is the beginning of."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from spyhop.models.wire import Wire


class Note(Wire):
    """What is known of the file that a part is the beginning of."""

    url: str
    """Its address without what may be a key."""
    validator: str = ""
    """A strong ETag or a date, which a server compares for us; empty where it gives none."""
    bytes: int | None = None
    sha256: str = ""

    def vouches_for(self, url: str, sha256: str) -> bool:
        """Tell whether the part is surely of the file at ``url``, or its server can say so."""
        if sha256:
            return self.sha256 == sha256
        return self.url == url and bool(self.validator)


class Part:
    """``NAME.part`` beside ``target``, which is to become it, and its note ``NAME.part.json``.

    Raises:
        OSError: the files cannot be written.
    """

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(target.name + ".part")
        self._target = target
        self._note_path = target.with_name(target.name + ".part.json")

    @property
    def note(self) -> Note | None:
        """What was noted; None where there is no note, or none that can be read."""
        try:
            return Note.model_validate_json(self._note_path.read_bytes())
        except (OSError, ValidationError):
            return None

    def keep(self, note: Note) -> None:
        """Write down what the part is of."""
        self._note_path.write_text(note.model_dump_json(), encoding="utf-8")

    def drop(self) -> None:
        """Throw away the part and its note."""
        self._note_path.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)

    def put_in_place(self) -> None:
        """Let the part, which is whole, become the file."""
        self.path.replace(self._target)
        self._note_path.unlink(missing_ok=True)
