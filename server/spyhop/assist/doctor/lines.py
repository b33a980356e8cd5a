"""Checks in words, for a terminal and for an editor's page alike."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from spyhop import __version__
from spyhop.assist.doctor.checks import Check, State, Subject, title
from spyhop.messages import Language, Notice, say

SIGNS: Final[dict[State, str]] = {"ok": "✓", "warning": "!", "failed": "✗", "skipped": "–"}
_WORDS: Final[dict[State, str]] = {
    "ok": "doctor-ok",
    "warning": "doctor-warning",
    "failed": "doctor-failed",
    "skipped": "doctor-skipped-state",
}
_COMMA: Final[dict[Language, str]] = {"en": ", ", "zh-cn": "、"}
_BACKENDS: Final = {"ollama": "Ollama", "openai": "OpenAI API", "embedded": "llama.cpp"}


@dataclass(frozen=True, slots=True)
class Line:
    """A check as people read it; those that were skipped for one reason are one line."""

    state: State
    text: str
    mend: str | None = None


class Lines:
    """Makes lines of checks as they come: skipped ones wait for others like them."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._skipped: list[Check] = []

    def take(self, check: Check) -> list[Line]:
        """Take in a check and return the lines that can be shown."""
        if check.state == "skipped":
            self._skipped.append(check)
            return []
        mend = None if check.mend is None else _said(check.mend, self._language)
        return [*self.finish(), Line(check.state, _said(check.message, self._language), mend)]

    def finish(self) -> list[Line]:
        """Return the lines that still wait."""
        lines = []
        for reason, checks in groupby(self._skipped, lambda it: _said(it.message, self._language)):
            titles = (title(check.name, self._language) for check in checks)
            names = _COMMA[self._language].join(titles)
            text = say(self._language, "doctor-not-checked", names=_capital(names), why=reason)
            lines.append(Line("skipped", text))
        self._skipped = []
        return lines


def word(state: State, language: Language) -> str:
    """Return the word for a state, for those who do not see its sign."""
    return say(language, _WORDS[state])


def heading(subject: Subject | None, language: Language) -> str:
    """Return what a group of checks is about: the settings, or an endpoint and who asks it."""
    if subject is None:
        return _capital(title("settings", language))
    backend = _BACKENDS[subject.backend]
    values = {"name": subject.name, "backend": backend, "place": subject.place}
    named = subject.name != "default"
    what = say(language, "doctor-endpoint", **values) if named else f"{backend}, {subject.place}"
    asked = []
    if subject.roles:
        asked.append(say(language, "doctor-used-for", roles=", ".join(subject.roles)))
    if subject.fallback_for:
        asked.append(say(language, "doctor-fallback-for", roles=", ".join(subject.fallback_for)))
    return say(language, "doctor-heading", what=what, asked="; ".join(asked))


def system(language: Language) -> str:
    """Return what runs here: Spyhop, Python, the system."""
    return say(
        language,
        "doctor-system",
        version=__version__,
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
    )


def _said(notice: Notice, language: Language) -> str:
    """Return a notice, into which foreign words were put, on one line."""
    return " ".join(notice.say(language).split())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
