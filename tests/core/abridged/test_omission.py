from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.abridged.omission import mentions_rest, names_what_is_left, says_left_out

_WORDS = [
    "the",
    "rest",
    "of",
    "other",
    "existing",
    "code",
    "methods",
    "same",
    "as",
    "before",
    "unchanged",
    "remains",
    "is",
    "here",
    "keep",
    "omitted",
    ",",
    ".",
    ":",
    "其余",
    "代码",
    "不变",
    "保持",
    "省略",
    "的",
    "之前",
    "此处",
    "同上",
    "all",
    "and",
]


@pytest.mark.parametrize(
    "words",
    ["rest of the code unchanged", "Same as before", "其余代码保持不变", "此处省略其他成员"],
)
def test_words_that_say_it_whole(words: str) -> None:
    assert says_left_out(words)


@pytest.mark.parametrize(
    "words",
    [
        "the rest of the file is binary",
        "Same as C's strcmp",
        "其余字段的校验由调用方完成",
        "",
        "code",
    ],
)
def test_words_that_go_on_to_say_something_else(words: str) -> None:
    assert not says_left_out(words)
    assert not names_what_is_left(words)


@pytest.mark.parametrize(
    "words", ["Other methods", "existing imports", "其他方法", "your code here"]
)
def test_words_that_may_head_what_follows(words: str) -> None:
    assert names_what_is_left(words)
    assert not says_left_out(words)


@given(st.one_of(st.text(), st.lists(st.sampled_from(_WORDS), max_size=60).map(" ".join)))
def test_any_words_are_read_in_a_moment(words: str) -> None:
    """Without a limit on what repeats, some of these would take hours."""
    for joined in (words[:200], words.replace(" ", "")[:200]):
        assert says_left_out(joined) in {True, False}
        assert names_what_is_left(joined) in {True, False}
        assert mentions_rest(joined) in {True, False}


@pytest.mark.parametrize("word", [*_WORDS, "保持不变", "其余的", "全部", "is "])
def test_one_word_over_and_over_is_read_in_a_moment(word: str) -> None:
    for start in ("", "其余", "rest of ", "省略", "与"):
        assert not says_left_out(f"{start}{word * 100}"[:199] + "x")
