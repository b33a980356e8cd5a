"""``spyhop.doctor``: what is wrong between Spyhop and its models, opened for reading."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Final

from spyhop.lsp.arguments import DoctorArguments
from spyhop.lsp.asked import carry
from spyhop.lsp.progress import EditProgress
from spyhop.lsp.server import SpyhopServer
from spyhop.messages import Language, say

if TYPE_CHECKING:
    from spyhop.assist.doctor.report import Report

COMMAND: Final = "spyhop.doctor"


def doctor(server: SpyhopServer, arguments: DoctorArguments) -> dict[str, str]:
    """Begin the checks and answer at once with an id; the page comes when they are done."""
    session = server.session
    doctor_id = session.next_id("doctor")
    title = session.say("doctor-title")

    async def examine(progress: EditProgress) -> None:
        await _examine(server, doctor_id, arguments, progress)

    work = carry(server, doctor_id, title, examine, lambda: None)
    session.started(doctor_id, asyncio.create_task(work), server.protocol.msg_id)
    return {"doctorId": doctor_id}


async def _examine(
    server: SpyhopServer, doctor_id: str, arguments: DoctorArguments, progress: EditProgress
) -> None:
    from spyhop.assist.doctor.checks import Begun  # noqa: PLC0415 - start-up counts
    from spyhop.assist.doctor.examine import examine  # noqa: PLC0415
    from spyhop.assist.doctor.report import Report  # noqa: PLC0415
    from spyhop.models.connect import connect  # noqa: PLC0415

    session = server.session
    await session.setup.configured.wait()
    report = Report()
    resolved = session.setup.resolved
    async with aclosing(
        examine(resolved, partial(connect, refresh=True), quick=arguments.quick)
    ) as events:
        async for event in events:
            report.take(event)
            if isinstance(event, Begun):
                what = event.say(session.language)
                progress.report(session.say("doctor-checking", what=what), now=True)
    await server.show_page(f"{doctor_id}.md", page(report, session.language))


def page(report: Report, language: Language) -> str:
    """Return what was found as a page in Markdown."""
    from spyhop.assist.doctor.lines import SIGNS, Lines, heading, system, word  # noqa: PLC0415

    blocks = [
        f"# {say(language, 'doctor-page-title')}",
        f"**{report.summary.say(language)}**",
        system(language),
    ]
    for part in report.parts:
        lines = Lines(language)
        items = []
        for line in [*(it for check in part.checks for it in lines.take(check)), *lines.finish()]:
            state = "" if line.state == "ok" else f" **{word(line.state, language)}**"
            items.append(f"- {SIGNS[line.state]}{state} {line.text}")
            if line.mend is not None:
                items.append(f"  - {line.mend}")
        blocks += [f"## {heading(part.subject, language)}", "\n".join(items)]
    return "\n\n".join(blocks) + "\n"
