"""Python's docstrings: strings that are comments, by where they stand."""

from __future__ import annotations

import re
from typing import Final

from tree_sitter import Node

_OWNERS: Final = frozenset({"function_definition", "class_definition"})
_PLAIN: Final = re.compile(
    rb"[uU]?(?:'''|\"\"\"|'|\")(?:[^\\]|\\(?:[\\'\"abfnrtv\n]|\r\n|[0-3]?[0-7]{1,2}"
    rb"|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U000[0-9a-fA-F]{5}))*"
)
_RAW: Final = re.compile(rb"[rR]['\"].*", re.DOTALL)


def is_docstring(statement: Node) -> bool:
    r"""Tell whether an expression statement documents the body that it begins.

    One that Python would complain about is none: "\d" is no escape. Nor is one of several strings,
    or a tuple of one.
    """
    if statement.child_count != 1 or statement.children[0].type != "string":
        return False
    body = statement.parent
    if body is None or statement.has_error:
        return False
    owner = body.parent
    is_body = (
        owner is None
        if body.type == "module"
        else body.type == "block" and owner is not None and owner.type in _OWNERS
    )
    text = statement.text or b""
    return is_body and _is_first(statement) and bool(_PLAIN.fullmatch(text) or _RAW.fullmatch(text))


def _is_first(statement: Node) -> bool:
    above = statement.prev_named_sibling
    while above is not None and above.is_extra:
        above = above.prev_named_sibling
    return above is None
