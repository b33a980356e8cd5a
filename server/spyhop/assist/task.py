"""What the model is asked for an edit, and what its answer is held against."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from spyhop.assist.steering import Steering
from spyhop.core.special_tokens import Disguise
from spyhop.core.tokens import estimate_tokens
from spyhop.messages import Language, Notice
from spyhop.models.port import Model, ModelInfo, Request
from spyhop.prompting.budget import room_for_answer
from spyhop.prompting.edit import EditPrompt, Material, build
from spyhop.prompting.library import Library
from spyhop.prompting.r1 import NO_THOUGHT, OPEN_THOUGHT, Turn
from spyhop.prompting.template import Kind, Template
from spyhop.settings import Settings

# How much of the document around the selection shows what the user repeats himself.
_KNOWN_LINES: Final = 2000


@dataclass(frozen=True, slots=True)
class Task:
    """What the model is asked for, and what its answer is held against."""

    kind: Kind
    material: Material
    prompt: EditPrompt
    request: Request
    context_tokens: int
    disguise: Disguise
    """What the special tokens in the user's text are called in the prompt and the answer."""
    steering: Steering
    can_end_early: bool
    """Whether the model can go on from a thought that was ended."""
    repair: Template | None
    """How to ask once more about a syntax error; None: not at all."""
    known: str
    """The user's own text around the place, as the model sees it: its repetitions are no loop."""
    notices: tuple[Notice, ...] = ()
    """What to tell of how the model is asked."""


async def prepare(
    model: Model,
    library: Library,
    name: str,
    material: Material,
    settings: Settings,
    language: Language,
) -> Task:
    """Return the task of prompt ``name`` on ``material``, fitted to the model's context.

    Raises:
        SpyhopError: the prompt does not exist or does not fit, the model cannot be asked.
    """
    info = await model.info()
    return await asyncio.to_thread(_task, info, library, name, material, settings, language)


def _task(
    info: ModelInfo,
    library: Library,
    name: str,
    material: Material,
    settings: Settings,
    language: Language,
) -> Task:
    template, instruction = library.resolve(name, material.instruction)
    context = info.context_tokens
    disguise, shown = _disguised(material, instruction)
    prompt = build(template, disguise.put_on(instruction), shown, context, language)
    turns = (Turn("user", prompt.text),)
    opening = "" if template.kind == "answer" else prompt.opening
    thinking = settings.thinking_for(template.role)
    off = thinking.mode == "off"
    thinks = not (off and can_leave_out_thought(info))
    request = Request(
        turns,
        beginning=OPEN_THOUGHT if thinks else NO_THOUGHT + opening,
        thinks=thinks,
        temperature=settings.temperature,
        top_p=settings.top_p,
    )
    room = context - prompt.tokens - room_for_answer(estimate_tokens("".join(material.selection)))
    budget = thinking.model_copy(update={"max_tokens": min(thinking.max_tokens or room, room)})
    return Task(
        kind=template.kind,
        material=material,
        prompt=prompt,
        request=request,
        context_tokens=context,
        disguise=disguise,
        steering=Steering(opening, budget),
        can_end_early=thinks and info.can_go_on,
        repair=library.get("repair") if settings.edit.repair == "once" else None,
        known=_known(shown),
        notices=(Notice.of("thinks-anyway", model=info.name),) if off and thinks else (),
    )


def can_leave_out_thought(info: ModelInfo) -> bool:
    """Tell whether a model can be asked to answer without a thought."""
    return info.can_go_on or info.abilities.thought_off not in {None, "impossible"}


def _known(shown: Material) -> str:
    before, after = shown.before[-_KNOWN_LINES:], shown.after[:_KNOWN_LINES]
    return "".join([*before, *shown.selection, *after])


def _disguised(material: Material, instruction: str) -> tuple[Disguise, Material]:
    """Return what the special tokens in the user's text are called, and the text with that."""
    parts = (material.before, material.selection, material.after, material.diagnostics)
    disguise = Disguise.for_texts([*("".join(lines) for lines in parts), instruction])
    before, selection, after, diagnostics = map(disguise.put_on_lines, parts)
    shown = replace(
        material, before=before, selection=selection, after=after, diagnostics=diagnostics
    )
    return disguise, shown
