"""What the model is asked for one message of a chat, and what has come of its answer so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from spyhop.assist.pump import Output, ThoughtEnded
from spyhop.assist.reading import CutOff, Reading, Thinking
from spyhop.assist.steering import Steering
from spyhop.assist.task import can_leave_out_thought
from spyhop.core.fences import without_special_tokens
from spyhop.core.special_tokens import Disguise, Unmasking
from spyhop.core.stream import Text, Thought
from spyhop.core.thinking import Reclassified
from spyhop.core.tokens import TokenCeiling
from spyhop.errors import NoEdit
from spyhop.messages import Notice
from spyhop.models.port import ModelInfo, Request
from spyhop.prompting.chat import ChatPrompt, Said, Shown, build, fitted, room_for_turns
from spyhop.prompting.r1 import NO_THOUGHT, OPEN_THOUGHT
from spyhop.prompting.template import Template
from spyhop.sessions.chats.values import Attachment, Turn, TurnState, TurnUsage
from spyhop.sessions.chats.values import Thought as TurnThought
from spyhop.settings import Settings

# R1's tokenizers read these as tokens wherever they stand, and its templates cut a past answer
# at the last close.
_TAGS: Final = ("<think>", "</think>")
_LEAST_ANSWER: Final = 256
_NOTHING: Final[dict[CutOff | None, str]] = {
    "length": "chat-full",
    "loop": "chat-looped",
    "broken": "chat-empty",
    None: "chat-empty",
}


@dataclass(frozen=True, slots=True)
class ChatTask:
    """One question to the model."""

    request: Request
    prompt: ChatPrompt
    attachments: tuple[Attachment, ...]
    """The message's, as they were cut to fit."""
    disguise: Disguise
    steering: Steering
    can_end_early: bool
    """Whether the model can go on from a thought that was ended."""
    context_tokens: int
    known: str
    """What the message says and shows: its repetitions are no loop."""
    notices: tuple[Notice, ...]


def prepare(
    info: ModelInfo,
    template: Template,
    exchanges: Sequence[tuple[Turn, Turn]],
    message: Turn,
    settings: Settings,
    count: TokenCeiling,
) -> ChatTask:
    """Return what to ask for ``message``, behind the ``exchanges`` before it; takes long.

    The oldest turns are left out where they do not fit, and what is attached is cut.

    Raises:
        UsageError: the message alone does not fit.
    """
    context = info.context_tokens
    texts = [text for asked, told in exchanges for text in (*_texts(asked), told.text)]
    disguise = Disguise.for_texts([*texts, *_texts(message)], _TAGS)
    room = room_for_turns(context)
    history = [(said_by(asked, disguise), disguise.put_on(told.text)) for asked, told in exchanges]
    whole = said_by(message, disguise)
    said = fitted(template, whole, room, count)
    prompt = build(template, history, said, room, count)
    notices = [
        Notice.of("chat-attachment-cut", path=it.path or "git diff", count=it.left_out)
        for it in said.shown
        if it.left_out
    ]
    if prompt.left_out:
        notices.append(Notice.of("chat-left-out", count=prompt.left_out, context=context))
    thinking = settings.thinking_for("chat")
    thinks = thinking.mode == "on" or not can_leave_out_thought(info)
    if thinking.mode == "off" and thinks:
        notices.append(Notice.of("thinks-anyway", model=info.name))
    left = max(1, context - prompt.tokens - _LEAST_ANSWER)
    budget = thinking.model_copy(update={"max_tokens": min(thinking.max_tokens or left, left)})
    request = Request(
        prompt.turns,
        beginning=OPEN_THOUGHT if thinks else NO_THOUGHT,
        thinks=thinks,
        temperature=settings.temperature,
        top_p=settings.top_p,
    )
    return ChatTask(
        request,
        prompt,
        _cut(message.attachments, said.shown, disguise),
        disguise,
        Steering("", budget),
        thinks and info.can_go_on,
        context,
        "\n".join([said.instruction, *(it.text for it in said.shown)]),
        tuple(notices),
    )


def said_by(turn: Turn, disguise: Disguise) -> Said:
    """Return a user's turn as the model is told it."""
    return Said(
        disguise.put_on(turn.instruction),
        turn.answer_language,
        tuple(
            Shown(
                it.kind,
                disguise.put_on(it.path),
                it.language,
                it.range.start if it.range is not None else None,
                disguise.put_on(it.text),
                it.left_out,
            )
            for it in turn.attachments
        ),
    )


def _texts(turn: Turn) -> list[str]:
    return [turn.instruction, *(text for it in turn.attachments for text in (it.path, it.text))]


def _cut(
    attachments: Sequence[Attachment], shown: Sequence[Shown], disguise: Disguise
) -> tuple[Attachment, ...]:
    return tuple(
        it.model_copy(update={"text": disguise.take_off(one.text), "left_out": one.left_out})
        if one.left_out != it.left_out
        else it
        for it, one in zip(attachments, shown, strict=True)
    )


@dataclass(slots=True)
class Answering:
    """An answer on its way."""

    turn: Turn
    """As it was when it began."""
    task: ChatTask
    reading: Reading = field(default_factory=Reading)
    tokens: int = 0
    seconds: float = 0.0
    _thought: Unmasking = field(init=False)
    _text: Unmasking = field(init=False)

    def __post_init__(self) -> None:
        self._thought = Unmasking(self.task.disguise)
        self._text = Unmasking(self.task.disguise)

    def take(self, output: Output) -> Thought | Text | None:
        """Take in what came next; return what to show of it.

        None: nothing, unless what has come so far was read otherwise than it is now.
        """
        progress = self.reading.take(output)
        if isinstance(progress, Thinking):
            self.tokens, self.seconds = progress.tokens, progress.seconds
            shown = self._thought.feed(progress.text)
            return Thought(shown)
        if isinstance(output, Text):
            return Text(self._text.feed(output.text))
        if isinstance(output, Reclassified | ThoughtEnded):
            self._thought = Unmasking(self.task.disguise)
            self._text = Unmasking(self.task.disguise)
        return None

    @property
    def thought(self) -> TurnThought | None:
        """What the model has thought; None: nothing."""
        text = self.task.disguise.take_off(self.reading.thinking)
        if not text:
            return None
        return TurnThought(text=text, tokens=self.tokens, seconds=round(self.seconds, 1))

    @property
    def so_far(self) -> Turn:
        """The turn as far as it has come."""
        text = self.task.disguise.take_off(self.reading.answer)
        return self.turn.model_copy(update={"text": text, "thought": self.thought})

    def stopped(self) -> Turn:
        """Return the turn as it is where the user has stopped it."""
        return self._ended("stopped")

    def failed(self, error: str) -> Turn:
        """Return the turn as it is where something was wrong."""
        return self._ended("failed").model_copy(update={"error": error})

    def done(self) -> tuple[Turn, list[Notice]]:
        """Return the turn as it is once the model is done, and what to tell about it.

        Raises:
            NoEdit: there is no answer; says why.
        """
        reading = self.reading
        if reading.unclosed and not reading.cut_off:
            raise NoEdit("chat-unclosed")
        turn = self._ended("done")
        if not turn.text:
            raise NoEdit(_NOTHING[reading.cut_off], context=self.task.context_tokens)
        notices = reading.notices()
        if reading.cut_off:
            notices.append(Notice.of("warn-answer-cut"))
        return turn, notices

    def _ended(self, state: TurnState) -> Turn:
        answer = without_special_tokens(self.reading.answer)
        usage = self.reading.usage
        return self.turn.model_copy(
            update={
                "text": self.task.disguise.take_off(answer).strip(),
                "thought": self.thought,
                "state": state,
                "usage": TurnUsage(
                    prompt_tokens=usage.prompt_tokens,
                    cached_tokens=usage.cached_tokens,
                    answer_tokens=usage.answer_tokens,
                ),
            }
        )
