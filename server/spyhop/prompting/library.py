"""All prompt files that are there: those that ship, the user's and the project's."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from spyhop.errors import SettingsError
from spyhop.prompting.template import Kind, Template, parse
from spyhop.prompting.variables import VARIABLES

_ON_THEIR_OWN: Final[frozenset[Kind]] = frozenset({"repair", "complete", "chat"})
"""The kinds that Spyhop asks for by itself, and no user by name."""


@dataclass(frozen=True)
class Library:
    """The prompts by name, in the order of their names."""

    templates: Mapping[str, Template]
    faults: Sequence[SettingsError] = ()
    """What is wrong with the files, most of which could then not be taken in."""

    def __iter__(self) -> Iterator[Template]:
        return iter(self.templates.values())

    def presets(self) -> list[Template]:
        """Return the prompts that need no instruction from the user."""
        return [one for one in self if one.uses]

    def get(self, name: str) -> Template:
        """Return a prompt by name.

        Raises:
            SettingsError: there is none of this name.
        """
        if name not in self.templates:
            raise self._missing(name)
        return self.templates[name]

    def resolve(self, name: str, words: str) -> tuple[Template, str]:
        """Return the prompt to fill for ``name``, and the instruction to put in.

        Raises:
            SettingsError: there is none of this name that can be asked for.
        """
        template = self.get(name)
        if template.kind in _ON_THEIR_OWN:
            raise self._missing(name)
        if template.uses is None:
            return template, words
        own = template.body.strip()
        return self.get(template.uses), f"{own}\n{words}" if words else own

    def _missing(self, name: str) -> SettingsError:
        known = ", ".join(one.name for one in self if one.kind not in _ON_THEIR_OWN)
        return SettingsError("prompt-not-found", name=name, known=known)


def load(*folders: Path) -> Library:
    """Read the prompt files of ``folders``, the later ones over the earlier.

    What is wrong is in `Library.faults`; a file that is not what it must be is left out.
    """
    templates: dict[str, Template] = {}
    paths: dict[str, Path] = {}
    faults: list[SettingsError] = []
    for folder in folders:
        for path in sorted(folder.glob("*.md")):
            try:
                templates[path.stem] = template = _read(path)
                faults.extend(template.faults)
                paths[path.stem] = path
            except SettingsError as fault:
                faults.append(fault)
    kept: dict[str, Template] = {}
    for name, template in sorted(templates.items()):
        used = templates.get(template.uses or name)
        if used is None or (template.uses and used.uses):
            faults.append(SettingsError("prompt-bad-uses", path=str(paths[name])))
        else:
            kept[name] = replace(template, kind=used.kind)
    return Library(kept, faults)


def stamp(*folders: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what differs once a prompt file was added, changed or taken away."""
    found: list[tuple[str, int, int]] = []
    for folder in folders:
        # Each completion comes by here, and paths as strings take a tenth of the time.
        for path in _prompt_files(str(folder)):
            try:
                status = os.stat(path)  # noqa: PTH116
            except OSError:
                continue
            found.append((path, status.st_mtime_ns, status.st_size))
    return tuple(found)


def _prompt_files(folder: str) -> list[str]:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if name.endswith(".md")]  # noqa: PTH118


def _read(path: Path) -> Template:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("prompt-unreadable", path=str(path), why=str(error)) from error
    return parse(text, path, VARIABLES)
