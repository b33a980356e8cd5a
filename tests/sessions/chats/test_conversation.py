from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from spyhop.errors import UsageError
from spyhop.sessions.chats.conversation import Conversation
from spyhop.sessions.chats.values import Chat, Turn, TurnState

ENDS = [state for state in get_args(TurnState) if state != "streaming"]


def message(turn_id: str, text: str = "Why?") -> Turn:
    return Turn(id=turn_id, role="user", created=1, text=text)


def answer(turn_id: str, text: str = "", state: TurnState = "streaming") -> Turn:
    return Turn(id=turn_id, role="assistant", created=2, text=text, state=state)


def conversation(*turns: Turn) -> Conversation:
    return Conversation(Chat(id="c", created=0, updated=0), list(turns))


class Chatting(RuleBasedStateMachine):
    """A chat beside a plain list of what it must hold, with any requests in any order."""

    @initialize()
    def begin(self) -> None:
        self.chat = conversation()
        self.stored = ""
        self.expected: list[tuple[str, str, str]] = []
        self.ids = 0

    def next_id(self) -> str:
        self.ids += 1
        return str(self.ids)

    @property
    def busy(self) -> bool:
        return bool(self.expected) and self.expected[-1][2] == "streaming"

    def go_on(self, kept: int, act: Callable[[], object], *added: tuple[str, str, str]) -> None:
        before = [turn.id for turn in self.chat.turns]
        if self.busy:
            with pytest.raises(UsageError) as refused:
                act()
            assert refused.value.key == "chat-busy"
            return
        begun = act()
        assert getattr(begun, "kept") == kept  # noqa: B009 - of any kind
        assert list(getattr(begun, "dropped")) == before[kept:]  # noqa: B009
        self.expected[kept:] = added

    @rule(text=st.text(max_size=5))
    def ask(self, text: str) -> None:
        one, other = self.next_id(), self.next_id()
        self.go_on(
            len(self.expected),
            lambda: self.chat.ask(message(one, text), answer(other)),
            (one, text, "done"),
            (other, "", "streaming"),
        )

    @precondition(lambda self: self.expected)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.expected) // 2 - 1)) * 2 + 1
        new = self.next_id()
        old = self.expected[place][0]
        self.go_on(place, lambda: self.chat.retry(old, answer(new)), (new, "", "streaming"))

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), text=st.text(max_size=5))
    def edit(self, data: st.DataObject, text: str) -> None:
        place = data.draw(st.integers(0, len(self.expected) // 2 - 1)) * 2
        one, other = self.next_id(), self.next_id()
        old = self.expected[place][0]
        self.go_on(
            place,
            lambda: self.chat.edit(old, message(one, text), answer(other)),
            (one, text, "done"),
            (other, "", "streaming"),
        )

    @precondition(lambda self: self.busy)
    @rule(text=st.text(max_size=5))
    def go_on_answering(self, text: str) -> None:
        turn_id, before, _ = self.expected[-1]
        self.expected[-1] = (turn_id, before + text, "streaming")
        self.chat.put(answer(turn_id, before + text))

    @precondition(lambda self: self.busy)
    @rule(state=st.sampled_from(ENDS))
    def end(self, state: TurnState) -> None:
        turn_id, text, _ = self.expected[-1]
        self.expected[-1] = (turn_id, text, state)
        self.chat.put(answer(turn_id, text, state))

    @precondition(lambda self: self.expected)
    @rule(data=st.data())
    def put_late(self, data: st.DataObject) -> None:
        """What comes of an answer that has ended, or is gone, changes nothing."""
        late = data.draw(st.integers(1, self.ids))
        if not (self.busy and self.expected[-1][0] == str(late)):
            self.chat.put(answer(str(late), "late"))

    @rule()
    def kill(self) -> None:
        """What was stored comes back; an answer on its way has ended."""
        stored = [turn.model_dump_json() for turn in self.chat.turns]
        was_busy = self.busy
        if was_busy:
            turn_id, text, _ = self.expected[-1]
            self.expected[-1] = (turn_id, text, "interrupted")
        self.chat = Conversation(self.chat.chat, [Turn.model_validate_json(it) for it in stored])
        assert self.chat.interrupt() == was_busy

    @invariant()
    def holds_what_it_must(self) -> None:
        turns = self.chat.turns
        assert [(it.id, it.text, it.state) for it in turns] == self.expected
        assert [it.role for it in turns] == ["user", "assistant"] * (len(turns) // 2)
        assert (self.chat.answering is not None) == self.busy
        assert all(it.state != "streaming" for it in turns[:-1])

    @invariant()
    def only_what_was_answered_is_history(self) -> None:
        for asked, told in self.chat.exchanges:
            assert (asked.role, told.role) == ("user", "assistant")
            assert told.text.strip()


TestChatting = Chatting.TestCase


def test_the_first_message_gives_the_title_and_the_last_turn_the_time() -> None:
    chat = conversation()
    chat.ask(message("1", "Why?"), answer("2"))
    assert (chat.chat.title, chat.chat.updated) == ("Why?", 2)
    chat.put(answer("2", "So.", "done"))
    chat.ask(message("3", "And?"), answer("4"))
    assert chat.chat.title == "Why?"


def test_a_title_of_the_users_own_stays() -> None:
    chat = Conversation(Chat(id="c", title="Mine", created=0, updated=0))
    chat.ask(message("1"), answer("2"))
    assert chat.chat.title == "Mine"


def test_a_message_that_got_no_words_for_an_answer_is_no_history() -> None:
    chat = conversation(
        message("1"), answer("2", " \n", "failed"), message("3"), answer("4", "So.", "stopped")
    )
    assert [(one.id, other.id) for one, other in chat.exchanges] == [("3", "4")]


@pytest.mark.parametrize(
    ("act", "key"),
    [
        (lambda it: it.retry("1", answer("9")), "chat-not-answer"),
        (lambda it: it.edit("2", message("8"), answer("9")), "chat-not-message"),
        (lambda it: it.edit("7", message("8"), answer("9")), "chat-no-turn"),
        (lambda it: it.turn("7"), "chat-no-turn"),
    ],
)
def test_what_is_not_there_is_said(act: Callable[[Conversation], object], key: str) -> None:
    chat = conversation(message("1"), answer("2", "So.", "done"))
    with pytest.raises(UsageError) as refused:
        act(chat)
    assert refused.value.key == key
    assert len(chat.turns) == 2
