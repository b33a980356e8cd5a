from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.wire import NdjsonDecoder, SseDecoder
from strategies import NO_LINE_ENDS, pieces_of, streams, texts

_VALUES = st.dictionaries(st.sampled_from("ab"), texts, min_size=1)

_SSE_LINES = st.sampled_from(
    (
        b"data: a",
        b"data:b",
        b"data:  two spaces",
        b"data",
        "data: 中𝄞".encode(),
        b"data: \xe4\xb8",
        b": ping",
        b":",
        b"event: message",
        b"id: 7",
        b"database: no",
        b" data: no",
        b"",
        b"",
    )
)
_SSE = st.lists(st.tuples(_SSE_LINES, st.sampled_from((b"\n", b"\r\n", b"\r")))).map(
    lambda lines: b"".join(line + end for line, end in lines)
)


def ndjson(*chunks: bytes) -> list[bytes]:
    decoder = NdjsonDecoder()
    records = [record for chunk in chunks for record in decoder.feed(chunk)]
    return records + decoder.finish()


def sse(*chunks: bytes) -> list[bytes]:
    decoder = SseDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return events + decoder.finish()


def dumps(value: dict[str, Any]) -> bytes:
    """A record with every character as it is, as Go's and C++'s encoders write it."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


# NDJSON


@given(streams(st.lists(st.sampled_from((b"{}", b" ", b"\n", b"\r\n", b"\xe4"))).map(b"".join)))
def test_ndjson_gives_the_same_records_however_it_is_cut(stream: tuple[bytes, list[bytes]]) -> None:
    whole, chunks = stream
    assert ndjson(*chunks) == [line.strip() for line in whole.split(b"\n") if line.strip()]


@given(st.lists(_VALUES), st.sampled_from((b"\n", b"\r\n", b"\n\n")), st.data())
def test_ndjson_gives_back_every_value(
    values: list[dict[str, str]], end: bytes, data: st.DataObject
) -> None:
    chunks = data.draw(pieces_of(b"".join(dumps(value) + end for value in values)))
    assert [json.loads(record) for record in ndjson(*chunks)] == values


def test_a_record_comes_out_with_its_newline() -> None:
    decoder = NdjsonDecoder()
    assert decoder.feed(b'{"a"') == []
    assert decoder.feed(b':1}\n{"b"') == [b'{"a":1}']
    assert decoder.feed(b":2}\n") == [b'{"b":2}']
    assert decoder.finish() == []


def test_a_last_record_may_lack_its_newline() -> None:
    assert ndjson(b'{"a":1}\n{"b":', b"2}") == [b'{"a":1}', b'{"b":2}']


def test_a_character_cut_in_two_stays_whole_in_a_record() -> None:
    word = "中".encode()
    assert ndjson(b'"' + word[:1], word[1:2], word[2:] + b'"\n') == [b'"' + word + b'"']


# Server-sent events


def events_of(whole: bytes) -> list[bytes]:
    """What the standard's own words make of a stream, but for a last event that is cut short."""
    events: list[bytes] = []
    data: list[bytes] = []
    for line in [*whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"), b""]:
        name, _, value = line.partition(b":")
        if line == b"":
            events += [b"\n".join(data)] if data else []
            data = []
        elif name == b"data":
            data.append(value[1:] if value.startswith(b" ") else value)
    return events


@given(streams(_SSE))
def test_sse_gives_the_same_events_however_it_is_cut(stream: tuple[bytes, list[bytes]]) -> None:
    whole, chunks = stream
    assert sse(*chunks) == events_of(whole)


@given(st.lists(_VALUES), st.sampled_from((b"\n\n", b"\r\n\r\n", b"\r\r")), st.data())
def test_sse_gives_back_every_value(
    values: list[dict[str, str]], end: bytes, data: st.DataObject
) -> None:
    whole = b"".join(b"data: " + dumps(value) + end for value in values)
    chunks = data.draw(pieces_of(whole))
    assert [json.loads(event) for event in sse(*chunks)] == values


def test_an_event_comes_out_with_its_blank_line() -> None:
    decoder = SseDecoder()
    assert decoder.feed(b"data: a\n") == []
    assert decoder.feed(b"\n") == [b"a"]
    assert decoder.finish() == []


@pytest.mark.parametrize("end", [b"", b"\n", b"\r", b"\r\n"])
def test_a_last_event_may_lack_its_blank_line(end: bytes) -> None:
    assert sse(b"data: a\n\n", b"data: b" + end) == [b"a", b"b"]


def test_comments_and_other_fields_are_no_data() -> None:
    assert sse(b": ping\n\nevent: x\nid: 1\nretry: 5\ndata: a\nfoo\n\n: ping\n\n") == [b"a"]


def test_several_data_lines_are_one_event() -> None:
    assert sse(b"data: a\ndata\ndata:\ndata: b\n\n") == [b"a\n\n\nb"]


def test_one_space_behind_the_colon_is_no_data() -> None:
    assert sse(b"data:  a\n\ndata:b\n\n") == [b" a", b"b"]


def test_llama_cpp_ends_a_chat_with_a_mark_of_its_own() -> None:
    assert sse(b'data: {"a":1}\n\n', b"data: [DONE]\n\n") == [b'{"a":1}', b"[DONE]"]


# Both


@pytest.mark.parametrize("char", NO_LINE_ENDS)
def test_nothing_but_line_ends_tears_a_record(char: str) -> None:
    record = f'{{"a":"{char}"}}'.encode()
    assert ndjson(record + b"\n") == [record]
    assert sse(b"data: " + record + b"\n\n") == [record]
