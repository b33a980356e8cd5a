"""Thoughts apart from the answer, where the runtime left both in one text.

The rules:

1. A thought is legal only at the start of an output. Whether the output starts inside one depends
   on the prompt: R1's template since February 2025 opens it (``OPENED``), a prefilled closed
   thought means that there is none (``CLOSED``), behind the prefilled beginning of an answer
   everything is answer (``BEGUN``), and behind an unknown template anything goes (``UNKNOWN``).
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
    BEGUN = "begun"
    """The answer has begun: nothing in it is a tag."""
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
# How far behind a tag its closing quote is looked for.
_QUOTE_REACH: Final = 200
# An apostrophe beside a letter is no quote, but Chinese and its neighbours write no spaces.
_LETTER: Final = r"[^\W\u2e80-\u9fff\uac00-\ud7ff\U00020000-\U0003ffff]"
_OPENING_APOSTROPHE: Final = re.compile(rf"(?<!{_LETTER})'[^']*$")
_CLOSING_APOSTROPHE: Final = re.compile(rf"^[^']*'(?!{_LETTER})")
_PAIRED_QUOTES: Final = (("“", "”"), ("「", "」"), ("『", "』"), ("‘", "’"))


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


_FIRST: Final = {Start.OPENED: _State.ENTERING, Start.BEGUN: _State.ANSWERING}


class ThoughtSplitter:
    """Splits a stream of text into `Thought` and `Text`; see the module's rules."""

    def __init__(self, start: Start) -> None:
        self._state = _FIRST.get(start, _State.BEFORE)
        self._watch = start is Start.UNKNOWN
        self._blank: list[str] = []
        self._buffer = ""
        self._quotes = _OpenQuotes()
        self._open_tags = 0
        self._final = False
        self._events: list[Event] = []

    def feed(self, text: str) -> list[Event]:
        """Take the next piece of output, in pieces of any size, and return what it settles."""
        self._buffer += text
        while (self._buffer or self._final) and self._step():
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
                self._emit(Text, len(self._buffer))
                return False

    def _enter(self) -> bool:
        if not self._final and not self._buffer.strip():
            # Apart, so that a long run of white space is not read again with each piece.
            self._blank.append(self._buffer)
            self._buffer = ""
            return False
        self._buffer = "".join([*self._blank, self._buffer])
        self._blank.clear()
        visible = self._buffer.lstrip()
        if not visible:
            if self._state is _State.BEFORE:
                self._emit(Text, len(self._buffer))
            return False
        if tag := _OPEN.match(visible) or _CLOSE.match(visible):
            self._drop(len(self._buffer) - len(visible) + tag.end())
            self._state = _State.BETWEEN if "/" in tag.group() else _State.THINKING
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
        tag = _CLOSE.search(self._buffer)
        if not tag:
            self._emit(Thought, self._settled_length())
            return False
        self._emit(Thought, tag.start())
        quoted = self._is_quoted(tag.group())
        if quoted is None:
            return False
        if quoted:
            self._emit(Thought, len(tag.group()))
        else:
            self._drop(len(tag.group()))
            self._state = _State.BETWEEN
        return True

    def _watch_answer(self) -> bool:
        tag = _EITHER.search(self._buffer)
        if not tag:
            self._emit(Text, self._settled_length())
            return False
        self._emit(Text, tag.start())
        quoted = self._is_quoted(tag.group())
        if quoted is None:
            return False
        if not quoted:
            self._open_tags += 1 if tag.group() == "<think>" else -1
        if self._open_tags < 0:
            self._drop(len(tag.group()))
            self._events.append(Reclassified())
            self._state = _State.BETWEEN
        else:
            self._emit(Text, len(tag.group()))
        return True

    def _is_quoted(self, tag: str) -> bool | None:
        """Tell whether ``tag``, next in the buffer, is quoted; None: the line must go on."""
        if not self._quotes.closings:
            return False
        ahead = self._buffer[len(tag) :][:_QUOTE_REACH]
        line = _LINE_BREAK.split(ahead, maxsplit=1)[0]
        if not self._final and line == ahead and len(line) < _QUOTE_REACH:
            return None
        return self._quotes.close_in(line)

    def _settled_length(self) -> int:
        """Return how much of the buffer cannot be the beginning of a tag."""
        if self._final:
            return len(self._buffer)
        begin = self._buffer.rfind("<", max(0, len(self._buffer) - _LONGEST_TAG))
        if begin < 0 or not _may_be_tag(self._buffer[begin:]):
            return len(self._buffer)
        return begin

    def _emit(self, kind: type[Thought | Text], length: int) -> None:
        if length:
            piece = self._buffer[:length]
            self._events.append(kind(piece))
            self._quotes.follow(piece)
            self._buffer = self._buffer[length:]

    def _drop(self, length: int) -> None:
        self._quotes = _OpenQuotes()
        self._buffer = self._buffer[length:]


class _OpenQuotes:
    """The quotes that the current line has opened and not closed so far."""

    __slots__ = ("_last", "closings")

    def __init__(self) -> None:
        self.closings: set[str] = set()
        """What would close them."""
        self._last = ""

    def follow(self, text: str) -> None:
        """Read on."""
        begin = max(text.rfind("\n"), text.rfind("\r")) + 1
        if begin:
            self.closings.clear()
            self._last = ""
        line = text[begin:]
        self.closings ^= {quote for quote in '`"' if line.count(quote) % 2}
        if "'" in line:
            self._set("'", is_open=bool(_OPENING_APOSTROPHE.search(self._last + line)))
        for opening, closing in _PAIRED_QUOTES:
            if opening in line or closing in line:
                self._set(closing, is_open=line.rfind(opening) > line.rfind(closing))
        self._last = line[-1:] or self._last

    def close_in(self, line: str) -> bool:
        """Tell whether one of them closes in the rest of the line."""
        return any(
            _CLOSING_APOSTROPHE.search(line) if closing == "'" else closing in line
            for closing in self.closings
        )

    def _set(self, closing: str, *, is_open: bool) -> None:
        if is_open:
            self.closings.add(closing)
        else:
            self.closings.discard(closing)


def _may_be_tag(text: str) -> bool:
    """Tell whether ``text`` could still grow into a tag."""
    return text.startswith("<") and len(text) < _LONGEST_TAG and ">" not in text
