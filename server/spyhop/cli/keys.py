"""The one key that is listened to while the model thinks: Enter asks for the answer now."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

_POLL_SECONDS: Final = 0.1


@contextmanager
def answer_key(answer_now: Callable[[], object] | None) -> Iterator[None]:
    """Call ``answer_now`` when the user presses Enter, until the block ends; None: never."""
    if answer_now is None:
        yield
    elif sys.platform == "win32":
        with _polled(answer_now):
            yield
    else:
        with _watched(answer_now):
            yield


@contextmanager
def _watched(pressed: Callable[[], object]) -> Iterator[None]:
    """Call ``pressed`` for each line that is typed: a POSIX terminal can be waited for."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        sys.stdin.readline()
        pressed()

    loop.add_reader(sys.stdin.fileno(), read)
    try:
        yield
    finally:
        loop.remove_reader(sys.stdin.fileno())
        # What was typed too late must not answer the next question.
        with suppress(ImportError):
            import termios  # noqa: PLC0415 - not there on Windows

            termios.tcflush(sys.stdin, termios.TCIFLUSH)


@contextmanager
def _polled(pressed: Callable[[], object]) -> Iterator[None]:
    """Call ``pressed`` for each key: a Windows console can only be asked now and then."""
    task = asyncio.get_running_loop().create_task(_poll(pressed))
    try:
        yield
    finally:
        task.cancel()


async def _poll(pressed: Callable[[], object]) -> None:
    with suppress(ImportError):
        import msvcrt  # noqa: PLC0415 - there on Windows only

        while True:
            if msvcrt.kbhit():  # type: ignore[attr-defined,unused-ignore]
                msvcrt.getwch()  # type: ignore[attr-defined,unused-ignore]
                pressed()
            await asyncio.sleep(_POLL_SECONDS)
