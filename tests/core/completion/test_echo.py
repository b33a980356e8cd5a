from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.completion.echo import Move, PrefixEcho

numbers = st.integers(0, 6)
ABOVE = [f"    above number {number}\n" for number in range(6)]


def _own(above: Sequence[str], head: str, lines: Sequence[str]) -> list[str]:
    echo = PrefixEcho(above, head)
    return [*(own for line in lines for own in echo.take(line)), *echo.finish()]


@given(st.integers(1, 6), numbers, st.sampled_from(["", "    ", "\t"]))
def test_lines_that_reach_to_the_caret_go(count: int, new: int, indent: str) -> None:
    own = [f"{indent}own number {number}\n" for number in range(new)]
    repeated = [indent + line.lstrip() for line in ABOVE[6 - count :]]
    assert _own(ABOVE, "", [*repeated, *own]) == own


@given(st.integers(1, 5), numbers)
def test_lines_that_do_not_reach_to_the_caret_stay(count: int, new: int) -> None:
    lines = [*ABOVE[5 - count : 5], *(f"own number {number}\n" for number in range(new))]
    assert _own(ABOVE, "", lines) == lines


@given(st.lists(st.sampled_from(["a\n", "b\n", "}\n", "\n", *ABOVE]), max_size=8))
def test_only_lines_at_the_beginning_go(lines: list[str]) -> None:
    own = _own(ABOVE, "", lines)
    assert lines[len(lines) - len(own) :] == own


def test_brackets_are_not_telling() -> None:
    assert _own(["  }\n"], "", ["}\n", "}\n"]) == ["}\n", "}\n"]


def test_of_repeated_runs_the_longest_goes() -> None:
    above = ["assert one\n", "assert two\n", "assert one\n", "assert two\n"]
    assert _own(above, "", [*above, "assert three\n"]) == ["assert three\n"]


def test_the_head_goes() -> None:
    assert _own([], "    return ", ["return a\n", "b\n"]) == ["a\n", "b\n"]
    assert _own(ABOVE, "x =", [ABOVE[-1], "x = 1\n"]) == [" 1\n"]
    assert _own([], "say that it ", ["that it rains\n"]) == ["rains\n"]


def test_a_head_that_tells_nothing_stays() -> None:
    assert _own([], "(", ["(a)\n"]) == ["(a)\n"]
    assert _own([], "x", ["x\n"]) == ["x\n"]


def test_a_line_above_that_is_no_head_stays() -> None:
    assert _own(ABOVE, "x = ", [ABOVE[-1], "y\n"]) == [ABOVE[-1], "y\n"]


def test_how_deep_the_output_has_what_it_repeats() -> None:
    echo = PrefixEcho(ABOVE, "")
    echo.take(ABOVE[-1].lstrip())
    assert echo.move == Move("", "    ")
    own = PrefixEcho(ABOVE, "")
    own.take("x\n")
    assert own.move is None
