"""How an edit gets on, as progress that the user can cancel."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from spyhop.messages import Notice

if TYPE_CHECKING:
    from spyhop.lsp.server import SpyhopServer

# A model writes tokens faster than anyone reads.
_SECONDS_BETWEEN_REPORTS: Final = 0.1
_PREFIX: Final = "spyhop/edit/"


def token_of(edit_id: str) -> str:
    """Return the progress token of an edit."""
    return _PREFIX + edit_id


def edit_id_of(token: types.ProgressToken) -> str | None:
    """Return the edit that a progress token belongs to."""
    return token.removeprefix(_PREFIX) if isinstance(token, str) else None


class EditProgress:
    """The progress of one edit; where the client shows none, nothing happens."""

    def __init__(
        self, server: SpyhopServer, edit_id: str, title: str, *, percentage: int | None = None
    ) -> None:
        self._server = server
        self._token = token_of(edit_id)
        self._title = title
        self._percentage = percentage
        """Where it begins; None: how much there is to do is not known."""
        self._reported = 0.0
        self._first: str | None = None
        """What was to be shown before there was a place for it."""
        self._begun = False
        self._ended = False
        self._creating: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Ask the client for a place to show progress; the edit does not wait for it."""
        if self._server.session.editor.can_show_progress:
            self._creating = asyncio.create_task(self._create())

    async def _create(self) -> None:
        try:
            await self._server.work_done_progress.create_async(self._token)
        except JsonRpcException:
            return
        if self._ended:
            return
        begin = types.WorkDoneProgressBegin(
            title=self._title,
            message=self._first,
            cancellable=True,
            percentage=self._percentage,
        )
        self._server.work_done_progress.begin(self._token, begin)
        self._begun = True

    def report(self, message: str, *, now: bool = False, percentage: int | None = None) -> None:
        """Show a message, unless the last one was shown a moment ago."""
        clock = time.monotonic()
        if not self._begun:
            self._first = message
        elif now or clock - self._reported >= _SECONDS_BETWEEN_REPORTS:
            self._reported = clock
            report = types.WorkDoneProgressReport(
                message=message, cancellable=True, percentage=percentage
            )
            self._server.work_done_progress.report(self._token, report)

    def thinking(self, tokens: int, seconds: float) -> None:
        """Show how long the model has thought."""
        session = self._server.session
        self.report(session.say("thinking-seconds", tokens=tokens, seconds=int(seconds)))

    def tell(self, notice: Notice) -> None:
        """Show what the model waits for."""
        self.report(notice.say(self._server.session.language), now=True)

    def end(self, message: str | None = None) -> None:
        """Take the progress away."""
        self._ended = True
        if self._begun:
            self._begun = False
            end = types.WorkDoneProgressEnd(message=message)
            self._server.work_done_progress.end(self._token, end)
        self._server.work_done_progress.tokens.pop(self._token, None)
