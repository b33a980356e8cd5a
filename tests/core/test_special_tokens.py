from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.special_tokens import Disguise, Unmasking

TOKENS = [
    "<｜begin▁of▁sentence｜>",
    "<｜end▁of▁sentence｜>",
    "<｜User｜>",
    "<｜Assistant｜>",
    "<｜tool▁calls▁begin｜>",
    "<|im_start|>",
    "<|endoftext|>",
    "<|fim_prefix|>",
    "<|eot_id|>",
]
pieces = st.sampled_from(
    [*TOKENS, "<¦User¦>", "<¦¦User¦¦>", "<|User|>", "<", "|", ">", "｜", "¦", "a", " ", "\n"]
)
texts = st.lists(pieces, max_size=12).map("".join)


@given(st.lists(texts, max_size=4))
def test_what_was_put_on_comes_off_again(contents: list[str]) -> None:
    disguise = Disguise.for_texts(contents)
    for text in contents:
        assert disguise.take_off(disguise.put_on(text)) == text


@given(st.lists(texts, max_size=4))
def test_no_special_token_is_sent(contents: list[str]) -> None:
    disguise = Disguise.for_texts(contents)
    for text in contents:
        assert not any(token in disguise.put_on(text) for token in TOKENS)


@given(texts, texts)
def test_what_the_model_writes_by_itself_stays(sent: str, answer: str) -> None:
    disguise = Disguise.for_texts([sent])
    known = [name for names in (disguise.names, disguise.slips) for _, name in names]
    if not any(name in answer for name in known):
        assert disguise.take_off(answer) == answer


@pytest.mark.parametrize("token", TOKENS)
def test_whole_bars_that_are_not_the_texts_own_are_those(token: str) -> None:
    other = token.translate(str.maketrans("|｜", "｜|"))
    assert Disguise.for_texts([token]).take_off(f"a{other}b") == f"a{token}b"
    assert Disguise.for_texts([token, other]).take_off(other) == other


@pytest.mark.parametrize("token", TOKENS)
def test_every_special_token_is_known(token: str) -> None:
    disguise = Disguise.for_texts([f"x = {token!r}"])
    assert disguise.put_on(token) == re.sub("[|｜]", "¦", token)


@pytest.mark.parametrize(
    "text", ["a <| b |> c", "x <|> y", "f <|a b|> g", "<｜｜>", "<think>", "a|b"]
)
def test_operators_and_tags_are_none(text: str) -> None:
    assert Disguise.for_texts([text]) == Disguise()


BARE = ["<fim_prefix>", "<file_sep>", "<PRE>", "[SUFFIX]", "<think>", "</think>", "<|fim_pad|>"]
_with_bare = st.lists(st.one_of(pieces, st.sampled_from(BARE)), max_size=12).map("".join)


@given(st.lists(_with_bare, max_size=4))
def test_tokens_without_bars_are_disguised_where_the_model_reads_them(contents: list[str]) -> None:
    disguise = Disguise.for_texts(contents, BARE)
    for text in contents:
        shown = disguise.put_on(text)
        assert not any(token in shown for token in [*TOKENS, *BARE])
        assert disguise.take_off(shown) == text


def test_tokens_without_bars_have_names_with_bars() -> None:
    disguise = Disguise.for_texts(["<file_sep></think>[SUFFIX]"], BARE)
    assert disguise.put_on("<file_sep></think>[SUFFIX]") == "<¦file_sep¦><¦/think¦>[¦SUFFIX¦]"


def test_the_same_texts_are_left_alone_where_it_does_not() -> None:
    assert Disguise.for_texts(["<file_sep>"]) == Disguise.for_texts(["x"], BARE) == Disguise()


@given(st.lists(texts, max_size=3), texts, st.lists(st.integers(0, 40)), st.booleans())
def test_a_disguise_comes_off_a_stream_however_it_is_cut(
    contents: list[str], answer: str, cuts: list[int], tags: bool
) -> None:
    disguise = Disguise.for_texts(contents, ("<think>", "</think>") if tags else ())
    answer = disguise.put_on(answer)
    unmasking = Unmasking(disguise)
    places = sorted({min(cut, len(answer)) for cut in cuts})
    pieces = [answer[a:b] for a, b in pairwise([0, *places, len(answer)])]
    shown = [unmasking.feed(piece) for piece in pieces]
    assert "".join([*shown, unmasking.finish()]) == disguise.take_off(answer)


def test_only_what_may_become_a_name_is_held_back() -> None:
    unmasking = Unmasking(Disguise.for_texts(["<｜User｜>"]))
    assert [unmasking.feed(piece) for piece in ("a < b", "c, <¦Us", "er¦> d")] == [
        "a ",
        "< bc, ",
        "<｜User｜> d",
    ]
    assert unmasking.finish() == ""
