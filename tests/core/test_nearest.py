from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.nearest import nearest

KNOWN = ("context_tokens", "keep_alive", "model", "top_p", "thinking.max_tokens", "gpu")
names = st.text("abcdefghij_", min_size=3, max_size=12).filter(lambda name: name.strip("_"))


@given(st.sets(st.text()), st.text())
def test_it_is_one_of_those_that_there_are(known: set[str], written: str) -> None:
    found = nearest(written, known)
    assert found is None or found in known


@given(st.sets(names, min_size=1), st.data())
def test_a_name_that_is_there_is_nearest_to_itself(known: set[str], data: st.DataObject) -> None:
    written = data.draw(st.sampled_from(sorted(known)))
    found = nearest(written, known)
    assert found is not None
    # Signs between words do not count, so others may be as near.
    assert found.replace("_", "") == written.replace("_", "") or found == written


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("modle", "model"),
        ("Model", "model"),
        ("contextTokens", "context_tokens"),
        ("CONTEXT-TOKENS", "context_tokens"),
        ("topp", "top_p"),
        ("keepalive", "keep_alive"),
        ("thinking.maxtokens", "thinking.max_tokens"),
        ("gpo", "gpu"),
        ("cpu", "gpu"),
        ("colour", None),
        ("", None),
        ("???", None),
    ],
)
def test_typing_errors_are_seen(written: str, expected: str | None) -> None:
    assert nearest(written, KNOWN) == expected


def test_among_equals_the_first_by_name_is_taken() -> None:
    assert nearest("b", ["bb", "ba"]) is None
    assert nearest("abd", ["abc", "abb"]) == "abb"
