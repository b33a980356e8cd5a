from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carets import around, place
from spyhop.core.completion.depth import Depth
from spyhop.core.completion.echo import Move
from spyhop.core.lines import split_lines

BODY = ["while b:\n", "    a = b\n", "return a\n"]
units = st.sampled_from(["  ", "    ", "\t"])


def _set(
    marked: str,
    code: str,
    *,
    language: str = "python",
    move: Move | None = None,
    is_fresh: bool = False,
) -> str:
    depth = Depth(place(marked, language), around(marked, language))
    first, *others = split_lines(code)
    lines = [depth.first(first, move, is_fresh=is_fresh), *map(depth.next, others)]
    return "".join(lines)


@given(st.integers(0, 4), st.integers(0, 4), st.booleans())
def test_code_of_any_depth_comes_to_where_a_line_belongs(
    depth: int, typed: int, is_fresh: bool
) -> None:
    """The output is at the margin, or goes on at the caret."""
    unit = "    "
    typed = min(typed, depth + 1)
    marked = f"{unit * depth}def f():\n{unit * typed}‸\n"
    wanted = [unit * (depth + 1) + line for line in BODY]
    code = "".join(BODY)
    if not is_fresh and typed > depth:
        code = "".join([BODY[0], *wanted[1:]])
    shown = unit * typed + _set(marked, code, is_fresh=is_fresh)
    assert shown == "".join(wanted)


@given(units, units)
def test_the_document_s_step_is_kept(own: str, other: str) -> None:
    marked = f"def f():\n{own}x\n{own}if x:\n{own * 2}‸\n"
    code = f"y\n{other * 2}z\n"
    shown = _set(marked, code)
    assert ("\t" in shown) == (own == "\t")


@given(st.text(" \t\n"))
def test_white_space_stays_white_space(code: str) -> None:
    if code:
        assert not _set("def f():\n    ‸\n", code).strip()


@pytest.mark.parametrize(
    ("marked", "code", "shown"),
    [
        ("    x\n    ‸", "y\n    z\n", "y\n    z\n"),
        ("    x\n    ‸", "    y\n    z\n", "y\n    z\n"),
        ("    x\n    ‸", " y\n", "y\n"),
        ("    x\n  ‸", "  y\n", "  y\n"),
        ("    x\n‸", "    y\n", "    y\n"),
        ("x = ‸", " 1\n", "1\n"),
        ("x =‸", " 1\n", " 1\n"),
        ("    x = f(\n    ‸", "    a,\n", "    a,\n"),
    ],
)
def test_the_first_line(marked: str, code: str, shown: str) -> None:
    assert _set(marked, code) == shown


def test_labels_may_stand_with_the_head() -> None:
    assert _set("switch {\n‸", "case a:\n\tb()\n", language="go") == "case a:\n\tb()\n"
    assert _set("a:\n‸", "- b\n", language="yaml") == "- b\n"


def test_a_chain_goes_on_deeper() -> None:
    assert _set("x = a\n‸", "  .b()\n", language="javascript") == "  .b()\n"


def test_what_was_repeated_tells_the_depth() -> None:
    marked = "    def f():\n        ‸\n"
    move = Move("", "    ")
    assert _set(marked, "    a\n    b\n", move=move, is_fresh=True) == "a\n        b\n"
