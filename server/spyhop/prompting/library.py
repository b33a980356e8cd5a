"""All prompt files that are there, read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from spyhop.errors import SettingsError
from spyhop.prompting.edit import VARIABLES
from spyhop.prompting.template import Template, parse


@dataclass(frozen=True)
class Library:
    """The prompts by name, in the order of their names."""

    templates: Mapping[str, Template]

    def __iter__(self) -> Iterator[Template]:
        return iter(self.templates.values())

    def presets(self) -> list[Template]:
        """Return the prompts that need no instruction from the user."""
        return [one for one in self if one.uses or one.kind == "comment"]

    def get(self, name: str) -> Template:
        """Return a prompt by name.

        Raises:
            SettingsError: there is none of this name.
        """
        if name not in self.templates:
            raise SettingsError("prompt-not-found", name=name, known=", ".join(self.templates))
        return self.templates[name]

    def resolve(self, name: str, instruction: str) -> tuple[Template, str]:
        """Return the prompt to fill for ``name``, and the instruction to put in."""
        template = self.get(name)
        if template.uses is None:
            return template, instruction
        own = template.body.strip()
        return self.get(template.uses), f"{own}\n{instruction}" if instruction else own


def load(folder: Path) -> Library:
    """Read the prompt files of ``folder``.

    Raises:
        SettingsError: one of them is not what it must be.
    """
    templates = {path.stem: _read(path) for path in sorted(folder.glob("*.md"))}
    for template in templates.values():
        if template.uses is None:
            continue
        used = templates.get(template.uses)
        if used is None or used.uses is not None:
            path = folder / f"{template.name}.md"
            raise SettingsError("prompt-bad-uses", path=str(path))
    return Library(templates)


def _read(path: Path) -> Template:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("prompt-unreadable", path=str(path), why=str(error)) from error
    return parse(text, path, VARIABLES)
