"""DeepSeek-R1's own prompt format, written by hand.

The chat template of each R1 runtime differs in one point: whether it opens the thought. A prompt
written here is the same everywhere, and what the output starts inside is known.

Source: ``tokenizer_config.json`` of deepseek-ai/DeepSeek-R1 and its distills. BOS is left out, for
the runtimes add it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

USER: Final = "<｜User｜>"
ASSISTANT: Final = "<｜Assistant｜>"
END: Final = "<｜end▁of▁sentence｜>"
BEGIN: Final = "<｜begin▁of▁sentence｜>"
OPEN_THOUGHT: Final = "<think>\n"
CLOSE_THOUGHT: Final = "\n</think>\n\n"
NO_THOUGHT: Final = OPEN_THOUGHT + CLOSE_THOUGHT
"""What an answer begins with that no thought shall precede."""

Role: TypeAlias = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a dialogue."""

    role: Role
    text: str


def render(turns: Sequence[Turn], beginning: str) -> str:
    """Return the prompt that makes R1 continue ``beginning`` as the answer to ``turns``.

    There is no system turn: R1's authors advise against one.
    """
    parts = [
        USER + turn.text if turn.role == "user" else ASSISTANT + without_thought(turn.text) + END
        for turn in turns
    ]
    return "".join([*parts, ASSISTANT, beginning])


def without_thought(answer: str) -> str:
    """Return what stands behind the last ``</think>``: past thoughts are never sent back."""
    return answer.rpartition("</think>")[2].lstrip("\n")


def is_r1(name: str, template: str) -> bool:
    """Tell from its name and its chat template whether a model takes this format."""
    if USER in template and ASSISTANT in template:
        return "think" in template or bool(_R1_NAME.search(name))
    return not template and bool(_R1_NAME.search(name))


def opens_thought(template: str) -> bool | None:
    """Tell whether R1's chat template opens the thought; None where it is another model's.

    None too where it can do either: then the runtime chooses.
    """
    _, assistant, ending = template.rpartition(ASSISTANT)
    if not assistant:
        return None
    # Where a thought is switched off, it is opened and closed at once.
    ending = _NO_THOUGHT.sub("", ending)
    return None if "<think>" in ending and "</think>" in ending else "<think>" in ending


_NO_THOUGHT: Final = re.compile(r"<think>\s*</think>")
_R1_NAME: Final = re.compile(r"deepseek[-_.]?r1|r1[-_.]?distill", re.IGNORECASE)
