"""Model files on disk: read, and refused with a reason before llama.cpp would fail on them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from spyhop.core.transfer import bytes_text
from spyhop.models.embedded.gguf import Gguf, GgufError, Incomplete, Kind, parse
from spyhop.models.errors import ModelUnavailable
from spyhop.models.words import reason

_FIRST_READ: Final = 1 << 20
_KINDS: Final[dict[Kind, str]] = {
    "adapter": "gguf-adapter",
    "projector": "gguf-projector",
    "embedding": "gguf-embedding",
    "weightless": "gguf-weightless",
}
# llama.cpp finds the other parts of a split model by this form of their names alone.
_PART: Final = re.compile(r"(?P<stem>.+)-(?P<part>\d{5})-of-(?P<parts>\d{5})\.gguf")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A language model on disk that can be loaded, as far as can be seen from outside."""

    name: str
    path: Path
    """The file, or the first of the files it is split into."""
    bytes: int
    """Of all its files together."""
    gguf: Gguf


@dataclass(frozen=True, slots=True)
class PartName:
    """A file's name that says which part of a split model it is, from 1."""

    stem: str
    part: int
    parts: int

    def of(self, part: int) -> str:
        """Return the name of another part."""
        return f"{self.stem}-{part:05}-of-{self.parts:05}.gguf"


def part_name(file_name: str) -> PartName | None:
    """Return what the name of a part says; None where it names a whole model."""
    found = _PART.fullmatch(file_name)
    if found is None:
        return None
    return PartName(found["stem"], int(found["part"]), int(found["parts"]))


def read_header(path: Path) -> tuple[Gguf, int]:
    """Return what a GGUF file says of itself, and its size in bytes.

    Raises:
        ModelUnavailable: it is not there or cannot be read, or is no whole GGUF file.
    """
    size = 0
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(_FIRST_READ)
            while True:
                try:
                    return parse(data, size), size
                except Incomplete:
                    more = file.read(3 * len(data))
                    if not more:
                        # It has been cut since its size was asked.
                        size = len(data)
                    data += more
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise ModelUnavailable("embedded-no-file", path=str(path)) from error
    except (OSError, ValueError) as error:
        # Windows refuses to open a folder as if it were forbidden; a path may hold NUL.
        if path.is_dir():
            raise ModelUnavailable("embedded-no-file", path=str(path)) from error
        why = reason(error)
        raise ModelUnavailable("embedded-unreadable", path=str(path), why=why) from error
    except GgufError as error:
        raise _explained(error, path, size) from error


def model_file(path: Path, name: str = "") -> ModelFile:
    """Return the model whose file, or any of whose files, is at ``path``.

    ``name`` is what to call it; the file's own name where none is given.

    Raises:
        ModelUnavailable: what is wrong with the file, or with another of its files.
    """
    part = part_name(path.name)
    paths = [path] if part is None else [path.with_name(part.of(n + 1)) for n in range(part.parts)]
    first, size = read_header(paths[0])
    for other in paths[1:]:
        size += read_header(other)[1]
    if key := _KINDS.get(first.kind):
        raise ModelUnavailable(key, path=str(path))
    if first.parts > len(paths):
        raise ModelUnavailable("gguf-part-named-otherwise", path=str(path), count=first.parts)
    stem = path.stem if part is None else part.stem
    return ModelFile(name or stem, paths[0], size, first)


def _explained(error: GgufError, path: Path, size: int) -> ModelUnavailable:
    expected = bytes_text(error.expected) if error.expected else f"> {bytes_text(size)}"
    return ModelUnavailable(
        error.fault,
        path=str(path),
        version=error.version,
        expected=expected,
        size=bytes_text(size),
    )
