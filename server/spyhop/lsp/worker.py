"""A process of its own for work that keeps Python busy: diffs, syntax trees, guards.

A thread would not do: a parser holds the interpreter for as long as it reads, and a grammar that
crashes takes its process with it. The worker is started when an edit begins, so that it is there
when the model is done. It is this module run as a program: functions with their arguments come in
on stdin, what they return or raise goes out on stdout, pickled. It leaves when stdin ends, so also
when the server is killed.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Callable
from typing import BinaryIO, Final, TypeVar

from spyhop.errors import NoEdit

_T = TypeVar("_T")
_LENGTH: Final = struct.Struct("!Q")


class Worker:
    """Runs one function at a time, elsewhere."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._starting: asyncio.Task[asyncio.subprocess.Process] | None = None

    def warm(self) -> None:
        """Start the process, without waiting for it."""
        if self._starting is None:
            self._starting = asyncio.create_task(_start())

    async def run(self, function: Callable[..., _T], *arguments: object) -> _T:
        """Return what ``function`` returns for ``arguments``, all of them picklable.

        Cancelling it ends the process, and with it the work.

        Raises:
            NoEdit: the process died over it.
            Exception: what the function raises.
        """
        async with self._turn:
            self.warm()
            try:
                result: _T | Exception = await self._ask(pickle.dumps((function, arguments)))
            except (OSError, EOFError) as error:
                await self.aclose()
                raise NoEdit("no-edit-crashed") from error
            except asyncio.CancelledError:
                await self.aclose()
                raise
        if isinstance(result, Exception):
            raise result
        return result

    async def aclose(self) -> None:
        """End the process and what it is at."""
        starting, self._starting = self._starting, None
        if starting is None:
            return
        try:
            process = await starting
        except OSError:
            return
        if process.returncode is None:
            process.kill()
        # Its pipes are read to their ends, for asyncio closes them only then.
        await process.communicate()

    async def _ask(self, data: bytes) -> _T | Exception:
        assert self._starting is not None  # noqa: S101 - warmed by the caller
        process = await asyncio.shield(self._starting)
        if process.stdin is None or process.stdout is None:
            raise EOFError
        process.stdin.write(_LENGTH.pack(len(data)) + data)
        await process.stdin.drain()
        (length,) = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
        result: _T | Exception = pickle.loads(await process.stdout.readexactly(length))  # noqa: S301 - our own process
        return result


async def _start() -> asyncio.subprocess.Process:
    # -P: the folder that is open must not be searched for modules.
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", __name__, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def work(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer the requests of ``source`` on ``sink`` until it ends."""
    import spyhop.assist.edit  # noqa: F401, PLC0415 - what the work needs, before it is asked for

    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        function, arguments = pickle.loads(source.read(*_LENGTH.unpack(head)))  # noqa: S301 - our own process
        try:
            result = function(*arguments)
        except Exception as error:  # noqa: BLE001 - raised anew where it was asked for
            result = error
        data = pickle.dumps(result)
        sink.write(_LENGTH.pack(len(data)) + data)
        sink.flush()


if __name__ == "__main__":
    # What a library prints must not land between the answers.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        work(sys.stdin.buffer, out)
