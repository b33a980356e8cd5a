"""The leaves of a syntax tree: what a grammar takes for code, and what for comments.

Here is all that differs from grammar to grammar. Strings are one leaf, whatever stands in them, so
that comments inside of an interpolation count as text of the string.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tree_sitter import Node

from spyhop.syntax.comments.docstrings import is_docstring
from spyhop.syntax.grammars import parse

_CODE: Final = "code"
_NOTHING: Final = "nothing"
COMMENTS: Final = frozenset({"comment", "line_comment", "block_comment", "marginalia"})
WHOLE: Final = frozenset(
    {
        "ansi_c_string",
        "attribute_value",
        "block_scalar",
        "char_literal",
        "character",
        "character_literal",
        "delimited_symbol",
        "double_quote_scalar",
        "encapsed_string",
        "heredoc",
        "heredoc_body",
        "interpolated_string",
        "interpolated_string_expression",
        "interpreted_string_literal",
        "multiline_string_literal",
        "nowdoc",
        "plain_scalar",
        "quoted_attribute_value",
        "quoted_key",
        "raw_string",
        "raw_string_literal",
        "regex",
        "rune_literal",
        "shell_command_expression",
        "single_quote_scalar",
        "string",
        "string_array",
        "string_literal",
        "string_value",
        "subshell",
        "symbol_array",
        "system_lib_string",
        "template_literal_type",
        "template_string",
        "translated_string",
        "verbatim_string_literal",
        "xml_expression",
    }
)
# Elements of HTML in which white space and comments are text.
_VERBATIM: Final = frozenset(
    {b"pre", b"textarea", b"title", b"xmp", b"listing", b"plaintext", b"iframe", b"noframes"}
)
_EMBEDDED: Final = {"script_element": "javascript", "style_element": "css"}
_OF_ANOTHER_TYPE: Final = re.compile(
    rb"""\b(?:type|lang)\s*=\s*["']?(?!module\b|text/javascript|text/css|application/javascript)""",
    re.IGNORECASE,
)
# What a documentation comment of Rust, an attribute in disguise, may stand before.
_RUST_ITEM: Final = re.compile(
    r"(?:_item|field_declaration|enum_variant|macro_definition|associated_type)$"
)


class Leaf(NamedTuple):
    """A piece of code, or a comment, in bytes of the document."""

    kind: str
    """The grammar's name; of a comment "comment" or "docstring"."""
    start: int
    end: int
    loose: bool
    """It stands where the grammar could not make sense of the code."""


@dataclass(slots=True)
class Leaves:
    """What a tree holds, in order."""

    code: list[Leaf] = field(default_factory=list)
    comments: list[Leaf] = field(default_factory=list)
    shape: list[tuple[int, int]] = field(default_factory=list)
    """The depth and kind of each node that is no comment."""
    places: list[int] = field(default_factory=list)
    """Where each node of the shape starts."""
    errors: list[int] = field(default_factory=list)
    """Where something is that the grammar does not allow."""
    broken: list[tuple[int, int]] = field(default_factory=list)
    """The start and end of what the grammar could not make sense of."""

    def take_error(self, node: Node, start: int, end: int, broken_until: int) -> int:
        """Add an error; return up to where the code is broken."""
        self.errors.append(start)
        if not node.is_error or end <= broken_until:
            return broken_until
        self.broken.append((start, end))
        return end


def leaves_of(language: str, text: str, data: bytes) -> Leaves:
    """Return the leaves of ``text``, which is ``data`` in bytes."""
    leaves = Leaves()
    _collect(language, text, data, 0, leaves)
    return leaves


def _collect(language: str, text: str, data: bytes, offset: int, into: Leaves) -> None:
    tree = parse(language, text)
    if tree is None:
        return
    has_error = tree.root_node.has_error
    broken_until = -1
    attributes: set[int] = set()
    stack = [(tree.root_node, 0)]
    while stack:
        node, depth = stack.pop()
        start, end = node.start_byte + offset, node.end_byte + offset
        if has_error and (node.is_error or node.is_missing):
            broken_until = into.take_error(node, start, end, broken_until)
        if start == end and depth:
            continue
        loose = start < broken_until
        kind = node.type
        comment = _CODE if start in attributes else _comment_of(language, node, kind, loose=loose)
        if comment != _CODE:
            if comment != _NOTHING:
                into.comments.append(_trimmed(comment, data, start, end, loose=loose))
            continue
        into.shape.append((depth, node.kind_id))
        into.places.append(start)
        if kind == "raw_text" and (inner := _embedded(node, data)) and not loose:
            _collect(inner, data[start:end].decode(), data, start, into)
        elif _is_leaf(language, node, kind):
            if has_error and node.has_error:
                # A string that is not closed may go on to the end.
                kind = "ERROR"
                into.errors.append(start)
                into.broken.append((start, len(data)))
            into.code += _leaf(kind, data, start, end, loose=loose)
        else:
            children = node.children
            attributes.update(_attributes(children) if language == "rust" else ())
            stack += [(child, depth + 1) for child in reversed(children)]


def _comment_of(language: str, node: Node, kind: str, *, loose: bool) -> str:
    """Return what kind of comment ``node`` is, or that it is none."""
    if kind in COMMENTS:
        return "comment"
    if kind == "jsx_expression":
        inner = node.named_children
        return "comment" if inner and all(it.type == "comment" for it in inner) else _CODE
    if kind == "jsx_text":
        text = node.text or b""
        return _NOTHING if text.isspace() and b"\n" in text else _CODE
    if kind == "expression_statement" and language == "python" and not loose:
        return "docstring" if is_docstring(node) else _CODE
    return _CODE


def _is_leaf(language: str, node: Node, kind: str) -> bool:
    if node.child_count == 0 or kind in WHOLE or kind in COMMENTS:
        return True
    if language != "html" or kind != "element":
        return False
    tag = node.children[0]
    name = tag.named_children[0].text if tag.named_children else None
    return name is not None and name.lower() in _VERBATIM


def _leaf(kind: str, data: bytes, start: int, end: int, *, loose: bool) -> list[Leaf]:
    """Return the leaf without outer white space that says nothing; none where nothing is left."""
    text = data[start:end]
    lead, trail = len(text) - len(text.lstrip()), len(text) - len(text.rstrip())
    if kind == "jsx_text":
        # Without a line's end, white space shows.
        lead = lead if b"\n" in text[:lead] else 0
        trail = trail if b"\n" in text[len(text) - trail :] else 0
    elif lead == len(text):
        return []
    elif kind in WHOLE:
        lead = trail = 0
    return [Leaf(kind, start + lead, end - trail, loose)]


def _trimmed(kind: str, data: bytes, start: int, end: int, *, loose: bool) -> Leaf:
    text = data[start:end]
    return Leaf(kind, start, end - len(text) + len(text.rstrip()), loose)


def _embedded(node: Node, data: bytes) -> str | None:
    """Return the language of the text in a script or style of HTML; None when it is another."""
    parent = node.parent
    if parent is None or parent.type not in _EMBEDDED:
        return None
    tag = parent.children[0]
    if _OF_ANOTHER_TYPE.search(data[tag.start_byte : tag.end_byte]):
        return None
    return _EMBEDDED[parent.type]


def _attributes(siblings: Sequence[Node]) -> Iterator[int]:
    """Yield where comments of Rust start that are documentation where none may stand."""
    item = above = None
    markers = [_marker_of(node) for node in siblings]
    for node, marker in zip(siblings, markers, strict=True):
        if marker == "inner_doc_comment_marker" and above is not None:
            yield node.start_byte
        elif node.is_named and not node.is_extra and node.type != "inner_attribute_item":
            above = node
    for node, marker in zip(reversed(siblings), reversed(markers), strict=True):
        if marker == "outer_doc_comment_marker":
            if item is None or not _RUST_ITEM.search(item.type):
                yield node.start_byte
        elif node.is_named and not node.is_extra and node.type != "attribute_item":
            item = node


def _marker_of(node: Node) -> str:
    """Return the kind of documentation that a comment of Rust is; empty when it is none."""
    if node.type not in COMMENTS:
        return ""
    return next((it.type for it in node.named_children if it.type.endswith("_marker")), "")
