"""The prompt of an edit: what to change, and as much of its surroundings as fits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from spyhop.core.fences import fence_for
from spyhop.core.lines import without_end
from spyhop.core.tokens import estimate_tokens
from spyhop.errors import UsageError
from spyhop.languages import info_string
from spyhop.messages import Language
from spyhop.prompting.budget import (
    CountTokens,
    fit,
    room_for_answer,
    room_for_context,
    room_for_thought,
)
from spyhop.prompting.template import Template
from spyhop.prompting.variables import VARIABLES

_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_INSERTION: Final = "Nothing is selected: the new lines go between those before and those after."


@dataclass(frozen=True, slots=True)
class Material:
    """What an edit is about. Lines keep their terminators."""

    path: str
    language: str
    """LSP's identifier of the language; empty when unknown."""
    before: Sequence[str]
    selection: Sequence[str]
    after: Sequence[str]
    instruction: str
    """The user's own words; empty where a preset says it all."""
    diagnostics: Sequence[str] = ()
    """What the editor or a tool reports of the selection, one problem each."""


@dataclass(frozen=True, slots=True)
class EditPrompt:
    """A prompt, and how many of the surrounding lines had to stay out of it."""

    text: str
    tokens: int
    """The estimated length."""
    left_out: int
    fence: str
    """What the answer's code is to be fenced with."""
    info: str
    """The info string behind it."""

    @property
    def opening(self) -> str:
        """The line that opens the answer's code."""
        return f"{self.fence}{self.info}\n"


def build(
    template: Template,
    instruction: str,
    material: Material,
    context_tokens: int,
    language: Language,
    count: CountTokens = estimate_tokens,
) -> EditPrompt:
    """Return the prompt for an edit, trimmed to what the model's context holds.

    ``instruction`` is what the model is told: a preset's text, the user's words, or both. The
    user's words alone tell which language they speak.

    Raises:
        UsageError: even without any surroundings there is no room for a thought and an answer.
    """
    everything = "".join([*material.before, *material.selection, *material.after])
    fence = fence_for(everything)
    blank = dict.fromkeys(VARIABLES["edit"], "")
    selection = _text(material.selection)
    values = blank | {
        "path": material.path,
        "language": info_string(material.language),
        "fence": fence,
        "selection": selection,
        "insertion": "" if selection else _INSERTION,
        "diagnostics": "\n".join(f"- {problem}" for problem in material.diagnostics),
        "instruction": instruction,
        "comment_language": comment_language(material.instruction, language),
    }
    answer = room_for_answer(count(selection))
    needed = count(template.fill(values)) + answer + room_for_thought(context_tokens)
    if needed > context_tokens:
        raise UsageError(
            "selection-too-long",
            lines=len(material.selection),
            needed=needed,
            context=context_tokens,
        )
    # The surroundings bring words of their own: the paragraphs that introduce them.
    introduced = count(template.fill(values | {"before": "x", "after": "x"}))
    room = room_for_context(context_tokens, introduced + answer)
    window = fit(material.before, material.after, room, count)
    values |= {"before": _text(window.before), "after": _text(window.after)}
    text = template.fill(values)
    return EditPrompt(text, count(text), window.left_out, fence, values["language"])


def build_repair(template: Template, prompt: EditPrompt, line: str) -> str:
    """Return how to ask for an answer to ``prompt`` without the syntax error at ``line``."""
    values = {"fence": prompt.fence, "language": prompt.info, "line": line}
    return template.fill(values)


def comment_language(instruction: str, language: Language) -> str:
    """Return the English name of the language to write comments in: that of the user's words."""
    if not instruction:
        return "Simplified Chinese" if language == "zh-cn" else "English"
    return "Simplified Chinese" if _CHINESE.search(instruction) else "English"


def _text(lines: Sequence[str]) -> str:
    r"""Return ``lines`` as one text with ``\n`` between them and none at the end."""
    return "\n".join(without_end(line) for line in lines)
