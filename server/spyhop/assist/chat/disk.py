"""The one thread in which chats are read and written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from spyhop.assist.chat.storage import Storage
from spyhop.messages import Notice
from spyhop.models.patience import Tell

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Disk:
    """Carries out the work of a `Storage` in ``folder``, which is opened with the first of it.

    ``announce`` is told what the user is to know: that chats were damaged, or are not stored.
    """

    def __init__(self, folder: Path, announce: Tell) -> None:
        self._folder = folder
        self._announce = announce
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="chats")
        self._storage: Storage | None = None

    async def run(
        self,
        work: Callable[Concatenate[Storage, _P], _T],
        *arguments: _P.args,
        **named: _P.kwargs,
    ) -> _T:
        """Return what ``work`` returns, a method of `Storage`; all work is done in order.

        Raises:
            UsageError: it cannot be done.
        """
        result, notices = await asyncio.wrap_future(self.begin(work, *arguments, **named))
        for notice in notices:
            self._announce(notice)
        return result

    def begin(
        self,
        work: Callable[Concatenate[Storage, _P], _T],
        *arguments: _P.args,
        **named: _P.kwargs,
    ) -> Future[tuple[_T, list[Notice]]]:
        """Have ``work`` done without waiting for it."""

        def do() -> tuple[_T, list[Notice]]:
            if self._storage is None:
                self._storage = Storage(self._folder)
            result = work(self._storage, *arguments, **named)
            return result, self._storage.take_notices()

        return self._thread.submit(do)

    async def aclose(self) -> None:
        """Do what is still to be done, and let go of the file."""

        def close() -> None:
            if self._storage is not None:
                self._storage.close()

        await asyncio.wrap_future(self._thread.submit(close))
        self._thread.shutdown(wait=False)
