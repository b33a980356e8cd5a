"""What the doctor is shown in tests: a scripted Ollama in each state of health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from spyhop.models.scripted import Reply, Script, ScriptedOllama, reply

ANSWER: Final = replace(reply("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"))
THOUGHT: Final = reply("17 and 25: ten and twenty are thirty, seven and five are twelve. " * 4)
ENDED: Final = reply("Forty-two.")
GONE_ON: Final = reply("four\nfive\nsix\n")
FIRST: Final = Script(["ok"], prompt_tokens=260, prompt_seconds=1.2)
AGAIN: Final = Script(["ok"], prompt_tokens=12, prompt_seconds=0.1)
WELL: Final[tuple[Script, ...]] = (ANSWER, THOUGHT, ENDED, GONE_ON, FIRST, AGAIN)
"""The answers of a healthy R1, in the order in which the doctor asks."""


def ollama(scripts: Sequence[Script | Reply] = WELL, **options: Any) -> ScriptedOllama:
    """Return an Ollama that gives these answers."""
    return ScriptedOllama(scripts, **options)


def sick(**changed: Script | Reply) -> list[Script | Reply]:
    """Return the answers of a healthy R1 but for those that are named."""
    names = ("answer", "thought", "ended", "gone_on", "first", "again")
    well: Mapping[str, Script | Reply] = dict(zip(names, WELL, strict=True))
    return [*(well | changed).values()]
