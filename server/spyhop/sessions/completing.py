"""One document's completions: the ask that waits, the request that runs, what is shown.

There is at most one of each. A later ask supersedes the one before it, and so does a change of the
document, for its caret is then an older text's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from spyhop.core.anchors import Change
from spyhop.core.surroundings import Surroundings, carets_after
from spyhop.sessions.completion import (
    Answer,
    Ask,
    Completion,
    CompletionRequest,
    Keep,
    Nothing,
    Orders,
    Verdict,
    Wait,
    Why,
)
from spyhop.sessions.habits import Habits
from spyhop.sessions.remembered import Memory, Places, Remembered, Rest
from spyhop.sessions.running import Running
from spyhop.sessions.shown import Shown

# How long a request may run that nobody waits for: editors ask up to 0.3 s after a change.
GRACE: Final = 1.0


@dataclass(slots=True)
class Pending:
    """An ask that has no answer yet."""

    id: int
    since: float
    explicit: bool
    asked: bool = False
    """Whether there was a request for its very place."""


@dataclass(slots=True)
class Completing:
    """The completions of one document; used by `Completions` only."""

    uri: str
    habits: Habits
    numbers: Iterator[int]
    insert_only: bool
    tells_shown: bool
    pending: Pending | None = field(default=None, init=False)
    running: Running | None = field(default=None, init=False)
    _text: str = field(default="", init=False)
    _carets: Sequence[int] = field(default=(), init=False)
    """Where the user may be, as far as the editor has told; likeliest first. Empty at first."""
    _shown: Shown | None = field(default=None, init=False)
    _left: Shown | None = field(default=None, init=False)
    """What was shown last and is gone; the editor may yet say that it was accepted."""
    _memory: Memory = field(default_factory=Memory, init=False)
    _dismissed: Places = field(default_factory=Places, init=False)
    _touched: float = field(default=0.0, init=False)
    """When the user typed or moved last."""
    _at_once: bool = field(default=False, init=False)
    """Whether a completion was just accepted: what comes next is wanted now."""
    _tried_line: int | None = field(default=None, init=False)
    """Where the line begins that the model was asked about last."""

    # What the editor tells

    def ask(self, pending: Pending, text: str, caret: int) -> Orders:
        """Take in an ask; the one before it is superseded."""
        orders = self.supersede(pending.since)
        if text == self._text and caret not in self._carets:
            self._touched, self._at_once = pending.since, False
        self._text, self._carets, self.pending = text, [caret], pending
        if self._shown is not None and self._shown.follow(text, [caret]) is None:
            self._leave()
        return orders + self._drop_misfit()

    def changed(self, text: str, changes: Sequence[Change], now: float) -> Orders:
        """Follow ``changes``, made one after the other, to ``text``."""
        caret = next(iter(self._carets), changes[0].span.start if changes else 0)
        self._text, self._carets = text, carets_after(text, caret, changes)
        self._touched, self._at_once = now, self._follow_shown()
        if not self._at_once:
            self.habits.keystroke(now)
        return self.supersede(now) + self._drop_misfit()

    def accepted(self, completion_id: int) -> None:
        """Note that the editor says the user has accepted it, or a part of it."""
        for shown in (self._shown, self._left):
            if shown is not None and shown.remembered.id == completion_id:
                shown.took(self.habits)
                self._at_once = True

    def shown(self, completion_id: int) -> None:
        """Note that the editor says it has come to the screen."""
        if self._shown is not None and self._shown.remembered.id == completion_id:
            self._shown.seen = True

    def dismissed(self, completion_id: int) -> None:
        """Note that the editor says the user has sent it away."""
        if self._shown is not None and self._shown.remembered.id == completion_id:
            self._dismissed.add(self._shown.place)
            self._leave()

    def supersede(self, now: float) -> Orders:
        """Let go of the ask; what runs for it may do so for a while."""
        orders, self.pending = self._wake, None
        if self.running is not None and self.running.follows is None:
            self.running.unattended = now
        return orders

    def drop_running(self) -> Orders:
        """Have the request cancelled that runs, and decided again what waits for it."""
        running, self.running = self.running, None
        if running is None:
            return Orders()
        return Orders(cancel=(running.request.id,)) + self._wake

    def close(self) -> Orders:
        """Let go of all there is."""
        orders, self.pending = self._wake, None
        return orders + self.drop_running()

    # What the model tells of the request that runs

    def arrived(self, running: Running, text: str, now: float) -> Orders:
        """Take in what has come so far."""
        self._time(running, now)
        running.arrived = text
        return self._drop_misfit()

    def finished(self, running: Running, completion: Completion | None, now: float) -> Orders:
        """Remember what was given."""
        self._time(running, now)
        if completion is None or not completion.text.strip():
            self._memory.put_nothing(running.place)
        else:
            self._memory.put(Remembered(running.request.id, running.place, completion))
        return self.over()

    def over(self) -> Orders:
        """Note that the request runs no longer."""
        self.running = None
        return self._wake

    # What becomes of the ask

    def decide(
        self, pending: Pending, now: float, *, busy: bool, idle: bool
    ) -> tuple[Verdict, Orders]:
        """Decide what becomes of the ask; ``idle``: no request runs in any document."""
        text, caret = self._text, self._carets[0]
        place = Surroundings.of(text, caret)
        if pending.explicit:
            self._dismissed.discard(place)
        elif place in self._dismissed:
            return self._answered(Nothing(Why.DISMISSED)), Orders()
        if found := self._memory.find(text, caret, insert_only=self.insert_only):
            return self._answered(self._show(place, *found, now, idle=idle and not busy)), Orders()
        if self.running is not None and self.running.fits(text, caret):
            self.running.unattended = self.running.follows = None
            pending.asked = self.running.place == place
            return Keep(self.running.request.id), Orders()
        if (why := self._why_not(pending, place, busy=busy)) is not None:
            return self._answered(Nothing(why)), Orders()
        until = self._touched + self.habits.patience
        if now < until and not (pending.explicit or self._at_once):
            return Wait(until), Orders()
        cancel = self.drop_running().cancel
        pending.asked, self._tried_line = True, self._line
        request = CompletionRequest(next(self.numbers), self.uri, text, caret, ahead=False)
        self.running = Running(request, place, now)
        return Ask(request), Orders(cancel)

    def _why_not(self, pending: Pending, place: Surroundings, *, busy: bool) -> Why | None:
        """Return why the model is not to be asked; None when it may be."""
        empty = self._memory.has_nothing(place)
        if pending.asked:
            return Why.EMPTY if empty else Why.FAILED
        if empty and not pending.explicit:
            return Why.EMPTY
        if busy:
            return Why.BUSY
        if self.habits.quiet and not pending.explicit and self._tried_line == self._line:
            return Why.QUIET
        return None

    def _show(
        self, place: Surroundings, given: Remembered, rest: Rest, now: float, *, idle: bool
    ) -> Answer:
        if self._shown is not None and self._shown.remembered is given:
            self._shown.place = place
        else:
            self._leave()
            self._shown = Shown(given, place, rest.typed, seen=not self.tells_shown)
        request = self._look_ahead(given, rest, now) if idle else None
        return Answer(given.id, rest.text, rest.replaces, request)

    def _look_ahead(self, given: Remembered, rest: Rest, now: float) -> CompletionRequest | None:
        """Return the request for what comes once ``rest`` is accepted; None if it is not worth it.

        Each completion is looked ahead from once, and only when it came to its end and such ones
        are accepted. The runtime has read nearly all of the prompt already.
        """
        completion = given.completion
        likely = self.habits.likely(one_line=completion.one_line)
        if given.looked_ahead or not completion.complete or not likely:
            return None
        given.looked_ahead = True
        caret = self._carets[0]
        text = self._text[:caret] + rest.text + self._text[caret + rest.replaces :]
        caret += len(rest.text)
        place = Surroundings.of(text, caret)
        if self._memory.has_nothing(place) or self._memory.find(text, caret):
            return None
        request = CompletionRequest(next(self.numbers), self.uri, text, caret, ahead=True)
        self.running = Running(request, place, now, follows=given)
        return request

    def _answered(self, verdict: Answer | Nothing) -> Verdict:
        self.pending = None
        return verdict

    # What is shown

    def _follow_shown(self) -> bool:
        """Tell whether the change has accepted some of what is shown."""
        if self._shown is None:
            return False
        accepted = self._shown.follow(self._text, self._carets)
        if accepted is None:
            self._leave()
        elif accepted or self._shown.used_up:
            self._shown.took(self.habits)
        return bool(accepted)

    def _leave(self) -> None:
        """Note that what was shown is gone from the screen."""
        if self._shown is not None:
            self._shown.left(self.habits)
            self._shown, self._left = None, self._shown

    # What runs

    def _drop_misfit(self) -> Orders:
        """Have the request cancelled that no longer can serve the user where they are."""
        if self.running is None or self.running.may_serve(self._text, self._carets):
            return Orders()
        return self.drop_running()

    def _time(self, running: Running, now: float) -> None:
        if running.arrived is None:
            self.habits.first_token(now - running.started)

    @property
    def _wake(self) -> Orders:
        return Orders(wake=(self.pending.id,) if self.pending is not None else ())

    @property
    def _line(self) -> int:
        return self._text.rfind("\n", 0, self._carets[0]) + 1


def check_at(documents: Iterable[Completing]) -> float | None:
    """Return when the first request that nobody waits for is to be cancelled."""
    running = [document.running for document in documents]
    times = [it.unattended for it in running if it is not None and it.unattended is not None]
    return min(times) + GRACE if times else None
