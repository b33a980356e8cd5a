"""``spyhop doctor``: each check with a sign and a sentence, and what mends it."""

from __future__ import annotations

import asyncio
import json
import platform
from collections.abc import Callable
from contextlib import aclosing
from functools import partial
from types import TracebackType
from typing import Any, Final, Self

from rich.cells import cell_len
from rich.status import Status
from rich.table import Table
from rich.text import Text as Styled

from spyhop import __version__
from spyhop.assist.doctor.checks import STATES, Begun, Check, Event, State, Subject
from spyhop.assist.doctor.examine import examine
from spyhop.assist.doctor.lines import SIGNS, Line, Lines, heading, system, word
from spyhop.assist.doctor.report import Outcome, Part, Report
from spyhop.cli.console import Screen, write_bytes
from spyhop.core.urls import without_user
from spyhop.core.visible import visible_line
from spyhop.messages import Language
from spyhop.models.connect import connect
from spyhop.settings import Resolved

STATUS: Final[dict[Outcome, int]] = {"usable": 0, "settings": 2, "unusable": 3}
"""The exit status for what was found."""
_STYLES: Final[dict[State, str]] = {
    "ok": "green",
    "warning": "yellow",
    "failed": "bold red",
    "skipped": "dim",
}
_COMMAND: Final = "bold cyan"
_INDENT: Final = "  "


def run(resolved: Resolved, screen: Screen, *, quick: bool, as_json: bool) -> int:
    """Examine what the settings name, show it, and return the exit status."""
    report = Report()
    if as_json:
        asyncio.run(_follow(resolved, report.take, quick=quick))
        text = json.dumps(_as_json(report, resolved, screen.language), ensure_ascii=False, indent=2)
        write_bytes(text.encode("utf-8", "replace") + b"\n")
        return STATUS[report.outcome]
    with _View(screen) as view:

        def take(event: Event) -> None:
            report.take(event)
            view.show(event)

        asyncio.run(_follow(resolved, take, quick=quick))
    view.sum_up(report)
    return STATUS[report.outcome]


async def _follow(resolved: Resolved, take: Callable[[Event], None], *, quick: bool) -> None:
    async with aclosing(examine(resolved, partial(connect, refresh=True), quick=quick)) as events:
        async for event in events:
            take(event)


class _View:
    """Shows checks as they are done, and in a terminal a moving line for the one that runs."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._out = screen.out
        self._lines = Lines(screen.language)
        self._is_plain = not self._out.is_terminal
        can_show = _can_show("".join(SIGNS.values()), self._out.encoding)
        self._shows_signs = can_show and not self._is_plain
        self._status: Status | None = None
        self._width = 2 + max(cell_len(self._sign(state)) for state in STATES)

    def __enter__(self) -> Self:
        self._out.print(Styled(system(self._screen.language), style="dim"))
        self._head(None)
        if not self._is_plain:
            spinner = "dots" if self._shows_signs else "line"
            self._status = self._out.status("", spinner=spinner)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._rest()

    def show(self, event: Event) -> None:
        """Show what came next."""
        match event:
            case Begun() if self._status:
                what = event.say(self._screen.language)
                self._status.update(Styled(self._screen.say("doctor-checking", what=what)))
                self._status.start()
            case Subject():
                self._rest()
                self._head(event)
            case Check():
                for line in self._lines.take(event):
                    self._show_line(line)
            case _:
                pass

    def sum_up(self, report: Report) -> None:
        """Show what it comes to."""
        self._out.print()
        text = report.summary.say(self._screen.language)
        sign = f"{SIGNS[report.state]} " if self._shows_signs else ""
        self._out.print(Styled(sign + text, style=_STYLES[report.state]), soft_wrap=self._is_plain)

    def _rest(self) -> None:
        if self._status:
            self._status.stop()
        for line in self._lines.finish():
            self._show_line(line)

    def _head(self, subject: Subject | None) -> None:
        self._out.print()
        text = visible_line(heading(subject, self._screen.language))
        self._out.print(Styled(text, style="bold"), soft_wrap=self._is_plain)

    def _show_line(self, line: Line) -> None:
        sign = Styled(self._sign(line.state), style=_STYLES[line.state])
        rows = [(sign, self._with_commands(line.text, "dim" if line.state == "skipped" else ""))]
        if line.mend is not None:
            arrow = "→ " if self._shows_signs else ""
            rows.append((Styled(), self._with_commands(arrow + line.mend)))
        if self._is_plain:
            for first, text in rows:
                space = " " * (self._width - cell_len(first.plain))
                self._out.print(Styled.assemble(_INDENT, first, space, text))
            return
        grid = Table.grid(padding=0)
        grid.add_column(width=len(_INDENT))
        grid.add_column(width=self._width)
        grid.add_column(ratio=1)
        for first, text in rows:
            grid.add_row("", first, text)
        self._out.print(grid, soft_wrap=False)

    def _sign(self, state: State) -> str:
        said = word(state, self._screen.language)
        return f"{SIGNS[state]} {said}" if self._shows_signs else said

    def _with_commands(self, text: str, style: str = "") -> Styled:
        """Return ``text`` with what stands in backticks in a colour instead, where there is one."""
        shown = visible_line(text)
        if self._is_plain or self._out.no_color:
            return Styled(shown, style=style)
        return Styled.assemble(
            *((part, _COMMAND if at % 2 else style) for at, part in enumerate(shown.split("`")))
        )


def _can_show(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _as_json(report: Report, resolved: Resolved, language: Language) -> dict[str, Any]:
    return {
        "version": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "outcome": report.outcome,
        "summary": report.summary.say(language),
        "settings": _without_secrets(resolved.settings.model_dump(mode="json")),
        "checks": [
            _check_as_json(part, check, language) for part in report.parts for check in part.checks
        ],
    }


def _check_as_json(part: Part, check: Check, language: Language) -> dict[str, Any]:
    subject = part.subject
    return {
        "name": check.name,
        "endpoint": None if subject is None else subject.name,
        "place": None if subject is None else subject.place,
        "roles": [] if subject is None else [*subject.roles, *subject.fallback_for],
        "state": check.state,
        "message": check.message.say(language),
        "mend": None if check.mend is None else check.mend.say(language),
        "seconds": check.seconds,
        "facts": dict(check.facts),
    }


def _without_secrets(values: dict[str, Any]) -> dict[str, Any]:
    """Return settings with their keys and headers as ``set``, and urls without a user."""
    shown: dict[str, Any] = {}
    for name, value in values.items():
        match name, value:
            case (("key" | "headers"), _):
                shown[name] = "set" if value else None
            case "url", str(url):
                shown[name] = without_user(url)
            case _, dict():
                shown[name] = _without_secrets(value)
            case _:
                shown[name] = value
    return shown
