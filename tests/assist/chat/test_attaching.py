from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spyhop.assist.chat.attaching import followed, found
from spyhop.sessions.chats.values import Lines

texts = st.lists(st.sampled_from(["a", "b", "c", "d", ""]), max_size=8).map(
    lambda lines: "".join(f"{line}\n" for line in lines)
)
ranges = st.tuples(st.integers(0, 8), st.integers(1, 4)).map(
    lambda it: Lines(start=it[0], end=it[0] + it[1])
)


def cut(text: str, lines: Lines) -> list[str]:
    return text.splitlines()[lines.start : lines.end]


@given(texts, texts, ranges)
def test_lines_are_followed_to_lines_of_the_new_text(old: str, new: str, lines: Lines) -> None:
    if lines.end > len(old.splitlines()):
        return
    now = followed(old, new, lines)
    if now is not None:
        assert 0 <= now.start < now.end <= len(new.splitlines())


@given(texts, texts, texts, texts, texts)
def test_what_is_written_above_and_below_moves_lines_and_changes_none(
    above: str, inside: str, below: str, more: str, rest: str
) -> None:
    # Lines that stand nowhere else.
    marked = "".join(f"<{number}>\n" for number, _ in enumerate(inside.splitlines() or [""]))
    old, new = above + marked + below, more + marked + rest
    count = len(marked.splitlines())
    start = len(above.splitlines())
    lines = Lines(start=start, end=start + count)
    now = followed(old, new, lines)
    assert now is not None
    assert cut(new, now) == marked.splitlines()
    assert found(marked, new, lines) == now


def test_what_is_written_in_the_place_of_some_of_them_belongs_to_them() -> None:
    old, new = "a\nb\nc\nd\n", "a\nB\nmore\nc\nd\n"
    assert followed(old, new, Lines(start=1, end=3)) == Lines(start=1, end=4)
    assert followed(old, new, Lines(start=1, end=2)) == Lines(start=1, end=3)


def test_lines_that_are_gone_are_not_there() -> None:
    assert followed("a\nb\nc\n", "a\nc\n", Lines(start=1, end=2)) is None
    assert found("b\n", "a\nc\n", Lines(start=1, end=2)) is None


def test_of_several_places_the_nearest_is_found() -> None:
    text = "x\na\ny\na\n"
    assert found("a\n", text, Lines(start=4, end=5)) == Lines(start=3, end=4)
    assert found("a\n", text, Lines(start=0, end=1)) == Lines(start=1, end=2)
