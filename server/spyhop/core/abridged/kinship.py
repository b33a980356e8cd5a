"""Whether a line that a model changed is one of the original's.

A changed line and a new one beside a line that is not shown look the same ("import re" for
"import os"?), and the one takes a line away that the other leaves. So two lines are the same one
only when they name the same thing, not when they merely look alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

_MODIFIERS: Final = (
    r"(?:(?:export|default|public|private|protected|internal|static|async|pub(?:\(\w+\))?|abstract"
    r"|final|override|unsafe|inline|virtual|open|data|sealed|readonly|declare|local)\s+)*"
)
_DEFINITION: Final = re.compile(
    rf"{_MODIFIERS}(?P<kind>def|class|fn|func|function|interface|struct|enum|trait|module|namespace"
    r"|resource|table)\s*\*?\s+(?:\([^)]*\)\s*)?(?P<name>[\w$.:?!]+)"
)
_TYPED_FUNCTION: Final = re.compile(
    r"[^=]*?\b(?!(?:if|for|foreach|while|switch|catch|match|with|using|lock|return)\b)"
    r"(?P<name>[\w$~]+)\s*\((?P<parameters>[^()]*)\)[^()=]*\{$"
)
_ASSIGNMENT: Final = re.compile(
    rf"{_MODIFIERS}(?:(?:const|let|var|auto|val|mut|my|set)\s+)*"
    r"(?P<name>[\w.$@]+)(?:\s*:\s*[^=]+?)?\s*:?=(?![=>])"
)
_MAPPING: Final = re.compile(
    r"(?:- )?[\"']?(?!(?:else|try|finally|except|default|case|public|private|protected)\b)"
    r"(?P<name>[\w.$@/-]+)[\"']?\??\s*:(?![:=])"
)
_ARM: Final = re.compile(r"(?:case\s+)?(?P<name>[^=()-]+(?:\([^()]*\))?)\s*(?:=>|->)\s")
_CLAUSE: Final = re.compile(
    r"(?P<name>SELECT|FROM|WHERE|GROUP BY|HAVING|ORDER BY|LIMIT|OFFSET|order by|group by)\b"
)
_LITERAL: Final = re.compile(
    r"[^=]*=\s*(?:\"[^\"]*\"|'[^']*'|-?[\d._]+|true|false|null|nil|none)[,;]?$", re.IGNORECASE
)
_RETURN: Final = re.compile(r"return\b")
_FIRST_WORD: Final = re.compile(r"\W*[\w.]+")
_LISTED: Final = re.compile(
    r"(?:import|from|using|use|require|include|#\s*include|@import|@use|package|export \*)\b"
)
_MODULE: Final = re.compile(r"\bfrom\s+[\"']?[\w./@-]+")
_COMMON: Final = re.compile(
    r"\W*(?:if|for|while|case|when|match|switch|const|let|var|print|public|private|protected|static"
    r"|final|int|string|void|await|raise|throw|assert|del|delete|else|with|try|new|my|local|echo"
    r"|li|tr|td|option|def|fn|func|function|class)\b",
    re.IGNORECASE,
)
_KINDS: Final = (
    ("definition", _DEFINITION),
    ("()", _TYPED_FUNCTION),
    (":", _MAPPING),
    ("=", _ASSIGNMENT),
    ("=>", _ARM),
    ("clause", _CLAUSE),
    ("return", _RETURN),
)
_ALIKE: Final = 85
_ASSIGNED_ALIKE: Final = 70
# What a line names stands at its beginning; longer lines are data, not worth the time.
_LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class Name:
    """What a line names, and in which way."""

    kind: str
    name: str
    parameters: str = ""
    """Of a function in languages that tell those of one name apart by them."""


def name_of(text: str) -> Name | None:
    """Return what the line ``text``, without outer white space, defines, sets or returns."""
    if len(text) > _LONGEST:
        return None
    for kind, pattern in _KINDS:
        if found := pattern.match(text):
            groups = found.groupdict()
            name = "".join((groups.get("name") or "").split()).rstrip(":")
            parameters = "".join((groups.get("parameters") or "").split())
            return Name(groups.get("kind") or kind, name, parameters)
    return None


def is_definition(text: str) -> bool:
    """Tell whether the line ``text`` begins a definition or a named section of its own."""
    name = name_of(text)
    return name is not None and name.kind not in {"=", "=>", "return"}


def is_same_block(one: str, other: str) -> bool:
    """Tell whether two lines that open blocks open the same one, changed or not."""
    if one == other:
        return True
    names = name_of(one), name_of(other)
    if names[0] or names[1]:
        return names[0] == names[1]
    return _alike(one, other)


def names_same(new: str, old: str) -> bool:
    """Tell whether ``new`` is ``old`` changed, where either names nothing that others name, too."""
    if new.rstrip(",;") == old.rstrip(",;"):
        return True
    name = name_of(old)
    if name is None or name != name_of(new):
        return False
    if name.kind != "=" or (_LITERAL.match(new) and _LITERAL.match(old)):
        return True
    word = re.compile(rf"(?<![\w.]){re.escape(name.name)}(?!\w)")
    uses = len(word.findall(new)) > 1 >= len(word.findall(old))
    return not uses and fuzz.ratio(new, old) >= _ASSIGNED_ALIKE


def may_be_same(new: str, old: str) -> bool:
    """Tell whether ``new`` may as well be ``old`` changed as a line of its own."""
    if _LISTED.match(new):
        modules = _MODULE.search(new), _MODULE.search(old)
        return bool(modules[0] and modules[1] and modules[0].group() == modules[1].group())
    name, old_name = name_of(new), name_of(old)
    if name and old_name and name.kind == old_name.kind:
        return name.name == old_name.name
    first, other = _FIRST_WORD.match(new), _FIRST_WORD.match(old)
    if first and other and first.group() == other.group() and not _COMMON.match(new):
        return True
    return _alike(new, old)


def _alike(one: str, other: str) -> bool:
    if max(len(one), len(other)) > _LONGEST:
        return False
    return fuzz.ratio(one, other, score_cutoff=_ALIKE) > 0
