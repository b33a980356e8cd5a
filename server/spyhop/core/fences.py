"""Code out of a Markdown answer.

Fences follow CommonMark 0.31, section 4.5: three or more backticks or tildes, indented by at most
three spaces; the close is at least as long as the opening and bare. Models add one thing to it:
inside code they open further fences with an info string and close them bare, so those are counted.

Which of several blocks is the answer, and whether an answer without any fence is code, are
guesses: `extract` makes them in one place and reports what it did.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from spyhop.core.lines import LineSplitter, is_blank, split_lines, without_end

_FENCE: Final = re.compile(
    r"^(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\r\n]*?)\s*$"
)
_SPECIAL_TOKENS_AT_END: Final = re.compile(
    r"(?:<｜(?:begin▁of▁sentence|end▁of▁sentence|User|Assistant)｜>|\s)+$"
)
_CODE_SIGN: Final = re.compile(r"[={}()\[\];<>]|->|::|\w\.\w+\(|^\s*[@#/*-]|:\s*$")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z'’-]*")
_CJK: Final = re.compile(r"[\u3400-\u9fff\uff01-\uff5e\u3000-\u303f]")
_SENTENCE_END: Final = re.compile(r"[.!?:。！？：]\s*$")
_LEAST_WORDS: Final = 4


@dataclass(frozen=True, slots=True)
class Prose:
    """A line outside all code, its terminator included."""

    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A fence opens a block; ``info`` is its info string."""

    info: str


@dataclass(frozen=True, slots=True)
class Code:
    """A line of code, its terminator included."""

    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The block's fence closes."""


Event: TypeAlias = Prose | Opened | Code | Closed


class FenceScanner:
    """Tells code from prose in a stream of Markdown, line by line."""

    def __init__(self) -> None:
        self._lines = LineSplitter()
        self._fence = ""
        self._indent = 0
        self._depth = 0

    def feed(self, text: str) -> list[Event]:
        """Return the events of the lines that ``text`` completes."""
        return [self._scan(line) for line in self._lines.feed(text)]

    def finish(self) -> list[Event]:
        """Return the event of the last line; a block left open stays without its `Closed`."""
        return [self._scan(line) for line in self._lines.finish()]

    def _scan(self, line: str) -> Event:
        mark = _FENCE.match(line)
        if not self._fence:
            if not mark or "`" in mark["info"]:
                return Prose(line)
            self._fence, self._indent = mark["fence"], len(mark["indent"])
            self._depth = 0
            return Opened(mark["info"])
        if mark and mark["fence"].startswith(self._fence):
            if _is_info(mark["info"]):
                self._depth += 1
            elif not mark["info"] and self._depth:
                self._depth -= 1
            elif not mark["info"]:
                self._fence = ""
                return Closed()
        indent = min(self._indent, len(line) - len(line.lstrip(" ")))
        return Code(line[indent:])


@dataclass(slots=True)
class Block:
    """A fenced block: its info string, its lines with terminators, whether its fence closed."""

    info: str
    lines: list[str] = field(default_factory=list)
    closed: bool = False

    @property
    def language(self) -> str:
        """The info string's first word in lower case."""
        return self.info.split(maxsplit=1)[0].lower() if self.info else ""


Source: TypeAlias = Literal["fenced", "left open", "unfenced"]


@dataclass(frozen=True, slots=True)
class Extraction:
    """The code of an answer."""

    lines: tuple[str, ...]
    """The code's lines with their terminators."""
    source: Source
    blocks: int
    """How many fenced blocks the answer held."""


def extract(
    answer: str, *, original: Sequence[str] = (), languages: Sequence[str] = ()
) -> Extraction | None:
    """Return the code that ``answer`` offers in place of the ``original`` lines; None: prose only.

    ``languages`` are the info strings that name the document's language. Of several blocks, those
    in another language and those that only repeat the original give way; then one that contains
    the others, or else the longest, is taken.
    """
    answer = _SPECIAL_TOKENS_AT_END.sub("\n", answer)
    if any(_FENCE.match(line) for line in original) and (whole := _outermost(answer)):
        return whole
    blocks = blocks_of(answer)
    if blocks:
        block = _chosen(blocks, original, languages)
        if block is None:
            return None
        source: Source = "fenced" if block.closed else "left open"
        return Extraction(tuple(block.lines), source, len(blocks))
    lines = _unfenced(answer, original)
    return Extraction(tuple(lines), "unfenced", 0) if lines else None


def blocks_of(answer: str) -> list[Block]:
    """Return the fenced blocks of ``answer`` in order."""
    scanner = FenceScanner()
    blocks: list[Block] = []
    for event in [*scanner.feed(answer), *scanner.finish()]:
        match event:
            case Opened(info):
                blocks.append(Block(info))
            case Code(text):
                blocks[-1].lines.append(text)
            case Closed():
                blocks[-1].closed = True
            case Prose():
                pass
    return blocks


def fence_for(text: str) -> str:
    """Return a backtick fence that is longer than any run of backticks in ``text``."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)


def _is_info(info: str) -> bool:
    return bool(re.fullmatch(r"[\w+#.-]+", info))


def _outermost(answer: str) -> Extraction | None:
    """Return what stands between the first opening fence and the last bare one that closes it.

    Where the original has fences of its own, those in the answer are most likely content.
    """
    lines = split_lines(answer)
    marks = [(number, mark) for number, line in enumerate(lines) if (mark := _FENCE.match(line))]
    if not marks:
        return None
    first, opening = marks[0]
    last = max(
        (
            number
            for number, mark in marks[1:]
            if not mark["info"] and mark["fence"].startswith(opening["fence"])
        ),
        default=None,
    )
    if last is None:
        return None
    return Extraction(tuple(lines[first + 1 : last]), "fenced", 1)


def _chosen(
    blocks: Sequence[Block], original: Sequence[str], languages: Sequence[str]
) -> Block | None:
    wanted = [block for block in blocks if any(not is_blank(line) for line in block.lines)]
    if not wanted:
        # An empty block is an answer too, when there is nothing else and its fence closed.
        return None
    known = {language.lower() for language in languages}
    same_language = [block for block in wanted if block.language in known]
    wanted = same_language or [block for block in wanted if not block.language] or wanted
    before = [without_end(line).strip() for line in original]
    news = [
        block for block in wanted if [without_end(line).strip() for line in block.lines] != before
    ]
    wanted = news or wanted
    for block in wanted:
        held = set(block.lines)
        if all(held.issuperset(other.lines) for other in wanted):
            return block
    return max(wanted, key=lambda block: len(block.lines))


def _unfenced(answer: str, original: Sequence[str]) -> list[str]:
    """Return the code of an answer without fences; empty when it is prose."""
    own = {line.strip() for line in original if not is_blank(line)}
    lines = split_lines(answer)
    code = [line.strip() in own or not _is_prose(line) for line in lines]
    visible = [number for number, line in enumerate(lines) if code[number] and not is_blank(line)]
    if not visible:
        return []
    inside = lines[visible[0] : visible[-1] + 1]
    shown = [line for line in inside if not is_blank(line)]
    signs = sum(line.strip() in own or bool(_CODE_SIGN.search(line)) for line in shown)
    prose = sum(line.strip() not in own and _is_prose(line) for line in shown)
    return inside if 2 * signs >= len(shown) and not prose else []


def _is_prose(line: str) -> bool:
    """Tell whether a line reads as a sentence rather than as code."""
    text = line.strip()
    if text.startswith(("#", "//", "/*", "*", "--", "<!--", "%", ";", '"""', "'''")):
        return False
    words = len(_WORD.findall(text))
    cjk = len(_CJK.findall(text))
    code_signs = len(re.findall(r"[={}\[\];]|\w\(|->|::", text))
    if cjk > _LEAST_WORDS and 2 * cjk > len(text):
        return True
    if words >= _LEAST_WORDS and not code_signs:
        return bool(_SENTENCE_END.search(text)) or words >= 2 * _LEAST_WORDS
    return words >= 2 * _LEAST_WORDS and bool(_SENTENCE_END.search(text)) and code_signs <= 1
