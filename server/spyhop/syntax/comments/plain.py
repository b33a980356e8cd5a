"""Comments of an answer in a language that there is no grammar for: only what is plainly one.

That is a line that begins with the language's marker, above a line that is the original's, or what
an answer has behind a line of the original. Lines that seem to begin inside of a string get none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from spyhop.core.diff import Hunk, diff_lines
from spyhop.core.lines import end_of, is_blank, without_end
from spyhop.syntax.comments.annotated import Annotated
from spyhop.syntax.comments.directives import is_directive, is_notice

# A marker of line comments: the identifiers of the languages that have it.
_MARKERS: Final = {
    "//": (
        "cuda-cpp d dart fsharp glsl groovy hlsl jsonc less objective-c objective-cpp odin proto3"
        " proto scss solidity swift systemverilog verilog v wgsl zig"
    ),
    "#": (
        "awk bazel cmake coffeescript crystal dockercompose dockerfile elixir fish gdscript"
        " graphql hcl julia just makefile nim nix perl perl6 powershell properties r raku"
        " starlark tcl terraform"
    ),
    "--": "ada applescript elm haskell plsql purescript vhdl",
    "%": "bibtex erlang latex matlab octave prolog tex",
    ";": "asm clojure commonlisp elisp emacs-lisp ini lisp nasm racket scheme",
    "'": "vb",
    "!": "fortran fortran90 fortran-modern",
}
_OF_LANGUAGE: Final = {
    language: marker for marker, languages in _MARKERS.items() for language in languages.split()
}
_NO_COMMENTS: Final = frozenset({"csv", "diff", "json", "jsonl", "markdown", "plaintext", "text"})
_GUESSES: Final = ("//", "#", "--", ";", "%")
_QUOTED_QUOTE: Final = re.compile(r"\\.|'\"'|'\\\"'")
_CLOSED_ANYWHERE: Final = {'"""': '"""', "'''": "'''", '"': '"', "/*": "*/"}
_HEREDOC: Final = re.compile(r"<<[-~]?\s*[\"']?([A-Za-z_]\w*)|@([\"'])\s*$")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of code, with what an answer has put around it."""

    number: int
    key: str
    above: tuple[str, ...] = ()
    behind: str = ""
    fits: bool = True
    """The original has nothing behind it."""


def annotate_plainly(
    language: str,
    before: Sequence[str],
    original: Sequence[str],
    after: Sequence[str],
    answer: Sequence[str],
) -> Annotated:
    """Return ``original`` with what of ``answer`` is plainly a comment; else as ``annotate``."""
    document = [*before, *original, *after]
    reader = _Reader.of(language, _marker_of(language, document), original)
    old, new = list(reader.lines(original)), list(reader.lines(answer))
    shut = {number - len(before) for number in _inside(document)}
    open_end = not original or bool(end_of(original[-1]))
    pairs = _pairs(old, new)
    standing = Counter(comment.strip() for line in old for comment in line.above)
    out = list(original)
    kept = dropped = 0
    for number in range(len(new) - 1, -1, -1):
        line, there = new[number], pairs.get(number)
        added = []
        for comment in line.above:
            if standing[comment.strip()] > 0:
                standing[comment.strip()] -= 1
                kept += 1
            else:
                added.append(comment)
        if line.behind and line.fits and there is not None and there.number + 1 not in shut:
            code = without_end(out[there.number])
            out[there.number] = code.rstrip() + line.behind + out[there.number][len(code) :]
            kept += 1
        elif line.behind:
            dropped += 1
        free = there is not None and there.number not in shut
        if there is not None and free and (open_end or there.number < len(original)):
            out[there.number : there.number] = added
            kept += len(added)
        else:
            dropped += len(added)
    changed = [line.key for line in old] != [line.key for line in new]
    return Annotated(tuple(out), kept, dropped, changed, checked=False)


@dataclass(frozen=True, slots=True)
class _Reader:
    language: str
    marker: str
    known: dict[str, str] = field(default_factory=dict)
    """The lines of the original without outer white space, also by what is before a comment."""

    @classmethod
    def of(cls, language: str, marker: str, original: Sequence[str]) -> _Reader:
        """Return a reader that knows the lines ``original``."""
        reader = cls(language, marker)
        for line in original:
            for code, _ in reader._cuts(line):
                reader.known[code] = line.strip()
        reader.known.update((line.strip(), line.strip()) for line in original)
        return reader

    def lines(self, lines: Sequence[str]) -> Iterator[_Line]:
        """Yield the lines of code, and at last the end."""
        above: list[str] = []
        for number, line in enumerate(lines):
            if self._is_comment(line.strip()):
                above.append(line)
            elif not is_blank(line):
                yield self._line(number, line, tuple(above))
                above = []
        yield _Line(len(lines), "", tuple(above))

    def _is_comment(self, text: str) -> bool:
        return (
            bool(self.marker)
            and text.startswith(self.marker)
            and not text[len(self.marker) :].lstrip(self.marker[0] + "/!")[:1].strip()
            and not text.endswith("\\")
            and not is_directive(self.language, text)
            and not is_notice(text)
        )

    def _line(self, number: int, line: str, above: tuple[str, ...]) -> _Line:
        """Return ``line`` as the line of the original that it is, if it is one."""
        key = line.strip()
        if key in self.known:
            return _Line(number, self.known[key], above)
        for code, behind in self._cuts(line):
            if code in self.known:
                return _Line(number, self.known[code], above, behind, self.known[code] == code)
        return _Line(number, key, above)

    def _cuts(self, line: str) -> Iterator[tuple[str, str]]:
        """Yield what may be code and a comment behind it, the comment with its white space."""
        text = without_end(line).rstrip()
        for found in re.finditer(rf"\s+(?={re.escape(self.marker)})", text) if self.marker else ():
            if self._is_comment(text[found.end() :]):
                yield text[: found.start()].strip(), text[found.start() :]


def _marker_of(language: str, document: Sequence[str]) -> str:
    """Return what line comments begin with; empty when that is not known."""
    if language in _NO_COMMENTS:
        return ""
    if language in _OF_LANGUAGE:
        return _OF_LANGUAGE[language]
    starts = Counter(line.split(maxsplit=1)[0] for line in document if not is_blank(line))
    return (
        max(_GUESSES, key=lambda marker: starts[marker]) if any(map(starts.get, _GUESSES)) else ""
    )


def _inside(lines: Sequence[str]) -> Iterator[int]:
    """Yield the lines that seem to begin in a string, a comment or a line that goes on."""
    opened = ""
    continued = False
    for number, line in enumerate(lines):
        if opened or continued:
            yield number
        continued = without_end(line).endswith("\\")
        rest = line
        if opened in _CLOSED_ANYWHERE:
            end = _CLOSED_ANYWHERE[opened]
            _, found, rest = _QUOTED_QUOTE.sub("", line).partition(end)
            if not found:
                continue
        elif opened:
            opened = "" if line.strip().rstrip(";)") == opened else opened
            continue
        opened = _left_open(rest)
    if opened or continued:
        yield len(lines)


def _left_open(line: str) -> str:
    """Return what is opened in ``line`` and not closed; empty when nothing is."""
    text = _QUOTED_QUOTE.sub("", line)
    for mark in ('"""', "'''"):
        if text.count(mark) % 2:
            return mark
    if text.rfind("/*") > text.rfind("*/"):
        return "/*"
    if found := _HEREDOC.search(text):
        return found[1] or f"{found[2]}@"
    return '"' if text.count('"') % 2 else ""


def _pairs(old: Sequence[_Line], new: Sequence[_Line]) -> dict[int, _Line]:
    """Return the line of the original that each line of the answer is."""
    pairs: dict[int, _Line] = {}
    a = b = 0
    hunks = diff_lines([line.key for line in old], [line.key for line in new])
    for hunk in [*hunks, Hunk(len(old), (), len(new), ())]:
        pairs.update(zip(range(b, hunk.new_start), old[a : hunk.old_start], strict=True))
        a, b = hunk.old_end, hunk.new_end
    return pairs
