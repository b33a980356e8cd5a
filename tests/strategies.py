"""What Hypothesis feeds the tests: texts, their lines, and streams cut into pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from hypothesis import strategies as st

from spyhop.core.lines import split_lines

_Cut = TypeVar("_Cut", str, bytes)
_Item = TypeVar("_Item")

LINE_ENDS: Final = ("\n", "\r\n", "\r")
# Where str.splitlines splits and neither LSP nor Git does.
NO_LINE_ENDS: Final = ("\f", "\v", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")

_FEW_LINES: Final = ("", " ", "\0", "a", "b", "c", "}", "\tx = 1", "“é中𝄞”")

characters = st.one_of(
    st.sampled_from(["a", " ", "\t", "é", "中", "𝄞", "\0", "\ufeff", *NO_LINE_ENDS]),
    st.characters(exclude_characters="\r\n"),
)
"""Any character but a line's end; those that parsers trip over come often."""

texts = st.lists(st.one_of(st.sampled_from(LINE_ENDS), characters)).map("".join)
"""Any text."""

lf_lines = st.lists(st.sampled_from(_FEW_LINES), max_size=12).map(
    lambda lines: [f"{line}\n" for line in lines]
)
"""Lines of which many are equal, each ended by a line feed."""


documents = st.tuples(
    st.lists(
        st.tuples(st.sampled_from(_FEW_LINES), st.sampled_from(("\n", "\n", "\r\n", "\r"))),
        max_size=12,
    ),
    st.sampled_from(("", "", "a", "}", " ")),
).map(lambda drawn: split_lines("".join(map("".join, drawn[0])) + drawn[1]))
"""Lines of which many are equal, with any ends; the last one may have none."""


@st.composite
def _pieces(draw: st.DrawFn, whole: _Cut) -> list[_Cut]:
    cuts: list[int] = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    return [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]


def pieces_of(whole: _Cut) -> st.SearchStrategy[list[_Cut]]:
    """Ways to cut ``whole`` into pieces, some of them empty."""
    one_by_one = [whole[place : place + 1] for place in range(len(whole))]
    return st.one_of(st.just(one_by_one), _pieces(whole))


def streams(wholes: st.SearchStrategy[_Cut]) -> st.SearchStrategy[tuple[_Cut, list[_Cut]]]:
    """Wholes, each with a way to cut it into pieces."""
    return wholes.flatmap(lambda whole: st.tuples(st.just(whole), pieces_of(whole)))


def subsets(items: Sequence[_Item]) -> st.SearchStrategy[list[_Item]]:
    """Some of ``items``, in order."""
    return st.lists(st.booleans(), min_size=len(items), max_size=len(items)).map(
        lambda chosen: [item for item, wanted in zip(items, chosen, strict=True) if wanted]
    )


_TAGS: Final = (
    "<think>",
    "</think>",
    "</think>",
    "<thinking>",
    "</thinking>",
    "< /think >",
    "</ THINK >",
    "<\n/\nthink\n>",
)
_HALVES: Final = ("<", "</", "<th", "</thi", "think>", "nk>", ">", "/", "</thinkin", "</think ")
_QUOTES: Final = ("`", '"', "'", "“", "”", "‘", "’", "「", "」", "don't ", "users' ", "```", "'")
_WHITE: Final = ("\n", "\n\n", "\r\n", "\r", " ", "    ", "\t", "\u2028", "\f")
_WORDS: Final = (
    "a",
    "Okay, so",
    "实现最大公约数",
    "```python\n",
    "\n```\n",
    "def f():",
    "~~~",
    "𝄞",
    "word " * 50,
    "x" * 199,
)

outputs = st.lists(
    st.one_of(
        st.sampled_from(_TAGS),
        st.sampled_from(_TAGS),
        st.sampled_from(_HALVES),
        st.sampled_from(_QUOTES),
        st.sampled_from(_WHITE),
        st.sampled_from(_WHITE),
        st.sampled_from(_WORDS),
        st.text(max_size=3),
    ),
    max_size=16,
).map("".join)
"""What a model may put out: tags whole and cut, quoted and bare, between text of all kinds."""
