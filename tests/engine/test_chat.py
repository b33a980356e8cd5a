"""A long chat in the real engine, on a small context: it never overflows, and little is read twice.

The report is printed: `pytest -s tests/engine/test_chat.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from chatting import chatting
from spyhop import resources
from spyhop.models.embedded import Embedded
from spyhop.settings import Settings

pytestmark = pytest.mark.anyio

CONTEXT = 4096
TURNS = 200


@dataclass(frozen=True, slots=True)
class Cost:
    """What a turn has cost."""

    prompt: int
    read: int
    """How many of the prompt's tokens the engine had to read."""
    written: int


@pytest.mark.timeout(900)
async def test_two_hundred_turns_on_a_small_context(tmp_path: Path) -> None:
    model = Embedded(resources.standin(), context_tokens=CONTEXT)
    settings = Settings.model_validate({"temperature": 0})
    costs: list[Cost] = []
    try:
        async with chatting(model, tmp_path, settings=settings) as client:
            chat_id = await client.new()
            for number in range(TURNS):
                turn = await client.ask(chat_id, f"Question {number}: what is {number} times two?")
                assert turn["state"] == "done", turn
                usage = turn["usage"]
                prompt = usage["promptTokens"]
                costs.append(Cost(prompt, prompt - usage["cachedTokens"], usage["answerTokens"]))
            turns = await client.turns(chat_id)
    finally:
        await model.aclose()
    assert len(turns) == 2 * TURNS
    assert all(cost.prompt + cost.written <= CONTEXT for cost in costs)
    shortened = [after for before, after in pairwise(costs) if after.prompt < before.prompt]
    read, prompts = sum(it.read for it in costs), sum(it.prompt for it in costs)
    print(  # noqa: T201 - the report
        f"\n{TURNS} turns, context {CONTEXT}: the longest prompt {max(it.prompt for it in costs)}; "
        f"prompts {prompts} tokens, of them read {read} ({100 * read / prompts:.1f} %), "
        f"a turn {read / TURNS:.0f}; shortened {len(shortened)} times"
    )
    # Turns are left out, but seldom, and only then much is read again.
    assert 0 < len(shortened) < TURNS / 5
    usual = sorted(it.read for it in costs if it not in shortened)
    assert usual[len(usual) // 2] < CONTEXT // 20
    assert read < prompts / 4
