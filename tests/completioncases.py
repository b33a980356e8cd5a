"""The cases of tests/cases/complete: what stands around a caret, a model's output, ghost text."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from spyhop.core.completion.fitting import GhostText
from spyhop.core.completion.ghost import Reason
from spyhop.core.completion.place import Refusal, Trigger

FOLDER: Final = Path(__file__).with_name("cases") / "complete"
# The keys of a file, with their types.
_KEYS: Final[dict[str, type]] = {
    "about": str,
    "file": str,
    "prefix": str,
    "suffix": str,
    "trigger": str,
    "refused": str,
    "prefilled": bool,
    "fence": str,
    "output": str,
    "unread": str,
    "finish": str,
    "expect": str,
    "rewrite": str,
    "over": str,
}
_REQUIRED: Final = {"about", "file", "prefix"}
_LEGAL: Final[dict[str, tuple[str, ...]]] = {
    "trigger": get_args(Trigger),
    "refused": get_args(Refusal),
    "finish": get_args(Reason),
}


class CaseError(Exception):
    """A case file is not what tests/cases/README.md says."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case; see tests/cases/README.md."""

    name: str
    file: str
    prefix: str
    suffix: str
    trigger: Trigger
    refused: Refusal
    prefilled: bool
    fence: str
    output: str
    unread: str
    finish: Reason
    expect: GhostText | None

    def __str__(self) -> str:
        return self.name


def load_cases() -> list[Case]:
    """Return every case.

    Raises:
        CaseError: a file is not as it must be; names it.
    """
    return [
        read_case(path.stem, path.read_text(encoding="utf-8"))
        for path in sorted(FOLDER.glob("*.toml"))
    ]


def read_case(name: str, toml: str) -> Case:
    """Return the case that the text of one file describes.

    Raises:
        CaseError: a key is unknown, is missing, or has no legal value.
    """
    try:
        table = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise CaseError(f"{name}: {error}") from error
    for key, value in table.items():
        if key not in _KEYS:
            raise CaseError(f"{name}: there is no key {key}")
        if not isinstance(value, _KEYS[key]):
            raise CaseError(f"{name}: {key} must be of type {_KEYS[key].__name__}")
        if key in _LEGAL and (not value or value not in _LEGAL[key]):
            raise CaseError(f"{name}: {key} must be one of {_LEGAL[key]}")
    _check_together(name, table)
    return _case(name, table)


def _check_together(name: str, table: Mapping[str, Any]) -> None:
    if missing := _REQUIRED - table.keys():
        raise CaseError(f"{name}: {', '.join(sorted(missing))} is missing")
    if ("refused" in table) == ("output" in table) or ("output" in table) != ("expect" in table):
        raise CaseError(f"{name}: either refused or output and expect")
    if ("rewrite" in table) != ("over" in table):
        raise CaseError(f"{name}: rewrite and over go together")
    if not table.get("output", "").endswith(table.get("unread", "")):
        raise CaseError(f"{name}: unread is no end of the output")
    if not table.get("suffix", "").startswith(table.get("over", "")):
        raise CaseError(f"{name}: over is no beginning of the suffix")


def _case(name: str, table: Mapping[str, Any]) -> Case:
    expect, rewrite = table.get("expect", ""), table.get("rewrite")
    completion: GhostText | None = None
    if rewrite is not None:
        completion = GhostText(expect, rewrite, len(table["over"]))
    elif expect:
        completion = GhostText(expect, expect, 0)
    return Case(
        name=name,
        file=table["file"],
        prefix=table["prefix"],
        suffix=table.get("suffix", ""),
        trigger=table.get("trigger", "automatic"),
        refused=table.get("refused", ""),
        prefilled=table.get("prefilled", True),
        fence=table.get("fence", "```"),
        output=table.get("output", ""),
        unread=table.get("unread", ""),
        finish=table.get("finish", "stop"),
        expect=completion,
    )
