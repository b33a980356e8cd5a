"""Files named on the command line: read with every byte kept, written by replacing."""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from spyhop.core.lines import without_end
from spyhop.core.positions import Source, Span
from spyhop.errors import UsageError

_NUMBER: Final = r"[0-9]{1,9}"
_TARGET: Final = re.compile(
    rf"(?P<path>.+?)(?::(?P<start>{_NUMBER})(?:-(?P<end>{_NUMBER}))?)?", re.DOTALL
)
_CARET: Final = re.compile(rf"(?P<path>.+):(?P<line>{_NUMBER}):(?P<column>{_NUMBER})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file as it was when it was read."""

    path: Path
    shown: str
    """The path as the user wrote it."""
    data: bytes
    source: Source
    """The text without a byte order mark. Bytes that are no UTF-8 are kept as lone surrogates."""

    @property
    def mark(self) -> str:
        """The byte order mark that stands before the text; mostly there is none."""
        return "\ufeff" if self.data.startswith(codecs.BOM_UTF8) else ""

    def write(self, text: str) -> None:
        """Put ``text`` in the file's place, at once or not at all.

        Raises:
            UsageError: the file has changed since it was read, or cannot be written.
        """
        # A link stays a link: what it points to is replaced.
        path = self.path.resolve()
        try:
            if path.read_bytes() != self.data:
                raise UsageError("file-changed", path=self.shown)
            # Replacing needs the folder's permission only, yet a file that is not to be written
            # must not be.
            if not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            data = (self.mark + text).encode("utf-8", "surrogateescape")
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".spyhop-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                _keep_owner(Path(name), path)
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            why = error.strerror or str(error)
            raise UsageError("file-unwritable", path=self.shown, why=why) from error


@dataclass(frozen=True, slots=True)
class Target:
    """Lines of a file: 0-based, ``first`` to ``last``, both included."""

    file: TextFile
    first: int
    last: int

    @property
    def span(self) -> Span:
        """Where the lines stand in the file's text."""
        return self.file.source.lines_span(self.first, self.last)


@dataclass(frozen=True, slots=True)
class Caret:
    """A place in a file: between two characters, or at either end."""

    file: TextFile
    offset: int
    """In the file's text."""


def read_caret(caret: str, data: bytes | None = None) -> Caret:
    """Read the file and the place that ``FILE:LINE:COLUMN`` names.

    Both numbers are 1-based; columns count characters, and the caret stands before the one that
    is named. ``data`` is taken for the file's content, which then need not exist.

    Raises:
        UsageError: there is no such file or place, or it is no text.
    """
    named = _CARET.fullmatch(caret)
    if named is None:
        raise UsageError("bad-caret", caret=caret)
    path = named["path"]
    file = read_text(path) if data is None else _text_file(_path_of(path), path, data)
    line, column = int(named["line"]), int(named["column"])
    source = file.source
    if not 1 <= line <= source.line_count:
        raise UsageError("caret-no-line", path=path, count=source.line_count, line=line)
    length = len(without_end(source.line(line - 1)))
    if not 1 <= column <= length + 1:
        raise UsageError("caret-no-column", path=path, line=line, most=length + 1, column=column)
    return Caret(file, source.line_span(line - 1).start + column - 1)


def read_target(target: str) -> Target:
    """Read the file and the lines that ``FILE``, ``FILE:LINE`` or ``FILE:START-END`` name.

    Line numbers are 1-based and inclusive; without any, the whole file is meant.

    Raises:
        UsageError: there is no such file, it is no text, or it has no such lines.
    """
    named = _TARGET.fullmatch(target)
    if named is None:
        raise UsageError("bad-target", target=target)
    if named["start"] is None or _is_file(_path_of(target)):
        file = read_text(target)
        return _checked(Target(file, 0, _line_count(file.source) - 1))
    start = int(named["start"])
    end = int(named["end"] or start)
    if start < 1 or start > end:
        raise UsageError("bad-target", target=target)
    file = read_text(named["path"])
    count = _line_count(file.source)
    if end > max(count, 1):
        raise UsageError(
            "lines-out-of-range", path=named["path"], count=count, start=start, end=end
        )
    return _checked(Target(file, start - 1, end - 1))


def read_text(shown: str) -> TextFile:
    """Read a text file.

    Raises:
        UsageError: it does not exist, cannot be read, or is no text.
    """
    path = _path_of(shown)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise UsageError("file-is-folder", path=shown)
        # Reading a pipe or a device may never end.
        if not stat.S_ISREG(mode):
            raise UsageError("file-special", path=shown)
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError("file-missing", path=shown) from error
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError("file-unreadable", path=shown, why=why) from error
    return _text_file(path, shown, data)


def _text_file(path: Path, shown: str, data: bytes) -> TextFile:
    if b"\0" in data:
        raise UsageError("file-binary", path=shown)
    text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    return TextFile(path, shown, data, Source(text))


def _path_of(shown: str) -> Path:
    try:
        return Path(shown).expanduser()
    except RuntimeError:
        # There is no such user: "~name" is the name of a file.
        return Path(shown)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _keep_owner(new: Path, old: Path) -> None:
    """Give ``new`` the mode of ``old``, and its owner where the system lets us."""
    status = old.stat()
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(new, status.st_uid, status.st_gid)
    new.chmod(status.st_mode & 0o7777)


def _line_count(source: Source) -> int:
    """Return how many lines an editor would number: a final newline begins none."""
    return source.line_count - (not source.line(source.line_count - 1))


def _checked(target: Target) -> Target:
    """Refuse lines whose bytes the model cannot be shown, so could not give back."""
    for number in range(target.first, target.last + 1):
        if any("\udc80" <= char <= "\udcff" for char in target.file.source.line(number)):
            shown = target.file.shown
            raise UsageError("file-not-utf8", path=shown, line=number + 1)
    return target
