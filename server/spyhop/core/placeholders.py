"""Lines such as "// ... existing code ..." that stand for code a model did not write out.

Real comments speak of "the rest" and "existing code" too. So what a line says is weighed with what
is gone: a placeholder takes the place of lines.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from typing import Final

from spyhop.core.diff import Hunk, diff_lines
from spyhop.core.lines import is_blank

_DOTS: Final = r"(?:\.{3,}|…+)"
_PARTS: Final = r"(?:code|methods?|functions?|lines?|parts?|columns?|fields?|logic|implementation)"
_CHINESE_PARTS: Final = r"(?:代码|部分|内容|方法|函数|逻辑|实现|字段)"
_CHINESE_REST: Final = r"(?:其余|剩余|其他|其它|原有|现有|原来)的?"
_WORDS: Final = (
    rf"(?:\b(?:existing|rest|remaining|remains?|unchanged|same|as before|omitted|previous|original"
    rf"|keep|other {_PARTS}|{_PARTS} here)\b"
    r"|其余|剩余|其他|其它|省略|不变|保持|原有|现有|同上|此处)"
)
_COMMENT: Final = re.compile(
    r"^\s*(?:#+|//+|/\*+|\*|--+|<!--|;+|%+|\{\s*/\*|\"{3}|'{3})\s*[\[(（【]?"
    r"(?P<words>.*?)[\])）】]?\s*(?:\*/\s*\}?|-->|\"{3}|'{3})?\s*$"
)
_ONLY_DOTS: Final = re.compile(rf"^\s*[\[(]?{_DOTS}[\])]?[,;]?\s*$")
_DOTS_THEN_WORDS: Final = re.compile(rf"^\s*[\[(]?{_DOTS}\s+\(?(?:the )?{_WORDS}", re.IGNORECASE)
_NO_BODY: Final = re.compile(rf"\{{\s*(?:/\*\s*)?{_DOTS}(?:\s[^{{}}]*)?\}}")
_DOTS_FIRST: Final = re.compile(rf"^{_DOTS}")
_DOTS_AND_NOTHING: Final = re.compile(rf"^{_DOTS}\W*$")
_DOTS_AND_WORDS: Final = re.compile(rf"{_DOTS}.*{_WORDS}|{_WORDS}.*{_DOTS}", re.IGNORECASE)
_STAYS: Final = re.compile(
    r"^(?:(?:the|all|keep) )*(?:rest|remaining|existing|others?|previous|original)\b"
    r".*\b(?:unchanged|same|as (?:is|before)|omitted|stays?)\b"
    r"|\bomitted for\b|^(?:the )?same as before\b"
    rf"|{_CHINESE_REST}{_CHINESE_PARTS}.*(?:不变|省略|相同|一样|同上)|此处省略|保持不变",
    re.IGNORECASE,
)
_REST: Final = re.compile(
    rf"^(?:the |all )?(?:rest|remaining|existing|other)\b.*\b{_PARTS}\b"
    rf"|^{_CHINESE_REST}{_CHINESE_PARTS}",
    re.IGNORECASE,
)
# Behind these, dots alone are Python's way to write an empty body.
_STUB: Final = re.compile(r":\s*(?:#.*)?$|\"{3}\s*$|'{3}\s*$|^\s*@")


class _Means(enum.IntEnum):
    """How surely a line stands for others."""

    NOTHING = 0
    MAYBE = 1
    """It does where more lines are gone than are new."""
    LIKELY = 2
    """It does where any line is gone."""
    SURELY = 3


def placeholders(code: Sequence[str], original: Sequence[str]) -> list[int]:
    """Return the 0-based lines of ``code`` that stand for lines of the ``original``.

    A line that the original has as well is no placeholder.
    """
    own = {line.strip() for line in original}
    meanings = [
        _Means.NOTHING if line.strip() in own else _meaning(code, number)
        for number, line in enumerate(code)
    ]
    if not any(meanings):
        return []
    old = [line.strip() for line in original]
    hunks = diff_lines(old, [line.strip() for line in code])
    return sorted({number for hunk in hunks for number in _of_hunk(hunk, meanings)})


def _of_hunk(hunk: Hunk, meanings: Sequence[_Means]) -> Iterator[int]:
    gone = sum(not is_blank(line) for line in hunk.old)
    new = sum(
        not is_blank(line) and not meanings[number]
        for number, line in enumerate(hunk.new, hunk.new_start)
    )
    for number in range(hunk.new_start, hunk.new_end):
        match meanings[number]:
            case _Means.SURELY:
                yield number
            case _Means.LIKELY if gone:
                yield number
            case _Means.MAYBE if gone > new:
                yield number


def _meaning(code: Sequence[str], number: int) -> _Means:
    line = code[number]
    if _ONLY_DOTS.match(line):
        above = next((one for one in reversed(code[:number]) if not is_blank(one)), "")
        return _Means.NOTHING if _STUB.search(above.rstrip()) else _Means.MAYBE
    if _DOTS_THEN_WORDS.match(line):
        return _Means.SURELY
    comment = _COMMENT.match(line)
    words = comment["words"].strip() if comment else ""
    if _DOTS_FIRST.match(words) and (_DOTS_AND_NOTHING.match(words) or _says_rest(words)):
        return _Means.SURELY
    if _NO_BODY.search(line) or _DOTS_AND_WORDS.search(words) or _STAYS.search(words):
        return _Means.LIKELY
    return _Means.MAYBE if _DOTS_FIRST.match(words) or _REST.search(words) else _Means.NOTHING


def _says_rest(words: str) -> bool:
    return bool(_DOTS_AND_WORDS.search(words))
