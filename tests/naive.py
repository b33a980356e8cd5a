"""The naive way to complete: what plugins do that know nothing of the runtime's cache.

At each change, or 0.3 s after the last one, a request with so many characters before and behind the
caret, the text behind it in front, and those windows of the open files that are most like the last
lines, the likest first. Whatever was asked before is cancelled, nothing is remembered. The prompt's
words, its budget in tokens, the model and its limits are ours.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Final

from dictated import Dictated, Engine
from keystrokes import Session, Step
from replaying import LIBRARY, SETTINGS, Way, opened
from spyhop.core.lines import split_lines
from spyhop.core.similar import most_similar, windows_of, words_of
from spyhop.core.stream import Text
from spyhop.models.port import Request
from spyhop.prompting.budget import CompletionBudget
from spyhop.prompting.complete import build
from spyhop.prompting.layout import Layout
from spyhop.prompting.related import Related, Snippet

_LINES_COMPARED: Final = 20
_MOST_WINDOWS: Final = 16
_DELAY: Final = 0.3


class Naive:
    """An editor with a plugin of the naive way, that asks ``delay`` seconds after a change."""

    def __init__(self, session: Session, engine: Engine, model: Dictated, delay: float) -> None:
        self.on_screen = ""
        self.shown: set[int] = set()
        self._model = model
        self._delay = delay
        self._file = opened(session.file, session.start)
        self._length = len(session.target) / len(engine.tokens(session.target))
        """How many characters a token has, on average."""
        self._files = [opened(path) for path in session.open]
        self._windows = [windows_of(file.text) for file in self._files]
        self._asking: asyncio.Task[None] | None = None

    def press(self, step: Step) -> None:
        if self._asking is not None:
            self._asking.cancel()
        if step.key.move is None:
            self._asking = asyncio.create_task(self._ask(step.text, step.caret))

    async def aclose(self) -> None:
        assert self._asking is None or self._asking.done()

    async def _ask(self, text: str, caret: int) -> None:
        await asyncio.sleep(self._delay)
        prompt = build(
            LIBRARY.get("complete"),
            self._file.path,
            self._file.language,
            self._layout(text, caret),
        )
        request = Request(
            (prompt.turn,),
            prompt.beginning,
            thinks=False,
            temperature=0,
            stop=(*prompt.stop, "\n\n"),
            max_tokens=SETTINGS.max_tokens,
        )
        number = len(self._model.generations)
        async with aclosing(self._model.stream(request)) as deltas:
            written = [delta.text async for delta in deltas if isinstance(delta, Text)]
        self.shown.add(number)
        self.on_screen = "".join(written).removeprefix(prompt.held_back)

    def _layout(self, text: str, caret: int) -> Layout:
        budget = CompletionBudget.of(SETTINGS.prompt_tokens)
        before = text[max(0, caret - int(budget.before * self._length)) : caret]
        after = text[caret : caret + int(budget.after * self._length)]
        left = SETTINGS.prompt_tokens - budget.before - budget.after
        near = "".join(split_lines(before)[-_LINES_COMPARED:])
        snippets: list[Snippet] = []
        for match in most_similar(words_of(near), self._windows, _MOST_WINDOWS):
            window, file = self._windows[match.file].text(match.window), self._files[match.file]
            cost = int(len(window) / self._length)
            if cost <= left:
                left -= cost
                snippets.append(Snippet(file.path, file.language, window))
        related = Related(snippets=tuple(snippets))
        return Layout(0, before, 0, after, is_last=False, related=related, length=len(text))


def at_each_change(session: Session, engine: Engine, model: Dictated) -> Way:
    """Begin the naive way without a delay."""
    return Naive(session, engine, model, 0.0)


def after_a_delay(session: Session, engine: Engine, model: Dictated) -> Way:
    """Begin the naive way with the usual delay."""
    return Naive(session, engine, model, _DELAY)
