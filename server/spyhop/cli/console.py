"""What the command line shows: progress and thoughts on stderr, diffs on stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.status import Status
from rich.text import Text as Styled

from spyhop.assist.edit import Outcome, Progress, Repairing
from spyhop.assist.reading import Thinking, Writing
from spyhop.core.diff import Hunk
from spyhop.core.unified import unified_diff
from spyhop.core.visible import visible, visible_line
from spyhop.errors import SpyhopError
from spyhop.messages import Language, Notice, Value, language_of, say

_STYLES: Final = {"+": "green", "-": "red", "@": "cyan", "\\": "dim"}
_TAIL: Final = 60


def system_locale(environment: dict[str, str] | None = None) -> str:
    """Return the locale that messages should follow (POSIX: LC_ALL, LC_MESSAGES, LANG)."""
    names = os.environ if environment is None else environment
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if names.get(name):
            return names[name]
    return ""


class Screen:
    """The terminal, or the pipes that take its place."""

    def __init__(self, language: Language | None = None) -> None:
        self.language = language or language_of(system_locale())
        # Rich also takes pipes for terminals, where FORCE_COLOR is set; a diff in one must stay
        # one that can be applied.
        self.out = Console(highlight=False, soft_wrap=True, force_terminal=sys.stdout.isatty())
        self.err = Console(
            stderr=True, highlight=False, soft_wrap=True, force_terminal=sys.stderr.isatty()
        )

    @property
    def interactive(self) -> bool:
        """Whether someone is there to be asked."""
        return self.out.is_terminal and sys.stdin is not None and sys.stdin.isatty()

    def say(self, key: str, /, **values: Value) -> str:
        """Return a message in the user's language."""
        return say(self.language, key, **values)

    def tell(self, key: str, /, **values: Value) -> None:
        """Print a message to stderr."""
        self.line(self.say(key, **values))

    def line(self, text: str) -> None:
        """Print one line to stderr."""
        self.err.print(Styled(visible_line(text)))

    def warn(self, notice: Notice | SpyhopError) -> None:
        """Print a warning to stderr."""
        self.err.print(Styled(visible_line(notice.say(self.language)), style="yellow"))

    def fail(self, error: SpyhopError) -> None:
        """Print an error to stderr."""
        self.err.print(Styled(visible_line(error.say(self.language)), style="red"))

    def diff(self, path: str, old: Sequence[str], hunks: Sequence[Hunk]) -> None:
        """Print a unified diff to stdout."""
        self._lines(unified_diff(_in_header(path), old, hunks))

    def hunk(self, old: Sequence[str], hunk: Hunk) -> None:
        """Print one hunk of the lines ``old`` to stdout, with the lines around it."""
        # Without the two lines that name the file.
        self._lines(islice(unified_diff("-", old, [hunk]), 2, None))

    def _lines(self, lines: Iterator[str]) -> None:
        for line in lines:
            if self.out.is_terminal:
                self.out.print(Styled(visible(line.removesuffix("\r")), style=_style(line)))
            else:
                write_bytes(line.encode("utf-8", "surrogateescape") + b"\n")


def write_bytes(data: bytes) -> None:
    """Write to stdout what other programs read: the same whatever its encoding is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _in_header(path: str) -> str:
    """Return ``path`` as Git and patch read it in a diff's header."""
    here = Path(path)
    return here.relative_to(here.anchor).as_posix()


def _style(line: str) -> str:
    return "bold" if line.startswith(("--- ", "+++ ")) else _STYLES.get(line[:1], "")


class ProgressView:
    """Shows that the model lives: a line that moves in a terminal, nothing elsewhere."""

    def __init__(self, screen: Screen, *, show_thinking: bool) -> None:
        self._screen = screen
        self._show_thinking = show_thinking
        self._status: Status | None = None
        self._tail = ""
        self._in_thought = False
        self._hint = ""
        self._told = ""

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Show progress until the block ends."""
        if self._screen.err.is_terminal and not self._show_thinking:
            self._status = self._screen.err.status(Styled(self._screen.say("waiting")))
        try:
            if self._status:
                self._status.start()
            yield
        finally:
            self.stop()

    def asked(self, model: str, *, can_answer: bool) -> None:
        """Show which model is waited for, and from now on the key that ends a thought, if any."""
        self._hint = self._screen.say("answer-key") if can_answer else ""
        self._update(self._screen.say("waiting-for", model=model), "")

    def tell(self, notice: Notice) -> None:
        """Show what is waited for; where no line moves, each such thing once."""
        if self._status:
            self._update(notice.say(self._screen.language), "")
        elif notice.key != self._told:
            self._end_thought()
            self._screen.warn(notice)
        self._told = notice.key

    def stop(self) -> None:
        """Take the moving line away, for the answer itself is shown now."""
        self._end_thought()
        if self._status:
            self._status.stop()
            self._status = None

    def show(self, progress: Progress) -> None:
        """Show how the model gets on."""
        match progress:
            case Thinking(tokens, seconds, text):
                if self._show_thinking:
                    if self._hint and not self._in_thought:
                        self._screen.err.print(Styled(self._hint, style="dim"))
                    self._in_thought = True
                    self._screen.err.print(Styled(visible(text), style="dim italic"), end="")
                key, tail = "thinking-seconds", self._last_line(text)
                line = self._screen.say(key, tokens=tokens, seconds=int(seconds))
                self._update(f"{line}  {self._hint}".rstrip(), tail)
            case Writing(lines):
                self._end_thought()
                self._update(self._screen.say("writing", lines=lines), "")
            case Repairing(fault):
                self._end_thought()
                self._update(self._screen.say("repairing", line=fault.line + 1), "")
            case Outcome():
                pass

    def _update(self, line: str, tail: str) -> None:
        if self._status:
            self._status.update(
                Styled.assemble(visible_line(line), "  ", (visible(tail), "dim italic"))
            )

    def _last_line(self, text: str) -> str:
        self._tail = (self._tail + text)[-4 * _TAIL :]
        lines = [line for line in self._tail.splitlines() if line.strip()]
        return lines[-1].strip()[-_TAIL:] if lines else ""

    def _end_thought(self) -> None:
        if self._in_thought:
            self._in_thought = False
            self._screen.err.print()
