"""An edit: from a selection and an instruction to the lines that shall take its place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from spyhop.assist.answer import offer_of
from spyhop.assist.pump import pump
from spyhop.assist.reading import CutOff, Reading, Thinking, Writing
from spyhop.assist.task import Task
from spyhop.core.cutoff import candidates
from spyhop.core.fences import blocks_of, without_special_tokens
from spyhop.core.tokens import estimate_tokens
from spyhop.errors import ModelError, NoEdit
from spyhop.messages import Notice
from spyhop.models.errors import ModelFailed
from spyhop.models.port import Model, Request, Usage
from spyhop.prompting.budget import room_for_thought
from spyhop.prompting.edit import Material, build_repair
from spyhop.prompting.r1 import Turn
from spyhop.syntax.comments.annotate import annotate
from spyhop.syntax.errors import SyntaxFault, added_errors

_NOTHING: Final[dict[CutOff | None, str]] = {
    "length": "no-edit-length",
    "loop": "no-edit-loop",
    "broken": "no-edit-empty",
    None: "no-edit-empty",
}
_CUT_OFF: Final[dict[CutOff, str]] = {
    "length": "warn-cut-length",
    "loop": "warn-cut-loop",
    "broken": "warn-cut-broken",
}


@dataclass(frozen=True, slots=True)
class Repairing:
    """The model is asked once more, because its edit would add this syntax error."""

    fault: SyntaxFault


@dataclass(frozen=True, slots=True)
class Outcome:
    """The lines, with terminators, that shall take the selection's place."""

    lines: tuple[str, ...]
    thinking: str
    warnings: tuple[Notice, ...]
    usage: Usage
    cut_off: CutOff | None = None
    """Why the answer is not whole; what it had not come to stays as it is."""
    faults: tuple[SyntaxFault, ...] = ()
    """Syntax errors that the lines would add to the document."""


Runner: TypeAlias = Callable[..., Awaitable[Any]]
Progress: TypeAlias = Thinking | Writing | Repairing | Outcome


async def edit(
    model: Model, task: Task, run: Runner = asyncio.to_thread
) -> AsyncGenerator[Progress, None]:
    """Ask the model; yield how it gets on, and last the one `Outcome`.

    ``run`` carries out, elsewhere, what takes long.

    Raises:
        NoEdit: there is no usable answer; says why.
        ModelError: the model cannot be asked, or broke off before it had rewritten anything.
    """
    reading, broken = Reading(), None
    async with aclosing(_read(model, task, task.request, reading)) as steps:
        try:
            async for step in steps:
                yield step
        except ModelFailed as error:
            reading.cut_off, broken = "broken", error
            reading.fault = str(error.values.get("why", "-"))
    try:
        outcome: Outcome = await run(conclude, reading, task)
    except NoEdit as refused:
        raise broken or refused from None
    if request := _repair(task, reading, outcome):
        yield Repairing(outcome.faults[0])
        again = Reading()
        async with aclosing(_read(model, task, request, again)) as steps:
            try:
                async for step in steps:
                    yield step
                repaired: Outcome = await run(conclude, again, task)
            except (NoEdit, ModelError):
                repaired = outcome
        if not repaired.cut_off and len(repaired.faults) < len(outcome.faults):
            thinking = f"{outcome.thinking}\n\n{repaired.thinking}".strip()
            outcome = replace(repaired, thinking=thinking)
    yield outcome


async def _read(
    model: Model, task: Task, request: Request, reading: Reading
) -> AsyncGenerator[Thinking | Writing, None]:
    async with aclosing(pump(model, request, task.steering, task.known)) as outputs:
        async for output in outputs:
            if progress := reading.take(output):
                yield progress


def conclude(reading: Reading, task: Task) -> Outcome:
    """Return what a model's output comes to for the task; takes long for a long selection.

    Raises:
        NoEdit: it is no usable answer; says why.
    """
    thinking = task.disguise.take_off(reading.thinking)
    if reading.unclosed or not without_special_tokens(reading.answer).strip():
        raise _nothing(reading, task)
    try:
        offer = offer_of(reading.answer, task.material, task.disguise)
    except NoEdit as refused:
        raise _nothing(reading, task) if reading.cut_off else refused from None
    lines, notices = offer.lines, [*offer.notices, *reading.notices()]
    cut_off = None if offer.whole else reading.cut_off
    if cut_off:
        lines = _before_the_cut(lines, reading, task)
        notices.append(Notice.of(_CUT_OFF[cut_off], why=reading.fault))
    elif reading.cut_off == "broken":
        notices.append(Notice.of("warn-broken-behind", why=reading.fault))
    if task.kind == "comment":
        lines, more = _comments_only(lines, task.material)
        return Outcome(lines, thinking, (*notices, *more), reading.usage, cut_off)
    faults = faults_of(lines, task.material)
    if faults:
        first = faults[0]
        notices.append(Notice.of("warn-syntax", line=first.line + 1, text=first.text))
    return Outcome(lines, thinking, tuple(notices), reading.usage, cut_off, tuple(faults))


def faults_of(lines: Sequence[str], material: Material) -> list[SyntaxFault]:
    """Return the syntax errors that ``lines`` in the selection's place would add."""
    before, selection, after = (
        "".join(part) for part in (material.before, material.selection, material.after)
    )
    first = len(material.before)
    last = first + len(material.selection) - 1
    old, new = before + selection + after, before + "".join(lines) + after
    return added_errors(material.language, old, new, first, last)


def _before_the_cut(lines: Sequence[str], reading: Reading, task: Task) -> tuple[str, ...]:
    """Return the selection rewritten as far as the answer had come for certain."""
    for candidate in candidates(lines, task.material.selection):
        if not faults_of(candidate.lines, task.material):
            return candidate.lines
    raise _nothing(reading, task)


def _comments_only(
    lines: Sequence[str], material: Material
) -> tuple[tuple[str, ...], list[Notice]]:
    """Return the selection with the answer's comments, and what to tell about the rest of it."""
    annotated = annotate(
        material.language, material.before, material.selection, material.after, lines
    )
    offered = annotated.dropped or annotated.code_changed
    if annotated.lines == tuple(material.selection) and offered:
        raise NoEdit("no-edit-comments" if annotated.checked else "no-edit-comments-unknown")
    notices: list[Notice] = []
    if annotated.code_changed:
        notices.append(Notice.of("warn-code-kept"))
    if annotated.dropped:
        notices.append(Notice.of("warn-comments-dropped", count=annotated.dropped))
    if not annotated.checked:
        notices.append(Notice.of("warn-comments-unchecked"))
    return annotated.lines, notices


def _repair(task: Task, reading: Reading, outcome: Outcome) -> Request | None:
    """Return the request to mend the outcome's syntax error; None where there is nothing to ask."""
    if task.repair is None or not outcome.faults or outcome.cut_off:
        return None
    fault = outcome.faults[0]
    shown = task.disguise.put_on(fault.text)
    text = build_repair(task.repair, task.prompt, shown)
    answer = reading.answer.strip()
    cost = task.prompt.tokens + 2 * estimate_tokens(answer) + estimate_tokens(text)
    if cost + room_for_thought(task.context_tokens) > task.context_tokens:
        return None
    turns = (*task.request.turns, Turn("assistant", answer), Turn("user", text))
    return replace(task.request, turns=turns)


def _nothing(reading: Reading, task: Task) -> NoEdit:
    """Return the refusal that says why there is no usable answer."""
    if reading.unclosed and not reading.cut_off:
        return NoEdit("no-edit-unclosed")
    if not reading.cut_off and any(block.closed for block in blocks_of(reading.thinking)):
        return NoEdit("no-edit-only-thought")
    return NoEdit(_NOTHING[reading.cut_off], context=task.context_tokens)
