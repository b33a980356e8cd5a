"""What a file declares and imports, and which scopes a place in it stands in.

An outline is read once a version of the file, by the queries in ``outlines/``, one file a language:
``@class``, ``@function`` and ``@value`` are declarations, ``@scope`` is a scope without a name,
each with its ``@name`` and ``@body``; ``@import`` is an import. A pattern that asks for nodes which
the installed grammar does not have is left out, and the others hold.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from tree_sitter import Node, Query, QueryCursor, QueryError

from spyhop.core.indentation import indent_of
from spyhop.core.lines import is_blank
from spyhop.core.positions import Span
from spyhop.syntax.documented import above, documentation
from spyhop.syntax.grammars import encoded, grammar, parse

Kind: TypeAlias = Literal["class", "function", "value", "scope"]

MOST_CHARACTERS: Final = 1 << 21
"""A longer file is data or was made by a machine; it has an empty outline."""

_FOLDER: Final = Path(__file__).parent / "outlines"
_SAME: Final = {"javascriptreact": "javascript", "typescriptreact": "typescript"}
_BETWEEN_PATTERNS: Final = re.compile(r"\n\s*\n")
_WRAPPERS: Final = frozenset({"decorated_definition", "export_statement", "template_declaration"})
# Nodes whose braces are not their beginning, or no braces.
_OPENINGS: Final = {"interface_type": b"{", "column_definitions": b"("}
_LAST_WORD: Final = re.compile(r"[\w-]+[?!=]?$")
# The longest indentation that is looked at.
_MARGIN: Final = 200


@dataclass(frozen=True, slots=True)
class Declaration:
    """A class, a function, a value, or a scope without a name. Offsets count code points."""

    kind: Kind
    name: str
    """Without what qualifies it; empty for a scope."""
    span: Span
    """From the beginning of its first line, decorators included."""
    body: Span | None
    """What stands inside of it, without the braces; None where it has no body."""
    doc: str
    """The first line of what documents it, as a whole comment or string."""
    parent: int
    """The index of the declaration around it; -1 where there is none."""


@dataclass(frozen=True)
class Outline:
    """What a version of a file declares and imports."""

    language: str
    text: str
    declarations: tuple[Declaration, ...] = ()
    """In the order of their beginnings, outer before inner."""
    imports: tuple[Span, ...] = ()
    """Whole lines, in order."""
    names: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """The declarations of each name, by index."""

    def enclosing(self, offset: int) -> list[Declaration]:
        """Return the declarations whose body holds ``offset``, outer before inner.

        A body without braces goes on behind its end, as far as nothing stands there and the line
        of ``offset`` is deeper than the declaration: its next line is written there.
        """
        index = bisect_right(self.declarations, offset, key=lambda one: one.span.start) - 1
        found: list[Declaration] = []
        while index >= 0:
            one = self.declarations[index]
            if self._holds(one, offset):
                found.append(one)
            index = one.parent
        return found[::-1]

    def around(self, index: int) -> Iterator[Declaration]:
        """Yield the declarations around the one at ``index``, inner before outer."""
        while (index := self.declarations[index].parent) >= 0:
            yield self.declarations[index]

    def head(self, one: Declaration) -> str:
        """Return what stands before the body of ``one``, and the brace that opens it."""
        end = one.span.end if one.body is None else one.body.start
        return self.text[one.span.start : end].rstrip()

    def _holds(self, one: Declaration, offset: int) -> bool:
        if one.body is None or offset < one.body.start:
            return False
        if offset <= one.body.end:
            return True
        behind = self.text[one.body.end : offset]
        first = self.text[one.span.start : one.span.start + _MARGIN]
        deeper = len(behind.rpartition("\n")[2]) > len(indent_of(first))
        return "\n" in behind and is_blank(behind) and deeper


def read_outline(language: str, text: str) -> Outline:
    """Return the outline of ``text``; an empty one where there is no grammar for ``language``.

    This reads the whole file: a second or so for 20,000 lines.
    """
    query = _query(language)
    tree = parse(language, text) if query and len(text) <= MOST_CHARACTERS else None
    if query is None or tree is None:
        return Outline(language, text)
    data = encoded(text)
    found: dict[tuple[int, int], _Found] = {}
    imports: list[tuple[int, int]] = []
    for pattern, captures in QueryCursor(query).matches(tree.root_node):
        if nodes := captures.get("import"):
            imports += [_lines_of(node, data) for node in nodes]
        elif one := _read(pattern, captures, data):
            found[one.key] = min(one, found.get(one.key, one), key=lambda it: it.rank)
    ordered = sorted(found.values(), key=lambda it: (it.start, -it.end, it.key))
    ends = [place for it in ordered for place in (it.start, it.end, *(it.body or ()))]
    offsets = _offsets(data, [*ends, *(place for pair in imports for place in pair)])
    declarations = tuple(_declarations(ordered, offsets))
    names: dict[str, list[int]] = {}
    for index, declaration in enumerate(declarations):
        if declaration.name:
            names.setdefault(declaration.name, []).append(index)
    spans = sorted({(offsets[start], offsets[end]) for start, end in imports})
    return Outline(
        language,
        text,
        declarations,
        tuple(Span(start, end) for start, end in spans),
        {name: tuple(indices) for name, indices in names.items()},
    )


class _Found(NamedTuple):
    """A declaration as matched; places are bytes."""

    key: tuple[int, int]
    """What tells it from others: where its name stands, or where it does."""
    rank: tuple[int, int]
    """The lower, the more the pattern knew of it."""
    kind: Kind
    name: str
    start: int
    end: int
    body: tuple[int, int] | None
    doc: str


def _read(pattern: int, captures: Mapping[str, list[Node]], data: bytes) -> _Found | None:
    kind: Kind | None = next((kind for kind in get_args(Kind) if kind in captures), None)
    if kind is None:
        return None
    node = captures[kind][0]
    names, bodies, heads = (captures.get(part, []) for part in ("name", "body", "head"))
    outer = _wrapped(node)
    first = above(outer, frozenset({"attribute_item"}))
    start, end = _lines_of(first, data)[0], outer.end_byte
    body = _inside(bodies[0], data) if bodies else None
    if heads:
        body = (heads[0].end_byte, end)
    elif kind == "scope" and body is None:
        line_end = data.find(b"\n", node.start_byte, end)
        body = (line_end if line_end >= 0 else end, end)
    name = ""
    if names:
        written = data[names[0].start_byte : names[0].end_byte].decode(errors="replace")
        last = _LAST_WORD.search(written.strip())
        name = last.group() if last else ""
    place = names[0] if names else node
    doc = documentation(first, bodies[0] if bodies else None) if names else ""
    return _Found(
        (place.start_byte, place.end_byte), (pattern, not bodies), kind, name, start, end, body, doc
    )


def _wrapped(node: Node) -> Node:
    """Return ``node`` with its decorators, its template's parameters, its ``export``."""
    while node.parent is not None and node.parent.type in _WRAPPERS:
        node = node.parent
    return node


def _lines_of(node: Node, data: bytes) -> tuple[int, int]:
    """Return where the first line of ``node`` begins, and where ``node`` ends but for line ends."""
    start, end = node.start_byte, node.end_byte
    while end > start and data[end - 1] in b"\r\n":
        end -= 1
    return max(data.rfind(b"\n", 0, start), data.rfind(b"\r", 0, start)) + 1, end


def _inside(body: Node, data: bytes) -> tuple[int, int]:
    """Return where the inside of ``body`` is, without its braces."""
    start, end = body.start_byte, body.end_byte
    opening = _OPENINGS.get(body.type, b"{")
    place = max(start, data.find(opening, start, end)) if body.type in _OPENINGS else start
    if data[place : place + 1] != opening:
        return start, end
    closed = end - 1 > place and data[end - 1 : end] in {b"}", b")"}
    return place + 1, end - 1 if closed else end


def _declarations(ordered: Iterable[_Found], offsets: Mapping[int, int]) -> Iterator[Declaration]:
    around: list[tuple[int, int]] = []
    for index, it in enumerate(ordered):
        while around and around[-1][1] < it.end:
            around.pop()
        parent = around[-1][0] if around else -1
        around.append((index, it.end))
        body = Span(offsets[it.body[0]], offsets[it.body[1]]) if it.body else None
        span = Span(offsets[it.start], offsets[it.end])
        yield Declaration(it.kind, it.name, span, body, it.doc, parent)


def _offsets(data: bytes, places: Iterable[int]) -> dict[int, int]:
    """Return how many characters stand before each of the bytes ``places``."""
    if data.isascii():
        return {place: place for place in places}
    offsets: dict[int, int] = {}
    done = characters = 0
    for place in sorted(set(places)):
        characters += len(data[done:place].decode(errors="ignore"))
        offsets[place], done = characters, place
    return offsets


def query_text(language: str) -> str:
    """Return the patterns for ``language``, blank lines between them; empty if there are none."""
    path = _FOLDER / f"{_SAME.get(language, language)}.scm"
    return path.read_text(encoding="utf-8") if path.exists() else ""


@cache
def _query(language: str) -> Query | None:
    known = grammar(language)
    if known is None:
        return None
    kept = []
    for pattern in _BETWEEN_PATTERNS.split(query_text(language).strip()):
        try:
            Query(known, pattern)
        except QueryError:
            continue
        kept.append(pattern)
    return Query(known, "\n".join(kept))
