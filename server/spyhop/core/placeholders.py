"""Lines such as "// ... existing code ..." that stand for code a model did not write out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_DOTS: Final = r"(?:\.{3,}|…+)"
_WORDS: Final = (
    r"(?:existing|rest|remaining|unchanged|same as|as before|omitted|other (?:code|methods|lines)"
    r"|previous|original|code here|keep|其余|剩余|其他|省略|不变|保持|原有|现有|同上|此处)"
)
_COMMENT: Final = r"(?:\#|//+|/\*+|\*|--|<!--|;|%|\{/\*|\"\"\")"
_PLACEHOLDER: Final = re.compile(
    rf"^\s*(?:{_COMMENT}\s*)(?:{_DOTS}.*|.*{_WORDS}.*{_DOTS}.*|.*{_DOTS}.*{_WORDS}.*"
    r"|(?:the )?(?:rest|remaining|existing|other)\b.*"
    r"\b(?:code|unchanged|same|here|methods?|lines?)\b.*"
    r"|.*(?:其余|剩余|其他|原有|现有)(?:的)?(?:代码|部分|内容|方法).*(?:不变|省略|相同|保持|同上)?.*)$"
    rf"|^\s*{_DOTS}\s*\(?.*{_WORDS}.*\)?\s*$",
    re.IGNORECASE,
)


def placeholders(code: Sequence[str], original: Sequence[str]) -> list[int]:
    """Return the 0-based lines of ``code`` that are placeholders and not in the ``original``."""
    own = {line.strip() for line in original}
    return [
        number
        for number, line in enumerate(code)
        if line.strip() not in own and _PLACEHOLDER.match(line)
    ]
