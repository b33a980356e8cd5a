"""The models on this machine: those that Spyhop has downloaded, and Ollama's.

A name is compared with what is there and never made into a path, so that none leads out of the
folders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs
from rapidfuzz.distance import Indel

from spyhop.core.paths import is_path
from spyhop.models.embedded.files import ModelFile, model_file, part_name
from spyhop.models.embedded.names import (
    DEFAULT_QUANTISATION,
    HUGGING_FACE,
    LATEST,
    MODELSCOPE,
    OLLAMA,
    Name,
    quantisation_of,
    repositories_of,
)
from spyhop.models.embedded.ollama_store import ollama_folders, ollama_models
from spyhop.models.errors import ModelMissing, ModelUnavailable
from spyhop.prompting.r1 import is_r1

_SUFFIX: Final = ".gguf"
_MOST_TOLD: Final = 8


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model on this machine that the embedded engine can load."""

    name: str
    path: Path
    bytes: int
    architecture: str
    quantisation: str
    """Such as ``Q4_K_M``; empty where the file does not tell."""
    context_tokens: int | None
    """What it was trained for."""
    is_r1: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """A model by its name, not yet looked at."""

    name: str
    path: Path
    parsed: Name | None

    @property
    def size(self) -> int:
        """The file's size in bytes; of a split model the first file's, times their number."""
        part = part_name(self.path.name)
        try:
            return self.path.stat().st_size * (part.parts if part else 1)
        except OSError:
            return 0


def models_folder() -> Path:
    """Return the folder that Spyhop downloads models to."""
    return Path(platformdirs.user_data_dir("spyhop", appauthor=False), "models")


def available() -> list[LocalModel]:
    """Return the models on this machine that can be loaded, the largest first.

    It reads the beginning of every file. What is damaged or no language model is left out; `find`
    tells why.
    """
    found = [_described(file) for entry in _entries() if (file := _usable(entry))]
    return sorted(found, key=lambda model: -model.bytes)


def find(model: str | None) -> ModelFile:
    """Return the model at a path or of a name; of None the largest DeepSeek-R1 there is.

    A name is one of `available`'s, or a downloaded file's. Without its tag it means ``latest`` or
    ``Q4_K_M``, or the only one. Case makes no difference. A path begins with ``.``, ``~`` or the
    root, or ends in ``.gguf``: what lies in the folder that is open must not pass for a model of
    the user's.

    Raises:
        ModelMissing: there is none; says what there is and what gets it.
        ModelUnavailable: it cannot be got by its name, or its file cannot be used.
    """
    if model is None:
        return _largest_r1()
    if is_path(model):
        return model_file(_expanded(model))
    entries = list(_entries())
    for wanted in (model, *repositories_of(model)):
        if entry := _match(wanted, entries):
            return model_file(entry.path, entry.name)
    if model.lower().endswith(_SUFFIX):
        return model_file(Path(model))
    known = _nearest(model, entries)
    if source := _source_of(model):
        raise ModelMissing("embedded-no-model", model=model, known=known, pull=source)
    raise ModelUnavailable("embedded-no-such-model", model=model, known=known)


def _largest_r1() -> ModelFile:
    entries = sorted(_entries(), key=lambda entry: -entry.size)
    for entry in entries:
        file = _usable(entry)
        if file and is_r1(file.name, file.gguf.template):
            return file
    known = _nearest("deepseek-r1", entries)
    raise ModelMissing("embedded-no-r1", known=known, pull=_source_of("deepseek-r1"))


def _entries() -> Iterator[_Entry]:
    yield from _downloaded(models_folder())
    for folder in ollama_folders():
        for name, path in ollama_models(folder):
            yield _Entry(name.written, path, name)


def _downloaded(folder: Path) -> Iterator[_Entry]:
    """Yield what was downloaded: ``HOST/NAMESPACE/MODEL/FILE`` of a hub, or ``HOST/FILE``."""
    try:
        paths = sorted(path for path in folder.rglob(f"*{_SUFFIX}") if path.is_file())
    except OSError:
        return
    firsts = [path for path in paths if (part := part_name(path.name)) is None or part.part == 1]
    tags = Counter((path.parent, _tag_of(path)) for path in firsts)
    for path in firsts:
        tag = _tag_of(path)
        *repository, _ = path.relative_to(folder).parts
        if len(repository) == 3:  # noqa: PLR2004 - as the docstring says
            # Two files of one quantisation are told apart by their own names.
            host, namespace, model = repository
            name = Name(host, namespace, model, tag if tags[path.parent, tag] == 1 else _stem(path))
            yield _Entry(name.written, path, name)
        else:
            yield _Entry(_stem(path), path, None)


def _stem(path: Path) -> str:
    part = part_name(path.name)
    return part.stem if part else path.stem


def _tag_of(path: Path) -> str:
    return quantisation_of(path.name) or _stem(path)


def _match(model: str, entries: list[_Entry]) -> _Entry | None:
    wanted = model.lower()
    for entry in entries:
        if wanted == entry.name.lower():
            return entry
    for entry in entries:
        if entry.path.suffix == _SUFFIX and wanted in {
            entry.path.name.lower(),
            _stem(entry.path).lower(),
        }:
            return entry
    name = Name.parse(model)
    if name is None:
        return None
    same = [it for it in entries if it.parsed and it.parsed.repository == name.repository]
    tags = {name.tag.lower()} if name.tag else {LATEST, DEFAULT_QUANTISATION.lower()}
    chosen = next((it for it in same if it.parsed and it.parsed.tag.lower() in tags), None)
    if chosen is None and not name.tag and len(same) == 1:
        return same[0]
    return chosen


def _usable(entry: _Entry) -> ModelFile | None:
    try:
        return model_file(entry.path, entry.name)
    except ModelUnavailable:
        return None


def _described(file: ModelFile) -> LocalModel:
    return LocalModel(
        name=file.name,
        path=file.path,
        bytes=file.bytes,
        architecture=file.gguf.architecture,
        quantisation=file.gguf.quantisation,
        context_tokens=file.gguf.context_tokens,
        is_r1=is_r1(file.name, file.gguf.template),
    )


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:
        # There is no user of that name.
        return Path(path)


def _nearest(model: str, entries: list[_Entry]) -> str:
    """Return the names there are, those most like ``model`` first; ``-`` for none."""
    wanted = model.lower()
    names = sorted(
        {entry.name for entry in entries},
        key=lambda name: (Indel.normalized_distance(wanted, name.lower()), name),
    )
    return ", ".join(names[:_MOST_TOLD]) or "-"


def _source_of(model: str) -> str:
    """Return what to download for a model of this name; empty where it does not tell."""
    if sources := repositories_of(model):
        return sources[0]
    name = Name.parse(model)
    if name and name.host in {HUGGING_FACE, MODELSCOPE}:
        return name.written
    if name and name.host == OLLAMA and name.namespace != "library":
        return f"{HUGGING_FACE}/{name.namespace}/{name.model}"
    return ""
