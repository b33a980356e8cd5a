"""A question about a selection: nothing is changed, the answer is for the user to read."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, TypeAlias

from spyhop.assist.pump import Output, pump
from spyhop.assist.reading import CutOff, Reading, Thinking
from spyhop.assist.task import Task
from spyhop.core.fences import without_special_tokens
from spyhop.core.stream import Text
from spyhop.errors import NoEdit
from spyhop.messages import Notice
from spyhop.models.port import Model, Usage

_CUT_OFF: Final[dict[CutOff | None, str]] = {
    "length": "no-edit-length",
    "loop": "no-edit-loop",
    None: "no-edit-empty",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer, in Markdown."""

    text: str
    thinking: str
    warnings: tuple[Notice, ...]
    usage: Usage


Progress: TypeAlias = Thinking | Text | Answer


async def ask(model: Model, task: Task) -> AsyncGenerator[Progress, None]:
    """Ask the model; yield its thoughts and its answer as they come, and last the whole `Answer`.

    Raises:
        NoEdit: there is no answer; says why.
        ModelError: the model cannot be asked or broke off.
    """
    reading = Reading()
    async with aclosing(pump(model, task.request, task.steering, task.known)) as outputs:
        async for output in outputs:
            if progress := _told(reading, output):
                yield progress
    text = task.disguise.take_off(without_special_tokens(reading.answer)).strip()
    if reading.unclosed and not reading.cut_off:
        raise NoEdit("no-edit-unclosed")
    if not text:
        raise NoEdit(_CUT_OFF[reading.cut_off], context=task.context_tokens)
    thinking = task.disguise.take_off(reading.thinking)
    notices = reading.notices()
    if reading.cut_off:
        notices.append(Notice.of("warn-answer-cut"))
    yield Answer(text, thinking, tuple(notices), reading.usage)


def _told(reading: Reading, output: Output) -> Thinking | Text | None:
    progress = reading.take(output)
    if isinstance(output, Text):
        return output
    return progress if isinstance(progress, Thinking) else None
