"""A completion by the real engine: what it reads, what it tells, and that it stops."""

from __future__ import annotations

import pytest

from spyhop import resources
from spyhop.assist.complete import Completed, complete
from spyhop.assist.completion_task import prepare
from spyhop.assist.desk import Desk, File, Spot
from spyhop.models.embedded import Embedded
from spyhop.prompting.library import load
from spyhop.settings import CompleteSettings

pytestmark = pytest.mark.anyio

LIBRARY = load(resources.prompts())
SETTINGS = CompleteSettings(prompt_tokens=600, max_tokens=16)


async def completed(model: Embedded, desk: Desk, text: str, caret: int) -> Completed:
    file = File("file:///fractions.py", "fractions.py", "python", text)
    task = await prepare(model, desk, LIBRARY, Spot(file, caret, "invoked"), SETTINGS)
    assert task is not None
    last = [output async for output in complete(model, task)][-1]
    assert isinstance(last, Completed)
    return last


async def test_what_was_read_is_told_also_of_a_stream_that_is_closed() -> None:
    text = (resources.examples() / "fractions.py").read_text(encoding="utf-8")
    caret = text.index("def gcd") + len("def gcd")
    model, desk = Embedded(resources.standin(), context_tokens=8192), Desk()
    try:
        read: list[int] = []
        for typed in ("", "(", "(a", "(a, b"):
            now = text[:caret] + typed + text[caret:]
            usage = (await completed(model, desk, now, caret + len(typed))).usage
            assert usage.prompt_tokens is not None
            assert usage.cached_tokens is not None
            read.append(usage.prompt_tokens - usage.cached_tokens)
    finally:
        await desk.aclose()
        await model.aclose()
    assert read[0] > 100
    assert max(read[1:]) <= 8
    assert desk.counts_of("standin").ratio != 1
