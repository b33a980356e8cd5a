"""Where a caret stands, read with tree-sitter where there is a grammar, and by lines where not.

A caret is asked about at every key, so only what is near is parsed: a `Window`.
"""

from __future__ import annotations

import re
from typing import Final

from tree_sitter import Node

from spyhop.core.completion.lexis import Lexis, lexis_of
from spyhop.core.completion.place import Place, Scope, Trigger, place_of
from spyhop.core.completion.scan import State
from spyhop.core.completion.window import Window
from spyhop.core.indentation import indent_of
from spyhop.core.lines import is_blank
from spyhop.syntax.comments.leaves import COMMENTS, WHOLE
from spyhop.syntax.grammars import encoded, parse

_NO_STRINGS: Final = frozenset(
    {
        "attribute_value",
        "block_scalar",
        "plain_scalar",
        "quoted_attribute_value",
        "shell_command_expression",
        "string_array",
        "subshell",
        "template_literal_type",
        "xml_expression",
    }
)
_STRINGS: Final = WHOLE - _NO_STRINGS
# Code inside of a string.
_SUBSTITUTION: Final = re.compile(r"substitution|interpolation|interpolated_expression|expansion")
_QUOTE: Final = re.compile(r"[A-Za-z@$]*(\"{3}|'{3}|[\"'`])")
_SCOPE: Final = re.compile(
    r"(?:function|method|constructor|class|struct|enum|interface|trait|impl|object|module|namespace"
    r"|record)(?:_definition|_declaration|_specifier|_item|_expression)?$"
    r"|^(?:arrow_function|lambda|element|rule_set|(?:singleton_)?method|do_block|macro_definition)$"
)
_TO_LINE_END: Final = "\n"


def place_at(language: str, text: str, offset: int, trigger: Trigger = "automatic") -> Place:
    """Return where the caret at the 0-based character ``offset`` of ``text`` stands.

    ``language`` is LSP's identifier; an unknown one, or none, is read by lines.
    """
    lexis = lexis_of(language)
    around = Window.of(lexis, text[:offset], text[offset:])
    above = text[: around.first]
    skipped = above.count("\n") + above.count("\r") - above.count("\r\n")
    tree = parse(language, around.before + around.after)
    if tree is None:
        scope = _scope_by_lines(around, skipped)
        return place_of(language, around, trigger, scope=scope)
    caret = len(encoded(around.before))
    node = tree.root_node.descendant_for_byte_range(max(0, caret - 1), caret)
    line = tree.root_node.descendant_for_byte_range(caret - len(encoded(around.head)), caret)
    known = _state(node, caret, lexis) if node else None
    if known == State() and line is not None and line.has_error:
        # What is being typed is not whole yet: the lines tell more than a grammar.
        known = None
    scope = _scope(node, caret, skipped) or _scope_by_lines(around, skipped)
    return place_of(language, around, trigger, known=known, scope=scope)


def _state(node: Node | None, caret: int, lexis: Lexis) -> State:
    """Return the string or comment around the byte ``caret``, which ``node`` is at."""
    while node is not None:
        kind, text = node.type, node.text or b""
        if kind in COMMENTS and node.start_byte < caret:
            for opening, closing in lexis.block_comments:
                if text.startswith(opening.encode()):
                    inside = caret < node.end_byte or not text.endswith(closing.encode())
                    return State(closing, (), is_comment=True) if inside else State()
            if caret <= node.start_byte + len(text.rstrip(b"\r\n")):
                return State(_TO_LINE_END, (), is_comment=True)
        if _SUBSTITUTION.search(kind) and node.start_byte < caret < node.end_byte:
            return State()
        if kind in _STRINGS and node.start_byte < caret < node.end_byte:
            quote = _QUOTE.match(text[:16].decode(errors="replace"))
            known = quote is not None and quote[1] in lexis.strings
            return State(quote[1] if quote and known else _TO_LINE_END)
        node = node.parent
    return State()


def _scope(node: Node | None, caret: int, skipped: int) -> Scope | None:
    """Return the innermost definition around ``node``; ``skipped`` lines stand above the tree."""
    while node is not None:
        is_root = node.parent is None
        if not is_root and node.start_byte < caret and _SCOPE.search(node.type) and node.is_named:
            last = node.end_point.row - (node.end_point.column == 0 < node.end_point.row)
            return Scope(skipped + node.start_point.row, skipped + last, node.type)
        node = node.parent
    return None


def _scope_by_lines(around: Window, skipped: int) -> Scope | None:
    """Return the lines from the next less deep one above to the next one below."""
    own = around.head if is_blank(around.head + around.rest) else around.head + around.rest
    depth = len(indent_of(own))
    above = around.above
    first = next(
        (
            number
            for number in range(len(above) - 1, -1, -1)
            if not is_blank(above[number]) and len(indent_of(above[number])) < depth
        ),
        None,
    )
    if first is None:
        return None
    head = len(indent_of(above[first]))
    last = len(above)
    for number, line in enumerate(around.below, len(above) + 1):
        if not is_blank(line) and len(indent_of(line)) <= head:
            break
        last = number
    return Scope(skipped + first, skipped + last, "")
