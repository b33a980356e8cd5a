"""Recorded sessions against a scripted model that takes its time: what typing costs."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from pathlib import Path

import pytest

from author import Oracle
from keystrokes import FOLDER, Key, Session, Step, read_session
from spyhop.sessions.completion import (
    Answer,
    Ask,
    Completion,
    CompletionRequest,
    Decision,
    Nothing,
    Orders,
    Wait,
)
from spyhop.sessions.completions import Completions

URI = "file:///session"
FIRST_TOKEN = 0.3
TOKENS_A_SECOND = 40
SESSIONS = sorted(FOLDER.glob("*.jsonl"))


@dataclass
class Replay:
    """An editor that asks ``delay`` seconds after each change, and a model of a laptop's pace."""

    session: Session
    model: Oracle
    delay: float
    insert_only: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    text: str = ""
    caret: int = 0
    now: float = 0.0
    shown: str = ""
    waiting: set[int] = field(default_factory=set)
    running: dict[int, CompletionRequest] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.completions = Completions(insert_only=self.insert_only)
        self.order = count()
        self.events: list[tuple[float, int, str, int]] = []

    def run(self) -> Counter[str]:
        """Play the whole session and let all come to its end; return what was counted."""
        for step in self.session.play():
            self.pass_time(step.at)
            self.press(step)
        self.pass_time(self.now + 60)
        assert not self.running
        assert not self.waiting
        return self.counts

    def later(self, seconds: float, what: str, number: int) -> None:
        heappush(self.events, (self.now + seconds, next(self.order), what, number))

    def pass_time(self, until: float) -> None:
        while self.events and self.events[0][0] <= until:
            self.now, _, what, number = heappop(self.events)
            if what == "ask":
                # Nothing was changed since, or the editor would wait anew.
                if number == self.counts["keys"]:
                    self.ask()
            elif what == "again":
                self.again(number)
            elif what == "check":
                self.obey(self.completions.tick(self.now))
            elif number in self.running:
                self.report(what, number)
        self.now = until

    def press(self, step: Step) -> None:
        self.counts["keys"] += 1
        if step.key.accept is not None and self.shown.startswith(step.key.accept):
            self.counts["accepted"] += 1
        self.text, self.caret, self.shown = step.text, step.caret, ""
        if step.change is not None:
            self.obey(self.completions.changed(URI, self.text, [step.change], self.now))
        if step.key.move is None:
            self.later(self.delay, "ask", self.counts["keys"])
            self.pass_time(self.now)

    def ask(self) -> None:
        self.counts["asks"] += 1
        self.carry_out(self.completions.ask(URI, self.text, self.caret, self.now))

    def again(self, ask: int) -> None:
        if ask in self.waiting:
            self.carry_out(self.completions.again(ask, self.now))

    def carry_out(self, decision: Decision) -> None:
        self.waiting.add(decision.ask)
        self.counts[type(decision.verdict).__name__] += 1
        match decision.verdict:
            case Answer(text=text, ahead=ahead):
                self.shown = text
                self.waiting.remove(decision.ask)
                if ahead is not None:
                    self.counts["ahead"] += 1
                    self.request(ahead)
            case Nothing():
                self.waiting.remove(decision.ask)
            case Wait(until):
                self.later(until - self.now, "again", decision.ask)
        self.obey(decision.orders)
        if isinstance(decision.verdict, Ask):
            self.request(decision.verdict.request)

    def request(self, request: CompletionRequest) -> None:
        self.counts["requests"] += 1
        self.running[request.id] = request
        self.completions.started(request.id, self.now)
        self.later(FIRST_TOKEN, "arrived", request.id)
        tokens = len(self.model.complete(request.text, request.caret)) / 4
        self.later(FIRST_TOKEN + tokens / TOKENS_A_SECOND, "finished", request.id)

    def report(self, what: str, number: int) -> None:
        request = self.running[number]
        text = self.model.complete(request.text, request.caret)
        if what == "arrived":
            self.obey(self.completions.arrived(number, text[:4], self.now))
        else:
            del self.running[number]
            self.obey(self.completions.finished(number, Completion(text), self.now))

    def obey(self, orders: Orders) -> None:
        for request in orders.cancel:
            self.counts["cancelled"] += 1
            del self.running[request]
        if orders.check_at is not None:
            self.later(orders.check_at - self.now, "check", 0)
        for ask in orders.wake:
            self.again(ask)


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    ("delay", "insert_only"), [(0.0, False), (0.3, True)], ids=["at once", "after 0.3 s"]
)
def test_the_model_is_asked_at_fewer_than_30_of_100_keys(
    path: Path, delay: float, insert_only: bool
) -> None:
    session = read_session(path)
    counts = Replay(session, Oracle(session.target), delay, insert_only).run()
    assert counts["keys"] == 500
    assert counts["requests"] < 0.30 * counts["keys"]
    # What the user took was there, and little is thrown away.
    offered = sum(key.accept is not None for key in session.keys)
    assert counts["accepted"] >= 0.7 * offered
    assert counts["cancelled"] < counts["requests"] / 2


class Seer(Oracle):
    """A model that knows every line before it is written."""

    def complete(self, text: str, caret: int) -> str:
        assert self.target.startswith(text[:caret])
        line = re.match(r"\n*[^\n]*", self.target[caret:])
        return line.group() if line else ""


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_a_user_who_types_what_the_model_offers_costs_a_request_a_line(path: Path) -> None:
    target = read_session(path).target
    keys = [Key(0.15, type=character) for character in target]
    # They look up once; from there on they need no look.
    keys[1] = Key(1.0, type=target[1])
    counts = Replay(Session("a.py", target, 0, tuple(keys)), Seer(target), 0.0).run()
    assert counts["requests"] <= target.count("\n")
    assert counts["Answer"] > 0.8 * counts["keys"]
