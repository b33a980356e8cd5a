"""``spyhop doctor``: each check with a sign and a sentence, and what mends it."""

from __future__ import annotations

import asyncio
import json
import platform
from collections.abc import Callable
from contextlib import aclosing
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
from spyhop.cli.console import Screen, visible, write_bytes
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
_INDENT: Final = "  "


def run(resolved: Resolved, screen: Screen, *, quick: bool, as_json: bool) -> int:
    """Examine what the settings name, show it, and return the exit status."""
    report = Report()
    if as_json:
        asyncio.run(_follow(resolved, quick, report.take))
        text = json.dumps(_as_json(report, resolved, screen.language), ensure_ascii=False, indent=2)
        write_bytes(text.encode("utf-8", "replace") + b"\n")
        return STATUS[report.outcome]
    with _View(screen) as view:

        def take(event: Event) -> None:
            report.take(event)
            view.show(event)

        asyncio.run(_follow(resolved, quick, take))
    view.sum_up(report)
    return STATUS[report.outcome]


async def _follow(resolved: Resolved, quick: bool, take: Callable[[Event], None]) -> None:  # noqa: FBT001
    async with aclosing(examine(resolved, connect, quick=quick)) as events:
        async for event in events:
            take(event)


class _View:
    """Shows checks as they are done, and in a terminal a moving line for the one that runs."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._out = screen.out
        self._lines = Lines(screen.language)
        self._has_signs = _can_show("".join(SIGNS.values()), self._out.encoding)
        self._status: Status | None = None
        self._width = 2 + max(cell_len(self._sign(state)) for state in STATES)

    def __enter__(self) -> Self:
        self._out.print(Styled(system(self._screen.language), style="dim"))
        self._head(None)
        if self._out.is_terminal:
            spinner = "dots" if self._has_signs else "line"
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
        state: State = "ok" if report.outcome == "usable" else "failed"
        if state == "ok" and not report.is_well:
            state = "warning"
        self._out.print()
        text = report.summary.say(self._screen.language)
        self._out.print(Styled(f"{self._sign(state)}: {text}", style=_STYLES[state]))

    def _rest(self) -> None:
        if self._status:
            self._status.stop()
        for line in self._lines.finish():
            self._show_line(line)

    def _head(self, subject: Subject | None) -> None:
        self._out.print()
        text = visible(heading(subject, self._screen.language))
        self._out.print(Styled(text, style="bold"), soft_wrap=not self._out.is_terminal)

    def _show_line(self, line: Line) -> None:
        sign = Styled(self._sign(line.state), style=_STYLES[line.state])
        texts = [Styled(visible(line.text), style="dim" if line.state == "skipped" else "")]
        if line.mend is not None:
            texts.append(self._with_commands(visible(line.mend)))
        if not self._out.is_terminal:
            space = " " * (self._width - cell_len(sign.plain))
            self._out.print(Styled.assemble(_INDENT, sign, space, texts[0]))
            for text in texts[1:]:
                self._out.print(Styled.assemble(_INDENT, " " * self._width, text))
            return
        grid = Table.grid(padding=0)
        grid.add_column(width=len(_INDENT))
        grid.add_column(width=self._width)
        grid.add_column(ratio=1)
        for first, text in zip([sign, Styled()], texts, strict=False):
            grid.add_row("", first, text)
        self._out.print(grid, soft_wrap=False)

    def _sign(self, state: State) -> str:
        said = word(state, self._screen.language)
        return f"{SIGNS[state]} {said}" if self._has_signs and self._out.is_terminal else said

    def _with_commands(self, text: str) -> Styled:
        """Return ``text`` with what stands in backticks in a colour instead, where there is one."""
        if not self._out.is_terminal or self._out.no_color:
            return Styled(text)
        parts = text.split("`")
        styled = [(part, "bold cyan" if at % 2 else "") for at, part in enumerate(parts)]
        return Styled.assemble(*styled)


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
        "settings": resolved.settings.model_dump(),
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
