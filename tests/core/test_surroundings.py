from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core import surroundings
from spyhop.core.anchors import Change, apply
from spyhop.core.closers import is_closers
from spyhop.core.positions import Span
from spyhop.core.surroundings import Surroundings, caret_after, carets_after


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows that short texts are longer than."""
    monkeypatch.setattr(surroundings, "TAIL", 3)
    monkeypatch.setattr(surroundings, "HEAD", 2)


_texts = st.one_of(st.text("aab)\n", max_size=12), st.text("a", max_size=8))


@st.composite
def _carets(draw: st.DrawFn) -> tuple[str, int]:
    text = draw(_texts)
    return text, draw(st.integers(0, len(text)))


def is_there(place: Surroundings, text: str, start: int, end: int) -> bool:
    """The reference: whether the place is in ``text`` with ``start`` to ``end`` put in at it."""
    return Surroundings.of(text[:start] + text[end:], start) == place


@given(_carets(), _carets(), st.integers(0, 6))
def test_what_was_typed_is_all_that_may_stand_between(
    one: tuple[str, int], other: tuple[str, int], longest: int
) -> None:
    place = Surroundings.of(*one)
    text, caret = other
    # What stands behind is another question.
    behind = one[0][one[1] :]
    text = text[:caret] + behind
    starts = [
        start
        for start in range(caret, -1, -1)
        if is_there(place, text, start, caret) and caret - start <= longest
    ]
    assert list(place.typed(text, caret, longest)) == [text[start:caret] for start in starts]


@given(_carets(), _texts)
def test_a_place_is_where_it_was_whatever_is_typed_there(one: tuple[str, int], typed: str) -> None:
    text, caret = one
    place = Surroundings.of(text, caret)
    text, caret = text[:caret] + typed + text[caret:], caret + len(typed)
    assert typed in place.typed(text, caret, len(typed))
    assert place.stands_behind(text, caret)


@given(_carets(), _carets())
def test_what_stands_behind_is_compared_as_far_as_the_place_knows(
    one: tuple[str, int], other: tuple[str, int]
) -> None:
    place = Surroundings.of(*one)
    text, caret = other
    assert place.stands_behind(text, caret) == is_there(
        place, one[0][: one[1]] + text[caret:], one[1], one[1]
    )


@given(_carets(), st.integers(0, 2))
def test_what_was_typed_over_is_skipped(one: tuple[str, int], skipped: int) -> None:
    text, caret = one
    place = Surroundings.of(text, caret)
    skipped = min(skipped, len(place.head))
    assert place.stands_behind(text[:caret] + text[caret + skipped :], caret, skipped)


@given(_carets(), _texts)
def test_closers_stand_between_the_caret_and_what_stood_behind_it(
    one: tuple[str, int], put_in: str
) -> None:
    text, caret = one
    place = Surroundings.of(text, caret)
    text = text[:caret] + put_in + text[caret:]
    closers = place.closers(text, caret)
    if closers:
        assert is_closers(closers)
        assert text.startswith(closers, caret)
        assert place.stands_behind(text, caret + len(closers))
    elif is_closers(put_in):
        assert not put_in.strip() or put_in[-1].isspace()


@given(_carets(), st.data())
def test_a_caret_stays_between_its_characters(one: tuple[str, int], data: st.DataObject) -> None:
    text, caret = one
    ends = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    change = Change(Span(*ends), data.draw(st.text("xy", max_size=3)))
    after, moved = apply(text, change), caret_after(caret, change)
    if change.span.start <= caret <= change.span.end:
        assert after[:moved] == text[: change.span.start] + change.text
    elif change.span.end < caret:
        assert after[moved:] == text[caret:]
    else:
        assert after[:moved] == text[:caret]


def test_the_caret_may_be_before_the_brackets_that_the_editor_closed() -> None:
    typed = [Change(Span(1, 1), "([\n  ])")]
    assert carets_after("f([\n  ])", 1, typed) == [8, 7, 6, 5, 4, 3]
    assert carets_after("", 0, []) == [0]
