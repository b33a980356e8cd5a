from __future__ import annotations

import re
from typing import Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.positions import Encoding, Position, Range, Source, Span
from strategies import texts

ENCODINGS: Final[tuple[Encoding, ...]] = get_args(Encoding)
# Bytes of a unit, and the codec that writes text in such units.
_UNIT: Final = {"utf-8": (1, "utf-8"), "utf-16": (2, "utf-16-le"), "utf-32": (4, "utf-32-le")}

encodings = st.sampled_from(ENCODINGS)
offsets = st.integers(-3, 400)
positions = st.builds(Position, st.integers(-2, 40), st.integers(-2, 60))


def units(text: str, encoding: Encoding) -> int:
    size, codec = _UNIT[encoding]
    return len(text.encode(codec, "surrogatepass")) // size


def lines(text: str) -> list[str]:
    """The lines as LSP has them: without their ends, and one more behind the last end."""
    return re.split(r"\r\n|\n|\r", text)


def reference_position(text: str, offset: int, encoding: Encoding) -> Position:
    before = text[: min(max(offset, 0), len(text))]
    if before.endswith("\r") and text[len(before) :].startswith("\n"):
        before = before[:-1]
    above = lines(before)
    return Position(len(above) - 1, units(above[-1], encoding))


def reference_offset(text: str, position: Position, encoding: Encoding) -> int:
    """The last offset whose position is not behind this one, on its line."""
    if position.line < 0:
        return 0
    if position.line >= len(lines(text)):
        return len(text)
    line = lines(text)[position.line]
    start = [0, *(end.end() for end in re.finditer(r"\r\n|\n|\r", text))][position.line]
    fits = [n for n in range(len(line) + 1) if units(line[:n], encoding) <= position.character]
    return start + max(fits, default=0)


@given(texts, offsets, encodings)
def test_positions_agree_with_the_reference(text: str, offset: int, encoding: Encoding) -> None:
    expected = reference_position(text, offset, encoding)
    assert Source(text).position_at(offset, encoding) == expected


@given(texts, positions, encodings)
def test_offsets_agree_with_the_reference(
    text: str, position: Position, encoding: Encoding
) -> None:
    expected = reference_offset(text, position, encoding)
    assert Source(text).offset_at(position, encoding) == expected


@given(texts, encodings)
def test_an_offset_comes_back_from_its_position(text: str, encoding: Encoding) -> None:
    source = Source(text)
    for offset in range(len(text) + 1):
        inside = text[offset - 1 : offset + 1] == "\r\n"
        position = source.position_at(offset, encoding)
        assert source.offset_at(position, encoding) == (offset - 1 if inside else offset)


@given(texts, encodings)
def test_positions_stand_in_the_order_of_their_offsets(text: str, encoding: Encoding) -> None:
    source = Source(text)
    found = [source.position_at(offset, encoding) for offset in range(len(text) + 1)]
    assert found == sorted(found)


@given(texts, st.tuples(positions, positions), encodings)
def test_a_range_is_read_the_right_way_round(
    text: str, ends: tuple[Position, Position], encoding: Encoding
) -> None:
    source = Source(text)
    span = source.span_of(Range(*ends), encoding)
    assert 0 <= span.start <= span.end <= len(text)
    assert span == source.span_of(Range(*reversed(ends)), encoding)
    assert {span.start, span.end} == {source.offset_at(end, encoding) for end in ends}


@given(texts, st.tuples(offsets, offsets).map(sorted), encodings)
def test_a_range_is_the_positions_of_its_spans_ends(
    text: str, ends: list[int], encoding: Encoding
) -> None:
    source = Source(text)
    found = source.range_of(Span(*ends), encoding)
    assert (found.start, found.end) == tuple(source.position_at(end, encoding) for end in ends)


@given(texts)
def test_the_lines_make_the_text(text: str) -> None:
    source = Source(text)
    numbers = range(source.line_count)
    assert "".join(source.line(number) for number in numbers) == text
    assert [re.sub(r"[\r\n]+$", "", source.line(number)) for number in numbers] == lines(text)
    assert [source.line_span(number).start for number in numbers] == source.line_starts


_changes = st.tuples(st.floats(0, 1), st.floats(0, 1), st.one_of(texts, st.text("a\n", max_size=4)))


@given(st.one_of(texts, st.text("a\n")), st.lists(_changes, max_size=4), st.booleans())
def test_what_a_change_leaves_of_the_lines_is_right(
    text: str, changes: list[tuple[float, float, str]], asked: object
) -> None:
    source = Source(text)
    for begin, end, new in changes:
        first, last = sorted(int(place * len(text)) for place in (begin, end))
        # Where the lines were not looked for, they are looked for later.
        assert not asked or source.line_starts
        source, text = source.changed(Span(first, last), new), text[:first] + new + text[last:]
    assert source == Source(text)
    assert source.line_starts == Source(text).line_starts


@given(texts, offsets)
def test_an_offset_stands_on_the_line_whose_span_holds_it(text: str, offset: int) -> None:
    source = Source(text)
    number = source.line_at(offset)
    span = source.line_span(number)
    inside = min(max(offset, 0), len(text))
    last = number == source.line_count - 1
    assert span.start <= inside < span.end or (last and inside == span.end == len(text))


@given(texts, st.integers(-2, 12), st.integers(-2, 12))
def test_a_span_of_lines_is_theirs_together(text: str, first: int, last: int) -> None:
    source = Source(text)
    span = source.lines_span(first, last)
    together = "".join(source.line(number) for number in range(first, max(first, last) + 1))
    assert text[span.start : span.end] == together


@pytest.mark.parametrize("number", [-1, 2, 99])
def test_there_is_no_text_on_a_line_outside(number: int) -> None:
    assert Source("a\nb").line(number) == ""


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 5), ("utf-16", 3), ("utf-32", 2)])
def test_each_encoding_counts_its_own_units(encoding: Encoding, character: int) -> None:
    source = Source("\na𝄞x")
    assert source.position_at(3, encoding) == Position(1, character)
    assert source.offset_at(Position(1, character), encoding) == 3


@pytest.mark.parametrize(("encoding", "inside"), [("utf-16", (2,)), ("utf-8", (2, 3, 4))])
def test_a_position_inside_a_character_goes_to_its_beginning(
    encoding: Encoding, inside: tuple[int, ...]
) -> None:
    source = Source("a𝄞b")
    assert {source.offset_at(Position(0, unit), encoding) for unit in inside} == {1}


def test_a_lone_surrogate_is_one_utf16_unit() -> None:
    source = Source("\ud834b")
    assert source.position_at(1, "utf-16") == Position(0, 1)
    assert source.offset_at(Position(0, 1), "utf-16") == 1


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_character_behind_the_lines_end_is_the_end_before_the_terminator(
    encoding: Encoding,
) -> None:
    source = Source("a\r\nb")
    assert source.offset_at(Position(0, 9), encoding) == 1
    assert source.position_at(2, encoding) == Position(0, 1)


def test_a_final_terminator_begins_an_empty_line() -> None:
    source = Source("a\n")
    assert source.line_count == 2
    assert source.position_at(2, "utf-16") == Position(1, 0)
    assert source.line_at(2) == 1


# Spans

spans = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda ends: Span(*sorted(ends)))


@given(spans, spans)
def test_spans_overlap_when_they_share_a_character(one: Span, other: Span) -> None:
    shared = set(range(one.start, one.end)) & set(range(other.start, other.end))
    if len(one) and len(other):
        assert one.overlaps(other) == bool(shared)
    else:
        touching = set(range(one.start, one.end + 1)) & set(range(other.start, other.end + 1))
        assert one.overlaps(other) == bool(touching)


@given(spans, spans)
def test_overlapping_is_mutual(one: Span, other: Span) -> None:
    assert one.overlaps(other) == other.overlaps(one)
    assert one.overlaps(one)


@given(spans)
def test_a_spans_length_is_its_characters(span: Span) -> None:
    assert len(span) == len(range(span.start, span.end))
