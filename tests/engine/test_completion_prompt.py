"""What the real engine reads of a completion's prompt from one keystroke to the next."""

from __future__ import annotations

from contextlib import aclosing

import pytest

from spyhop import resources
from spyhop.core.tokens import TokenCounts
from spyhop.models.embedded import Embedded
from spyhop.models.port import Done, Request, Usage
from spyhop.prompting.budget import CompletionBudget
from spyhop.prompting.complete import CompletionPrompt, build
from spyhop.prompting.file_index import index_file
from spyhop.prompting.layout import Layout, lay_out
from spyhop.prompting.library import load
from spyhop.prompting.related import Sources, choose

pytestmark = pytest.mark.anyio

BUDGET = CompletionBudget.of(600)


async def usage_of(model: Embedded, prompt: CompletionPrompt) -> Usage:
    request = Request((prompt.turn,), prompt.beginning, temperature=0, stop=prompt.stop)
    async with aclosing(model.stream(request)) as deltas:
        async for delta in deltas:
            if isinstance(delta, Done):
                return delta.usage
    raise AssertionError


async def test_a_keystroke_has_the_engine_read_its_own_tokens_only() -> None:
    text = (resources.examples() / "fractions.py").read_text(encoding="utf-8") * 20
    caret = text.index("\n", len(text) // 2)
    sources = Sources(index_file("fractions.py", "python", text))
    template, counts = load(resources.prompts()).get("complete"), TokenCounts()
    model = Embedded(resources.standin(), context_tokens=8192)
    layout: Layout | None = None
    read: list[int] = []
    try:
        for typed in ("", "\n", "\n    re", "\n    return", "\n    return g", "\n    return gcd("):
            now = text[:caret] + typed + text[caret:]
            layout = lay_out(
                layout,
                now,
                caret + len(typed),
                lambda place: choose(sources, place, BUDGET, counts),
                BUDGET,
                counts,
            )
            prompt = build(template, "fractions.py", "python", layout, count=counts)
            usage = await usage_of(model, prompt)
            assert usage.prompt_tokens is not None
            assert usage.cached_tokens is not None
            counts.learn(prompt.text, usage.prompt_tokens)
            assert abs(counts(prompt.text) - usage.prompt_tokens) < usage.prompt_tokens / 20
            read.append(usage.prompt_tokens - usage.cached_tokens)
    finally:
        await model.aclose()
    assert read[0] > 150
    assert max(read[1:]) <= 8
