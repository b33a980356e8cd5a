"""Code out of a Markdown answer.

Fences follow CommonMark 0.31, section 4.5: three or more backticks or tildes; the opening may be
indented by three spaces more than the list item that it stands in, the close by three more than
the opening; the close is at least as long as the opening and bare. Models add two things to it:
inside code they open further fences with an info string and close them bare, so those are counted,
and they open a fence behind the colon of a sentence.

Which of several blocks is the answer, whether an answer without any fence is code, and which of
the fences are content where the document has some itself, are guesses: `extract` makes them in one
place and reports what it did.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from spyhop.core.lines import LineSplitter, is_blank, split_lines, without_end

_FENCE: Final = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\r\n]*?)\s*$")
_FENCE_BEHIND_PROSE: Final = re.compile(
    r"^[^`~\r\n]*[:：][ \t]*(?P<fence>`{3,}|~{3,})(?P<info>[\w+#.-]*)\s*$"
)
_LIST_ITEM: Final = re.compile(r"^ *(?:[-*+]|\d{1,9}[.)])(?: +|$)")
_FURTHEST: Final = 3
_NESTED_INFO: Final = re.compile(r"[\w+#.-]+")
_SPECIAL: Final = "<｜(?:begin▁of▁sentence|end▁of▁sentence|User|Assistant)｜>"
_SPECIAL_TOKENS_AT_END: Final = re.compile(rf"(?:{_SPECIAL}|\s)+$")
_NEXT_TURN: Final = re.compile(
    rf"^(?P<close> *(?:`{{3,}}|~{{3,}}))[ \t]*{_SPECIAL}.*"
    r"|^<｜end▁of▁sentence｜>\s*<｜User｜>.*",
    re.MULTILINE | re.DOTALL,
)
_CODE_SIGN: Final = re.compile(r"[={}()\[\];<>]|->|::|\w\.\w+\(|^\s*[@#/*-]|:\s*$")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z'’-]*")
_CJK: Final = re.compile(r"[\u3400-\u9fff\uff01-\uff5e\u3000-\u303f]")
_SENTENCE_END: Final = re.compile(r"[.!?。！？：]$")
# Keywords of code begin in lower case, those of SQL are in capitals.
_SENTENCE_BEGINNING: Final = re.compile(r"(?:[-*>] |\d+[.)] )?(?:\*\*|`)?(?:[A-Z][a-z]|[IA]\b)")
_LEAST_WORDS: Final = 4
_MARKDOWN: Final = "markdown"


@dataclass(frozen=True, slots=True)
class Prose:
    """A line outside all code, its terminator included."""

    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A fence opens a block; ``info`` is its info string."""

    info: str
    fence: str = "```"


@dataclass(frozen=True, slots=True)
class Code:
    """A line of code, its terminator included."""

    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The block's fence closes."""


Event: TypeAlias = Prose | Opened | Code | Closed


@dataclass(frozen=True, slots=True)
class _Fence:
    """The opening fence of a block."""

    indent: int
    mark: str

    def marks(self, line: str) -> re.Match[str] | None:
        """Return what ``line`` is as a fence inside this one's block, if it is one."""
        found = _FENCE.match(line)
        if (
            found
            and found["fence"].startswith(self.mark)
            and len(found["indent"]) <= self.indent + _FURTHEST
            and (not found["info"] or _NESTED_INFO.fullmatch(found["info"]))
        ):
            return found
        return None

    def content(self, line: str) -> str:
        """Return ``line`` without the indentation that is the fence's."""
        return line[min(self.indent, len(line) - len(line.lstrip(" "))) :]


class _Outside:
    """What stands outside all blocks: it knows how deep a list goes."""

    def __init__(self) -> None:
        self._item = 0

    def opening(self, line: str) -> tuple[_Fence, Opened] | None:
        """Take the next line; return the fence that it opens, if it does."""
        found = _FENCE.match(line)
        indent = len(found["indent"]) if found else 0
        if not found or indent > self._item + _FURTHEST:
            found, indent = _FENCE_BEHIND_PROSE.match(line), 0
        if not found or "`" in found["info"]:
            self._follow(line)
            return None
        return _Fence(indent, found["fence"]), Opened(found["info"], found["fence"])

    def _follow(self, line: str) -> None:
        if item := _LIST_ITEM.match(line):
            self._item = item.end()
        elif not is_blank(line) and len(line) - len(line.lstrip(" ")) < self._item:
            self._item = 0


class FenceScanner:
    """Tells code from prose in a stream of Markdown, line by line."""

    def __init__(self) -> None:
        self._lines = LineSplitter()
        self._outside = _Outside()
        self._fence: _Fence | None = None
        self._depth = 0

    def feed(self, text: str) -> list[Event]:
        """Return the events of the lines that ``text`` completes."""
        return [self._scan(line) for line in self._lines.feed(text)]

    def finish(self) -> list[Event]:
        """Return the event of the last line; a block left open stays without its `Closed`."""
        return [self._scan(line) for line in self._lines.finish()]

    def _scan(self, line: str) -> Event:
        if self._fence is None:
            opening = self._outside.opening(line)
            if opening is None:
                return Prose(line)
            self._fence, event = opening
            self._depth = 0
            return event
        if mark := self._fence.marks(line):
            if mark["info"]:
                self._depth += 1
            elif self._depth:
                self._depth -= 1
            else:
                self._fence = None
                return Closed()
        return Code(self._fence.content(line))


@dataclass(slots=True)
class Block:
    """A fenced block: its info string, its lines with terminators, whether its fence closed."""

    info: str
    lines: list[str] = field(default_factory=list)
    closed: bool = False
    fence: str = "```"

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
    """Return the code that ``answer`` offers in place of the ``original`` lines; None: none.

    ``languages`` are the info strings that name the document's language. Of several blocks, those
    in another language and those that only repeat the original give way; then one that contains
    the others, or else the longest, is taken. An empty block is no offer to delete all.
    """
    answer = without_special_tokens(answer)
    known = frozenset(language.lower() for language in languages)
    has_fences = any(_FENCE.match(line.lstrip()) for line in original) or _MARKDOWN in known
    blocks = _blocks_with_fences(answer) if has_fences else blocks_of(answer)
    if not blocks:
        lines = _unfenced(answer, original)
        return Extraction(tuple(lines), "unfenced", 0) if lines else None
    block = _chosen(blocks, original, known)
    if block is None:
        return None
    lines = block.lines if block.closed else _until_prose(block.lines, original, known)
    if all(is_blank(line) for line in lines):
        return None
    if fences := _own_fences(original, block, known):
        lines = [fences[0], *lines, fences[1]]
    return Extraction(tuple(lines), "fenced" if block.closed else "left open", len(blocks))


def without_special_tokens(answer: str) -> str:
    """Return ``answer`` without special tokens at its end and the turns that follow them.

    Inside code they stay: it may be about them.
    """
    answer = _NEXT_TURN.sub(lambda turn: turn["close"] or "", answer, count=1)
    return _SPECIAL_TOKENS_AT_END.sub("\n", answer)


def blocks_of(answer: str) -> list[Block]:
    """Return the fenced blocks of ``answer`` in order."""
    scanner = FenceScanner()
    blocks: list[Block] = []
    for event in [*scanner.feed(answer), *scanner.finish()]:
        match event:
            case Opened(info, fence):
                blocks.append(Block(info, fence=fence))
            case Code(text):
                blocks[-1].lines.append(text)
            case Closed():
                blocks[-1].closed = True
            case Prose():
                pass
    if blocks and not blocks[-1].closed:
        _close_where_glued(blocks[-1])
    return blocks


def _close_where_glued(block: Block) -> None:
    """Close a block that was left open where a line of its code ends with its fence."""
    for number, line in enumerate(block.lines):
        code = line.rstrip().removesuffix(block.fence)
        if code != line.rstrip() and not code.endswith(block.fence[0]):
            block.lines[number:] = [code + "\n"]
            block.closed = True
            return


def _blocks_with_fences(answer: str) -> list[Block]:
    """Return the fenced blocks of ``answer`` where fences are likely to be content, too.

    Inside a block fences come in pairs, so of the bare ones every second may be the block's close.
    It is, if none follow, or if what follows is a blank line or a fence that opens: the content of
    a nested block begins right behind its fence.
    """
    outside = _Outside()
    blocks: list[Block] = []
    lines = split_lines(answer)
    at = 0
    while at < len(lines):
        opening = outside.opening(lines[at])
        at += 1
        if opening is None:
            continue
        fence, event = opening
        end = _close_of(fence, lines, at)
        content = [fence.content(line) for line in lines[at:end]]
        blocks.append(Block(event.info, content, end < len(lines), event.fence))
        at = end + 1
    return blocks


def _close_of(fence: _Fence, lines: Sequence[str], start: int) -> int:
    """Return the line that closes the block of ``fence``; behind the last one, when none does."""
    marks = [
        (number, mark["info"])
        for number, line in enumerate(lines[start:], start)
        if (mark := fence.marks(line))
    ]
    for index in range(0, len(marks), 2):
        number, info = marks[index]
        if info:
            continue
        last = index + 1 == len(marks)
        if last or marks[index + 1][1] or is_blank(lines[number + 1]):
            return number
    return len(lines)


def _own_fences(
    original: Sequence[str], block: Block, known: frozenset[str]
) -> tuple[str, str] | None:
    """Return the fences of the original where it is one block and the answer is that block.

    The answer's own fence is then content: there is none around it.
    """
    shown = [line for line in original if not is_blank(line)]
    marks = [mark for line in shown if (mark := _FENCE.match(line))]
    begins = next((line for line in block.lines if not is_blank(line)), "")
    if (
        len(marks) != len(("opening", "close"))
        or not (_FENCE.match(shown[0]) and _FENCE.match(shown[-1]))
        or block.language in known
        or _FENCE.match(begins)
    ):
        return None
    opening = f"{marks[0]['indent']}{marks[0]['fence']}{block.info}\n"
    return opening, shown[-1]


def fence_for(text: str) -> str:
    """Return a backtick fence that is longer than any run of backticks in ``text``."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)


def _chosen(
    blocks: Sequence[Block], original: Sequence[str], known: frozenset[str]
) -> Block | None:
    wanted = [block for block in blocks if any(not is_blank(line) for line in block.lines)]
    if not wanted:
        return None
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


def _until_prose(lines: Sequence[str], original: Sequence[str], known: frozenset[str]) -> list[str]:
    """Return the lines of a block that was left open without a paragraph of prose behind them."""
    own = {line.strip() for line in original}
    end = len(lines)
    while _MARKDOWN not in known and end:
        text = lines[end - 1].strip()
        if text and (text in own or not is_prose(text)):
            break
        end -= 1
    apart = not end or (end < len(lines) and is_blank(lines[end]))
    return list(lines[:end] if apart else lines)


def _unfenced(answer: str, original: Sequence[str]) -> list[str]:
    """Return the code of an answer without fences; empty when it is prose."""
    own = {line.strip() for line in original if not is_blank(line)}
    lines = split_lines(answer)
    code = [line.strip() in own or not is_prose(line) for line in lines]
    visible = [number for number, line in enumerate(lines) if code[number] and not is_blank(line)]
    if not visible:
        return []
    inside = lines[visible[0] : visible[-1] + 1]
    shown = [line for line in inside if not is_blank(line)]
    signs = sum(line.strip() in own or bool(_CODE_SIGN.search(line)) for line in shown)
    prose = sum(line.strip() not in own and is_prose(line) for line in shown)
    return inside if 2 * signs >= len(shown) and not prose else []


def is_prose(line: str) -> bool:
    """Tell whether a line reads as a sentence rather than as code."""
    text = line.strip()
    if text.startswith(("#", "//", "/*", "*", "--", "<!--", "%", ";", '"""', "'''")):
        return False
    words = len(_WORD.findall(text))
    cjk = len(_CJK.findall(text))
    code_signs = len(re.findall(r"[={}\[\];]|\w\(|->|::", text))
    if cjk > _LEAST_WORDS and 2 * cjk > len(text):
        return True
    ends = bool(_SENTENCE_END.search(text))
    begins = bool(_SENTENCE_BEGINNING.match(text))
    if ends or (begins and text.endswith(":")):
        return words >= (2 if code_signs else 1) * _LEAST_WORDS and code_signs <= 1
    return begins and words >= 2 * _LEAST_WORDS and not code_signs
