"""Special tokens in the user's own text.

Runtimes read ``<｜User｜>`` or ``<|im_end|>`` in a prompt as the token, not as the text, and leave
such tokens out of what they send back. Code about models holds them as text. So what is sent has
their bars broken (``<¦im_end¦>``), and what comes back has them mended; also where a model did so
itself and chose the other bars.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

# DeepSeek writes full-width bars (U+FF5C), Qwen and Llama ASCII ones.
_TOKEN: Final = re.compile(r"<([|｜])([^\s<>|｜]{1,60})\1>")
_BROKEN_BAR: Final = "¦"
_OTHER_BARS: Final = str.maketrans("|｜", "｜|")


@dataclass(frozen=True, slots=True)
class Disguise:
    """Texts that look like special tokens, each with what is written in its place."""

    names: tuple[tuple[str, str], ...] = ()
    slips: tuple[tuple[str, str], ...] = ()
    """The same texts, each with its spelling with other bars where none of the texts has that."""

    @classmethod
    def for_texts(cls, texts: Iterable[str], tokens: Iterable[str] = ()) -> Disguise:
        """Return the disguise for what ``texts`` hold; the names stand in none of them.

        ``tokens`` are special tokens without bars that the model reads as well: ``<file_sep>``.
        """
        pieces = list(texts)
        barred = {match.group() for text in pieces for match in _TOKEN.finditer(text)}
        bare = {token for token in tokens if any(token in text for text in pieces)}
        names: dict[str, str] = {}
        for token in sorted(barred | bare):
            start, inner, end = token[:1], token[1:-1].strip("|｜"), token[-1:]
            bars = _BROKEN_BAR
            while (name := f"{start}{bars}{inner}{bars}{end}") in names.values() or any(
                name in text for text in pieces
            ):
                bars += _BROKEN_BAR
            names[token] = name
        others = [(token, token.translate(_OTHER_BARS)) for token in sorted(barred)]
        slips = tuple((token, other) for token, other in others if other not in names)
        return cls(tuple(names.items()), slips)

    def put_on(self, text: str) -> str:
        """Return ``text`` with names for its special tokens."""
        for token, name in self.names:
            text = text.replace(token, name)
        return text

    def take_off(self, text: str) -> str:
        """Return ``text`` with special tokens for their names, and for their other spelling."""
        for token, name in (*self.names, *self.slips):
            text = text.replace(name, token)
        return text

    def put_on_lines(self, lines: Sequence[str]) -> Sequence[str]:
        """Return ``lines`` with names for their special tokens."""
        return [self.put_on(line) for line in lines] if self.names else lines

    def take_off_lines(self, lines: Sequence[str]) -> Sequence[str]:
        """Return ``lines`` with special tokens for their names."""
        return [self.take_off(line) for line in lines] if self.names else lines


class Unmasking:
    """Takes a disguise off a stream of text; however it is cut, the same comes out as in one."""

    __slots__ = ("_disguise", "_held", "_longest")

    def __init__(self, disguise: Disguise) -> None:
        self._disguise = disguise
        self._held = ""
        names = [name for _, name in (*disguise.names, *disguise.slips)]
        self._longest = max(map(len, names), default=0)

    def feed(self, text: str) -> str:
        """Return what is certain now: only the beginning of a name is held back."""
        if not self._longest:
            return text
        whole = self._held + text
        start = whole.rfind("<", max(0, len(whole) - self._longest))
        # A name holds no second "<", and ends at its first ">".
        self._held = whole[start:] if start >= 0 and ">" not in whole[start:] else ""
        return self._disguise.take_off(whole[: len(whole) - len(self._held)])

    def finish(self) -> str:
        """Return what was held back."""
        held, self._held = self._held, ""
        return self._disguise.take_off(held)
