"""``spyhop ask``: a question about lines of a file; the answer is printed, nothing is changed."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from spyhop.assist.ask import Answer, ask
from spyhop.cli.console import ProgressView, Screen, write_bytes
from spyhop.cli.job import Job, library_for, prepared
from spyhop.cli.keys import answer_key
from spyhop.core.stream import Text
from spyhop.core.visible import visible
from spyhop.errors import NoEdit, UsageError


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
    view = ProgressView(screen, show_thinking=job.show_thinking)
    printed = ""
    with view.watching():
        async with prepared(job, screen, library, view.tell) as (model, task):
            steering = task.steering if task.can_end_early and screen.interactive else None
            view.asked((await model.info()).name, can_answer=steering is not None)
            with answer_key(steering):
                async with aclosing(ask(model, task)) as steps:
                    async for step in steps:
                        match step:
                            case Text(text):
                                view.stop()
                                # Only whole lines: a special token's name must not be torn.
                                whole, line, rest = (printed + text).rpartition("\n")
                                _print(task.disguise.take_off(whole + line), screen)
                                printed = rest
                            case Answer():
                                if rest := task.disguise.take_off(printed).rstrip():
                                    _print(rest + "\n", screen)
                                return step
                            case _:
                                view.show(step)
    raise NoEdit("no-edit-empty")


def _print(text: str, screen: Screen) -> None:
    shown = visible(text) if screen.out.is_terminal else text
    write_bytes(shown.encode("utf-8", "replace"))
