"""What a model is asked for a completion, in the way that it can be asked.

R1 goes on with an answer that is begun for it; a model that was trained to fill in gets its own
template, or its runtime's. Where neither can be, there is no completion: asked in a chat, a model
that wants to think talks.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from spyhop.assist.desk import Desk, Spot
from spyhop.core.completion.place import Place
from spyhop.core.lines import LINE_END
from spyhop.core.special_tokens import Disguise
from spyhop.core.tokens import TokenCounts
from spyhop.models.errors import ModelUnavailable
from spyhop.models.port import Model, ModelInfo, Request
from spyhop.prompting import complete, fim
from spyhop.prompting.budget import CompletionBudget
from spyhop.prompting.layout import Layout
from spyhop.prompting.library import Library
from spyhop.prompting.template import Template
from spyhop.settings import CompleteSettings
from spyhop.syntax.caret import place_at

# The same place is given the same completion, so what is typed along one stays one; and of what R1
# would write, what it is surest of is what a user would have typed.
_TEMPERATURE: Final = 0.0
_MOST_TOKENS_A_LINE: Final = 96
# In characters: more than the 200 lines that are looked at.
_REACH: Final = 32_768
# The prompt's own words and the completion need room too.
_SHARE_OF_CONTEXT: Final = 2
_PROMPT: Final = "complete"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the model is asked."""

    request: Request
    held_back: str
    """What the output begins with as a rule and the document has already."""
    fence: str
    disguise: Disguise
    """What the special tokens in the user's text are called in the prompt and the output."""
    counted: str
    """What the runtime counts as the prompt; empty where it writes that itself."""


@dataclass(frozen=True, slots=True)
class CompletionTask:
    """What the model is asked, and what its output is held against."""

    place: Place
    before: str
    """The document before the caret, as far as it is looked at."""
    after: str
    """The document behind it, likewise."""
    asked: Asked
    counts: TokenCounts


_Way: TypeAlias = Template | fim.FimTemplate | None


async def prepare(
    model: Model, desk: Desk, library: Library, spot: Spot, settings: CompleteSettings
) -> CompletionTask | None:
    """Return what to ask for at ``spot``; None where no completion is wanted.

    Raises:
        ModelUnavailable: the model cannot be asked, or not for completions.
        SettingsError: the prompt file is not what it must be.
    """
    info = await model.info()
    way = _way(info, library)
    await desk.begin(spot)
    task = await asyncio.to_thread(_task, info, way, desk, spot, settings)
    desk.catch_up(spot)
    return task


def _way(info: ModelInfo, library: Library) -> _Way:
    """Return the template to fill; None where the runtime fills its own.

    Raises:
        ModelUnavailable: the model can be asked in none of the ways.
    """
    template = fim.template_for(info.name, info.template)
    if template is not None and info.abilities.raw:
        return template
    if info.can_go_on:
        return library.get(_PROMPT)
    if info.abilities.infill:
        return None
    key = "complete-chat-only" if info.abilities.raw is not True else "complete-not-made-for"
    raise ModelUnavailable(key, model=info.name, server=info.server.name or "OpenAI API")


def _task(
    info: ModelInfo, way: _Way, desk: Desk, spot: Spot, settings: CompleteSettings
) -> CompletionTask | None:
    text, caret = spot.file.text, spot.caret
    before, after = text[max(0, caret - _REACH) : caret], text[caret : caret + _REACH]
    place = place_at(spot.file.language, before + after, len(before), spot.trigger)
    if place.refusal:
        return None
    most = settings.max_tokens
    if place.wanted == "line":
        most = min(most, _MOST_TOKENS_A_LINE)
    room = (info.context_tokens - settings.max_tokens) // _SHARE_OF_CONTEXT
    budget = CompletionBudget.of(min(settings.prompt_tokens, room))
    counts = desk.counts_of(info.name)
    layout = desk.lay_out(spot, budget, counts)
    rest = LINE_END.split(after, maxsplit=1)[0]
    one_line = bool(rest.strip()) and place.wanted != "body"
    asked = _asked(way, spot, layout, most, one_line=one_line)
    return CompletionTask(place, before, after, asked, counts)


def _asked(way: _Way, spot: Spot, layout: Layout, most: int, *, one_line: bool) -> Asked:
    path, language = spot.file.path, spot.file.language
    request = Request((), thinks=False, temperature=_TEMPERATURE, max_tokens=most, tells_spent=True)
    if way is None:
        gap = fim.build_infill(layout)
        fence = complete.answer_fence(language, [gap.before, gap.after])
        request = replace(request, gap=gap, stop=("\n",) if one_line else ())
        return Asked(request, gap.held_back, fence, Disguise(), "")
    if isinstance(way, fim.FimTemplate):
        name = spot.repository
        filled = fim.build(way, path, language, layout, repository=name, one_line=one_line)
        request = replace(request, prompt=filled.text, stop=filled.stop)
        return Asked(request, filled.held_back, filled.fence, filled.disguise, filled.text)
    begun = complete.build(way, path, language, layout, one_line=one_line)
    request = replace(request, turns=(begun.turn,), beginning=begun.beginning, stop=begun.stop)
    return Asked(request, begun.held_back, begun.fence, begun.disguise, begun.text)
