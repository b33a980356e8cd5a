"""The cases of tests/cases: a file, what a model answers, and the file afterwards."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from spyhop.models.port import Format

Command: TypeAlias = Literal["edit", "comment"]

FOLDER: Final = Path(__file__).with_name("cases")
COMMANDS: Final[tuple[Command, ...]] = get_args(Command)
_FORMATS: Final[dict[str, Format]] = {"raw": "r1", "chat": "chat"}
_REASONS: Final = ("stop", "length")
# The keys of a file, with their types; those of the second line may also differ by format.
_KEYS: Final[dict[str, type]] = {
    "about": str,
    "file": str,
    "text": str,
    "lines": str,
    "instruction": str,
    "formats": list,
}
_KEYS_OF_FORMAT: Final[dict[str, type]] = {
    "output": str,
    "thinking": str,
    "done_reason": str,
    "expect": str,
    "refused": str,
    "warns": list,
    "again": str,
    "partial": bool,
}


class CaseError(Exception):
    """A case file is not what tests/cases/README.md says."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case in one format; see tests/cases/README.md."""

    name: str
    command: Command
    format: Format
    file: str
    text: str
    lines: str
    instruction: str
    output: str
    thinking: str
    done_reason: str
    expect: str
    refused: str | None
    warns: frozenset[str]
    again: str | None
    """What the model answers when it is asked a second time; None: it is not asked."""
    partial: bool
    """The proposal is of a cut-off answer: shown, and not to be written without asking."""

    def __str__(self) -> str:
        return f"{self.command}/{self.name}-{self.format}"


def load_cases() -> list[Case]:
    """Return every case of every file, in each of its formats.

    Raises:
        CaseError: a file is not as it must be; names it.
    """
    return [
        case
        for command in COMMANDS
        for path in sorted((FOLDER / command).glob("*.toml"))
        for case in read_cases(path.stem, command, path.read_text(encoding="utf-8"))
    ]


def read_cases(name: str, command: Command, toml: str) -> list[Case]:
    """Return the cases that the text of one file describes.

    Raises:
        CaseError: a key is unknown, is missing, or has no legal value.
    """
    where = f"{command}/{name}"
    try:
        table = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise CaseError(f"{where}: {error}") from error
    own = {form: table.pop(form) for form in _FORMATS if form in table}
    _check(where, table, _KEYS | _KEYS_OF_FORMAT)
    required = {"about", "file", "text"} | ({"instruction"} if command == "edit" else set())
    if missing := required - table.keys():
        raise CaseError(f"{where}: {', '.join(sorted(missing))} is missing")
    formats = table.get("formats", list(_FORMATS))
    if not formats or not set(own) <= set(formats) <= set(_FORMATS):
        raise CaseError(f"{where}: formats {formats}, tables {list(own)}")
    cases: list[Case] = []
    for form in formats:
        _check(f"{where} [{form}]", own.get(form, {}), _KEYS_OF_FORMAT)
        cases.append(_case(name, command, _FORMATS[form], table | own.get(form, {})))
    return cases


def _check(where: str, table: Mapping[str, Any], known: Mapping[str, type]) -> None:
    for key, value in table.items():
        if key not in known:
            raise CaseError(f"{where}: there is no key {key}")
        if not isinstance(value, known[key]):
            raise CaseError(f"{where}: {key} must be of type {known[key].__name__}")


def _case(name: str, command: Command, form: Format, table: Mapping[str, Any]) -> Case:
    where = f"{command}/{name}"
    if ("expect" in table) == ("refused" in table):
        raise CaseError(f"{where}: either expect or refused")
    if "output" not in table and "thinking" not in table:
        raise CaseError(f"{where}: neither output nor thinking")
    if table.get("done_reason", "stop") not in _REASONS:
        raise CaseError(f"{where}: done_reason must be one of {_REASONS}")
    if table.get("partial") and "refused" in table:
        raise CaseError(f"{where}: what is refused is not partial")
    if table.get("expect") == table["text"]:
        raise CaseError(f"{where}: a file that stays as it is has a reason: refused")
    return Case(
        name=name,
        command=command,
        format=form,
        file=table["file"],
        text=table["text"],
        lines=table.get("lines", ""),
        instruction=table.get("instruction", ""),
        output=table.get("output", ""),
        thinking=table.get("thinking", ""),
        done_reason=table.get("done_reason", "stop"),
        expect=table.get("expect", table["text"]),
        refused=table.get("refused"),
        warns=frozenset(table.get("warns", [])),
        again=table.get("again"),
        partial=table.get("partial", False),
    )
