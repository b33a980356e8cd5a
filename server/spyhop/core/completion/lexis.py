"""How code looks in a language: its comments, its strings, and how its blocks end.

Rough on purpose: it is read for the few lines around a caret, where code is rarely whole. Where
a grammar is at hand, `spyhop.syntax.caret` knows better what the caret stands in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeAlias

Blocks: TypeAlias = Literal["brackets", "indentation", "words", "none"]
"""What a block ends with: its bracket, a line less deep, a word such as ``end``, or nothing."""

_NOTHING: Final = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True, eq=False)
class Lexis:
    """How code looks in a language."""

    line_comment: str = ""
    """A regular expression for what begins a comment that goes to the line's end."""
    block_comments: tuple[tuple[str, str], ...] = ()
    strings: tuple[str, ...] = ('"', "'")
    """What opens and closes a string, longer ones first."""
    over_lines: frozenset[str] = frozenset()
    """The strings that may go over lines."""
    literal: str = ""
    """A regular expression for what is whole although it holds a quote or a bracket."""
    blocks: Blocks = "brackets"
    opener: re.Pattern[str] = _NOTHING
    """Found in a line, without comment and white space at its end, that opens a block by words."""
    ends: re.Pattern[str] = _NOTHING
    """Matches a line that ends a block."""
    middles: re.Pattern[str] = _NOTHING
    """Matches a line that goes on with a block at the depth of its head."""
    is_prose: bool = False
    """Text for people: there is no code in it."""

    @property
    def token(self) -> re.Pattern[str]:
        """What changes the state of a reader who is in code: groups say how."""
        return _token(self)


@cache
def _token(lexis: Lexis) -> re.Pattern[str]:
    opened = "|".join(re.escape(opening) for opening, _ in lexis.block_comments)
    strings = "|".join(map(re.escape, lexis.strings))
    kinds = {
        "literal": lexis.literal,
        "line": lexis.line_comment,
        "block": opened,
        "string": strings,
        "open": r"[(\[{]",
        "close": r"[)\]}]",
    }
    return re.compile("|".join(f"(?P<{kind}>{it})" for kind, it in kinds.items() if it))


_SLASHES: Final = r"//"
# In shells and YAML a hash begins a comment only at the beginning of a word.
_HASH_OF_WORD: Final = r"(?:(?<=\s)|(?<![^\r\n]))\#"
_STARRED: Final = (("/*", "*/"),)
_MARKED_UP: Final = (("<!--", "-->"),)
_TRIPLE: Final = frozenset({'"""', "'''"})
_CHARACTER: Final = r"'(?:\\[^'\r\n]*|[^'\\\r\n])'"
# In the text of an element or a plain value it is no quote.
_APOSTROPHE: Final = r"(?<=[A-Za-z])'(?=[a-z])"
_REGEX: Final = (
    r"(?:(?<![^=(,:!&|?;{\[\r\n])|(?<=return)) ?/(?![/*])"
    r"(?:\\[^\r\n]|\[(?:\\[^\r\n]|[^\]\\\r\n])*\]|[^/\\\r\n\[])+/"
)
DEFINITION: Final = re.compile(
    r"\s*(?:(?:export|default|public|private|protected|internal|static|final|abstract|override|open"
    r"|async|suspend|virtual|inline|extern|unsafe|const|pub(?:\([a-z ]+\))?|local|sealed|data|case)"
    r"\s+)*(?:def|func|fun|fn|function|class|interface|struct|enum|trait|impl|object|module"
    r"|namespace|record)\b\*?(?=[\s(])"
)
"""Matches the head of a function, a class or the like, in any of the languages."""

_BRACED: Final = Lexis(line_comment=_SLASHES, block_comments=_STARRED)
_WITH_CHARACTERS: Final = Lexis(
    line_comment=_SLASHES, block_comments=_STARRED, strings=('"',), literal=_CHARACTER
)
_WITH_TEXT_BLOCKS: Final = Lexis(
    line_comment=_SLASHES,
    block_comments=_STARRED,
    strings=('"""', '"'),
    over_lines=_TRIPLE,
    literal=_CHARACTER,
)
_SCRIPT: Final = Lexis(
    line_comment=_SLASHES,
    block_comments=_STARRED,
    strings=("`", '"', "'"),
    over_lines=frozenset("`"),
    literal=f"{_APOSTROPHE}|{_REGEX}",
)
_COLON: Final = re.compile(r":$")
_PLAIN: Final = Lexis(strings=('"',), blocks="indentation", opener=_COLON)
_PROSE: Final = Lexis(strings=(), blocks="none", is_prose=True)
_TAGS: Final = Lexis(
    block_comments=_MARKED_UP,
    strings=('"',),
    over_lines=frozenset('"'),
    blocks="words",
    opener=re.compile(
        r"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b)[\w.:-]+"
        r"(?:\s[^<>]*)?(?<!/)>$",
        re.IGNORECASE,
    ),
    ends=re.compile(r"\s*</"),
)
_OF_LANGUAGE: Final[dict[str, Lexis]] = {
    "python": Lexis(
        line_comment=r"\#",
        strings=('"""', "'''", '"', "'"),
        over_lines=_TRIPLE,
        blocks="indentation",
        opener=_COLON,
    ),
    "yaml": Lexis(
        line_comment=_HASH_OF_WORD, literal=_APOSTROPHE, blocks="indentation", opener=_COLON
    ),
    "toml": Lexis(
        line_comment=r"\#",
        strings=('"""', "'''", '"', "'"),
        over_lines=_TRIPLE,
        blocks="none",
    ),
    "ruby": Lexis(
        line_comment=_HASH_OF_WORD,
        blocks="words",
        opener=re.compile(
            r"^\s*(?:def|class|module|if|unless|while|until|case|for|begin|else|elsif\b.*|when\b.*"
            r"|rescue\b.*|ensure)\b(?!.*\bend$)|\bdo(?:\s*\|[^|]*\|)?$"
        ),
        ends=re.compile(r"\s*end\b"),
        middles=re.compile(r"\s*(?:else|elsif|when|in|rescue|ensure)\b"),
    ),
    "lua": Lexis(
        line_comment=r"--(?!\[\[)",
        block_comments=(("--[[", "]]"),),
        blocks="words",
        opener=re.compile(r"\b(?:then|do|else|repeat)$|\bfunction\b[^()]*\([^()]*\)$"),
        ends=re.compile(r"\s*(?:end|until)\b"),
        middles=re.compile(r"\s*(?:else|elseif)\b"),
    ),
    "shellscript": Lexis(
        line_comment=_HASH_OF_WORD,
        over_lines=frozenset("\"'"),
        literal=r"\\.|\$\#|\$\{\#|(?<![^\r\n])[ \t]*[\w*\"'|?.\[\]-]+\)",
        blocks="words",
        opener=re.compile(r"\b(?:then|do|else|in)$|\{$|^[^()]*[^()\s]\)$"),
        ends=re.compile(r"\s*(?:fi|done|esac|\}|;;)(?!\w)"),
        middles=re.compile(r"\s*(?:else|elif)\b"),
    ),
    "sql": Lexis(
        line_comment="--",
        block_comments=_STARRED,
        over_lines=frozenset("\"'"),
        blocks="words",
        opener=re.compile(r"\b(?:begin|then|loop|else)$", re.IGNORECASE),
        ends=re.compile(r"\s*end\b", re.IGNORECASE),
        middles=re.compile(r"\s*(?:else|elsif|exception|when)\b", re.IGNORECASE),
    ),
    "html": _TAGS,
    "xml": _TAGS,
    "vue": _TAGS,
    "css": Lexis(block_comments=_STARRED),
    "json": Lexis(strings=('"',)),
    "jsonc": Lexis(line_comment=_SLASHES, block_comments=_STARRED, strings=('"',)),
    "php": Lexis(line_comment=r"//|\#(?!\[)", block_comments=_STARRED, over_lines=frozenset("\"'")),
    "c": _WITH_CHARACTERS,
    "cpp": _WITH_CHARACTERS,
    "go": Lexis(
        line_comment=_SLASHES,
        block_comments=_STARRED,
        strings=("`", '"'),
        over_lines=frozenset("`"),
        literal=_CHARACTER,
    ),
    "rust": Lexis(
        line_comment=_SLASHES,
        block_comments=_STARRED,
        strings=('"',),
        over_lines=frozenset('"'),
        literal=_CHARACTER,
    ),
    "csharp": _WITH_TEXT_BLOCKS,
    "java": _WITH_TEXT_BLOCKS,
    "kotlin": _WITH_TEXT_BLOCKS,
    "scala": _WITH_TEXT_BLOCKS,
    "swift": _WITH_TEXT_BLOCKS,
    "javascript": _SCRIPT,
    "javascriptreact": _SCRIPT,
    "typescript": _SCRIPT,
    "typescriptreact": _SCRIPT,
    "dart": _BRACED,
    "scss": _BRACED,
    "less": _BRACED,
    **dict.fromkeys(
        ["", "asciidoc", "latex", "markdown", "plaintext", "restructuredtext", "tex", "text"],
        _PROSE,
    ),
}


def lexis_of(language: str) -> Lexis:
    """Return how code looks in ``language``, LSP's identifier; of an unknown one, a rough guess."""
    return _OF_LANGUAGE.get(language, _PLAIN)
