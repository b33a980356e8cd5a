from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.indentation import common_indent, indent_of, set_indentation, unit_of
from spyhop.core.lines import is_blank
from strategies import documents

_UNITS = ("\t", "  ", "   ", "    ", "        ")

units = st.sampled_from(_UNITS)
depths = st.integers(0, 4)


@dataclass(frozen=True)
class Nest:
    """Lines of code by their depth; those that open a block say so."""

    depths: tuple[int, ...]

    def lines(self, unit: str, base: int) -> list[str]:
        """Return the lines, blank ones between them, with the first at the depth ``base``."""
        pairs = zip(self.depths, [*self.depths[1:], 0], strict=True)
        lines: list[str] = []
        for number, (depth, following) in enumerate(pairs):
            text = f"line{number}" + (":" if following > depth else "")
            lines += [unit * (base + depth) + text + "\n"]
            if number % 3 == 2:
                lines.append("\n")
        return lines


@st.composite
def _nests(draw: st.DrawFn) -> Nest:
    lines = [0]
    for _ in range(draw(st.integers(0, 8))):
        lines.append(draw(st.integers(0, lines[-1] + 1)))
    return Nest(tuple(lines))


nests = _nests()


def _original(unit: str, depth: int) -> tuple[list[str], list[str]]:
    """Return lines that show ``unit``, and one behind them at ``depth``."""
    before = [unit * step + f"if above{step}:\n" for step in range(max(depth, 1) + 1)]
    return before, [unit * depth + "old\n"]


@given(nests, units, units, depths, st.sampled_from(["margin", "there"]))
def test_code_in_any_style_gets_the_originals_depth_and_style(
    nest: Nest, file_unit: str, answer_unit: str, depth: int, place: str
) -> None:
    before, original = _original(file_unit, depth)
    code = nest.lines(answer_unit, depth if place == "there" else 0)
    assert set_indentation(code, original, before) == nest.lines(file_unit, depth)


@given(nests, units, depths)
def test_what_is_right_already_stays(nest: Nest, unit: str, depth: int) -> None:
    before, original = _original(unit, depth)
    code = nest.lines(unit, depth)
    assert set_indentation(code, original, before) == code


@given(nests, units, units, depths, depths)
def test_doing_it_twice_is_doing_it_once(
    nest: Nest, file_unit: str, answer_unit: str, depth: int, base: int
) -> None:
    before, original = _original(file_unit, depth)
    once = set_indentation(nest.lines(answer_unit, base), original, before)
    assert set_indentation(once, original, before) == once


@given(nests, units, depths)
def test_a_first_line_that_lost_its_indentation_gets_it_back(
    nest: Nest, unit: str, depth: int
) -> None:
    before, original = _original(unit, depth)
    right = nest.lines(unit, depth)
    trimmed = [right[0].lstrip(), *right[1:]]
    assert set_indentation(trimmed, original, before) == right


@given(documents, documents, documents, documents)
def test_only_leading_white_space_changes(
    code: list[str], original: list[str], before: list[str], after: list[str]
) -> None:
    placed = set_indentation(code, original, before, after)
    assert [line.lstrip(" \t") for line in placed] == [line.lstrip(" \t") for line in code]


@given(nests, units, depths)
def test_new_lines_between_others_that_stand_right_stay(nest: Nest, unit: str, depth: int) -> None:
    before, _ = _original(unit, depth)
    code = nest.lines(unit, len(before))
    assert set_indentation(code, ["\n"], before, [unit * depth + "below\n"]) == code


@given(documents)
def test_common_indent_begins_every_line_and_is_the_longest_that_does(lines: list[str]) -> None:
    common = common_indent(lines)
    shown = [line for line in lines if not is_blank(line)]
    assert all(line.startswith(common) for line in shown)
    longer = {indent_of(line)[: len(common) + 1] for line in shown}
    assert not shown or len(longer) > 1 or longer == {common}


@pytest.mark.parametrize(
    ("lines", "unit"),
    [
        ([], ""),
        (["a\n", "b\n"], ""),
        (["a\n", "  b\n", "    c\n"], "  "),
        (["a\n", "\tb\n"], "\t"),
        (["        deep\n"], ""),
        (["/**\n", " * text\n", " */\n", "f {\n", "    x\n", "}\n"], "    "),
        (["f(\n", "            aligned\n"], ""),
    ],
)
def test_unit_of_lines(lines: list[str], unit: str) -> None:
    assert unit_of(lines) == unit
