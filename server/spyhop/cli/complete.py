"""``spyhop complete``: what belongs at a place of a file; it is printed, nothing is changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final

from spyhop.assist.complete import Completed, complete
from spyhop.assist.completion_task import CompletionTask, prepare
from spyhop.assist.desk import Desk, File, Spot
from spyhop.cli.console import ProgressView, Screen, write_bytes
from spyhop.cli.files import Caret
from spyhop.cli.job import library_for
from spyhop.cli.options import here
from spyhop.core.positions import Span
from spyhop.core.visible import visible
from spyhop.errors import NoEdit
from spyhop.languages import language_of_path
from spyhop.models.port import Model
from spyhop.models.router import Router
from spyhop.settings import Settings

PROMPT: Final = "complete"


def run(caret: Caret, settings: Settings, screen: Screen, *, as_json: bool) -> None:
    """Print the completion at ``caret``, and nothing else.

    Raises:
        SpyhopError: there is none; says why.
    """
    name, completed = asyncio.run(_complete(caret, settings, screen))
    if as_json:
        shown = json.dumps(_as_dict(caret, name, completed), ensure_ascii=False, indent=2)
        write_bytes(f"{shown}\n".encode("utf-8", "replace"))
    if completed.completion is None:
        line = caret.file.source.line_at(caret.offset) + 1
        key = "no-completion" if completed.ending in {"enough", "stop"} else "no-completion-cut"
        raise NoEdit(key, path=caret.file.shown, line=line)
    if not as_json:
        text = completed.completion.text
        text = visible(text) if screen.out.is_terminal else text
        write_bytes(text.encode("utf-8", "surrogateescape"))


def show_prompt(caret: Caret, settings: Settings, screen: Screen) -> str:
    """Return the prompt exactly as it would be sent.

    Raises:
        SpyhopError: there is none; says why.
    """
    return asyncio.run(_show_prompt(caret, settings, screen))


async def _show_prompt(caret: Caret, settings: Settings, screen: Screen) -> str:
    async with _prepared(caret, settings, screen) as (model, task):
        return await model.wire_prompt(task.asked.request)


async def _complete(caret: Caret, settings: Settings, screen: Screen) -> tuple[str, Completed]:
    """Return the model's name and what came of it."""
    async with (
        _prepared(caret, settings, screen) as (model, task),
        aclosing(complete(model, task)) as outputs,
    ):
        async for output in outputs:
            if isinstance(output, Completed):
                return (await model.info()).name, output
    raise AssertionError


@asynccontextmanager
async def _prepared(
    caret: Caret, settings: Settings, screen: Screen
) -> AsyncIterator[tuple[Model, CompletionTask]]:
    path = caret.file.shown
    uri = caret.file.path.absolute().as_uri()
    file = File(uri, path, language_of_path(path), caret.file.source.text)
    spot = Spot(file, caret.offset, "invoked", repository=here().name)
    view, router = ProgressView(screen, show_thinking=False), Router(settings, screen.warn)
    with view.watching():
        try:
            model = await router.model("complete", view.tell)
            view.asked((await model.info()).name, can_answer=False)
            task = await prepare(model, Desk(), library_for(screen), spot, settings.complete)
            assert task is not None  # noqa: S101 - who asks is refused nowhere
            yield model, task
        finally:
            await router.aclose()


def _as_dict(caret: Caret, model: str, completed: Completed) -> dict[str, Any]:
    """Return a completion for ``--json``: positions are 0-based, characters in UTF-16 units."""
    given, usage = completed.completion, completed.usage
    span = Span(caret.offset, caret.offset + (given.replaces if given else 0))
    range_ = caret.file.source.range_of(span, "utf-16")
    ends = {
        name: {"line": at.line, "character": at.character}
        for name, at in (("start", range_.start), ("end", range_.end))
    }
    return {
        "text": given.text if given else None,
        "range": ends,
        "ending": completed.ending,
        "model": model,
        "seconds": round(completed.seconds, 3),
        "usage": {
            "promptTokens": usage.prompt_tokens,
            "cachedTokens": usage.cached_tokens,
            "answerTokens": usage.answer_tokens,
        },
    }
