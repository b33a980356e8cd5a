"""One chat's turns: messages and answers in turn, at most the last one on its way.

A message that is edited, or an answer that is given anew, takes the place of the old one; what
followed it is gone, for it answered something else. Branches are not kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from spyhop.errors import UsageError
from spyhop.sessions.chats.title import title_of
from spyhop.sessions.chats.values import Chat, Turn


@dataclass(frozen=True, slots=True)
class Begun:
    """How the turns have changed, for one to be answered."""

    kept: int
    """How many turns are as they were."""
    dropped: tuple[str, ...]
    """The ids of those that are gone."""
    added: tuple[Turn, ...]
    """What has taken their place."""


@dataclass(slots=True)
class Conversation:
    """A chat and its turns; a message is followed by an answer, if it is not the last."""

    chat: Chat
    turns: list[Turn] = field(default_factory=list)

    @property
    def answering(self) -> Turn | None:
        """The answer that is on its way."""
        last = self.turns[-1] if self.turns else None
        return last if last is not None and last.state == "streaming" else None

    @property
    def exchanges(self) -> list[tuple[Turn, Turn]]:
        """The messages that were answered, each with its answer, oldest first.

        What came to no words is no answer, and then its message counts for nothing either.
        """
        pairs = zip(self.turns[::2], self.turns[1::2], strict=False)
        return [(asked, told) for asked, told in pairs if told.text.strip()]

    def turn(self, turn_id: str) -> Turn:
        """Return a turn.

        Raises:
            UsageError: there is none of this id any more.
        """
        return self.turns[self._place(turn_id)]

    def ask(self, message: Turn, answer: Turn) -> Begun:
        """Add a message, and the answer that is on its way from now on.

        Raises:
            UsageError: another answer is.
        """
        return self._go_on(len(self.turns), message, answer)

    def edit(self, turn_id: str, message: Turn, answer: Turn) -> Begun:
        """Put a message in the place of one of the user's turns; what follows that is gone.

        Raises:
            UsageError: an answer is on its way, or this is no message.
        """
        place = self._place(turn_id)
        if self.turns[place].role != "user":
            raise UsageError("chat-not-message")
        return self._go_on(place, message, answer)

    def retry(self, turn_id: str, answer: Turn) -> Begun:
        """Put a new answer, on its way, in the place of one; what follows that is gone.

        Raises:
            UsageError: an answer is on its way, or this is none.
        """
        place = self._place(turn_id)
        if self.turns[place].role != "assistant":
            raise UsageError("chat-not-answer")
        return self._go_on(place, answer)

    def put(self, answer: Turn) -> None:
        """Note what the answer on its way has come to; without effect where it is gone."""
        if self.answering is not None and self.answering.id == answer.id:
            self.turns[-1] = answer

    def interrupt(self) -> bool:
        """Note that nobody works on the answer any more; tell whether one was on its way."""
        if self.answering is None:
            return False
        self.turns[-1] = self.answering.model_copy(update={"state": "interrupted"})
        return True

    def _go_on(self, kept: int, *added: Turn) -> Begun:
        if self.answering is not None:
            raise UsageError("chat-busy")
        dropped = tuple(turn.id for turn in self.turns[kept:])
        self.turns[kept:] = added
        first, last = self.turns[0], added[-1]
        title = self.chat.title or title_of(first.text or first.instruction)
        self.chat = self.chat.model_copy(update={"title": title, "updated": last.created})
        return Begun(kept, dropped, added)

    def _place(self, turn_id: str) -> int:
        for place, turn in enumerate(self.turns):
            if turn.id == turn_id:
                return place
        raise UsageError("chat-no-turn")
