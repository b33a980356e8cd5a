"""A document as tokens of code and comments, with the lines that they stand in.

What only looks like a comment is a token here: directives of tools, notices of rights, and
comments of several lines that share one of them with code.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import Final, NamedTuple

from spyhop.core.lines import end_of, without_end
from spyhop.syntax.comments.directives import is_directive, is_for_the_first_lines, is_notice
from spyhop.syntax.comments.leaves import WHOLE, Leaf, Leaves, leaves_of
from spyhop.syntax.grammars import encoded

DIRECTIVE: Final = "directive"
_LONE_CR: Final = re.compile(r"\r(?!\n)")
_SAYS_NOTHING: Final = re.compile(rb"(?:\s|\\\r?\n)*")
# What opens a text in a language, beside quotes.
_OPENERS: Final = {
    "shellscript": "<<",
    "ruby": "<<|[%/]|=begin",
    "php": r"<<<|\?>",
    "sql": r"\$",
    "lua": r"\[=*\[",
    "csharp": r"[@$]",
    "javascript": "/",
    "typescript": "/",
}
_LINE_STRINGS: Final = frozenset(
    [
        "c",
        "cpp",
        "csharp",
        "css",
        "go",
        "java",
        "javascript",
        "kotlin",
        "lua",
        "python",
        "scala",
        "toml",
        "typescript",
    ]
)
# Their first line, too, is text: the tree has them begin where that line begins.
_HEREDOC: Final = frozenset({"heredoc_body", "heredoc_content", "heredoc_end"})
_SHEBANGS: Final = frozenset({"hash_bang_line", "shebang", "shebang_directive"})
_ENDS_AT_CR: Final = re.compile(r"python|javascript|typescript|java$|csharp|css|html|yaml")
_PROLOGUE: Final = re.compile(r"\ufeff|\s*<(?:!doctype|\?xml)", re.IGNORECASE)


class Token(NamedTuple):
    """A piece of code or a comment, with its place in a document."""

    kind: str
    """The grammar's name; "comment", "docstring", or "directive" for comments of tools."""
    text: str
    start: int
    """The first byte, in the bytes of ``encoded``."""
    end: int
    line: int
    """The 0-based line it begins in."""
    last: int
    """The 0-based line it ends in."""
    loose: bool
    """It stands where the grammar could not make sense of the code."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a document is made of."""

    lines: Sequence[str]
    starts: Sequence[int]
    """The first byte of each line, and at last where the document ends."""
    code: Sequence[Token]
    comments: Sequence[Token]
    leaves: Leaves
    shut: frozenset[int]
    """Lines before which nothing may be put: they begin in a token, or go on a line before."""
    doubtful: frozenset[int]
    """Lines of which it is not sure what in them is a string."""

    def line_of(self, byte: int) -> int:
        """Return the 0-based line that holds ``byte``."""
        return bisect_right(self.starts, byte) - 1


def read(language: str, lines: Sequence[str]) -> Source:
    """Return what the document of ``lines``, terminators included, is made of."""
    # The grammars know no lone CR; a line feed is as long.
    text = _LONE_CR.sub("\n", "".join(lines))
    data = encoded(text)
    starts = [0, *accumulate(len(encoded(line)) for line in lines)]
    leaves = leaves_of(language, text, data)
    code = [_token(leaf, data, starts) for leaf in leaves.code]
    comments = [_token(leaf, data, starts) for leaf in leaves.comments]
    code += _hidden([*code, *comments], data, starts)
    comments, directives = _without_directives(language, code, comments)
    code = sorted([*code, *directives], key=attrgetter("start"))
    doubtful = _doubtful(language.removesuffix("react"), leaves, code, starts)
    shut = _shut(language, lines, starts, code, comments)
    return Source(lines, starts, code, comments, leaves, shut, doubtful)


def _token(leaf: Leaf, data: bytes, starts: Sequence[int]) -> Token:
    kind, start, end, loose = leaf
    first, last = bisect_right(starts, start) - 1, bisect_right(starts, end - 1) - 1
    kind = DIRECTIVE if kind in _SHEBANGS else kind
    return Token(kind, data[start:end].decode(), start, end, first, last, loose)


def _hidden(tokens: Iterable[Token], data: bytes, starts: Sequence[int]) -> list[Token]:
    """Return what stands between ``tokens`` and is no white space: some grammars leave it out."""
    found: list[Token] = []
    done = 0
    for start, end in [
        *sorted((token.start, token.end) for token in tokens),
        (len(data), len(data)),
    ]:
        if start > done and not _SAYS_NOTHING.fullmatch(data, done, start):
            found.append(_token(Leaf("hidden", done, start, loose=True), data, starts))
        done = max(done, end)
    return found


def _without_directives(
    language: str, code: Sequence[Token], comments: Sequence[Token]
) -> tuple[list[Token], list[Token]]:
    """Return the comments, and those of them that are code."""
    begun = {token.line for token in code} | {token.last for token in code}
    uses_docstring = any(
        token.text == "__doc__" and (number == 0 or code[number - 1].text != ".")
        for number, token in enumerate(code)
    )
    held = {
        token
        for token in comments
        if is_directive(language, token.text)
        or (token.kind == "docstring" and uses_docstring and not token.start)
        or (token.line < token.last and (token.line in begun or token.last in begun))
    }
    for run in _runs(comments, begun):
        if any(is_notice(token.text) for token in run if token.kind == "comment"):
            held.update(run)
    if language == "go":
        held.update(_preamble_of_c(code, comments))
    lines = {line for token in held for line in (token.line, token.last)}
    held.update(
        token
        for token in comments
        if token.kind == "docstring" and {token.line, token.last} & (lines | begun)
    )
    return (
        [token for token in comments if token not in held],
        [token._replace(kind=DIRECTIVE) for token in comments if token in held],
    )


def _runs(comments: Sequence[Token], begun: set[int]) -> list[list[Token]]:
    """Return the comments that have lines of their own, those with nothing between together."""
    runs: list[list[Token]] = []
    for token in comments:
        if token.line in begun:
            continue
        if runs and runs[-1][-1].last + 1 >= token.line:
            runs[-1].append(token)
        else:
            runs.append([token])
    return runs


def _preamble_of_c(code: Sequence[Token], comments: Sequence[Token]) -> list[Token]:
    """Return the comments that cgo compiles."""
    line = next((b.line for a, b in pairwise(code) if a.text == "import" and b.text == '"C"'), None)
    held: list[Token] = []
    for token in reversed(comments):
        if line is not None and token.last == line - 1:
            held.append(token)
            line = token.line
    return held


def _shut(
    language: str,
    lines: Sequence[str],
    starts: Sequence[int],
    code: Sequence[Token],
    comments: Sequence[Token],
) -> frozenset[int]:
    shut = {line for token in [*code, *comments] for line in range(token.line + 1, token.last + 1)}
    shut.update(
        token.line for token in code if token.kind in _HEREDOC and token.start == starts[token.line]
    )
    ends_at_cr = bool(_ENDS_AT_CR.match(language))
    for number, line in enumerate(lines):
        if without_end(line).endswith("\\") or (end_of(line) == "\r" and not ends_at_cr):
            shut.add(number + 1)
    for token in code:
        if token.line > 1:
            break
        if token.kind == DIRECTIVE and is_for_the_first_lines(token.text):
            shut.update(range(token.line + 1))
    if lines and _PROLOGUE.match(lines[0]):
        shut.add(0)
    return frozenset(shut)


def _doubtful(
    language: str, leaves: Leaves, code: Sequence[Token], starts: Sequence[int]
) -> frozenset[int]:
    """Return the lines with, and maybe in, a string that the grammar did not see the end of."""
    places = [token.start for token in code]
    doubtful: set[int] = set()
    for start, end in leaves.broken:
        for token in code[bisect_left(places, start) : bisect_left(places, end)]:
            if token.kind in WHOLE or token.kind == DIRECTIVE:
                continue
            if _opens_lines(language, token.text):
                return frozenset(doubtful.union(range(token.line, len(starts))))
            if _is_open(token.text):
                doubtful.add(token.line)
    return frozenset(doubtful)


def _opens_lines(language: str, text: str) -> bool:
    """Tell whether a token may be the beginning of a string of several lines."""
    if re.search(_OPENERS.get(language, r"(?!)"), text) or re.search("\"{3}|'{3}|`", text):
        return True
    return language not in _LINE_STRINGS and _is_open(text)


def _is_open(text: str) -> bool:
    return any(text.count(quote) % 2 for quote in "\"'")
