from __future__ import annotations

from typing import TypeVar

import pytest

from spyhop.core.anchors import Change, apply
from spyhop.core.positions import Span
from spyhop.core.surroundings import caret_after
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
    Verdict,
    Wait,
    Why,
)
from spyhop.sessions.completions import Completions

URI = "file:///a.py"
LINE = "return a + b"

_Verdict = TypeVar("_Verdict", bound=Verdict)


def wanted(decision: Decision, kind: type[_Verdict]) -> _Verdict:
    assert isinstance(decision.verdict, kind)
    return decision.verdict


class Editor:
    """An editor with one document, its caret at the bar, and a user who types at a steady pace."""

    def __init__(self, text: str = "def add(a, b):\n    |\n", *, insert_only: bool = False) -> None:
        self.completions = Completions(insert_only=insert_only)
        before, behind = text.split("|")
        self.text, self.caret, self.now = before + behind, len(before), 100.0
        self.orders = Orders()
        """What the latest change or report has led to."""

    def ask(self, *, explicit: bool = False, busy: bool = False) -> Decision:
        return self.completions.ask(
            URI, self.text, self.caret, self.now, explicit=explicit, busy=busy
        )

    def change(self, start: int, end: int, text: str) -> None:
        change = Change(Span(start, end), text)
        self.text, self.caret = apply(self.text, change), caret_after(self.caret, change)
        self.orders = self.completions.changed(URI, self.text, [change], self.now)

    def insert(self, text: str) -> None:
        """Put in a text in one piece."""
        self.change(self.caret, self.caret, text)

    def type(self, text: str, *, every: float = 0.2) -> Decision:
        """Type a key ``every`` so many seconds, asking at each; return the last decision."""
        decision = None
        for key in text:
            self.now += every
            self.insert(key)
            decision = self.ask()
        assert decision is not None
        return decision

    def delete(self, count: int = 1) -> None:
        self.change(self.caret - count, self.caret, "")

    def pause(self, decision: Decision) -> Decision:
        """Let the time come that an ask waits for."""
        self.now = wanted(decision, Wait).until
        return self.completions.again(decision.ask, self.now)

    def give(self, request: CompletionRequest, completion: Completion | None) -> None:
        self.orders = self.completions.finished(request.id, completion, self.now)

    def see(self, text: str, *, explicit: bool = True) -> Answer:
        """Have the model give ``text`` at the caret."""
        decision = self.ask(explicit=explicit)
        self.give(wanted(decision, Ask).request, Completion(text))
        assert self.orders.wake == (decision.ask,)
        return wanted(self.completions.again(decision.ask, self.now), Answer)

    def see_without_looking_ahead(self, text: str) -> Answer:
        """Have the model give ``text`` at the caret, and nothing run any more."""
        answer = self.see(text)
        if answer.ahead is not None:
            self.completions.failed(answer.ahead.id)
        return answer


# Typing along


def test_what_is_typed_along_is_answered_with_the_rest() -> None:
    editor = Editor()
    editor.see(LINE)
    for typed in range(1, len(LINE) - 1):
        answer = wanted(editor.type(LINE[typed - 1]), Answer)
        assert (answer.text, answer.replaces) == (LINE[typed:], 0)


def test_so_is_deleting_back_into_it_and_coming_back_to_its_place() -> None:
    editor = Editor()
    editor.see(LINE)
    editor.type("return x")
    editor.delete()
    assert wanted(editor.ask(), Answer).text == "a + b"
    editor.delete(7)
    assert wanted(editor.ask(), Answer).text == LINE
    there, editor.caret = editor.caret, 0
    editor.ask()
    editor.caret = there
    assert wanted(editor.ask(), Answer).text == LINE


def test_a_word_or_a_line_that_was_accepted_is_known_by_the_text() -> None:
    editor = Editor()
    editor.see("c = a + b\n    return c")
    editor.insert("c")
    editor.insert(" = a")
    assert wanted(editor.ask(), Answer).text == " + b\n    return c"
    editor.insert(" + b\n")
    assert wanted(editor.ask(), Answer).text == "    return c"


def test_edits_elsewhere_leave_it_and_undo_brings_it_back() -> None:
    far = "x = 1\n" * 400
    editor = Editor(f"{far}def add(a, b):\n    |\n{far}")
    editor.see(LINE)
    editor.change(0, 0, "import os\n")
    assert wanted(editor.ask(), Answer).text == LINE
    editor.change(editor.caret - 5, editor.caret, "")
    assert not isinstance(editor.ask().verdict, Answer)
    editor.insert("\n    ")
    assert wanted(editor.ask(), Answer).text == LINE


def test_brackets_that_the_editor_closes_are_typed_along_too() -> None:
    editor = Editor("|\n")
    editor.see("print(len(x))")
    editor.type("print")
    editor.insert("()")
    editor.caret -= 1
    assert wanted(editor.ask(), Answer).text == "len(x)"


def test_a_completion_that_is_used_up_is_no_answer() -> None:
    editor = Editor()
    editor.see_without_looking_ahead(LINE + "\n")
    assert isinstance(editor.type(LINE).verdict, Wait)


# A request that runs


def test_it_is_kept_while_what_is_typed_may_be_what_it_gives() -> None:
    editor = Editor()
    request = wanted(editor.ask(), Ask).request
    decision = editor.type("re")
    assert wanted(decision, Keep).request_id == request.id
    editor.orders = editor.completions.arrived(request.id, "retu", editor.now)
    assert editor.orders == Orders()
    decision = editor.type("tu")
    assert isinstance(decision.verdict, Keep)
    editor.give(request, Completion(LINE))
    assert editor.orders.wake == (decision.ask,)
    answer = wanted(editor.completions.again(decision.ask, editor.now), Answer)
    assert answer.text == "rn a + b"


def test_it_is_cancelled_at_the_change_that_does_not_fit() -> None:
    editor = Editor()
    decision = editor.ask()
    request = wanted(decision, Ask).request
    editor.completions.arrived(request.id, "retu", editor.now)
    editor.insert("x")
    assert editor.orders.cancel == (request.id,)
    assert editor.orders.wake == (decision.ask,)
    assert editor.completions.again(decision.ask, editor.now).verdict == Nothing(Why.SUPERSEDED)


def test_it_is_cancelled_at_the_token_that_does_not_fit_and_another_asked() -> None:
    editor = Editor()
    request = wanted(editor.ask(), Ask).request
    decision = editor.type("x")
    assert isinstance(decision.verdict, Keep)
    editor.now += 5
    orders = editor.completions.arrived(request.id, "retu", editor.now)
    assert (orders.cancel, orders.wake) == ((request.id,), (decision.ask,))
    assert isinstance(editor.completions.again(decision.ask, editor.now).verdict, Ask)


def test_it_is_cancelled_when_the_user_asks_somewhere_else() -> None:
    editor = Editor()
    first = editor.ask()
    editor.caret = 3
    second = editor.ask(explicit=True)
    assert second.orders.cancel == (wanted(first, Ask).request.id,)
    assert second.orders.wake == (first.ask,)
    assert isinstance(second.verdict, Ask)


def test_it_is_kept_where_the_editor_closes_a_bracket() -> None:
    editor = Editor("print|\n")
    request = wanted(editor.ask(), Ask).request
    editor.insert("()")
    assert editor.orders.cancel == ()
    editor.caret -= 1
    decision = editor.ask()
    assert isinstance(decision.verdict, Keep)
    editor.give(request, Completion("(len(x), y)"))
    answer = wanted(editor.completions.again(decision.ask, editor.now), Answer)
    assert (answer.text, answer.replaces) == ("len(x), y", 0)


def test_an_edit_elsewhere_leaves_it() -> None:
    far = "x = 1\n" * 400
    editor = Editor(f"{far}def add(a, b):\n    |\n{far}")
    editor.ask()
    editor.change(0, 5, "y")
    assert editor.orders.cancel == ()
    assert isinstance(editor.ask().verdict, Keep)


def test_two_hundred_superseded_asks_are_answered_and_their_requests_cancelled() -> None:
    editor = Editor("|" + "x\n" * 200)
    asks: list[int] = []
    requests: list[int] = []
    woken: list[int] = []
    cancelled: list[int] = []
    for line in range(200):
        editor.caret = 2 * line
        decision = editor.ask(explicit=True)
        asks.append(decision.ask)
        requests.append(wanted(decision, Ask).request.id)
        woken += decision.orders.wake
        cancelled += decision.orders.cancel
    assert woken == asks[:-1]
    assert cancelled == requests[:-1]
    for ask in woken:
        assert editor.completions.again(ask, editor.now).verdict == Nothing(Why.SUPERSEDED)
    orders = editor.completions.closed(URI)
    assert (orders.cancel, orders.wake) == ((requests[-1],), (asks[-1],))


def test_what_nobody_waits_for_is_cancelled_after_a_while() -> None:
    editor = Editor()
    decision = editor.ask()
    orders = editor.completions.withdraw(decision.ask, editor.now)
    assert orders == Orders(wake=(decision.ask,), check_at=editor.now + GRACE)
    assert editor.completions.tick(editor.now + GRACE / 2).cancel == ()
    orders = editor.completions.tick(editor.now + GRACE)
    assert orders == Orders(cancel=(wanted(decision, Ask).request.id,))


def test_an_editor_that_withdraws_at_every_key_and_asks_again_keeps_its_request() -> None:
    editor = Editor()
    decision = editor.ask()
    request = wanted(decision, Ask).request
    for key in "return":
        editor.completions.withdraw(decision.ask, editor.now)
        decision = editor.type(key)
        assert wanted(decision, Keep).request_id == request.id
        assert decision.orders.check_at is None
    assert editor.completions.tick(editor.now + 10).cancel == ()


def test_a_request_that_fails_is_not_repeated_for_the_same_ask() -> None:
    editor = Editor()
    decision = editor.ask()
    editor.orders = editor.completions.failed(wanted(decision, Ask).request.id)
    assert editor.orders.wake == (decision.ask,)
    assert editor.completions.again(decision.ask, editor.now).verdict == Nothing(Why.FAILED)
    editor.now += 10
    assert isinstance(editor.ask().verdict, Ask)


def test_where_the_model_had_nothing_only_the_user_asks_again() -> None:
    editor = Editor()
    decision = editor.ask()
    editor.give(wanted(decision, Ask).request, None)
    assert editor.completions.again(decision.ask, editor.now).verdict == Nothing(Why.EMPTY)
    assert editor.ask().verdict == Nothing(Why.EMPTY)
    decision = editor.ask(explicit=True)
    editor.give(wanted(decision, Ask).request, Completion("  \n"))
    assert editor.completions.again(decision.ask, editor.now).verdict == Nothing(Why.EMPTY)


# When the model is asked


def test_the_model_is_asked_when_the_user_pauses() -> None:
    editor = Editor()
    decision = editor.type("total")
    until = wanted(decision, Wait).until
    assert editor.now + 0.2 < until < editor.now + 0.6
    again = editor.completions.again(decision.ask, (editor.now + until) / 2)
    assert wanted(again, Wait).until == until
    assert isinstance(editor.pause(decision).verdict, Ask)


def test_a_quick_typist_is_waited_for_less() -> None:
    slow, quick = Editor(), Editor()
    waits = [
        wanted(editor.type("total = a", every=seconds), Wait).until - editor.now
        for editor, seconds in ((slow, 0.3), (quick, 0.1))
    ]
    assert waits[0] > waits[1]


def test_what_an_editor_waits_itself_counts() -> None:
    editor = Editor()
    editor.type("total")
    editor.insert(" ")
    editor.now += 0.6
    assert isinstance(editor.ask().verdict, Ask)


def test_an_explicit_ask_waits_never() -> None:
    editor = Editor()
    editor.type("total")
    assert isinstance(editor.ask(explicit=True).verdict, Ask)


def test_after_an_accepted_completion_nothing_waits() -> None:
    editor = Editor()
    editor.type("c = ")
    editor.see_without_looking_ahead("a + b")
    editor.insert("a + b")
    assert isinstance(editor.ask().verdict, Ask)


def test_a_completion_that_the_editor_says_was_accepted_is() -> None:
    editor = Editor()
    editor.type("c = ")
    answer = editor.see_without_looking_ahead(")")
    editor.insert(")")
    editor.completions.accepted(URI, answer.id)
    assert isinstance(editor.ask().verdict, Ask)


def test_so_is_one_that_the_editor_has_changed_while_putting_it_in() -> None:
    editor = Editor("|\n")
    for _ in range(6):
        editor.see_without_looking_ahead("never")
        editor.type("x")
    answer = editor.see_without_looking_ahead("f( b )")
    editor.insert("f(b)")
    assert editor.ask().verdict == Nothing(Why.QUIET)
    editor.completions.accepted(URI, answer.id)
    assert isinstance(editor.ask().verdict, Ask)


def test_a_line_break_with_its_indentation_and_a_pair_are_no_acceptance() -> None:
    for typed, given in (("\n    ", "\n    return c"), ("()", "()\n")):
        editor = Editor("def add(a, b):\n    c = a + b|\n")
        editor.type("x")
        editor.delete()
        editor.see_without_looking_ahead(given)
        editor.insert(typed)
        editor.insert("x")
        assert isinstance(editor.ask().verdict, Wait)


def test_chat_and_edits_go_first() -> None:
    editor = Editor()
    assert editor.ask(busy=True).verdict == Nothing(Why.BUSY)
    decision = editor.ask()
    orders = editor.completions.give_way()
    assert orders.cancel == (wanted(decision, Ask).request.id,)
    assert orders.wake == (decision.ask,)
    again = editor.completions.again(decision.ask, editor.now, busy=True)
    assert again.verdict in {Nothing(Why.BUSY), Nothing(Why.FAILED)}


def test_memory_answers_while_the_model_is_busy() -> None:
    editor = Editor()
    editor.see_without_looking_ahead(LINE)
    answer = wanted(editor.ask(busy=True), Answer)
    assert (answer.text, answer.ahead) == (LINE, None)


# What the user takes


def test_rejections_make_the_model_patient_and_then_a_line_is_tried_once() -> None:
    editor = Editor()
    fresh = wanted(editor.type("a"), Wait).until - editor.now
    for _ in range(6):
        editor.see_without_looking_ahead("never")
        editor.type("x")
    editor.now += 5
    assert editor.ask().verdict == Nothing(Why.QUIET)
    decision = editor.type("\ny")
    assert wanted(decision, Wait).until - editor.now > 2 * fresh
    assert isinstance(editor.pause(decision).verdict, Ask)


def test_taking_one_ends_that() -> None:
    editor = Editor()
    for _ in range(6):
        editor.see_without_looking_ahead("never")
        editor.type("x")
    editor.see_without_looking_ahead(" = a + b")
    editor.insert(" = a")
    editor.type("!")
    editor.now += 5
    assert isinstance(editor.ask().verdict, Ask)


def test_what_was_dismissed_is_not_offered_until_something_changes_there() -> None:
    editor = Editor()
    answer = editor.see_without_looking_ahead(LINE)
    editor.completions.dismissed(URI, answer.id)
    assert editor.ask().verdict == Nothing(Why.DISMISSED)
    assert wanted(editor.type("r"), Answer).text == LINE[1:]
    editor.delete()
    assert editor.ask().verdict == Nothing(Why.DISMISSED)
    assert wanted(editor.ask(explicit=True), Answer).text == LINE
    assert wanted(editor.ask(), Answer).text == LINE


def test_what_the_editor_has_left_out_is_not_taken_for_rejected() -> None:
    patience = []
    for is_shown in (True, False):
        editor = Editor()
        editor.completions = Completions(tells_shown=True)
        answer = editor.see_without_looking_ahead("never")
        editor.completions.shown(URI, answer.id + 1)
        editor.completions.shown("file:///other.py", answer.id)
        if is_shown:
            editor.completions.shown(URI, answer.id)
        patience.append(wanted(editor.type("x"), Wait).until - editor.now)
    assert patience[0] > patience[1]


def test_verdicts_on_what_is_not_shown_change_nothing() -> None:
    editor = Editor()
    editor.completions.accepted("file:///other.py", 1)
    editor.completions.dismissed("file:///other.py", 1)
    answer = editor.see_without_looking_ahead(LINE)
    editor.completions.dismissed(URI, answer.id + 1)
    editor.completions.accepted(URI, answer.id + 1)
    assert wanted(editor.ask(), Answer).text == LINE


# Ahead


def test_what_comes_after_the_shown_one_is_there_when_that_is_accepted() -> None:
    editor = Editor()
    ahead = editor.see(LINE).ahead
    assert ahead is not None
    assert ahead.text[: ahead.caret] == f"def add(a, b):\n    {LINE}"
    editor.give(ahead, Completion("\n\n\nprint(add(1, 2))"))
    assert editor.orders == Orders()
    editor.insert(LINE)
    assert wanted(editor.ask(), Answer).text == "\n\n\nprint(add(1, 2))"


def test_what_is_still_on_its_way_then_is_kept() -> None:
    editor = Editor()
    ahead = editor.see(LINE).ahead
    assert ahead is not None
    editor.type("return ")
    assert editor.orders.cancel == ()
    editor.insert("a + b")
    decision = editor.ask()
    assert wanted(decision, Keep).request_id == ahead.id
    editor.give(ahead, Completion(" + c"))
    assert wanted(editor.completions.again(decision.ask, editor.now), Answer).text == " + c"


def test_it_is_cancelled_when_the_shown_one_is_not_taken() -> None:
    editor = Editor()
    ahead = editor.see(LINE).ahead
    assert ahead is not None
    editor.insert("x")
    assert editor.orders.cancel == (ahead.id,)


def test_it_makes_room_for_what_is_asked_elsewhere() -> None:
    editor = Editor()
    ahead = editor.see(LINE).ahead
    assert ahead is not None
    editor.caret = 3
    decision = editor.ask(explicit=True)
    assert decision.orders.cancel == (ahead.id,)
    assert isinstance(decision.verdict, Ask)


def test_each_completion_is_looked_ahead_from_once() -> None:
    editor = Editor()
    ahead = editor.see(LINE).ahead
    assert ahead is not None
    editor.completions.failed(ahead.id)
    assert wanted(editor.type("r"), Answer).ahead is None


def test_nothing_is_fetched_ahead_of_a_completion_that_was_cut_off() -> None:
    editor = Editor()
    decision = editor.ask()
    editor.give(wanted(decision, Ask).request, Completion(LINE, complete=False))
    assert wanted(editor.completions.again(decision.ask, editor.now), Answer).ahead is None


def test_nothing_is_fetched_ahead_of_lines_that_are_mostly_rejected() -> None:
    editor = Editor()
    editor.see("never")
    editor.type("x")
    editor.see("nor this")
    editor.type("x")
    assert editor.see(" = b").ahead is None
    assert editor.completions.closed(URI) == Orders()


def test_nothing_is_fetched_ahead_of_what_is_known_already() -> None:
    editor = Editor("a = |\n")
    editor.see_without_looking_ahead("b")
    editor.insert("b")
    editor.see_without_looking_ahead(" + c")
    editor.delete()
    # Another completion for the same place comes to the same end.
    editor.type("x")
    editor.delete()
    assert wanted(editor.ask(explicit=True), Answer).ahead is None


@pytest.mark.parametrize("number", [1, 40])
def test_many_documents_are_remembered_up_to_a_bound(number: int) -> None:
    completions = Completions()
    for document in range(number + 1):
        decision = completions.ask(f"file:///{document}", "a", 1, 100.0)
        request = wanted(decision, Ask).request
        completions.finished(request.id, Completion("b", complete=False), 100.0)
        wanted(completions.again(decision.ask, 100.0), Answer)
    verdict = completions.ask("file:///0", "a", 1, 100.0).verdict
    assert isinstance(verdict, Answer) == (number < 32)


def test_no_document_that_waits_is_forgotten() -> None:
    completions = Completions()
    decisions = [completions.ask(f"file:///{it}", "a", 1, 100.0) for it in range(40)]
    for decision in decisions:
        completions.finished(wanted(decision, Ask).request.id, Completion("b"), 100.0)
        assert isinstance(completions.again(decision.ask, 100.0).verdict, Answer)
