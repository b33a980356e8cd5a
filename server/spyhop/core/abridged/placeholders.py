"""Lines such as "// ... existing code ..." that stand for code a model did not write out.

Real comments speak of "the rest" and "existing code" too. So what a line says is weighed with what
is gone: a placeholder takes the place of lines.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from typing import Final

from spyhop.core.abridged.omission import mentions_rest, names_what_is_left, says_left_out
from spyhop.core.diff import Hunk, diff_lines
from spyhop.core.lines import is_blank

# Longer lines say more than that something was left out.
_LONGEST: Final = 200
_DOTS: Final = r"(?:\.{3,}|…+|⋯+|。{3,}|·{3,}|\. \. \.)"
_OPEN: Final = (
    r"\(\*+|\{-|<%--?|\{\{!(?:--)?|\{#|@\*|\{\s*/\*+|--\[=*\[|/\*+!?|<!--+"
    r"|//+!?|#+|--+|;+|%+|\"{3}|'{3}|REM\b|\*(?=\s)"
)
_CLOSE: Final = r"\*/\s*\}?|--+>|\"{3}|'{3}|\*+\)|-\}|--?%>|(?:--)?\}\}|#\}|\*@|\]=*\]"
_COMMENT: Final = re.compile(
    rf"^\s*(?P<open>{_OPEN})\s*(?P<words>.*?)\s*(?P<close>{_CLOSE})?[,;]?\s*$", re.IGNORECASE
)
_TRAILING_COMMENT: Final = re.compile(
    r"^(?P<code>\S.*?)(?:(?<=[\s;{(,:>])(?://+|#+|--+)|/\*+|<!--+)"
    r"\s*(?P<words>.*?)\s*(?:\*/.*|--+>.*)?$"
)
_BRACKETS: Final = "[](){}（）【】<>「」"
_ONLY_DOTS: Final = re.compile(rf"^\s*[\[(<]?\s*{_DOTS}\s*[\])>]?[,;]?\s*$")
_BARE_WORDS: Final = re.compile(
    rf"^\s*(?:{_DOTS}\s+\(?(?P<after>.*?)\)?(?:\s*{_DOTS})?|{_DOTS}(?P<between>\w.*?)\s*{_DOTS}"
    rf"|[\[(<（【]+\s*(?:{_DOTS})?\s*(?P<inside>[^\[\](){{}}<>]*?)\s*(?:{_DOTS})?\s*[\])>）】]+"
    rf"|(?P<chinese>[（(]?[\u3400-\u9fff，、 ]+[）)]?)\s*{_DOTS})\s*$"
)
_NO_BODY: Final = re.compile(rf"\{{\s*(?:/\*\s*)?{_DOTS}(?:\s[^{{}}]*)?\}}")
_AT_START: Final = re.compile(rf"^{_DOTS}")
_AT_END: Final = re.compile(rf"{_DOTS}$")
_OUTER: Final = re.compile(
    rf"^(?:{_DOTS}|[\s\-=~*_,.:;!。，：！]|\bTODO\b:?|\bnote:)+|(?:{_DOTS}|[\s\-=~*_,.:;!。，：！])+$",
    re.IGNORECASE,
)
# Dots for the other arguments of a call or the other items of a list.
_INLINE: Final = re.compile(rf"(?:,\s*|(?<!\w)\[)(?:/\*\s*)?{_DOTS}(?:\s*\*/)?\s*[)\]}}]")
_DECLARED: Final = re.compile(
    r"\w[\s*&]+\w+,\s*$|[Tt]uple\[|Callable\[|Concatenate\[|function\s*\(|\w\[[^\]]*$"
)
# Behind these, dots alone are Python's way to write an empty body.
_STUB: Final = re.compile(r":\s*(?:#.*)?$|\"{3}\s*$|'{3}\s*$|^\s*@")
_OPENS_COMMENT: Final = re.compile(r"^\s*(?:\{\s*/\*+|/\*+|<!--+|\"{3}|'{3}|\(\*+|\{-)\s*$")
_CLOSES_COMMENT: Final = re.compile(r"^\s*(?:\*+/\s*\}?|--+>|\"{3}|'{3}|\*+\)|-\})\s*$")
_BLOCK_OPENERS: Final = ("{", "/*", "<!--", '"""', "'''", "(*", "{-", "*")
_FURTHEST: Final = 3


class _Means(enum.IntEnum):
    """How surely a line stands for others."""

    NOTHING = 0
    BESIDES = 1
    """It is a line of the original, and stands for others where more are gone than are new."""
    MAYBE = 2
    """It does where more lines are gone than are new."""
    LIKELY = 3
    """It does where any line is gone."""
    SURELY = 4


def placeholders(code: Sequence[str], original: Sequence[str]) -> list[int]:
    """Return the 0-based lines of ``code`` that stand for lines of the ``original``.

    A line that the original has as well is no placeholder. One with dots for the end of a line of
    the original is one.
    """
    old = [line.strip() for line in original]
    own = set(old)
    meanings = [
        _Means.NOTHING if line.strip() in own else _meaning(code, number, old)
        for number, line in enumerate(code)
    ]
    if not any(meanings):
        return []
    hunks = diff_lines(old, [line.strip() for line in code])
    return sorted({number for hunk in hunks for number in _of_hunk(hunk, meanings)})


def whole_placeholders(code: Sequence[str], found: Sequence[int]) -> frozenset[int] | None:
    """Return the lines of the placeholders ``found``, with the rest of comments over more lines.

    None when one of them stands inside a line that is something else, too.
    """
    whole: set[int] = set()
    for number in found:
        lines = _lines_of_comment(code, number)
        if lines is None:
            return None
        whole |= lines
    return frozenset(whole)


def _lines_of_comment(code: Sequence[str], number: int) -> set[int] | None:
    line = code[number]
    if _ONLY_DOTS.match(line) or _BARE_WORDS.match(line):
        return _enclosed(code, number, number) or {number}
    comment = _COMMENT.match(line)
    if not comment or _closes_inside(comment["words"]):
        return None
    opener = comment["open"]
    if not opener.startswith(_BLOCK_OPENERS) or (comment["close"] and opener != "*"):
        return {number}
    if opener == "*":
        return _enclosed(code, number, number)
    ends = [
        at for at in range(number + 1, min(number + 1 + _FURTHEST, len(code))) if _ends(code[at])
    ]
    return set(range(number, ends[0] + 1)) if ends else None


def _ends(line: str) -> bool:
    found = re.search(rf"(?:{_CLOSE})\s*$", line.rstrip())
    return bool(found)


def _closes_inside(words: str) -> bool:
    return any(end in words for end in ("*/", "-->", '"""', "'''", "*)"))


def _enclosed(code: Sequence[str], first: int, last: int) -> set[int] | None:
    """Return the lines of the comment that is open above and closes below, with nothing else in."""
    start = next(
        (
            at
            for at in range(first - 1, max(first - 1 - _FURTHEST, -1), -1)
            if _OPENS_COMMENT.match(code[at])
        ),
        None,
    )
    end = next(
        (
            at
            for at in range(last + 1, min(last + 1 + _FURTHEST, len(code)))
            if _CLOSES_COMMENT.match(code[at])
        ),
        None,
    )
    return None if start is None or end is None else set(range(start, end + 1))


def _of_hunk(hunk: Hunk, meanings: Sequence[_Means]) -> Iterator[int]:
    gone = sum(not is_blank(line) for line in hunk.old)
    new = sum(
        not is_blank(line) and meanings[number] <= _Means.BESIDES
        for number, line in enumerate(hunk.new, hunk.new_start)
    )
    for number in range(hunk.new_start, hunk.new_end):
        match meanings[number]:
            case _Means.SURELY:
                yield number
            case _Means.LIKELY if gone:
                yield number
            case _Means.MAYBE | _Means.BESIDES if gone > new:
                yield number


def _meaning(code: Sequence[str], number: int, old: Sequence[str]) -> _Means:
    line = code[number].strip()
    if len(line) > _LONGEST:
        return _Means.NOTHING
    if _ONLY_DOTS.match(line):
        above = next((one for one in reversed(code[:number]) if not is_blank(one)), "")
        return _Means.NOTHING if _STUB.search(above.rstrip()) else _Means.MAYBE
    if comment := _COMMENT.match(line):
        meaning = _of_words(comment["words"].split("*/")[0])
        return max(meaning, _Means.LIKELY if _NO_BODY.search(line) else meaning)
    if bare := _BARE_WORDS.match(line):
        return _of_bare(bare)
    if _NO_BODY.search(line) or _stands_for_an_end(line, old):
        return _Means.LIKELY
    return _of_what_is_behind(line, old)


def _of_what_is_behind(line: str, old: Sequence[str]) -> _Means:
    """Return what ``line`` means by a comment behind its code."""
    trailing = _TRAILING_COMMENT.match(line)
    if not trailing or not _is_omission(trailing["words"]):
        return _Means.NOTHING
    return _Means.BESIDES if _is_own(trailing["code"], old) else _Means.LIKELY


def _of_words(words: str) -> _Means:
    """Return what a comment means that says ``words``."""
    words = words.strip().strip(_BRACKETS).strip()
    begins, ends = bool(_AT_START.match(words)), bool(_AT_END.search(words))
    core = _core(words)
    if begins and (ends or not core or mentions_rest(core)):
        return _Means.SURELY
    names = names_what_is_left(core)
    if says_left_out(core) or (ends and (names or mentions_rest(core))):
        return _Means.LIKELY
    return _Means.MAYBE if begins or names else _Means.NOTHING


def _is_omission(words: str) -> bool:
    """Tell whether a comment behind code stands for more than the line."""
    meaning = _of_words(words)
    return meaning is _Means.SURELY or (meaning is _Means.LIKELY and says_left_out(_core(words)))


def _is_own(code: str, old: Sequence[str]) -> bool:
    """Tell whether ``code`` is a line of ``old``, but for a comment behind that."""
    cut = [(one, _TRAILING_COMMENT.match(one)) for one in old if one.startswith(code.rstrip())]
    return any((found["code"] if found else one).rstrip() == code.rstrip() for one, found in cut)


def _of_bare(bare: re.Match[str]) -> _Means:
    """Return what words mean that stand in no comment."""
    core = _core(next((it for it in bare.groups() if it), ""))
    if bare["inside"] is not None:
        return _Means.LIKELY if says_left_out(core) else _Means.NOTHING
    return _Means.SURELY if mentions_rest(core) else _Means.NOTHING


def _core(words: str) -> str:
    """Return ``words`` without the dots, dashes and brackets around them."""
    return _OUTER.sub("", words).strip(_BRACKETS).strip()


def _stands_for_an_end(line: str, old: Sequence[str]) -> bool:
    """Tell whether ``line`` is one of ``old`` with dots for what stands between brackets."""
    dots = _INLINE.search(line)
    head = line[: dots.start() + 1] if dots else ""
    if not re.search(r"\w{2}", head) or _DECLARED.search(head):
        return False
    return any(one.startswith(head) and not _INLINE.match(one, len(head) - 1) for one in old)
