"""A check and what came of it: values that a terminal, an editor's page and JSON all show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

from spyhop.messages import Language, Notice, say

Name: TypeAlias = Literal[
    "settings",
    "reachable",
    "version",
    "model",
    "context",
    "template",
    "answer",
    "thinking",
    "prefill",
    "cache",
]
"""What is checked; stable, for programs read it."""
State: TypeAlias = Literal["ok", "warning", "failed", "skipped"]
Fact: TypeAlias = str | int | float | bool | list[str] | None

STATES: Final[tuple[State, ...]] = get_args(State)
NAMES: Final[tuple[Name, ...]] = get_args(Name)
_TITLES: Final[dict[Name, str]] = {
    "settings": "doctor-settings",
    "reachable": "doctor-reachable",
    "version": "doctor-version",
    "model": "doctor-model",
    "context": "doctor-context",
    "template": "doctor-template",
    "answer": "doctor-answer",
    "thinking": "doctor-thinking",
    "prefill": "doctor-prefill",
    "cache": "doctor-cache",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """The endpoint that the checks behind this are about."""

    name: str
    """``default`` where the user has named none."""
    backend: str
    place: str
    """The address, without a user's name or password, or the model file."""
    roles: tuple[str, ...]
    """The roles that ask it first."""
    fallback_for: tuple[str, ...] = ()
    """The roles that ask it when the ones before it do not answer."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A check is running now; its `Check` follows, unless it was cancelled."""

    name: Name

    def say(self, language: Language) -> str:
        """Return what is being checked."""
        return title(self.name, language)


@dataclass(frozen=True, slots=True)
class Check:
    """What came of a check."""

    name: Name
    state: State
    message: Notice
    """What is the case, in one sentence."""
    mend: Notice | None = None
    """What mends it: a command or a setting, in backticks."""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    seconds: float = 0.0
    """How long the check took."""


Event: TypeAlias = Subject | Begun | Check


def title(name: Name, language: Language) -> str:
    """Return the name of a check as people read it."""
    return say(language, _TITLES[name])
