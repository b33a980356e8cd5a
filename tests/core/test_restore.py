from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import example, given
from hypothesis import strategies as st

from spyhop.core.lines import is_blank, split_lines
from spyhop.core.restore import Restored, restore, trim_outer_echo
from strategies import documents, lf_lines

_MARK = "# ... existing code ..."
_WORDS = (
    "alpha bravo charlie delta echoes foxtrot golfing hotels indigo juliet kilos lima mikes november "
    "oscar papas quebec romeo sierra tango uniform victor whisky xrays yankee zulus"
).split()


@dataclass(frozen=True)
class _Abridged:
    """An original, an edit of it, and the edit with placeholders."""

    original: list[str]
    edit: list[str]
    answer: list[str]
    marks: int


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


@st.composite
def _originals(draw: st.DrawFn, *, distinct: bool) -> list[str]:
    """Lines nested as code is: a line is at most one step deeper than the one above."""
    depths: list[int] = []
    for step in draw(st.lists(st.integers(-2, 1), min_size=1, max_size=14)):
        depths.append(max(0, (depths[-1] if depths else -step) + step))
    names = draw(st.permutations(_WORDS))
    few = st.sampled_from(["alpha()", "beta()", "}", "end", "else:", "return alpha", "x = 1"])
    texts = [f"{name}({name[::-1]})" if distinct else draw(few) for name in names]
    unit = draw(st.sampled_from(["    ", "\t", "  "]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return [unit * depth + text + end for depth, text in zip(depths, texts, strict=False)]


@st.composite
def _abridged(draw: st.DrawFn, *, distinct: bool = True, with_deletions: bool = False) -> _Abridged:
    """An original with some lines inserted or deleted, and runs of the unchanged ones hidden.

    Beside a hidden run nothing is deleted: it could not be told from what is hidden.
    """
    original = draw(_originals(distinct=distinct))
    size = len(original)
    cuts = sorted(draw(st.sets(st.integers(0, size), min_size=2, max_size=6)))
    runs = [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    near = {at for a, b in runs for at in range(a - 1, b + 1)}
    hidden = {at: run for run in runs for at in range(*run)}
    edit: list[str] = []
    answer: list[str] = []
    fresh = iter(range(1000))
    for at, line in enumerate(original):
        new = [
            _indent(line) + f"fresh_{next(fresh)} += {draw(st.integers(0, 99999))}\n"
            for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2])))
        ]
        inside = at in hidden and at != hidden[at][0]
        if not inside:
            edit += new
            answer += new
        if at in hidden:
            edit.append(line)
            if not inside:
                answer.append(min(map(_indent, original[slice(*hidden[at])])) + _MARK + "\n")
        elif not (with_deletions and at not in near and draw(st.integers(0, 3)) == 0):
            edit.append(line)
            answer.append(line)
    return _Abridged(original, edit, answer, len(runs))


def _keeps(lines: Sequence[str], wanted: Sequence[str]) -> bool:
    """Tell whether all ``wanted`` stand in ``lines`` in their order."""
    there = iter(lines)
    return all(line in there for line in wanted)


def _kept(case: _Abridged) -> list[str]:
    return [line for line in case.original if line in set(case.edit)]


@given(_abridged())
def test_the_edit_comes_back_whole_or_the_original_stands(case: _Abridged) -> None:
    result = restore(case.answer, case.original)
    if result is None:
        return
    assert not any("existing code" in line for line in result.lines)
    assert _keeps(result.lines, case.original)
    if not result.unresolved:
        assert list(result.lines) == case.edit
    else:
        assert _keeps(case.edit, result.lines)


@given(_abridged(with_deletions=True))
def test_with_deletions_no_line_is_lost_that_the_edit_keeps(case: _Abridged) -> None:
    result = restore(case.answer, case.original)
    if result is None:
        return
    assert not any("existing code" in line for line in result.lines)
    assert _keeps(result.lines, _kept(case))
    if not result.unresolved:
        assert list(result.lines) == case.edit


@given(_abridged(distinct=False, with_deletions=True))
def test_of_equal_lines_none_is_lost_that_the_edit_keeps(case: _Abridged) -> None:
    result = restore(case.answer, case.original)
    if result is not None:
        assert not any("existing code" in line for line in result.lines)
        assert not (Counter(case.edit) & Counter(case.original)) - Counter(result.lines)
