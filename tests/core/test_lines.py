from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.lines import (
    LineSplitter,
    common_end,
    common_prefix,
    common_suffix,
    end_of,
    is_blank,
    split_lines,
    without_end,
)
from strategies import NO_LINE_ENDS, streams, texts


@given(texts)
def test_split_lines_joined_are_the_text(text: str) -> None:
    assert "".join(split_lines(text)) == text


@given(texts)
def test_lines_are_those_of_universal_newlines(text: str) -> None:
    assert split_lines(text) == list(io.StringIO(text, newline=""))


@given(texts)
def test_a_line_is_its_text_and_its_end(text: str) -> None:
    for line in split_lines(text):
        assert without_end(line) + end_of(line) == line
        assert end_of(line) in {"\n", "\r\n", "\r", ""}
        assert not set(without_end(line)) & {"\n", "\r"}


@given(streams(texts))
def test_a_stream_gives_the_same_lines_however_it_is_cut(stream: tuple[str, list[str]]) -> None:
    text, pieces = stream
    splitter = LineSplitter()
    lines = [line for piece in pieces for line in splitter.feed(piece)]
    assert lines + splitter.finish() == split_lines(text)


@given(texts)
def test_a_line_comes_out_as_soon_as_its_line_feed_is_there(text: str) -> None:
    splitter = LineSplitter()
    came = [line for char in text + "\n" for line in splitter.feed(char)]
    assert came == split_lines(text + "\n")
    assert splitter.finish() == []


@given(streams(texts))
def test_the_rest_is_what_no_line_has_yet(stream: tuple[str, list[str]]) -> None:
    text, pieces = stream
    splitter = LineSplitter()
    lines = [line for piece in pieces for line in splitter.feed(piece)]
    assert "".join(lines) + splitter.rest == text


@pytest.mark.parametrize("char", NO_LINE_ENDS)
def test_no_other_character_ends_a_line(char: str) -> None:
    assert split_lines(f'x = "{char}"\ny') == [f'x = "{char}"\n', "y"]
    assert LineSplitter().feed(f'x = "{char}"') == []


def test_a_carriage_return_waits_for_its_line_feed() -> None:
    splitter = LineSplitter()
    assert splitter.feed("a\r") == []
    assert splitter.feed("\nb\r") == ["a\r\n"]
    assert splitter.feed("c") == ["b\r"]
    assert splitter.finish() == ["c"]


def test_a_finished_splitter_begins_anew() -> None:
    splitter = LineSplitter()
    splitter.feed("a")
    assert splitter.finish() == ["a"]
    assert splitter.finish() == []
    assert splitter.feed("b\n") == ["b\n"]


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("", "\n"),
        ("a", "\n"),
        ("a\r\nb\r\nc\n", "\r\n"),
        ("a\nb\nc\r\n", "\n"),
        ("a\rb\r", "\r"),
        ("\u2028\u2028a\r\n", "\r\n"),
    ],
)
def test_the_common_end_is_the_one_used_most(text: str, end: str) -> None:
    assert common_end(text) == end


def test_a_text_without_line_ends_takes_the_default() -> None:
    assert common_end("a", "\r\n") == "\r\n"


@pytest.mark.parametrize(
    ("line", "blank"), [("", True), ("\n", True), (" \t\u3000\r\n", True), (" .\n", False)]
)
def test_a_blank_line_holds_white_space_only(line: str, *, blank: bool) -> None:
    assert is_blank(line) is blank


_FEW = st.lists(st.sampled_from("ab"), max_size=6)


@given(_FEW, _FEW)
def test_the_common_prefix_is_the_longest(old: list[str], new: list[str]) -> None:
    length = common_prefix(old, new)
    assert old[:length] == new[:length]
    assert length in {len(old), len(new)} or old[length] != new[length]


@given(_FEW, _FEW, st.integers(0, 6))
def test_the_common_suffix_is_the_longest_within_its_limit(
    old: list[str], new: list[str], limit: int
) -> None:
    limit = min(limit, len(old), len(new))
    length = common_suffix(old, new, limit)
    assert length <= limit
    assert old[len(old) - length :] == new[len(new) - length :]
    assert length == limit or old[-1 - length] != new[-1 - length]
