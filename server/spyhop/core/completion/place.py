"""Where a caret stands, and what is wanted there: nothing, one line, or a block."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from spyhop.core.completion.lexis import DEFINITION, Lexis, lexis_of
from spyhop.core.completion.scan import CLOSING, State, without_comment
from spyhop.core.completion.window import (
    Opening,
    Window,
    closing_of,
    in_parameters,
    open_at,
)
from spyhop.core.indentation import indent_of, unit_of
from spyhop.core.lines import is_blank

Trigger: TypeAlias = Literal["automatic", "invoked"]
"""Whether the user only typed, or asked for a completion."""
Where: TypeAlias = Literal["code", "string", "comment"]
"""What the caret stands in; documentation in a string is a comment."""
Refusal: TypeAlias = Literal["", "blank", "closing-line", "comment", "identifier", "indentation"]
"""Why no completion is wanted: the document is blank, the line only closes what stands above,
the caret is in a comment, in or right before a word, or before the first word of its line."""
Wanted: TypeAlias = Literal["line", "body", "definition", "statements"]
"""How much is wanted: the rest of a line, the body of the block that opens right before the caret,
the rest of a definition's head with its body, or the statements that a comment announces."""

_CLOSERS: Final = re.compile(r"[\s)\]}>;,]*$")
_ONLY_CLOSES: Final = re.compile(r"\s*[)\]}][\s)\]};,]*$")
_END_WORD: Final = re.compile(r"\s*(?:</[\w.:-]+>|;;|[a-z]+\b)[\s)\]};,]*$", re.IGNORECASE)
_WORD: Final = re.compile(r"[\w$]")
# A decorator, or the end of documentation.
_ANNOUNCES: Final = re.compile(r"^\s*(?:@\w|#!?\[)|\*/$|\"{3}$|'{3}$")
_STEP: Final = "    "
_WITH_TABS: Final = frozenset({"go", "makefile"})


class Scope(NamedTuple):
    """What encloses the caret: 0-based lines of the document, both included."""

    first: int
    last: int
    kind: str
    """The grammar's name; empty where the scope was told by indentation."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a caret stands, and what is wanted there."""

    language: str
    """LSP's identifier."""
    where: Where
    refusal: Refusal
    """Why no completion is wanted; empty when one is."""
    wanted: Wanted
    state: State
    """The string or comment that the caret stands in, and the brackets open there."""
    missing: tuple[str, ...]
    """The closing brackets, innermost first, that the document lacks."""
    surplus: tuple[str, ...]
    """Closing brackets behind the caret, in order, that nothing before it opens."""
    opener: str
    """The bracket that the body begins with; empty where it is none."""
    base: str
    """The indentation of the line that opens the block; of the caret's where there is none."""
    indent: str
    """The indentation that a line at the caret belongs at."""
    unit: str
    """One step of indentation: a tab or some spaces."""
    shows_unit: bool
    """Whether the document shows that step; else it is a guess."""
    scope: Scope | None = None

    @property
    def lexis(self) -> Lexis:
        """How code looks in the language."""
        return lexis_of(self.language)


def place_of(
    language: str,
    around: Window,
    trigger: Trigger = "automatic",
    *,
    known: State | None = None,
    scope: Scope | None = None,
) -> Place:
    """Return where the caret stands, as far as the lines ``around`` it tell.

    ``known`` is the string or comment that a grammar found the caret in, with no brackets.
    """
    lexis = lexis_of(language)
    there = open_at(lexis, around.before)
    is_documentation = False
    state = State(is_comment=there.is_comment)
    if there.inside:
        quote, line = there.inside
        is_documentation = len(quote) > 1 and is_blank(line)
        state = State(quote, (), there.is_comment)
    if known is not None and known != state:
        state, is_documentation = known, False
    where: Where = "code"
    if state.inside:
        where = "comment" if state.is_comment or is_documentation else "string"
    shown = unit_of([*around.above, around.head, *around.below])
    if not shown and len(indent_of(around.head)) > len(indent_of(around.line_above)):
        shown = unit_of([around.line_above, f"{around.head}_"])
    unit = shown or ("\t" if language in _WITH_TABS else _STEP)
    head = indent_of(around.head)
    extent = _Extent("line", head, head)
    if where == "code":
        extent = _extent(lexis, around, there.brackets, unit)
    closing = closing_of(lexis, state, there.brackets, around)
    return Place(
        language=language,
        where=where,
        refusal=_refusal(lexis, around, where, trigger),
        wanted=extent.wanted,
        state=state._replace(stack=tuple(it.closing for it in there.brackets)),
        missing=closing.missing,
        surplus=closing.surplus,
        opener=extent.opener,
        base=extent.base,
        indent=extent.indent,
        unit=unit,
        shows_unit=bool(shown),
        scope=scope,
    )


def closes_only(text: str) -> bool:
    """Tell whether ``text`` is nothing but closing brackets, separators and white space."""
    return bool(_CLOSERS.match(text))


def _refusal(lexis: Lexis, around: Window, where: Where, trigger: Trigger) -> Refusal:
    head, rest = around.head, around.rest
    line = head + rest
    if trigger == "invoked":
        return ""
    if is_blank(around.before) and is_blank(around.after):
        return "blank"
    if where == "comment":
        return "comment"
    ends = lexis.ends.match(line) and _END_WORD.match(line)
    if where == "code" and not lexis.is_prose and (ends or _ONLY_CLOSES.match(line)):
        return "closing-line"
    if is_blank(head) and not is_blank(rest):
        return "indentation"
    return "identifier" if _WORD.match(rest) else ""


class _Extent(NamedTuple):
    """How far it goes, as a place has it."""

    wanted: Wanted
    base: str
    indent: str
    opener: str = ""


def _extent(lexis: Lexis, around: Window, brackets: Sequence[Opening], unit: str) -> _Extent:
    if is_blank(around.head):
        return _extent_of_new_line(lexis, around, brackets, unit)
    head = without_comment(lexis, around.head)
    indent, rest = indent_of(around.head), around.rest.strip()
    if lexis.is_prose or not head or (rest and not closes_only(rest)):
        return _Extent("line", indent, indent)
    opener = _bracket_at_end(head, brackets)
    if rest:
        is_body = opener == "{" and rest[0] == "}"
        return _Extent("body" if is_body else "line", indent, indent, opener)
    is_definition = lexis.blocks != "none" and DEFINITION.match(head)
    if (opener and not in_parameters(around.head, brackets)) or lexis.opener.search(head):
        return _Extent("body", indent, indent, opener)
    return _Extent("definition" if is_definition else "line", indent, indent)


def _extent_of_new_line(
    lexis: Lexis, around: Window, brackets: Sequence[Opening], unit: str
) -> _Extent:
    """Return the same where only white space stands before the caret."""
    head, above = around.head, without_comment(lexis, around.line_above)
    if lexis.is_prose or not is_blank(around.rest):
        return _Extent("line", head, head)
    base, next_depth = indent_of(around.line_above), len(indent_of(around.line_below))
    opener = _bracket_at_end(above, brackets)
    if opener or lexis.opener.search(above):
        inner = base + unit
        indent = inner if inner.startswith(head) else head
        is_empty = next_depth <= len(base)
        return _Extent("body" if is_empty else "line", base, indent, opener)
    # White space that is being typed may be on its way to the depth of the line above.
    is_short = base.startswith(head) and len(head) > 0 and len(base) - len(head) < len(unit)
    indent = base if is_short else head
    if around.line_above and (not above or _ANNOUNCES.search(above)):
        # Where nothing follows as deep, what comes is the rest of the block that this is in.
        outer = (indent_of(it) for it in reversed(around.above) if not is_blank(it))
        shallower = next((it for it in outer if len(it) < len(head)), None)
        if next_depth < len(head) and shallower is not None:
            return _Extent("body", shallower, indent)
        return _Extent("statements", indent, indent)
    return _Extent("line", head, indent)


def _bracket_at_end(line: str, brackets: Sequence[Opening]) -> str:
    """Return the innermost of the open ``brackets`` where ``line`` ends with it; else nothing."""
    if not brackets or CLOSING.get(line[-1:]) != brackets[-1].closing:
        return ""
    return line[-1] if line[:-1].rstrip() == brackets[-1].line.rstrip() else ""
