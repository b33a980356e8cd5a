from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.stream import Text, Thought, merge

Event: TypeAlias = Thought | Text | str

_EVENTS = st.lists(
    st.one_of(st.text(max_size=2).map(Thought), st.text(max_size=2).map(Text), st.just("a mark"))
)


@given(_EVENTS)
def test_merged_events_say_the_same(events: list[Event]) -> None:
    def said(some: Iterable[Event]) -> list[tuple[type, str]]:
        return [
            (type(event), char)
            for event in some
            for char in (event if isinstance(event, str) else event.text)
        ]

    assert said(merge(events)) == said(events)


@given(_EVENTS)
def test_no_two_thoughts_or_texts_stay_neighbours(events: list[Event]) -> None:
    merged = merge(events)
    kinds = [type(event) for event in merged]
    assert all(one is not other or one is str for one, other in pairwise(kinds))
    assert merge(merged) == merged


def test_a_mark_parts_what_stands_on_its_sides() -> None:
    assert merge([Text("a"), Text("b"), None, Text("c")]) == [Text("ab"), None, Text("c")]
