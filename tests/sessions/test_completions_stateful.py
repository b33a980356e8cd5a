"""Completions against a user who does anything and a model with an opinion on every place.

What the model gives depends on the surroundings of the caret alone, so it is known what each
completion would have given where it was made. Whatever happens in between: what is answered from
memory gives just that text; every ask is answered once; a document has one request at most; and
nothing is left that waits or runs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from random import Random
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from spyhop.core import surroundings
from spyhop.core.anchors import Change, apply
from spyhop.core.closers import is_closers
from spyhop.core.positions import Span
from spyhop.core.surroundings import Surroundings, caret_after
from spyhop.sessions.completing import GRACE
from spyhop.sessions.completion import (
    Answer,
    Ask,
    Completion,
    CompletionRequest,
    Decision,
    Keep,
    Nothing,
    Orders,
    Wait,
)
from spyhop.sessions.completions import Completions

EXAMPLES: Final = int(os.environ.get("SPYHOP_EXAMPLES", "200"))
URIS: Final = ("file:///a.py", "file:///b.py")
_WORDS: Final = ("a", "b", "ab", ")", "(a)", "(ab) ", "(", "\n", "\n  ", " ", "'b'")

uris = st.sampled_from(URIS)
keys = st.sampled_from(["a", "b", "(", ")", "'", "\n", "\n  ", " "])


def opinion(place: Surroundings, *, insert_only: bool) -> Completion | None:
    """What the model gives at a place."""
    chance = Random(repr(place))  # noqa: S311 -- a model's opinion is no secret
    if chance.random() < 0.15:
        return None
    text = "".join(chance.choices(_WORDS, k=chance.randint(0, 6)))
    replaces = 0 if insert_only else min(chance.choice([0, 0, 0, 1, 2]), len(place.head))
    return Completion(text, replaces, complete=chance.random() < 0.8)


def results(
    text: str, caret: int, place: Surroundings, completion: Completion, answer: Answer
) -> set[str]:
    """The texts that a completion may give in ``text``, its first characters before ``caret``.

    Where the editor has closed brackets, what stood behind the place stands behind them. An answer
    that only inserts may end where the completion closes them itself.
    """
    found = set()
    for start in range(caret + 1):
        typed = text[start:caret]
        if not completion.text.startswith(typed):
            continue
        behinds = [
            (closers, text[caret + len(closers) :])
            for closers in (text[caret:end] for end in range(caret, len(text) + 1))
            if is_closers(closers)
        ]
        behinds += [
            ("", place.head[:gone] + text[caret:]) for gone in range(1, completion.replaces + 1)
        ]
        for closers, behind in behinds:
            if Surroundings.of(text[:start] + behind, start) == place:
                before = text[:start] + completion.text
                found.add(before + behind[completion.replaces :])
                end = start + len(typed) + len(answer.text)
                if closers and before.startswith(closers, end):
                    found.add(before[:end] + closers + behind)
    return found


@dataclass
class Editor:
    """A document as its editor has it."""

    text: str = ""
    caret: int = 0
    answer: Answer | None = None
    """What is shown at the caret."""
    waits: dict[int, float | None] = field(default_factory=dict)
    """The asks that have no answer, with the time that they wait for."""
    asked_at: int = 0
    """Where the caret was at the latest ask."""
    past: list[str] = field(default_factory=list)


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.editors = {uri: Editor() for uri in URIS}
        self.running: dict[int, CompletionRequest] = {}
        self.given: dict[int, tuple[Surroundings, Completion]] = {}
        self.checks: set[float] = set()
        self.answered: set[int] = set()

    @initialize(insert_only=st.booleans(), text=st.text("ab()\n", max_size=24), data=st.data())
    def begins(self, insert_only: bool, text: str, data: st.DataObject) -> None:
        self.insert_only = insert_only
        self.completions = Completions(insert_only=insert_only)
        for editor in self.editors.values():
            editor.text, editor.caret = text, data.draw(st.integers(0, len(text)))

    # What the caller does

    def obey(self, orders: Orders) -> None:
        self.cancel(orders)
        self.wake(orders)

    def cancel(self, orders: Orders) -> None:
        if orders.check_at is not None:
            self.checks.add(orders.check_at)
        for request in orders.cancel:
            del self.running[request]

    def wake(self, orders: Orders) -> None:
        for ask in orders.wake:
            self.again(ask)

    def again(self, ask: int, *, busy: bool = False) -> None:
        (uri,) = (uri for uri, editor in self.editors.items() if ask in editor.waits)
        self.carry_out(uri, self.completions.again(ask, self.now, busy=busy))

    def carry_out(self, uri: str, decision: Decision) -> None:
        editor, verdict = self.editors[uri], decision.verdict
        assert decision.ask not in self.answered
        editor.waits[decision.ask] = None
        assert decision.ask not in decision.orders.wake
        self.cancel(decision.orders)
        match verdict:
            case Answer() | Nothing():
                del editor.waits[decision.ask]
                self.answered.add(decision.ask)
                editor.answer = None
                if isinstance(verdict, Answer) and editor.caret == editor.asked_at:
                    editor.answer = verdict
            case Ask(request):
                assert (request.text, request.caret) == (editor.text, editor.asked_at)
                assert not request.ahead
                self.run(uri, request)
            case Keep(request_id):
                assert self.running[request_id].uri == uri
            case Wait(until):
                assert until > self.now
                editor.waits[decision.ask] = until
        if isinstance(verdict, Answer):
            self.check(editor, verdict)
            if verdict.ahead is not None:
                assert not self.running, "fetched ahead while the model is not idle"
                assert verdict.ahead.ahead
                text, caret = self.accepted(editor, verdict)
                assert (verdict.ahead.text, verdict.ahead.caret) == (text, caret)
                self.run(uri, verdict.ahead)
        self.wake(decision.orders)

    def run(self, uri: str, request: CompletionRequest) -> None:
        assert request.uri == uri
        assert request.id not in self.given
        self.running[request.id] = request

    def accepted(self, editor: Editor, answer: Answer) -> tuple[str, int]:
        caret = editor.asked_at
        text = editor.text[:caret] + answer.text + editor.text[caret + answer.replaces :]
        return text, caret + len(answer.text)

    def check(self, editor: Editor, answer: Answer) -> None:
        """The law: an answer gives the text that the whole completion would have given."""
        assert answer.text.strip()
        assert not (self.insert_only and answer.replaces)
        place, completion = self.given[answer.id]
        expected = results(editor.text, editor.asked_at, place, completion, answer)
        assert self.accepted(editor, answer)[0] in expected

    def change(self, uri: str, *changes: Change, caret: int | None = None) -> None:
        """Make changes one after the other; the caret follows, or stands where it is said."""
        editor = self.editors[uri]
        editor.past.append(editor.text)
        for change in changes:
            editor.text = apply(editor.text, change)
            editor.caret = caret_after(editor.caret, change)
        if caret is not None:
            editor.caret = caret
        editor.answer = None
        self.obey(self.completions.changed(uri, editor.text, changes, self.now))

    def ask(self, uri: str, *, explicit: bool = False, busy: bool = False) -> Decision:
        editor = self.editors[uri]
        editor.asked_at = editor.caret
        decision = self.completions.ask(
            uri, editor.text, editor.caret, self.now, explicit=explicit, busy=busy
        )
        assert not (explicit and isinstance(decision.verdict, Wait))
        self.carry_out(uri, decision)
        return decision

    # What the user does

    @rule(uri=uris, key=keys, seconds=st.floats(0.02, 2), asks=st.booleans(), pairs=st.booleans())
    def types(self, uri: str, key: str, seconds: float, asks: bool, pairs: bool) -> None:
        self.pass_time(seconds)
        caret = self.editors[uri].caret
        closing = {"(": ")", "'": "'"}.get(key, "") if pairs else ""
        self.change(uri, Change(Span(caret, caret), key + closing), caret=caret + len(key))
        if asks:
            self.ask(uri)

    @rule(uri=uris, count=st.integers(1, 3), asks=st.booleans())
    def deletes(self, uri: str, count: int, asks: bool) -> None:
        caret = self.editors[uri].caret
        if caret:
            self.change(uri, Change(Span(max(0, caret - count), caret), ""))
        if asks:
            self.ask(uri)

    def with_answer(self) -> list[str]:
        return [uri for uri, editor in self.editors.items() if editor.answer is not None]

    @rule(uri=uris)
    def sees(self, uri: str) -> None:
        """The user looks until there is a completion, or none."""
        self.ask(uri, explicit=True)
        for _ in range(2):
            # What was kept may turn out to be something else than the user has typed.
            if self.editors[uri].waits:
                (request,) = (it for it in self.running.values() if it.uri == uri)
                self.end(request)
        assert not self.editors[uri].waits

    @precondition(lambda self: self.with_answer())
    @rule(data=st.data(), back=st.booleans(), pairs=st.booleans())
    def types_along(self, data: st.DataObject, back: bool, pairs: bool) -> None:
        """What is typed along a completion is answered without a request, and so is going back."""
        uri = data.draw(st.sampled_from(self.with_answer()))
        editor = self.editors[uri]
        assert editor.answer is not None
        shown = editor.answer.text
        # What the editor has closed before is to be typed over; this user types it once more.
        sure = self.given[editor.answer.id][0].stands_behind(editor.text, editor.caret)
        count = data.draw(st.integers(1, len(shown)))
        closed = 0
        for place, typed in enumerate(shown[:count], 1):
            closing = {"(": ")", "'": "'"}.get(typed, "") if pairs else ""
            if closed and editor.text.startswith(typed, editor.caret):
                # The editor types over what it has closed itself.
                change = Change(Span(editor.caret, editor.caret + 1), typed)
                closed -= 1
            else:
                change = Change(Span(editor.caret, editor.caret), typed + closing)
                closed += len(closing)
            self.change(uri, change, caret=editor.caret + 1)
            verdict = self.ask(uri).verdict
            if sure and not closed and shown[place:].strip():
                assert isinstance(verdict, Answer)
        if back and not pairs:
            self.change(uri, Change(Span(editor.caret - count, editor.caret), ""))
            assert isinstance(self.ask(uri).verdict, Answer)

    @precondition(lambda self: self.with_answer())
    @rule(data=st.data(), how=st.sampled_from(["word", "line", "all"]), tells=st.booleans())
    def accepts(self, data: st.DataObject, how: str, tells: bool) -> None:
        uri = data.draw(st.sampled_from(self.with_answer()))
        editor = self.editors[uri]
        answer = editor.answer
        assert answer is not None
        caret, text, end = editor.caret, answer.text, editor.caret
        if how == "word":
            text = text[: 1 + next(i for i, it in enumerate(text) if not it.isspace())]
        elif how == "line":
            text = text[: 1 + text.find("\n", 1)] or text
        else:
            end += answer.replaces
        self.change(uri, Change(Span(caret, end), text))
        if tells:
            self.completions.accepted(uri, answer.id)
        self.ask(uri)

    @precondition(lambda self: self.with_answer())
    @rule(data=st.data())
    def dismisses(self, data: st.DataObject) -> None:
        uri = data.draw(st.sampled_from(self.with_answer()))
        answer = self.editors[uri].answer
        assert answer is not None
        self.completions.dismissed(uri, answer.id)
        assert isinstance(self.ask(uri).verdict, Nothing)
        self.ask(uri, explicit=True)
        assert self.editors[uri].answer is not None

    @rule(uri=uris, data=st.data(), asks=st.booleans())
    def moves(self, uri: str, data: st.DataObject, asks: bool) -> None:
        editor = self.editors[uri]
        editor.caret = data.draw(st.integers(0, len(editor.text)))
        editor.answer = None
        if asks:
            self.ask(uri)

    @rule(uri=uris, data=st.data(), text=st.text("ab(\n", max_size=4), asks=st.booleans())
    def edits_elsewhere(self, uri: str, data: st.DataObject, text: str, asks: bool) -> None:
        places = st.integers(0, len(self.editors[uri].text))
        start, end = sorted([data.draw(places), data.draw(places)])
        self.change(uri, Change(Span(start, min(end, start + 3)), text))
        if asks:
            self.ask(uri)

    @precondition(lambda self: any(editor.past for editor in self.editors.values()))
    @rule(data=st.data(), asks=st.booleans())
    def undoes(self, data: st.DataObject, asks: bool) -> None:
        """The editor reports the whole text."""
        uri = data.draw(st.sampled_from([uri for uri in URIS if self.editors[uri].past]))
        editor = self.editors[uri]
        text = data.draw(st.sampled_from(editor.past))
        self.change(uri, Change(Span(0, len(editor.text)), text))
        editor.caret = data.draw(st.integers(0, len(text)))
        if asks:
            self.ask(uri)

    @rule(uri=uris, explicit=st.booleans(), busy=st.booleans())
    def asks_once_more(self, uri: str, explicit: bool, busy: bool) -> None:
        self.ask(uri, explicit=explicit, busy=busy)

    @precondition(lambda self: any(editor.waits for editor in self.editors.values()))
    @rule()
    def wants_no_answer(self) -> None:
        for editor in self.editors.values():
            for ask in list(editor.waits):
                self.obey(self.completions.withdraw(ask, self.now))
                assert ask in self.answered

    @rule(uri=uris)
    def closes(self, uri: str) -> None:
        self.obey(self.completions.closed(uri))
        assert not self.editors[uri].waits
        self.editors[uri] = Editor()

    @rule()
    def chats(self) -> None:
        orders = self.completions.give_way()
        self.cancel(orders)
        assert not self.running
        for ask in orders.wake:
            self.again(ask, busy=True)
            assert ask in self.answered

    # What the model does

    def request(self, data: st.DataObject) -> CompletionRequest:
        return self.running[data.draw(st.sampled_from(sorted(self.running)))]

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def writes(self, data: st.DataObject) -> None:
        request = self.request(data)
        self.completions.started(request.id, self.now)
        completion = self.opinion_on(request)
        text = completion.text if completion is not None else ""
        so_far = text[: data.draw(st.integers(0, len(text)))]
        self.obey(self.completions.arrived(request.id, so_far, self.now))

    @precondition(lambda self: self.running)
    @rule(data=st.data(), fails=st.sampled_from([False] * 7 + [True]))
    def ends(self, data: st.DataObject, fails: bool) -> None:
        self.end(self.request(data), fails=fails)

    def end(self, request: CompletionRequest, *, fails: bool = False) -> None:
        del self.running[request.id]
        if fails:
            self.obey(self.completions.failed(request.id))
            return
        completion = self.opinion_on(request)
        if completion is not None:
            self.given[request.id] = (Surroundings.of(request.text, request.caret), completion)
        self.obey(self.completions.finished(request.id, completion, self.now))

    def opinion_on(self, request: CompletionRequest) -> Completion | None:
        place = Surroundings.of(request.text, request.caret)
        return opinion(place, insert_only=self.insert_only)

    @rule(number=st.integers(1, 1000))
    def tells_of_a_request_that_is_over(self, number: int) -> None:
        if number not in self.running:
            assert not self.completions.arrived(number, "a", self.now).cancel
            assert not self.completions.finished(number, Completion("a"), self.now).wake
            assert not self.completions.failed(number).wake

    @rule(seconds=st.floats(0.05, 3))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        if any(time <= self.now for time in self.checks):
            self.checks = {time for time in self.checks if time > self.now}
            self.obey(self.completions.tick(self.now))
            assert all(time > self.now for time in self.checks)
        for editor in self.editors.values():
            for ask, until in list(editor.waits.items()):
                if until is not None and until <= self.now:
                    self.again(ask)

    # What is always so

    @invariant()
    def a_document_has_one_request_and_one_ask(self) -> None:
        for uri, editor in self.editors.items():
            assert sum(request.uri == uri for request in self.running.values()) <= 1
            assert len(editor.waits) <= 1

    def teardown(self) -> None:
        """Nothing runs for nobody; all that waits is answered; then nothing is left."""
        self.pass_time(2 * GRACE)
        for request in self.running.values():
            assert request.ahead or self.editors[request.uri].waits
        for _ in range(4):
            for request in list(self.running.values()):
                if request.id in self.running:
                    self.end(request)
            self.pass_time(GRACE)
        assert not any(editor.waits for editor in self.editors.values())
        for uri in URIS:
            self.obey(self.completions.closed(uri))
        assert not self.running


@pytest.mark.timeout(1800)
def test_whatever_happens_an_answer_is_what_the_model_would_give(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Windows that the documents here are longer than.
    monkeypatch.setattr(surroundings, "TAIL", 6)
    monkeypatch.setattr(surroundings, "HEAD", 4)
    profile = settings(
        max_examples=EXAMPLES,
        stateful_step_count=40,
        # Every run of `make test` is the same; the nightly one looks further.
        derandomize=EXAMPLES <= 200,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=profile)
