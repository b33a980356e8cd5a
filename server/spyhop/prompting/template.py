"""Prompt files: Markdown with a TOML front matter between two lines ``+++``.

    +++
    title = { en = "…", zh-cn = "…" }      how editors name it
    kind = "edit"                          what an answer may do: "edit", "comment" (change nothing
                                           but comments), "answer" (be read), "complete"
                                           (be put in at the caret) or "chat" (be read,
                                           and be followed by further questions)
    +++
    The text, with {{variable}}s. A paragraph that holds {{variable?}} is left out when that
    variable is empty.

A *preset* has, in place of a kind, the name of the prompt whose instruction its text is:

    +++
    title = { en = "…", zh-cn = "…" }
    uses = "edit"
    +++
    The text. It has no variables.

A file with an unknown variable does not load; the error names the file and the line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from spyhop.core.nearest import nearest
from spyhop.errors import SettingsError
from spyhop.messages import Language

Kind: TypeAlias = Literal["edit", "comment", "answer", "repair", "complete", "chat"]

_KEYS: Final = ("title", "kind", "uses")
_VARIABLE: Final = re.compile(r"\{\{\s*(\w+)(\??)\s*\}\}")
_FRONT_MATTER: Final = re.compile(r"\A\+\+\+\s*\n(.*?)^\+\+\+\s*\n", re.DOTALL | re.MULTILINE)
_PARAGRAPH: Final = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt file as read."""

    name: str
    kind: Kind
    """A preset's is that of the prompt it uses, once the library has found it."""
    titles: Mapping[str, str]
    uses: str | None
    body: str
    faults: tuple[SettingsError, ...] = ()
    """What is wrong with the file and does not keep it from being used."""

    @property
    def role(self) -> Literal["edit", "chat"]:
        """The role whose model is asked."""
        return "chat" if self.kind in {"answer", "chat"} else "edit"

    def title(self, language: Language) -> str:
        """Return how an editor names this prompt; English where the language is missing."""
        return self.titles.get(language) or self.titles.get("en") or self.name

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the text with its variables replaced."""
        kept = [
            paragraph
            for paragraph in _PARAGRAPH.split(self.body.strip())
            if all(values[name] or not mark for name, mark in _VARIABLE.findall(paragraph))
        ]
        return _VARIABLE.sub(lambda found: values[found[1]], "\n\n".join(kept))


def parse(text: str, path: Path, variables: Mapping[Kind, AbstractSet[str]]) -> Template:
    """Read a prompt file.

    Raises:
        SettingsError: the front matter or a variable is not what it must be.
    """
    front = _FRONT_MATTER.match(text)
    if not front:
        raise SettingsError("prompt-no-front-matter", path=str(path))
    try:
        head: dict[str, Any] = tomllib.loads(front[1])
    except tomllib.TOMLDecodeError as error:
        raise SettingsError("prompt-bad-front-matter", path=str(path), why=str(error)) from error
    titles, uses = head.get("title", {}), head.get("uses")
    kind: Kind | None = next((known for known in get_args(Kind) if known == head.get("kind")), None)
    if kind is None and uses is None:
        expected = ", ".join(f'"{known}"' for known in get_args(Kind))
        raise SettingsError("prompt-bad-kind", path=str(path), expected=expected)
    titles = {"en": titles} if isinstance(titles, str) else titles
    if not isinstance(titles, dict) or not all(isinstance(t, str) for t in titles.values()):
        raise SettingsError("prompt-bad-title", path=str(path))
    if uses is not None and not isinstance(uses, str):
        raise SettingsError("prompt-bad-uses", path=str(path))
    body = text[front.end() :]
    # What is put into another prompt is not filled once more.
    known = frozenset[str]() if uses or kind is None else variables[kind]
    _check(body, text.count("\n", 0, front.end()) + 1, path, known)
    if uses is not None and not body.strip():
        raise SettingsError("prompt-empty", path=str(path))
    return Template(path.stem, kind or "edit", titles, uses, body, _unknown(head, front[1], path))


def _unknown(head: Mapping[str, Any], text: str, path: Path) -> tuple[SettingsError, ...]:
    """Return the faults for keys of the front matter that nothing reads."""
    unknown = [key for key in head if key not in _KEYS]
    if not unknown:
        return ()
    from spyhop.settings.locate import locate  # noqa: PLC0415 - start-up counts

    # Above the front matter stands the line that opens it.
    lines = {key: line + 1 for key, line in locate(text).items()}
    known = ", ".join(_KEYS)
    return tuple(
        SettingsError(
            "prompt-unknown-key-near", path=str(path), line=lines[(key,)], key=key, near=near
        )
        if (near := nearest(key, _KEYS)) is not None
        else SettingsError(
            "prompt-unknown-key", path=str(path), line=lines[(key,)], key=key, known=known
        )
        for key in unknown
    )


def _check(body: str, first_line: int, path: Path, variables: AbstractSet[str]) -> None:
    for found in _VARIABLE.finditer(body):
        if found[1] not in variables:
            raise SettingsError(
                "prompt-unknown-variable",
                path=str(path),
                line=first_line + body.count("\n", 0, found.start()),
                name=found[1],
                known=", ".join(sorted(variables)) or "-",
            )
