from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.anchors import Change, apply, apply_all, follow, follow_all
from spyhop.core.positions import Span

_TEXT = "0123456789"


def _spans(length: int) -> st.SearchStrategy[Span]:
    place = st.integers(0, length)
    return st.tuples(place, place).map(lambda ends: Span(*sorted(ends)))


def _changes(length: int) -> st.SearchStrategy[Change]:
    return st.builds(Change, _spans(length), st.text("xyz", max_size=3))


@st.composite
def _disjoint(draw: st.DrawFn) -> list[Change]:
    """Changes of `_TEXT` with at least a character between any two."""
    ends = sorted(draw(st.sets(st.integers(0, len(_TEXT)))))
    pairs = zip(ends[::2], ends[1::2], strict=False)
    changes = [Change(Span(*pair), draw(st.text("xyz", max_size=3))) for pair in pairs]
    return draw(st.permutations(changes))


def apply_to_members(inside: list[bool], span: Span, change: Change) -> list[bool]:
    """The reference: which characters are inside, when the new ones are as those they replace.

    New characters are inside where the change neither begins nor ends outside the span.
    """
    within = span.start <= change.span.start and change.span.end <= span.end
    at_edge = not len(change.span) and change.span.start in {span.start, span.end}
    new = [within and not at_edge] * len(change.text)
    return inside[: change.span.start] + new + inside[change.span.end :]


@given(st.data())
def test_a_span_keeps_its_characters(data: st.DataObject) -> None:
    text = _TEXT
    span = data.draw(_spans(len(text)))
    inside = [span.start <= place < span.end for place in range(len(text))]
    for _ in range(data.draw(st.integers(1, 5))):
        change = data.draw(_changes(len(text)))
        inside = apply_to_members(inside, span, change)
        span = follow(span, change)
        text = apply(text, change)
        assert 0 <= span.start <= span.end <= len(text)
        assert inside == [span.start <= place < span.end for place in range(len(text))]


@given(_spans(10), st.data())
def test_following_all_is_following_one_after_the_other(span: Span, data: st.DataObject) -> None:
    first, second = data.draw(_changes(10)), data.draw(_changes(5))
    assert follow_all(span, [first, second]) == follow(follow(span, first), second)
    assert follow_all(span, []) == span


@given(_disjoint())
def test_disjoint_changes_made_together_are_those_made_from_the_last_to_the_first(
    changes: list[Change],
) -> None:
    text = _TEXT
    for change in sorted(changes, key=lambda change: change.span.start, reverse=True):
        text = apply(text, change)
    assert apply_all(_TEXT, changes) == text


@given(_disjoint())
def test_disjoint_changes_made_together_are_those_made_in_any_order(
    changes: list[Change],
) -> None:
    text, left = _TEXT, changes
    while left:
        change, *rest = left
        text = apply(text, change)
        left = [Change(follow(other.span, change), other.text) for other in rest]
    assert apply_all(_TEXT, changes) == text


@given(_changes(10))
def test_a_text_grows_by_its_changes_growth(change: Change) -> None:
    assert len(apply(_TEXT, change)) == len(_TEXT) + change.growth


def test_insertions_at_one_place_stay_in_their_order() -> None:
    changes = [Change(Span(1, 1), "a"), Change(Span(1, 1), "b"), Change(Span(0, 0), "c")]
    assert apply_all("01", changes) == "c0ab1"


def test_an_insertion_at_an_edge_stays_outside() -> None:
    assert follow(Span(2, 4), Change(Span(2, 2), "x")) == Span(3, 5)
    assert follow(Span(2, 4), Change(Span(4, 4), "x")) == Span(2, 4)


def test_an_insertion_inside_belongs_to_the_span() -> None:
    assert follow(Span(2, 4), Change(Span(3, 3), "x")) == Span(2, 5)


def test_replacing_the_whole_span_keeps_it() -> None:
    assert follow(Span(2, 4), Change(Span(2, 4), "xyz")) == Span(2, 5)


def test_a_change_across_an_edge_stays_outside() -> None:
    assert follow(Span(2, 6), Change(Span(1, 3), "xy")) == Span(3, 6)
    assert follow(Span(2, 6), Change(Span(5, 8), "xy")) == Span(2, 5)


@pytest.mark.parametrize("change", [Span(1, 5), Span(2, 5), Span(1, 4)])
def test_a_change_over_more_than_the_span_leaves_it_empty_behind_the_new_text(
    change: Span,
) -> None:
    behind = change.start + len("xy")
    assert follow(Span(2, 4), Change(change, "xy")) == Span(behind, behind)


def test_an_empty_span_stays_before_what_is_inserted_at_it() -> None:
    assert follow(Span(2, 2), Change(Span(2, 2), "x")) == Span(2, 2)
