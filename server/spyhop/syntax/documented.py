"""The comment or the string that documents a declaration."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import Final

from tree_sitter import Node

_OPENING: Final = re.compile(
    r"[rRuU]?(?P<quotes>\"\"\"|'''|\"|')|/\*[*!]*|///?!?|#+!?|--\[=*\[|--+|<!--|;+"
)
_CLOSINGS: Final = (("/*", " */"), ("<!--", " -->"), ("--[[", " ]]"))
_DECORATION: Final = re.compile(r"^[\s*]+|\s*(?:\*+/|-->|\]=*\]|\"\"\"|'''|[\"'])?\s*$")
_WORD: Final = re.compile(r"[^\W_]")
# A comment of more lines than this is text, not what a declaration is for.
_FURTHEST: Final = 40


def above(node: Node, kinds: AbstractSet[str]) -> Node:
    """Return the first of the nodes of ``kinds`` that stand directly above ``node``, or itself."""
    while (before := node.prev_sibling) is not None and before.type in kinds:
        node = before
    return node


def documentation(node: Node, body: Node | None) -> str:
    """Return the first line of what documents ``node``, as a whole comment or string; or nothing.

    That is the string that its body begins with, or the comments in the lines directly above.
    """
    first = body.named_children[0] if body is not None and body.named_child_count else None
    if first is not None and first.type == "expression_statement" and first.named_child_count:
        first = first.named_children[0]
    if first is not None and first.type == "string" and body is not None and body.type == "block":
        return _first_line((first.text or b"").decode(errors="replace"))
    comment, row = None, node.start_point.row
    before = node.prev_sibling
    for _ in range(_FURTHEST):
        if before is None or "comment" not in before.type:
            break
        # Rust's documentation comments end with their line.
        last = before.end_point.row - (before.end_point.column == 0)
        if last != row - 1 or not _stands_alone(before):
            break
        comment, row, before = before, before.start_point.row, before.prev_sibling
    return _first_line((comment.text or b"").decode(errors="replace")) if comment else ""


def _stands_alone(comment: Node) -> bool:
    """Tell whether nothing else stands in the line before ``comment``."""
    before = comment.prev_sibling
    return (
        before is None
        or before.end_point.row < comment.start_point.row
        or (before.end_point.column == 0)
    )


def _first_line(text: str) -> str:
    opening = _OPENING.match(text)
    mark = opening.group() if opening else ""
    for line in text[len(mark) :].split("\n"):
        words = _DECORATION.sub("", line)
        if _WORD.search(words):
            if opening and opening["quotes"]:
                return f"{mark}{words}{opening['quotes']}"
            closing = next((end for start, end in _CLOSINGS if mark.startswith(start)), "")
            return f"{mark} {words}{closing}"
    return ""
