"""What models put around the code they are asked for: fences, remarks, tokens of their own.

The lines of an output pass through here one by one; what comes out is code, or the text of a
document that is no code.
"""

from __future__ import annotations

import re
from typing import Final

from spyhop.core.abridged.placeholders import placeholders
from spyhop.core.completion.echo import Move, PrefixEcho
from spyhop.core.completion.lexis import Lexis
from spyhop.core.completion.scan import State, steps
from spyhop.core.completion.window import Window
from spyhop.core.fences import is_prose
from spyhop.core.lines import end_of, is_blank, without_end
from spyhop.core.quotes import straighten_quotes
from spyhop.core.special_tokens import CONTROL_TOKEN, Disguise

_FENCE: Final = re.compile(r"[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[\w+#.-]*)[ \t]*$")
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
_CODE_SIGN: Final = re.compile(r"[={}()\[\];<>\"']|\w\.\w")
# Old sequence ends look like HTML's way to strike text out.
_OLD_END: Final = re.compile(r"</?s>\s*$")
# Who explains for longer has no code to offer.
_MOST_REMARKS: Final = 20
_PROSE_INFOS: Final = frozenset({"markdown", "md", "text"})
_MARKUP: Final = frozenset({"html", "javascriptreact", "markdown", "php", "typescriptreact", "vue"})


class Wrapping:
    """Takes an output line by line and gives back what belongs into the document."""

    def __init__(
        self,
        language: str,
        lexis: Lexis,
        around: Window,
        *,
        fence: str,
        prefilled: bool,
        disguise: Disguise,
    ) -> None:
        self._lexis = lexis
        self._fence = fence
        self._disguise = disguise
        self._language = language
        self._document = around.before + around.after
        self._is_chinese = bool(_CHINESE.search(self._document))
        self._known_lines = {line.strip() for line in around.above}
        self._echo = PrefixEcho(around.above, around.head)
        self._awaits_opening = not prefilled
        self._may_open = True
        self._nested = 0
        self._remarks = 0
        self._last = around.head or around.line_above
        self.is_fresh = False
        """Whether the code begins on a line of its own rather than at the caret."""
        self.has_ended = False
        """Whether all that comes now is no part of it."""

    @property
    def move(self) -> Move | None:
        """How deep the output has a line of the document that it repeated; None: it did not."""
        return self._echo.move

    def take(self, line: str, state: State) -> list[str]:
        """Take the next line, which begins in ``state``; return the document's own so far."""
        line = self._without_control_tokens(line)
        is_code = not state.inside
        if is_code and self._is_fence(line):
            return []
        if is_code and not self._lexis.is_prose:
            if self._is_remark(line):
                self._remarks += 1
                self.has_ended = not self._may_open or self._remarks > _MOST_REMARKS
                self.is_fresh = True
                return []
            line = self._without_glued_fence(line)
            if self._stands_for_code(line):
                self.has_ended = True
                return []
            if not (line := self._tidied(line)):
                return []
        line = self._disguise.take_off(line)
        if not is_blank(line):
            self._may_open = False
            self._last = line
        return self._echo.take(line)

    def opens(self, line: str) -> bool:
        """Tell whether ``line`` is a fence that may open the code."""
        found = _FENCE.match(without_end(line))
        least = len(self._fence) if self._lexis.is_prose else 0
        if found is None or len(found["fence"]) < least:
            return False
        return found["fence"][0] == self._fence[0]

    def finish(self) -> list[str]:
        """Return the lines that were held back and are the document's own."""
        return self._echo.finish()

    @property
    def waits(self) -> bool:
        """Whether lines are held back, or the next one may still be held back."""
        return self._echo.waits

    def ends_with(self, part: str, state: State) -> bool:
        """Tell whether nothing can come any more behind ``part``, a line's beginning."""
        if self._control_token(part):
            return True
        begins_fence = part.lstrip(" ").startswith(self._fence)
        return begins_fence and not (state.inside or self._lexis.is_prose or self._may_open)

    def _control_token(self, line: str) -> re.Match[str] | None:
        """Return the first token of the model's own; those of the user's are text."""
        names = dict(self._disguise.names)
        for found in CONTROL_TOKEN.finditer(line):
            if found.group() in names or found.group() not in self._document:
                return found
        return None

    def _without_control_tokens(self, line: str) -> str:
        token = self._control_token(line)
        if not token and self._language not in _MARKUP:
            token = _OLD_END.search(line)
        if token:
            self.has_ended = True
            return line[: token.start()].rstrip(" ")
        return line

    def _is_fence(self, line: str) -> bool:
        """Take a line that is a fence around the code; tell whether it is one."""
        if not (self._lexis.is_prose or self._may_open) and line.lstrip(" ").startswith(
            self._fence
        ):
            self.has_ended = True
            return True
        found = _FENCE.match(without_end(line))
        if not found or found["fence"][0] != self._fence[0]:
            return False
        is_close = len(found["fence"]) >= len(self._fence)
        info = found["info"].lower()
        is_around = not self._lexis.is_prose or self._awaits_opening or info in _PROSE_INFOS
        if self._may_open and (info or self._awaits_opening) and is_around:
            self._awaits_opening = False
            self.is_fresh = True
            self._fence = found["fence"]
            return True
        if self._lexis.is_prose and (info or self._nested or not is_close):
            self._nested += 1 if info else -1 if self._nested else 0
            return False
        self.has_ended = True
        return True

    def _is_remark(self, line: str) -> bool:
        """Tell whether ``line`` speaks to the user; a comment does not."""
        text = line.strip()
        begins = self._lexis.token.match(text)
        is_comment = begins is not None and begins.lastgroup in {"line", "block", "string"}
        if is_comment or text in self._known_lines:
            return False
        if is_prose(line):
            return True
        return len(_CHINESE.findall(text)) * 2 > len(text) and not _CODE_SIGN.search(text)

    def _without_glued_fence(self, line: str) -> str:
        code = line.rstrip().removesuffix(self._fence)
        if code == line.rstrip() or code.endswith(self._fence[0]) or self._fence in code:
            return line
        self.has_ended = True
        return code

    def _stands_for_code(self, line: str) -> bool:
        return 1 in placeholders([self._last, line], [])

    def _tidied(self, line: str) -> str:
        """Return ``line`` with straight quotes and without Chinese comments that are not wanted.

        They are where the document has Chinese itself. A line that was nothing else is empty.
        """
        line = straighten_quotes([line], [self._document])[0]
        if self._is_chinese or not _CHINESE.search(line):
            return line
        for step in steps(self._lexis, line):
            if step.what == "comment" and _CHINESE.search(line, step.start):
                code = line[: step.start].rstrip()
                closing = step.state.inside
                _, closed, behind = line[step.end :].partition(closing)
                if closing != "\n" and (not closed or behind.strip()):
                    return line
                return code + end_of(line) if code else ""
        return line
