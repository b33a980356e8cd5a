from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripted_chats import ScriptedChats
from spyhop.core.wire import SseDecoder
from spyhop.web.events import HEARTBEAT, as_record, stream

pytestmark = pytest.mark.anyio


@given(st.lists(st.text(), max_size=3), st.integers(min_value=1))
def test_an_event_is_one_record_whatever_is_in_it(texts: list[str], seq: int) -> None:
    event = {"seq": seq, "kind": "text", "texts": texts}
    (record,) = SseDecoder().feed(as_record(event))
    assert json.loads(record) == event
    assert as_record(event).startswith(f"id: {seq}\n".encode())


async def records(chats: ScriptedChats, after: int, count: int) -> list[dict[str, Any]]:
    """Follow the events as a page does, until there are so many; then leave."""
    found: list[dict[str, Any]] = []
    decoder = SseDecoder()
    listening = stream(chats, after, asyncio.Event())
    async for chunk in listening:
        found += map(json.loads, decoder.feed(chunk))
        if len(found) >= count:
            break
    await listening.aclose()  # type: ignore[attr-defined] # every generator has it
    return found


async def test_a_page_hears_at_once_that_it_is_connected() -> None:
    listening = stream(ScriptedChats(), 0, asyncio.Event())
    assert await anext(listening) == HEARTBEAT


async def test_what_has_been_and_what_comes_is_told_once_and_in_order() -> None:
    chats = ScriptedChats()
    chats.add_chat("one")
    following = asyncio.create_task(records(chats, 0, 3))
    await asyncio.sleep(0)
    chats.add_chat("two")
    chats.add_chat("three")
    assert [event["seq"] for event in await following] == [1, 2, 3]


async def test_two_pages_hear_the_same_and_one_that_comes_back_goes_on() -> None:
    chats = ScriptedChats()
    for title in ("one", "two", "three"):
        chats.add_chat(title)
    assert await records(chats, 0, 3) == await records(chats, 0, 3)
    assert [event["chat"]["title"] for event in await records(chats, 2, 1)] == ["three"]


async def test_a_page_that_missed_too_much_is_told_to_begin_anew() -> None:
    chats = ScriptedChats()
    chats.add_chat()
    chats.forget()
    (event,) = await records(chats, 0, 1)
    assert event == {"kind": "reset", "seq": 1}


async def test_the_stream_ends_with_the_server() -> None:
    closing = asyncio.Event()
    listening = stream(ScriptedChats(), 0, closing)
    assert await anext(listening) == HEARTBEAT
    closing.set()
    assert [chunk async for chunk in listening] == []
