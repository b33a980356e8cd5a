from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.assist.chat import events
from spyhop.assist.chat.events import EventLog
from spyhop.assist.chat.protocol import ChatDeleted


async def seen_from(log: EventLog, after: int) -> list[dict[str, Any]]:
    return [event async for event in log.follow(after)]


def add(log: EventLog, name: str) -> None:
    log.add(lambda seq: ChatDeleted(seq=seq, chat_id=name))


@given(st.integers(0, 12), st.integers(-3, 15))
def test_who_follows_from_any_event_misses_none(count: int, behind: int) -> None:
    async def check() -> None:
        log = EventLog(lambda: 5.0)
        before = log.seq
        for number in range(count):
            add(log, str(number))
        after = before + behind
        following = asyncio.create_task(seen_from(log, after))
        await asyncio.sleep(0)
        add(log, "live")
        log.close()
        seen = await following
        known = 0 <= behind <= count
        first = seen[0]["kind"] == "reset"
        assert first != known
        names = [it["chatId"] for it in seen if it["kind"] == "chatDeleted"]
        assert names == [*map(str, range(behind if known else count, count)), "live"]
        assert [it["seq"] for it in seen[first:]] == list(
            range(log.seq - len(names) + 1, log.seq + 1)
        )

    asyncio.run(check())


def test_what_is_forgotten_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST_KEPT", 3)

    async def check() -> None:
        log = EventLog()
        before = log.seq
        for number in range(5):
            add(log, str(number))
        log.close()
        assert [it["kind"] for it in await seen_from(log, before)] == ["reset"]
        assert [it["chatId"] for it in await seen_from(log, before + 2)] == ["2", "3", "4"]

    asyncio.run(check())


def test_a_process_counts_on_from_beyond_those_before_it() -> None:
    earlier = EventLog(lambda: 1_000.0)
    for number in range(100):
        add(earlier, str(number))
    assert EventLog(lambda: 1_001.0).seq > earlier.seq
