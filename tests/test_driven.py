from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driven import run


# Event loops tell no times apart that are nearer than a nanosecond.
@given(st.lists(st.integers(0, 1_000_000).map(lambda it: it / 1000), max_size=20))
def test_what_waits_is_woken_in_the_order_of_the_times(waits: list[float]) -> None:
    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        woken: list[float] = []

        async def wait(seconds: float) -> None:
            await asyncio.sleep(seconds)
            assert loop.time() == pytest.approx(seconds)
            woken.append(seconds)

        await asyncio.gather(*map(wait, waits))
        return woken

    assert run(main()) == sorted(waits)


def test_what_would_run_in_a_thread_takes_no_time() -> None:
    async def main() -> float:
        assert await asyncio.to_thread(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)
        return asyncio.get_running_loop().time()

    assert run(main()) == 0


def test_waiting_for_nothing_is_told() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="for nothing"):
        run(main())
