"""What the doctor is shown in tests: the answers of a scripted Ollama, healthy or not."""

from __future__ import annotations

from typing import Final

from spyhop.models.scripted import Reply, Script, reply

WELL: Final[dict[str, Script | Reply]] = {
    "answer": reply("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"),
    "thought": reply("17 and 25: ten and twenty are thirty, seven and five are twelve. " * 4),
    "ended": reply("Forty-two."),
    "gone_on": reply("four\nfive\nsix\n"),
    "first": Script(["ok"], prompt_tokens=260, prompt_seconds=1.2),
    "again": Script(["ok"], prompt_tokens=12, prompt_seconds=0.1),
}
"""The answers of a healthy R1, in the order in which the doctor asks."""


def answers(**changed: Script | Reply) -> list[Script | Reply]:
    """Return the answers of a healthy R1 but for those that are named."""
    return [*(WELL | changed).values()]
