"""``spyhop.answerNow``: have the model answer from what it has thought so far."""

from __future__ import annotations

from typing import Final

from spyhop.errors import UsageError
from spyhop.lsp.arguments import HunkArguments
from spyhop.lsp.server import SpyhopServer

COMMAND: Final = "spyhop.answerNow"


def answer_now(server: SpyhopServer, arguments: HunkArguments) -> None:
    """End the thought of an edit or a question.

    Raises:
        UsageError: it is not being thought about, or its model cannot go on from a thought.
    """
    steering = server.session.steering.get(arguments.edit_id)
    if steering is None:
        raise UsageError("cannot-answer-now")
    steering.answer_now()
