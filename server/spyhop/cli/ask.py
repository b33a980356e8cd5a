"""``spyhop ask``: a question about lines of a file; the answer is printed, nothing is changed."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from spyhop.assist.ask import Answer, ask
from spyhop.assist.task import prepare
from spyhop.cli.console import ProgressView, Screen, visible, write_bytes
from spyhop.cli.job import Job, library_for, material_of
from spyhop.cli.keys import answer_key
from spyhop.core.stream import Text
from spyhop.errors import NoEdit, UsageError
from spyhop.models.connect import connect


def run(job: Job, screen: Screen) -> None:
    """Ask, and print the answer as it comes.

    Raises:
        SpyhopError: there is no answer; says why.
    """
    answer = asyncio.run(_ask(job, screen))
    for warning in answer.warnings:
        screen.warn(warning)


async def _ask(job: Job, screen: Screen) -> Answer:
    library = library_for(screen)
    template, _ = library.resolve(job.prompt, job.instruction)
    if template.kind != "answer":
        raise UsageError("prompt-not-question", name=job.prompt)
    material = material_of(job, library)
    model = connect(job.settings.endpoints_for("chat")[0])
    view = ProgressView(screen, show_thinking=job.show_thinking)
    printed = ""
    try:
        task = await prepare(model, library, job.prompt, material, job.settings, screen.language)
        steering = task.steering if task.can_end_early and screen.interactive else None
        name = (await model.info()).name
        with view.watching(name, can_answer=steering is not None), answer_key(steering):
            async with aclosing(ask(model, task)) as steps:
                async for step in steps:
                    match step:
                        case Text(text):
                            view.stop()
                            # Only whole lines: a name for a special token must not be torn.
                            whole, line, rest = (printed + text).rpartition("\n")
                            _print(task.disguise.take_off(whole + line), screen)
                            printed = rest
                        case Answer():
                            if rest := task.disguise.take_off(printed).rstrip():
                                _print(rest + "\n", screen)
                            return step
                        case _:
                            view.show(step)
    finally:
        await model.aclose()
    raise NoEdit("no-edit-empty")


def _print(text: str, screen: Screen) -> None:
    shown = visible(text) if screen.out.is_terminal else text
    write_bytes(shown.encode("utf-8", "replace"))
