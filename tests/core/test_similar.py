from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.lines import split_lines
from spyhop.core.similar import (
    STEP_LINES,
    WINDOW_LINES,
    Match,
    Windows,
    most_similar,
    windows_of,
    words_of,
)
from strategies import texts

_line = st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta", "x", "中文", "+"]), max_size=5)
_files = st.lists(_line.map(" ".join), max_size=70).map(
    lambda lines: "".join(f"{it}\n" for it in lines)
)


def likeness(words: frozenset[str], windows: Windows, index: int) -> float:
    held = words_of(windows.text(index))
    return len(words & held) / len(words | held)


@given(st.one_of(texts, _files))
def test_every_line_stands_in_a_window_at_its_fixed_place(text: str) -> None:
    windows = windows_of(text)
    lines = split_lines(text)
    for index in range(len(windows.sizes)):
        first = index * STEP_LINES
        assert windows.text(index) == "".join(lines[first : first + WINDOW_LINES])
        assert windows.sizes[index] == len(words_of(windows.text(index)))
    assert (len(windows.sizes) - 1) * STEP_LINES + WINDOW_LINES >= len(lines)


@given(_files, _files)
def test_what_is_added_below_leaves_the_windows_above_as_they_are(text: str, more: str) -> None:
    whole = len(split_lines(text)) // STEP_LINES - 1
    one, other = windows_of(text), windows_of(text + more)
    assert [one.text(index) for index in range(whole)] == [
        other.text(index) for index in range(whole)
    ]


@given(_files, st.lists(_files, max_size=3), st.integers(0, 5))
def test_what_is_found_is_the_likest_and_shares_no_line(
    question: str, texts_: list[str], most: int
) -> None:
    words, files = words_of(question), [windows_of(text) for text in texts_]
    found = most_similar(words, files, most)
    assert len(found) <= most
    assert found == sorted(found, key=lambda match: -match.score)
    for match in found:
        assert match.score == likeness(words, files[match.file], match.window)
        assert all(
            abs(match.first_line - other.first_line) >= WINDOW_LINES
            for other in found
            if other is not match and other.file == match.file
        )
    if most and found:
        assert found[0].score == max(
            likeness(words, file, index)
            for file in files
            for index in range(len(file.sizes))
            if len(words & words_of(file.text(index))) >= 3
        )


@given(_files)
def test_a_file_is_most_like_itself(text: str) -> None:
    text = "".join(split_lines(text)[:WINDOW_LINES])
    words = words_of(text)
    found = most_similar(words, [windows_of(text)], 1)
    assert found == ([Match(0, 0, 1.0)] if len(words) >= 3 else [])


def test_of_windows_that_are_as_like_the_earlier_file_s_comes_first() -> None:
    windows = windows_of("alpha beta gamma\n")
    found = most_similar(frozenset({"alpha", "beta", "gamma"}), [windows, windows], 2)
    assert [match.file for match in found] == [0, 1]


def test_what_shares_only_a_word_or_two_is_not_alike() -> None:
    assert most_similar(frozenset({"self", "return"}), [windows_of("return self\n")], 1) == []
