from __future__ import annotations

from unicodedata import bidirectional

from hypothesis import assume, given
from hypothesis import strategies as st

from spyhop.core.visible import visible, visible_line

TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""The signs that turn the order of those around them, by their classes (UAX #9)."""


@given(text=st.text(st.characters() | st.sampled_from("\x1b\x9b\u202e\u2066")))
def test_shown_text_holds_nothing_that_a_terminal_obeys(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert all(char.isprintable() or char in "\t\n" or ord(char) > 0x9F for char in shown)
    assert not any(bidirectional(char) in TURNING for char in shown)
    shown.encode()


@given(text=st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("\t\n")))
def test_other_text_is_shown_as_it_is(text: str) -> None:
    assume(not any(bidirectional(char) in TURNING for char in text))
    assert visible(text) == text


@given(text=st.text(st.characters() | st.sampled_from("\x1b\n\r")))
def test_a_line_stays_one(text: str) -> None:
    line = visible_line(text)
    assert "\n" not in line
    assert line.replace("␊", "\n") == visible(text).replace("␊", "\n")
