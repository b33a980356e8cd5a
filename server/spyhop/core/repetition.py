r"""Loops in a stream: R1 sometimes repeats itself without end and must be stopped.

Two signs are looked for, at fixed positions of the stream, so that a verdict does not depend on
how the stream was cut:

1. An exact period: the last characters stand the same one period before, for longer than
   anything but a loop repeats. How long that is depends on what is repeated (`_slack`). Prose and
   statements are a loop after two periods and some 300 tokens. Data are the hard case, for "a
   table of 1000 zeros" is a fair wish: elements between commas inside an open bracket, and
   anything without words inside an open string, may go on for 16,000 bytes; rows of numbers or
   drawings for 6,000; rows of markup for 4,000. A longer literal than that is taken for a loop.
2. In sentences and lines, too few that differ: a loop with small variations. Digits are folded in
   sentences of some words, because R1 counts its detours, but never in code, where counters are
   what enumerations and test cases are made of. Only prose is a sign; lines of code speak against
   a loop by being different, and never for one by being the same: a thought may quote the same
   code again and again.

Lengths are measured in UTF-8 bytes, of which a token has about three or four in any script.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import dataclass
from typing import Final, NamedTuple

# A prime, so that the positions of checks meet every part of a period.
_STEP: Final = 61
_TAIL: Final = 8192
_LONGEST_PERIOD: Final = 3000
# Shorter runs are not looked at.
_PROBE: Final = 96
_BEFORE: Final = 200

_BLANK_LINES: Final = 400
_DIGITS: Final = 600
_THOUGHT: Final = 800
_ANSWER: Final = 1200
_MARKUP: Final = 4000
_ROWS: Final = 6000
_LITERAL: Final = 16_000

_WORD: Final = re.compile(r"(?<![^\W\d_])[^\W\d_]{1,24}(?![^\W\d_])")
_PROSE: Final = re.compile(r"[^\W\d_]+ [^\W\d_]+ [^\W\d_]+|[\u3040-\u9fff]{4}")
_LITERAL_WORD: Final = re.compile(
    r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|\d{1,3}|.)"
    r"|\b0x[0-9a-f]+[ul]{0,3}\b|\b[0-9a-f]{2}\b|\b\d+(?:e[+-]?\d+)?[a-z]{0,2}\b"
    r"|(?<=['\"]).(?=['\"])|\b(?:none|null|nullptr|nil|undefined|true|false|nan|inf)\b",
    re.IGNORECASE | re.DOTALL,
)
_BRACKET: Final = re.compile(r"[(\[{]|[)\]}]|\n[^\S\n]*\n")

_UNIT_END: Final = re.compile(r"[.!?](?=\s)|[。！？；\n\r]")
# Sentences without an end are cut at pauses, and at last anywhere.
_PAUSE: Final = re.compile(r"(?<=\d)\s|[,，、:：]")
_LONG_UNIT: Final = 160
_LONGEST_UNIT: Final = 1000
_UNITS: Final = 400
_DIGIT_RUN: Final = re.compile(r"\d+")
_CODE: Final = re.compile(r"[(){}\[\]=;<>_|\\/\"'`*+&^%$#@~]")
_CHINESE: Final = re.compile(r"[\u3040-\u9fff]")
_CODE_ENDS: Final = (";", "{", "}", "(", ")", "[", "]", "=", ",", "\\", '"')
_PLAIN_WORD: Final = re.compile(r"(?<!\S)[^\W\d_]+(?:['’][^\W\d_]+)?[.,:!?]*(?!\S)")
# From so many words on, a sentence that differs by a number only is the same again.
_THOUGHT_WORDS: Final = 3
_ANSWER_WORDS: Final = 4
_CHINESE_TO_A_WORD: Final = 2
# So often does a sentence stand in a document that an answer may repeat as often.
_KNOWN_TIMES: Final = 3


@dataclass(frozen=True, slots=True)
class Loop:
    """The stream repeats itself."""

    start: int
    """Where the first repetition begins, in code points: what stands before is said once."""
    period: int
    """After how many code points the same comes again; with variations, about."""


class LoopDetector:
    """Reads a stream and tells when it has fallen into a loop; see the module's rules.

    ``known`` is the text that the stream is about: what is repeated there may be repeated as long.
    """

    __slots__ = ("_base", "_end", "_loop", "_periods", "_pieces", "_sentences", "_text", "_waiting")

    def __init__(self, known: str = "", *, thought: bool) -> None:
        self._periods = _Periods(known, _THOUGHT if thought else _ANSWER)
        self._sentences = _Sentences(known, thought=thought)
        self._loop: Loop | None = None
        self._pieces: list[str] = []
        self._waiting = 0
        self._text = ""
        self._base = 0
        self._end = 0

    def feed(self, text: str) -> Loop | None:
        """Take the next piece, of any size; return the loop from the time it is noticed on."""
        if self._loop:
            return self._loop
        self._pieces.append(text)
        self._waiting += len(text)
        if self._waiting < _STEP:
            return None
        self._text = "".join([self._text, *self._pieces])
        while self._waiting >= _STEP and not self._loop:
            self._waiting -= _STEP
            self._end += _STEP
            self._loop = self._check()
        ready = self._end - self._base
        self._pieces = [self._text[ready:]]
        keep = max(0, ready - _TAIL)
        self._text = self._text[keep:ready]
        self._base += keep
        return self._loop

    def _check(self) -> Loop | None:
        end = self._end - self._base
        loop = self._periods.check(self._text, end, self._base)
        return loop or self._sentences.read(self._text[end - _STEP : end])


class _Run(NamedTuple):
    """Characters that stand the same one period before; places are counted in the stream."""

    start: int
    period: int
    bytes: int
    """Of one period."""
    limit: int
    """How many bytes are no loop yet."""
    is_compared: bool = False
    """Whether the limit minds what the document repeats."""


class _Periods:
    """Exact periods."""

    __slots__ = ("_depth", "_known", "_run", "_slack", "_squeezed")

    def __init__(self, known: str, slack: int) -> None:
        self._known = known
        self._squeezed: str | None = None
        self._slack = slack
        self._run: _Run | None = None
        self._depth = 0

    def check(self, text: str, end: int, base: int) -> Loop | None:
        """Return the loop that ``text[:end]`` ends in; ``text`` stands at ``base``."""
        for bracket in _BRACKET.findall(text, end - _STEP, end):
            self._depth = _depth_behind(bracket, self._depth)
        run = self._run
        if run:
            behind = end - run.period
            if text[behind - _STEP : behind] != text[end - _STEP : end]:
                run = None
        run = self._run = run or self._find(text, end, base)
        if not run:
            return None
        size = (base + end - run.start) * run.bytes // run.period
        if size >= run.limit and not run.is_compared:
            known = self._length_known(text[end - run.period : end])
            limit = run.limit + known * run.bytes // run.period * 5 // 4
            run = self._run = run._replace(limit=limit, is_compared=True)
        return None if size < run.limit else Loop(run.start + run.period, run.period)

    def _find(self, text: str, end: int, base: int) -> _Run | None:
        if end < 2 * _PROBE:
            return None
        probe = text[end - _PROBE : end]
        low = max(0, end - _PROBE - _LONGEST_PERIOD)
        place = text.rfind(probe, low, end - 1)
        if place < 0:
            return None
        period = end - _PROBE - place
        floor = max(0, end - _TAIL)
        same = _common_suffix(text, end - period, end, floor)
        if same < period:
            return None
        start = end - period - same
        unit = text[end - period : end]
        before = text[max(floor, start - _BEFORE) : start]
        size = _size(unit)
        limit = 2 * size + _slack(unit, before, self._depth, self._slack)
        return _Run(base + start, period, size, max(limit, 3 * size))

    def _length_known(self, unit: str) -> int:
        """Return how many characters of ``unit`` again and again the document has in a run.

        White space does not count: the stream may be indented otherwise.
        """
        needle = "".join(unit.split())
        if not needle:
            return 0
        if self._squeezed is None:
            self._squeezed = "".join(self._known.split())
        longest = 0
        place = self._squeezed.find(needle + needle)
        while place >= 0:
            end = place + len(needle)
            while self._squeezed.startswith(needle, end):
                end += len(needle)
            longest = max(longest, end - place)
            place = self._squeezed.find(needle + needle, end - len(needle) + 1)
        return longest // len(needle) * len(unit)


def _depth_behind(bracket: str, depth: int) -> int:
    if bracket in "([{":
        return depth + 1
    # A bracket that stays open in prose does so for a paragraph.
    return max(0, depth - 1) if bracket in ")]}" else 0


def _common_suffix(text: str, one: int, other: int, floor: int) -> int:
    """Return how many characters before ``one`` and ``other`` are the same, down to ``floor``."""
    same, more = 0, one - floor
    while more:
        a, b = one - same, other - same
        if text[a - more : a] == text[b - more : b]:
            same += more
            more = min(more, one - floor - same)
        else:
            more //= 2
    return same


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _slack(unit: str, before: str, depth: int, default: int) -> int:
    """Return how many bytes of ``unit`` again and again are no loop yet.

    They stand behind ``before``, and ``depth`` brackets are open at their end.
    """
    if not unit.strip():
        return _BLANK_LINES if "\n" in unit else default
    is_list = _separates(unit, depth)
    if not _WORD.search(_LITERAL_WORD.sub(" ", unit)):
        if is_list or _is_quoted(before):
            return _LITERAL
        return _ROWS if "," in unit or "\n" in unit else _DIGITS
    if "</" in unit or "/>" in unit:
        return _MARKUP
    return _LITERAL if is_list and not _PROSE.search(unit) else default


def _is_quoted(before: str) -> bool:
    """Tell whether a string is open at the end of ``before``."""
    line = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
    return any(line.count(quote) % 2 for quote in "\"'`")


def _separates(unit: str, depth: int) -> bool:
    """Tell whether commas part ``unit`` into elements of a bracket that stays open.

    ``depth`` brackets are open at its end; it may begin and end anywhere in an element.
    """
    least = depth
    at_comma: set[int] = set()
    for character in reversed(unit):
        if character in ")]}":
            depth += 1
        elif character in "([{":
            depth -= 1
            least = min(least, depth)
        elif character == ",":
            at_comma.add(depth)
    return least > 0 and least in at_comma


class _Unit(NamedTuple):
    """A sentence or line as it is compared."""

    key: str
    is_prose: bool
    bytes: int
    place: int


class _Sentences:
    """Sentences and lines of which too few differ."""

    __slots__ = ("_counts", "_is_thought", "_known", "_known_counts", "_open", "_place", "_units")

    def __init__(self, known: str, *, thought: bool) -> None:
        self._is_thought = thought
        self._known = known
        self._known_counts: Counter[str] | None = None
        self._units: deque[_Unit] = deque()
        self._counts: Counter[str] = Counter()
        self._open = ""
        self._place = 0

    def read(self, text: str) -> Loop | None:
        """Take one step's text and return the loop that the sentences so far end in."""
        done = False
        for piece in self._split(text):
            unit = self._unit(piece)
            self._place += len(piece)
            if unit:
                self._append(unit)
                done = done or (unit.is_prose and self._counts[unit.key] > 1)
        return self._judge() if done else None

    def _split(self, text: str) -> list[str]:
        begin, seen = 0, max(0, len(self._open) - 1)
        text = self._open + text
        ends = [end.end() for end in _UNIT_END.finditer(text, seen)]
        if len(text) - (ends[-1] if ends else 0) > _LONG_UNIT:
            ends += [end.end() for end in _PAUSE.finditer(text, ends[-1] if ends else 0)]
        pieces: list[str] = []
        for end in ends:
            pieces.append(text[begin:end])
            begin = end
        self._open = text[begin:]
        if len(self._open) > _LONGEST_UNIT:
            pieces.append(self._open)
            self._open = ""
        return pieces

    def _unit(self, piece: str) -> _Unit | None:
        key = " ".join(piece.split()).casefold()
        if not key:
            return None
        is_prose = _is_prose(key)
        words = len(_PLAIN_WORD.findall(key)) + len(_CHINESE.findall(key)) // _CHINESE_TO_A_WORD
        if is_prose and words >= (_THOUGHT_WORDS if self._is_thought else _ANSWER_WORDS):
            key = _DIGIT_RUN.sub("0", key)
        return _Unit(key, is_prose, _size(key), self._place)

    def _append(self, unit: _Unit) -> None:
        self._units.append(unit)
        self._counts[unit.key] += 1
        if len(self._units) > _UNITS:
            key = self._units.popleft().key
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]

    def _judge(self) -> Loop | None:
        slack = _THOUGHT if self._is_thought else _ANSWER
        said = different = 0
        seen: set[str] = set()
        for count, unit in enumerate(reversed(self._units), 1):
            if unit.is_prose and not self._is_known(unit.key):
                said += unit.bytes
            if unit.key not in seen:
                seen.add(unit.key)
                different += unit.bytes
            if said >= 3 * different + slack:
                return _loop(list(self._units)[-count:])
        return None

    def _is_known(self, key: str) -> bool:
        """Tell whether the document repeats the sentence itself."""
        if not self._known:
            return False
        if self._known_counts is None:
            reader = _Sentences("", thought=self._is_thought)
            pieces = [*reader._split(self._known), reader._open]
            units = filter(None, map(reader._unit, pieces))
            self._known_counts = Counter(unit.key for unit in units)
        return self._known_counts[key] >= _KNOWN_TIMES


def _is_prose(key: str) -> bool:
    """Tell whether a sentence or line is made of words rather than of code."""
    if key.endswith(_CODE_ENDS) or len(_CODE.findall(key)) * 8 > len(key):
        return False
    if len(_CHINESE.findall(key)) * 2 > len(key):
        return True
    return len(_PLAIN_WORD.findall(key)) * 5 >= (key.count(" ") + 1) * 3


def _loop(units: list[_Unit]) -> Loop:
    places: dict[str, int] = {}
    start = period = 0
    for unit in units:
        if unit.key in places:
            start = start or unit.place
            period = unit.place - places[unit.key]
        places[unit.key] = unit.place
    return Loop(start, period)
