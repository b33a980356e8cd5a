"""``spyhop.ask``: a question about the selection; the answer is opened for reading."""

from __future__ import annotations

import asyncio
from typing import Final

from spyhop.errors import UsageError
from spyhop.lsp.arguments import EditArguments
from spyhop.lsp.asked import Asked, asked, carry
from spyhop.lsp.progress import EditProgress
from spyhop.lsp.server import SpyhopServer

COMMAND: Final = "spyhop.ask"


def ask(server: SpyhopServer, arguments: EditArguments) -> dict[str, str]:
    """Begin to ask and answer at once with an id; all else comes by progress and messages.

    Raises:
        UsageError: the document is not open, or nothing is asked.
    """
    session = server.session
    wanted, template = asked(server, arguments, "ask", "no-question")
    if template.kind != "answer":
        raise UsageError("prompt-not-question", name=wanted.prompt)
    ask_id = session.next_id("ask")
    title = wanted.title(server)
    work = carry(server, ask_id, title, lambda it: _ask(server, ask_id, wanted, it), lambda: None)
    session.started(ask_id, asyncio.create_task(work), server.protocol.msg_id)
    return {"askId": ask_id}


async def _ask(server: SpyhopServer, ask_id: str, wanted: Asked, progress: EditProgress) -> None:
    from spyhop.assist.ask import Answer  # noqa: PLC0415 - start-up counts
    from spyhop.assist.ask import ask as put  # noqa: PLC0415
    from spyhop.assist.reading import Thinking  # noqa: PLC0415
    from spyhop.core.stream import Text  # noqa: PLC0415

    session = server.session
    model, task = await wanted.begin(server, ask_id, progress)
    written = 0
    async for step in put(model, task):
        match step:
            case Thinking(tokens, seconds):
                progress.thinking(tokens, seconds)
            case Text(text):
                written += text.count("\n")
                progress.report(session.say("writing", lines=written))
            case Answer(text, thinking):
                title, question = wanted.title(server), wanted.arguments.instruction or ""
                head = f"# {title}\n\n" + (f"> {question}\n\n" if question else "")
                heading = session.say("thought-heading")
                thought = f"\n---\n\n## {heading}\n\n{thinking}\n" if thinking else ""
                page = f"{head}{text}\n{thought}"
                await server.show_page(f"{ask_id}.md", page)
