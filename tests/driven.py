"""A clock that is driven: code that waits takes no time, and always the same.

On this event loop time stands still while there is something to do. When there is nothing, it jumps
to the next timer. What would run in threads runs at once, and nothing may come from outside.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple, Unpack

_Result = TypeVar("_Result")
_Arguments = TypeVarTuple("_Arguments")


class _Selector(selectors.SelectSelector):
    """Lets time pass instead of waiting."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everything waits, and for nothing that would ever happen")
        self.now += max(0.0, timeout)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[Unpack[_Arguments]], _Result],
        *args: *_Arguments,
    ) -> asyncio.Future[_Result]:
        del executor
        done: asyncio.Future[_Result] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it is the caller's, as with a thread
            done.set_exception(error)
        return done


def run(main: Coroutine[Any, Any, _Result]) -> _Result:
    """Return what ``main`` returns; its clock, the loop's ``time``, begins at 0.

    Raises:
        RuntimeError: everything waits for something that will never happen.
    """
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(main)
