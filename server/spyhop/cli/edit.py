"""``spyhop edit`` and ``spyhop comment``: ask the model, show the diff, write what is taken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spyhop.assist.edit import Outcome, edit
from spyhop.cli.console import ProgressView, Screen, write_bytes
from spyhop.cli.files import TextFile
from spyhop.cli.job import Job, library_for, prepared
from spyhop.cli.keys import answer_key
from spyhop.cli.review import review
from spyhop.core.anchors import apply_all
from spyhop.core.diff import Hunk, diff, patch
from spyhop.core.lines import split_lines
from spyhop.errors import NoEdit, UsageError
from spyhop.models.port import Model
from spyhop.sessions.proposal import ProposedHunk, propose


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the model proposes for a file."""

    file: TextFile
    hunks: tuple[ProposedHunk, ...]
    outcome: Outcome

    @property
    def text(self) -> str:
        """The file's text with every hunk taken."""
        return apply_all(self.file.source.text, [hunk.change for hunk in self.hunks])


async def ask(
    job: Job, screen: Screen, paced: Callable[[Model], Model] = lambda model: model
) -> Proposal:
    """Ask the model and return what it proposes; the file is only read.

    ``paced`` gives the model that is asked in the model's place.

    Raises:
        SpyhopError: there is no proposal; says why.
    """
    library = library_for(screen)
    template, _ = library.resolve(job.prompt, job.instruction)
    if template.kind == "answer":
        raise UsageError("prompt-not-edit", name=job.prompt)
    view = ProgressView(screen, show_thinking=job.show_thinking)
    with view.watching():
        async with prepared(job, screen, library, view.tell) as (model, task):
            steering = task.steering if task.can_end_early and screen.interactive else None
            view.asked((await model.info()).name, can_answer=steering is not None)
            with answer_key(steering.answer_now if steering else None):
                async for progress in edit(paced(model), task):
                    view.show(progress)
                    if isinstance(progress, Outcome):
                        return _proposal(job, progress)
    raise NoEdit("no-edit-empty")


def _proposal(job: Job, outcome: Outcome) -> Proposal:
    source, span = job.target.file.source, job.target.span
    base = split_lines(source.text[span.start : span.end])
    return Proposal(job.target.file, propose(source, span, base, outcome.lines), outcome)


def run(job: Job, screen: Screen, *, write: bool, only_diff: bool, as_json: bool) -> None:
    """Carry out a job: show the proposal, and write what is taken of it.

    Raises:
        SpyhopError: nothing was written; says why.
    """
    proposal = asyncio.run(ask(job, screen))
    if write and proposal.outcome.cut_off:
        raise NoEdit("no-write-cut")
    for warning in proposal.outcome.warnings:
        screen.warn(warning)
    old = split_lines(proposal.file.source.text)
    hunks = diff(proposal.file.source.text, proposal.text)
    if as_json:
        shown = json.dumps(as_dict(proposal, screen), ensure_ascii=False, indent=2)
        write_bytes(f"{shown}\n".encode("utf-8", "replace"))
    elif not screen.interactive or only_diff or write:
        _show(proposal, screen)
    if only_diff:
        return
    if write:
        _write(proposal.file, proposal.text, len(hunks), screen)
    elif screen.interactive and not as_json:
        taken = review(screen, proposal.file.shown, old, hunks, screen.out.input)
        take(proposal.file, old, taken, screen)


def _show(proposal: Proposal, screen: Screen) -> None:
    """Print the diff that turns the file, with its mark, into the one proposed."""
    mark, text = proposal.file.mark, proposal.file.source.text
    hunks = diff(mark + text, mark + proposal.text)
    screen.diff(str(proposal.file.path), split_lines(mark + text), hunks)


def take(file: TextFile, old: Sequence[str], taken: Sequence[Hunk], screen: Screen) -> None:
    """Write the hunks that the user took."""
    if not taken:
        screen.tell("nothing-taken", path=file.shown)
        return
    _write(file, "".join(patch(old, taken)), len(taken), screen)


def _write(file: TextFile, text: str, count: int, screen: Screen) -> None:
    file.write(text)
    screen.tell("written", path=file.shown, count=count)


def as_dict(proposal: Proposal, screen: Screen) -> dict[str, object]:
    """Return a proposal for ``--json``: positions are 0-based, characters in UTF-16 units."""
    source = proposal.file.source

    def position(offset: int) -> dict[str, int]:
        at = source.position_at(offset, "utf-16")
        return {"line": at.line, "character": at.character}

    return {
        "id": "1",
        "uri": proposal.file.path.resolve().as_uri(),
        "version": None,
        "hunks": [
            {
                "id": hunk.id,
                "range": {"start": position(hunk.span.start), "end": position(hunk.span.end)},
                "oldText": hunk.old_text,
                "newText": hunk.new_text,
                "state": hunk.state.value,
            }
            for hunk in proposal.hunks
        ],
        "thinking": proposal.outcome.thinking,
        "warnings": [warning.say(screen.language) for warning in proposal.outcome.warnings],
        "cutOff": proposal.outcome.cut_off,
        "syntaxErrors": [
            {"line": fault.line, "text": fault.text} for fault in proposal.outcome.faults
        ],
        "usage": {
            "promptTokens": proposal.outcome.usage.prompt_tokens,
            "cachedTokens": proposal.outcome.usage.cached_tokens,
            "answerTokens": proposal.outcome.usage.answer_tokens,
        },
    }
