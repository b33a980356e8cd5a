"""The prompt of a chat: its turns, as many of the last ones as fit, and what is attached to them.

A runtime reads a prompt again from its first token that changed. So a turn is worded the same
whenever it is sent: a chat's prompt is the beginning of its next one. Where the turns do not fit
any more, the oldest are left out, and at once so many that it is long until the next ones must
be: half of the room is free then. Which ones is worked out from the turns alone, so it
stays the same from message to message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from spyhop.core.fences import fence_for
from spyhop.core.lines import split_lines, without_end
from spyhop.core.tokens import estimate_tokens
from spyhop.errors import UsageError
from spyhop.languages import info_string
from spyhop.prompting.budget import CountTokens, room_for_thought
from spyhop.prompting.r1 import Turn
from spyhop.prompting.template import Template

_MOST_ANSWER: Final = 4096
# What a turn costs besides its text: its special tokens.
_TURN: Final = 4
# What tells where an attachment is from, and its fences.
_HEAD: Final = 48


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that a message shows."""

    kind: Literal["selection", "file", "diagnostics", "diff"]
    path: str
    language: str
    first_line: int | None
    """0-based; None: the whole file."""
    text: str
    left_out: int = 0
    """How many lines at its end are left out."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message as the model is told it."""

    instruction: str
    answer_language: str
    """The English name of a language; empty: that of the message."""
    shown: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatPrompt:
    """The turns to send."""

    turns: tuple[Turn, ...]
    tokens: int
    """Their estimated length."""
    left_out: int
    """How many of the oldest messages are left out, with their answers."""


def room_for_turns(context_tokens: int) -> int:
    """Return how many tokens a chat's turns may take: a thought and an answer need the rest."""
    answer = min(_MOST_ANSWER, context_tokens // 4)
    return context_tokens - room_for_thought(context_tokens) - answer


def build(
    template: Template,
    exchanges: Sequence[tuple[Said, str]],
    message: Said,
    room: int,
    count: CountTokens = estimate_tokens,
) -> ChatPrompt:
    """Return the turns of a chat, the last ``message`` included, within ``room`` tokens.

    Raises:
        UsageError: the message alone is longer.
    """
    texts = [(wording(template, said), answer) for said, answer in exchanges]
    last = wording(template, message)
    costs = [(_cost(asked, count), _cost(answer, count)) for asked, answer in texts]
    needed = _cost(last, count)
    if needed > room:
        raise UsageError("chat-too-long", needed=needed, room=room)
    first = first_kept([*costs, (needed, 0)], room)
    turns: list[Turn] = []
    for asked, answer in texts[first:]:
        turns += [Turn("user", asked), Turn("assistant", answer)]
    tokens = needed + sum(map(sum, costs[first:]))
    return ChatPrompt((*turns, Turn("user", last)), tokens, first)


def first_kept(costs: Sequence[tuple[int, int]], room: int) -> int:
    """Return which message is the first to be sent, the last one being the one to be answered.

    ``costs`` are the tokens of each message and its answer. Worked out as the chat went: once it
    did not fit, the oldest were left out until half of the room was free, or none but the last
    message was there.
    """
    first = total = 0
    for index, (asked, answer) in enumerate(costs):
        total += asked
        if total > room:
            while first < index and total > room // 2:
                total -= sum(costs[first])
                first += 1
        total += answer
    return first


def wording(template: Template, said: Said) -> str:
    """Return a message as it is sent."""
    shown = "\n\n".join(_shown(it) for it in said.shown)
    files = [it for it in said.shown if it.kind in {"selection", "file"}]
    values = {
        "attachments": shown,
        "message": said.instruction,
        "example": _example(files[0]) if files else "",
        "answer_language": said.answer_language or "the language of the message",
    }
    return template.fill(values)


def fitted(
    template: Template, message: Said, room: int, count: CountTokens = estimate_tokens
) -> Said:
    """Return ``message`` with what it shows cut at the end, so that it costs ``room`` at most.

    What is short stays whole; the rest is shared out among the longer ones.

    Raises:
        UsageError: it is too long without that, or nothing worth showing would be left.
    """
    bare = _cost(wording(template, replace(message, shown=())), count)
    left = room - bare - _HEAD * (len(message.shown) + 1)
    if left < 0 or (message.shown and left < _HEAD):
        raise UsageError("chat-too-long", needed=bare, room=room)
    lengths = [count(it.text) for it in message.shown]
    cut: dict[int, Shown] = {}
    order = sorted(range(len(lengths)), key=lambda index: lengths[index])
    for place, index in enumerate(order):
        share = left // (len(order) - place)
        cut[index] = _cut(message.shown[index], share, count)
        left -= min(lengths[index], share)
    return replace(message, shown=tuple(cut[index] for index in range(len(lengths))))


def _cut(shown: Shown, tokens: int, count: CountTokens) -> Shown:
    if count(shown.text) <= tokens:
        return shown
    lines = split_lines(shown.text)
    kept: list[str] = []
    for line in lines:
        tokens -= count(line)
        if tokens < 0:
            break
        kept.append(line)
    return replace(shown, text="".join(kept), left_out=shown.left_out + len(lines) - len(kept))


def _cost(text: str, count: CountTokens) -> int:
    return count(text) + _TURN


def _shown(shown: Shown) -> str:
    if shown.kind == "diagnostics":
        problems = "\n".join(f"- {line}" for line in shown.text.split("\n") if line.strip())
        return f"These problems are reported in {shown.path}:\n{problems}"
    text = "\n".join(without_end(line) for line in split_lines(shown.text))
    fence = fence_for(text)
    info = "diff" if shown.kind == "diff" else info_string(shown.language)
    left_out = f"\n({shown.left_out} more lines are not shown.)" if shown.left_out else ""
    return f"{_heading(shown)}\n{fence}{info}\n{text}\n{fence}{left_out}"


def _heading(shown: Shown) -> str:
    if shown.kind == "diff":
        return "The working tree has these changes:"
    if shown.first_line is None:
        return f"The file {shown.path}:"
    count = len(split_lines(shown.text))
    first = shown.first_line + 1
    if count <= 1:
        return f"Line {first} of {shown.path}:"
    return f"Lines {first} to {first + count - 1} of {shown.path}:"


def _example(shown: Shown) -> str:
    return f"{fence_for(shown.text)}{info_string(shown.language) or 'text'} {shown.path}"
