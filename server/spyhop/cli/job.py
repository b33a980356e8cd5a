"""What is asked on the command line, and the prompts there are for it."""

from __future__ import annotations

from dataclasses import dataclass

from spyhop import resources
from spyhop.assist.material import material_for
from spyhop.assist.task import prepare
from spyhop.cli.console import Screen
from spyhop.cli.files import Target
from spyhop.cli.options import here
from spyhop.core.lines import is_blank
from spyhop.errors import UsageError
from spyhop.languages import language_of_path
from spyhop.models.connect import connect
from spyhop.prompting.edit import Material
from spyhop.prompting.library import Library, load
from spyhop.settings import Settings


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked on the command line."""

    prompt: str
    target: Target
    instruction: str
    settings: Settings
    show_thinking: bool = False
    """Print thoughts as they come."""


def library_for(screen: Screen) -> Library:
    """Return the prompts that hold here, and tell what is wrong with the others."""
    library = load(*resources.prompt_folders(here()))
    for fault in library.faults:
        screen.fail(fault)
    return library


def material_of(job: Job, library: Library) -> Material:
    """Return what the job is about.

    Raises:
        UsageError: there is nothing to do, or nothing to do it on.
    """
    template, instruction = library.resolve(job.prompt, job.instruction)
    if is_blank(instruction):
        raise UsageError("no-question" if template.kind == "answer" else "no-instruction")
    path = job.target.file.shown
    material = material_for(
        job.target.file.source, job.target.span, path, language_of_path(path), job.instruction
    )
    if template.kind == "comment" and all(is_blank(line) for line in material.selection):
        raise UsageError("nothing-to-comment")
    return material


async def show_prompt(job: Job, screen: Screen) -> str:
    """Return the prompt exactly as it would be sent.

    Raises:
        SpyhopError: there is none; says why.
    """
    library = library_for(screen)
    material = material_of(job, library)
    template, _ = library.resolve(job.prompt, job.instruction)
    model = connect(job.settings.endpoints_for(template.role)[0])
    try:
        task = await prepare(model, library, job.prompt, material, job.settings, screen.language)
        return await model.wire_prompt(task.request)
    finally:
        await model.aclose()
