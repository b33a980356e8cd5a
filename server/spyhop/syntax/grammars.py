"""The grammars, one wheel a language, each loaded when a file of its language is first read."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import Final

from tree_sitter import Language, Parser, Tree

_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
# tree-sitter-bash up to 0.25.1 reads outside of a table, and may crash, when a brace expansion
# begins with a character from beyond the basic plane (tree-sitter/tree-sitter-bash#337).
_BASH_CRASH: Final = re.compile(rb"(\{[\d.]*)[\xf0-\xf4][\x80-\xbf]{3}")
# LSP's identifier of a language: (the module of its grammar, the function in it).
_GRAMMARS: Final[dict[str, tuple[str, str]]] = {
    "c": ("tree_sitter_c", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "csharp": ("tree_sitter_c_sharp", "language"),
    "css": ("tree_sitter_css", "language"),
    "go": ("tree_sitter_go", "language"),
    "html": ("tree_sitter_html", "language"),
    "java": ("tree_sitter_java", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "javascriptreact": ("tree_sitter_javascript", "language"),
    "kotlin": ("tree_sitter_kotlin", "language"),
    "lua": ("tree_sitter_lua", "language"),
    "php": ("tree_sitter_php", "language_php"),
    "python": ("tree_sitter_python", "language"),
    "ruby": ("tree_sitter_ruby", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "scala": ("tree_sitter_scala", "language"),
    "shellscript": ("tree_sitter_bash", "language"),
    "sql": ("tree_sitter_sql", "language"),
    "toml": ("tree_sitter_toml", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "typescriptreact": ("tree_sitter_typescript", "language_tsx"),
    "yaml": ("tree_sitter_yaml", "language"),
}

LANGUAGES: Final = frozenset(_GRAMMARS)
"""LSP's identifiers of the languages that there is a grammar for."""


def parse(language: str, text: str) -> Tree | None:
    """Return the syntax tree of ``text``; None where there is no grammar for ``language``.

    Nodes count in UTF-8 bytes of ``text``; a lone surrogate counts as U+FFFD, which has three.
    """
    if language not in _GRAMMARS:
        return None
    data = encoded(text)
    if language == "shellscript":
        data = _BASH_CRASH.sub(rb"\1____", data)
    return _parser(language).parse(data)


def encoded(text: str) -> bytes:
    """Return the bytes that the nodes of a tree of ``text`` count in."""
    return _LONE_SURROGATE.sub("\ufffd", text).encode()


@cache
def grammar(language: str) -> Language | None:
    """Return the grammar of ``language``; None where there is none."""
    if language not in _GRAMMARS:
        return None
    module, function = _GRAMMARS[language]
    return Language(getattr(import_module(module), function)())


@cache
def _parser(language: str) -> Parser:
    return Parser(grammar(language))
