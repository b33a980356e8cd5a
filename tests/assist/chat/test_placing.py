from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.assist.chat.blocks import blocks_in, proposal_of
from spyhop.assist.chat.placing import end_of, place_block
from spyhop.assist.chat.port import LiveText
from spyhop.core.fences import fence_for
from spyhop.core.lines import split_lines
from spyhop.core.positions import Source
from spyhop.errors import NoEdit
from spyhop.sessions.chats.values import Lines

line = st.sampled_from(
    [
        "def f(x):",
        "def g(y):",
        "    return x + 1",
        "class A:",
        "    def f(self):",
        "        return self",
        "import os",
        "    # ... existing code ...",
        "value = 1",
        "}",
        "",
        "'''",
        "中文 = 2",
    ]
)
codes = st.lists(line, min_size=1, max_size=8).map(lambda lines: [f"{it}\n" for it in lines])
files = st.tuples(st.lists(line, max_size=14), st.sampled_from(["\n", "\r\n"]), st.booleans()).map(
    lambda it: it[1].join(it[0]) + (it[1] if it[2] else "")
)
spans = st.lists(st.tuples(st.integers(0, 13), st.integers(1, 4)), max_size=2)


@pytest.mark.parametrize("language", ["python", "java", ""])
@given(code=codes, text=files, attached=spans)
def test_every_place_is_in_the_file_and_only_one_is_certain(
    language: str, code: list[str], text: str, attached: list[tuple[int, int]]
) -> None:
    source = Source(text)
    count = len(split_lines(text))
    ranges = [Lines(start=start, end=start + size) for start, size in attached if start < count]
    ranges = [Lines(start=it.start, end=min(it.end, count)) for it in ranges]
    placing = place_block(code, language, source, ranges)
    assert placing.spots
    for spot in placing.spots:
        assert 0 <= spot.lines.start <= spot.lines.end <= count
        if spot.why != "end":
            assert spot.lines.start < spot.lines.end
    assert not placing.is_certain or len(placing.spots) == 1
    assert not placing.is_certain or placing.spots[0].why != "end"


@given(code=codes, text=files, at=st.integers(0, 15), size=st.integers(0, 5))
def test_a_proposal_for_any_place_leaves_what_is_outside_it(
    code: list[str], text: str, at: int, size: int
) -> None:
    body = "".join(code)
    fence = fence_for(body)
    [it] = blocks_in(f"{fence}python\n{body}{fence}\n")
    live = LiveText("file:///a.py", "a.py", "python", Source(text))
    try:
        proposed = proposal_of(it, live, Lines(start=at, end=at + size))
    except NoEdit:
        return
    lines = split_lines(text)
    last = proposed.first + len(proposed.base)
    assert list(proposed.base) == lines[proposed.first : last]
    assert len(proposed.base) <= max(size, 1)


def test_the_end_of_a_file_is_behind_its_last_line() -> None:
    assert end_of(Source("a\nb\n")) == Lines(start=2, end=2)
    assert end_of(Source("a\nb")) == Lines(start=2, end=2)
    assert end_of(Source("")) == Lines(start=0, end=0)
