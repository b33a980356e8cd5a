"""What the doctor has found so far, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from spyhop.assist.doctor.checks import Begun, Check, Event, State, Subject
from spyhop.messages import Notice

Outcome: TypeAlias = Literal["usable", "settings", "unusable"]


@dataclass
class Part:
    """The checks of one subject; those of the settings have none."""

    subject: Subject | None
    checks: list[Check] = field(default_factory=list)

    @property
    def works(self) -> bool:
        """Whether nothing failed."""
        return all(check.state != "failed" for check in self.checks)


@dataclass
class Report:
    """All checks that are done."""

    parts: list[Part] = field(default_factory=lambda: [Part(None)])

    def take(self, event: Event) -> None:
        """Take in what came next."""
        match event:
            case Subject():
                self.parts.append(Part(event))
            case Check():
                self.parts[-1].checks.append(event)
            case Begun():
                pass

    @property
    def roles_without(self) -> tuple[str, ...]:
        """The roles for which no endpoint works."""
        served = {role for part in self._endpoints if part.works for role in _roles(part)}
        asked = dict.fromkeys(role for part in self._endpoints for role in _roles(part))
        return tuple(role for role in asked if role not in served)

    @property
    def outcome(self) -> Outcome:
        """Whether Spyhop can be used: a wrong setting comes first, for it may be the cause."""
        if not self.parts[0].works:
            return "settings"
        return "unusable" if self.roles_without else "usable"

    @property
    def state(self) -> State:
        """What it comes to: a warning also where another endpoint stands in for one that fails."""
        if self.outcome != "usable":
            return "failed"
        return "warning" if self._warnings or not self._all_work else "ok"

    @property
    def summary(self) -> Notice:
        """What it comes to, in one sentence."""
        match self.outcome:
            case "settings":
                return Notice.of("doctor-settings-wrong")
            case "unusable":
                return Notice.of("doctor-unusable", roles=", ".join(self.roles_without))
        if not self._all_work:
            return Notice.of("doctor-usable-by-fallback")
        if self._warnings:
            return Notice.of("doctor-usable", count=self._warnings)
        return Notice.of("doctor-well")

    @property
    def _all_work(self) -> bool:
        return all(part.works for part in self.parts)

    @property
    def _warnings(self) -> int:
        return sum(check.state == "warning" for part in self.parts for check in part.checks)

    @property
    def _endpoints(self) -> list[Part]:
        return [part for part in self.parts if part.subject is not None]


def _roles(part: Part) -> tuple[str, ...]:
    subject = part.subject
    return () if subject is None else subject.roles + subject.fallback_for
