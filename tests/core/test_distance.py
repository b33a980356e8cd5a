from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core import distance as module
from spyhop.core.distance import distance

texts = st.text("ab\n", max_size=12)


def reference(old: str, new: str) -> int:
    """Return the distance by the textbook's table of longest common subsequences."""
    row = [0] * (len(new) + 1)
    for char in old:
        last = row
        row = [0]
        for at, other in enumerate(new):
            row.append(last[at] + 1 if char == other else max(row[at], last[at + 1]))
    return len(old) + len(new) - 2 * row[-1]


@given(texts, texts)
def test_it_counts_the_characters_that_a_shortest_edit_touches(old: str, new: str) -> None:
    assert distance(old, new) == reference(old, new)


@given(st.lists(st.sampled_from(["a\n", "bb\n", "c\n"])), st.lists(st.sampled_from(["a\n", "c\n"])))
def test_by_lines_it_is_never_less_and_nothing_for_equal_texts(
    old: list[str], new: list[str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MOST_PAIRS", -1)
        one, other = "".join(old), "".join(new)
        assert distance(one, other) >= reference(one, other)
        assert distance(one, one) == 0
