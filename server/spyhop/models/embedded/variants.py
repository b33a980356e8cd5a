"""Which files of a repository make the model that is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from spyhop.core.transfer import bytes_text
from spyhop.errors import UsageError
from spyhop.models.embedded.files import PartName, part_name
from spyhop.models.embedded.names import DEFAULT_QUANTISATION, quantisation_of
from spyhop.models.embedded.sources import Reference
from spyhop.models.errors import ModelUnavailable

_SUFFIX: Final = ".gguf"
_MOST_TOLD: Final = 20
# What stands beside models in their repositories.
_NO_MODEL: Final = re.compile(r"mmproj|imatrix", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as a hub lists it; ``sha256`` is empty where it is not told."""

    path: str
    bytes: int
    sha256: str


def chosen(reference: Reference, files: Iterable[Listed]) -> tuple[Listed, ...]:
    """Return the files of the model that ``reference`` means; without a tag, the one of Q4_K_M.

    Raises:
        UsageError: it does not say which of several models is meant.
        ModelUnavailable: there is none of that name, or none at all.
    """
    variants = _variants(files)
    if not variants:
        raise ModelUnavailable("download-no-gguf", name=reference.written)
    known = ", ".join(variant.told for variant in variants[:_MOST_TOLD])
    if reference.file:
        matching = [it for it in variants if reference.file in {file.path for file in it.files}]
    else:
        wanted = (reference.tag or DEFAULT_QUANTISATION).lower()
        matching = [it for it in variants if wanted in {it.label.lower(), it.stem.lower()}]
        if not matching and not reference.tag and len(variants) == 1:
            matching = variants
    if len(matching) == 1:
        return matching[0].files
    if not matching and (reference.tag or reference.file):
        asked = reference.tag or reference.file
        raise ModelUnavailable("download-no-file", name=reference.written, asked=asked, known=known)
    if matching:
        known = ", ".join(it.stem for it in matching[:_MOST_TOLD])
    raise UsageError("download-which", name=reference.written, known=known)


@dataclass(frozen=True, slots=True)
class _Variant:
    """A model in a repository: one file, or all the parts of one."""

    stem: str
    files: tuple[Listed, ...]

    @property
    def label(self) -> str:
        return quantisation_of(self.stem) or self.stem

    @property
    def told(self) -> str:
        return f"{self.label} ({bytes_text(sum(file.bytes for file in self.files))})"


def _variants(files: Iterable[Listed]) -> list[_Variant]:
    """Return the models that are whole, by size."""
    groups: dict[tuple[str, str, int], dict[int, Listed]] = {}
    for file in files:
        folder, _, name = file.path.rpartition("/")
        if not name.endswith(_SUFFIX) or _NO_MODEL.search(name):
            continue
        part = part_name(name) or PartName(name.removesuffix(_SUFFIX), 1, 1)
        groups.setdefault((folder, part.stem, part.parts), {})[part.part] = file
    found = [
        _Variant(stem, tuple(group[number] for number in sorted(group)))
        for (_, stem, parts), group in groups.items()
        if len(group) == parts
    ]
    return sorted(found, key=lambda variant: sum(file.bytes for file in variant.files))
