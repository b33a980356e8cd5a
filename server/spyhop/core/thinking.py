"""Thoughts apart from the answer, where the runtime left both in one text.

The rules:

1. A thought is legal only at the start of an output. Whether the output starts inside one depends
   on the prompt: R1's template since February 2025 opens it (``OPENED``), a prefilled closed
   thought means that there is none (``CLOSED``), and behind an unknown template anything goes
   (``UNKNOWN``).
2. The first close ends the thought, unless it stands inside quotes or backticks: R1 talks about
   tags when the code is about tags.
3. Until the answer's first visible character, further opening and closing tags still belong to
   the wrapping ("<think></think><think>…"). From then on nothing is stripped.
4. From an unknown start, a lone ``</think>`` in the text turns all before it into thought
   (`Reclassified`): that is how runtimes with a template-opened thought and no parser look.
5. After the close, blank lines go and indentation stays.
6. A thought that is still open at the end is reported (`Unclosed`): it is no answer.

Text is held back only while it could be part of a tag, or while the rest of a line must be seen to
tell whether a tag is quoted; so however the output is cut, the events merge to the same sequence.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from spyhop.core.stream import Text, Thought


class Start(enum.Enum):
    """What is known about a thought at the start of an output."""

    OPENED = "opened"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reclassified:
    """All `Text` so far was thought after all."""


@dataclass(frozen=True, slots=True)
class Unclosed:
    """The output ended inside a thought."""


Event: TypeAlias = Thought | Text | Reclassified | Unclosed

_OPEN: Final = re.compile(r"<think(?:ing)?>", re.IGNORECASE)
_CLOSE: Final = re.compile(r"<\s{0,2}/\s{0,2}think(?:ing)?\s{0,2}>", re.IGNORECASE)
_EITHER: Final = re.compile(r"</?think>")
_LONGEST_TAG: Final = 17
_LINE_BREAK: Final = re.compile(r"[\r\n]")
_LEADING_BLANK_LINES: Final = re.compile(r"(?:[^\S\r\n]*(?:\r\n|\n|\r))+")
# How much of the tag's own line is looked at, on either side, to tell whether it is quoted.
_QUOTE_REACH: Final = 200
_OPENING_APOSTROPHE: Final = re.compile(r"(?<!\w)'[^']*$")
_CLOSING_APOSTROPHE: Final = re.compile(r"^[^']*'(?!\w)")
_CJK_QUOTES: Final = (("“", "”"), ("「", "」"), ("『", "』"), ("‘", "’"))


class _State(enum.Enum):
    BEFORE = enum.auto()
    """Before anything visible, and the answer is what comes by default."""
    ENTERING = enum.auto()
    """Before anything visible, and a thought is what comes by default."""
    THINKING = enum.auto()
    BETWEEN = enum.auto()
    """After a close, before the answer's first visible character."""
    WATCHING = enum.auto()
    """In the answer, where a lone close may still show that it was thought."""
    ANSWERING = enum.auto()


class ThoughtSplitter:
    """Splits a stream of text into `Thought` and `Text`; see the module's rules."""

    def __init__(self, start: Start) -> None:
        self._state = _State.ENTERING if start is Start.OPENED else _State.BEFORE
        self._watch = start is Start.UNKNOWN
        self._buffer = ""
        self._line = ""
        self._open_tags = 0
        self._final = False
        self._events: list[Event] = []

    def feed(self, text: str) -> list[Event]:
        """Take the next piece of output, in pieces of any size, and return what it settles."""
        self._buffer += text
        while self._buffer and self._step():
            pass
        events, self._events = self._events, []
        return events

    def finish(self) -> list[Event]:
        """Return what was held back, and `Unclosed` when a thought is still open."""
        self._final = True
        events = self.feed("")
        if self._state in {_State.THINKING, _State.ENTERING}:
            events.append(Unclosed())
        return events

    def _step(self) -> bool:
        """Settle what can be settled; tell whether there may be more to settle."""
        match self._state:
            case _State.BEFORE | _State.ENTERING | _State.BETWEEN:
                return self._enter()
            case _State.THINKING:
                return self._think()
            case _State.WATCHING:
                return self._watch_answer()
            case _State.ANSWERING:
                self._emit_text(len(self._buffer))
                return False

    def _enter(self) -> bool:
        visible = self._buffer.lstrip()
        if not visible:
            if self._final and self._state is _State.BEFORE:
                self._emit_text(len(self._buffer))
            return False
        if tag := _OPEN.match(visible):
            self._drop(len(self._buffer) - len(visible) + tag.end())
            self._state = _State.THINKING
            return True
        if tag := _CLOSE.match(visible):
            self._drop(len(self._buffer) - len(visible) + tag.end())
            self._state = _State.BETWEEN
            return True
        if not self._final and _may_be_tag(visible):
            return False
        if self._state is _State.ENTERING:
            self._state = _State.THINKING
            return True
        if self._state is _State.BETWEEN and (blank := _LEADING_BLANK_LINES.match(self._buffer)):
            self._drop(blank.end())
        undecided = self._state is _State.BEFORE and self._watch
        self._state = _State.WATCHING if undecided else _State.ANSWERING
        return True

    def _think(self) -> bool:
        settled = 0
        for tag in _CLOSE.finditer(self._buffer):
            quoted = self._is_quoted(tag)
            if quoted is None:
                self._emit_thought(tag.start())
                return False
            if not quoted:
                self._emit_thought(tag.start())
                self._drop(tag.end() - tag.start())
                self._state = _State.BETWEEN
                return True
            settled = tag.end()
        self._emit_thought(max(settled, self._settled_length()))
        return False

    def _watch_answer(self) -> bool:
        for tag in _EITHER.finditer(self._buffer):
            quoted = self._is_quoted(tag)
            if quoted is None:
                self._emit_text(tag.start())
                return False
            if quoted:
                continue
            if tag.group() == "<think>":
                self._open_tags += 1
            elif self._open_tags:
                self._open_tags -= 1
            else:
                self._emit_text(tag.start())
                self._drop(tag.end() - tag.start())
                self._events.append(Reclassified())
                self._state = _State.BETWEEN
                self._watch = False
                return True
            # Past this tag for good: it must not be counted again with the next chunk.
            self._emit_text(tag.end())
            return True
        last = max((tag.end() for tag in _EITHER.finditer(self._buffer)), default=0)
        self._emit_text(max(last, self._settled_length()))
        return False

    def _is_quoted(self, tag: re.Match[str]) -> bool | None:
        """Tell whether ``tag`` stands inside quotes on its line; None: the line must go on."""
        before = _LINE_BREAK.split(self._line + self._buffer[: tag.start()])[-1][-_QUOTE_REACH:]
        parts = _LINE_BREAK.split(self._buffer[tag.end() :][:_QUOTE_REACH], maxsplit=1)
        after = parts[0]
        line_seen = self._final or len(parts) > 1 or len(after) >= _QUOTE_REACH
        expected = _closing_quotes(before)
        if not expected:
            return False
        if any(close.search(after) for close in expected):
            return True if line_seen or _CLOSING_APOSTROPHE not in expected else None
        return False if line_seen else None

    def _settled_length(self) -> int:
        """Return how much of the buffer cannot be the beginning of a tag."""
        if self._final:
            return len(self._buffer)
        begin = self._buffer.rfind("<", max(0, len(self._buffer) - _LONGEST_TAG))
        if begin < 0 or not _may_be_tag(self._buffer[begin:]):
            return len(self._buffer)
        return begin

    def _emit_thought(self, length: int) -> None:
        self._emit(Thought, length)

    def _emit_text(self, length: int) -> None:
        self._emit(Text, length)

    def _emit(self, kind: type[Thought | Text], length: int) -> None:
        if length:
            piece = self._buffer[:length]
            self._events.append(kind(piece))
            self._line = _LINE_BREAK.split((self._line + piece)[-_QUOTE_REACH:])[-1]
            self._buffer = self._buffer[length:]

    def _drop(self, length: int) -> None:
        self._line = ""
        self._buffer = self._buffer[length:]


def _may_be_tag(text: str) -> bool:
    """Tell whether ``text`` could still grow into a tag."""
    return text.startswith("<") and len(text) < _LONGEST_TAG and ">" not in text


def _closing_quotes(before: str) -> list[re.Pattern[str]]:
    """Return what would have to follow for a tag after ``before`` to be quoted."""
    expected = [re.compile(quote) for quote in '`"' if before.count(quote) % 2]
    if _OPENING_APOSTROPHE.search(before):
        expected.append(_CLOSING_APOSTROPHE)
    expected.extend(
        re.compile(closing)
        for opening, closing in _CJK_QUOTES
        if before.rfind(opening) > before.rfind(closing)
    )
    return expected
