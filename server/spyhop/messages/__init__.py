"""What Spyhop says to people, in English and Simplified Chinese.

The words are in ``en.toml`` and ``zh-cn.toml``: the same keys, the same ``{values}``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from spyhop.core.visible import visible_line

Language: TypeAlias = Literal["en", "zh-cn"]
Value: TypeAlias = str | int | float

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)


def say(language: Language, key: str, /, **values: Value) -> str:
    """Return the message ``key`` in ``language`` with ``values`` put in.

    Texts among them are foreign: a server's words, a path. They stay on the line and are visible,
    so that no terminal and no editor obeys them.
    """
    shown = {
        name: visible_line(value) if isinstance(value, str) else value
        for name, value in values.items()
    }
    return catalog(language)[key].format(**shown)


def language_of(locale: str | None) -> Language:
    """Return the language for a locale such as ``zh_CN.UTF-8`` or ``zh-Hans``."""
    return "zh-cn" if (locale or "").lower().startswith("zh") else "en"


@cache
def catalog(language: Language) -> dict[str, str]:
    """Return all messages of ``language`` by key."""
    path = Path(__file__).with_name(f"{language}.toml")
    messages: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))
    return messages


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell the user that is no error."""

    key: str
    values: tuple[tuple[str, Value], ...] = ()

    @classmethod
    def of(cls, key: str, /, **values: Value) -> Notice:
        """Return the notice ``key`` with its values."""
        return cls(key, tuple(values.items()))

    def say(self, language: Language) -> str:
        """Return the notice in ``language``."""
        return say(language, self.key, **dict(self.values))
