from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.tokens import estimate_tokens
from spyhop.prompting.budget import CompletionBudget
from spyhop.prompting.layout import Layout, lay_out
from spyhop.prompting.related import Place, Related, Snippet
from strategies import texts

BUDGET: Final = CompletionBudget.of(240)
"""120 tokens before the caret, of which 80 are kept; 40 behind it."""
_CLOSERS: Final = re.compile(r"(?:[\s)\]}>;,:'\"`]|end\b|</[\w.:-]*>)*")
_CODE: Final = "def f(a):\n    return a\n\n\n"

_lines = st.lists(
    st.sampled_from(["a = 1", "    b(c)", "", "}", "end", "中文 = '中'", "x" * 90, ")", "\tif d:"]),
    max_size=60,
)
_ends = st.sampled_from(["\n", "\r\n", "\r"])
documents = st.one_of(texts, st.tuples(_lines, _ends).map(lambda it: it[1].join(it[0])))
carets = st.floats(0, 1)


class Chooser:
    """Says how often it was asked, in what it chooses."""

    def __init__(self) -> None:
        self.places: list[Place] = []

    def __call__(self, place: Place) -> Related:
        self.places.append(place)
        number = str(len(self.places))
        return Related(imports=number, heads=number)


def laid(
    text: str, caret: int, earlier: Layout | None = None, chooser: Chooser | None = None
) -> Layout:
    return lay_out(earlier, text, caret, chooser or Chooser(), BUDGET)


def typed(text: str, caret: int, typing: str) -> list[tuple[str, int]]:
    """Return the document and its caret after each key."""
    return [
        (text[:caret] + typing[:keys] + text[caret:], caret + keys)
        for keys in range(len(typing) + 1)
    ]


def assert_shows(layout: Layout, text: str, caret: int) -> None:
    assert layout.before == text[layout.start : caret]
    closers = _CLOSERS.match(text, caret)
    assert closers
    places = range(caret, closers.end() + 1)
    assert any(text.startswith(layout.after, place) for place in places)
    if layout.is_last:
        assert text.endswith(layout.after)
    assert estimate_tokens(layout.before) <= BUDGET.before
    assert estimate_tokens(layout.after) <= BUDGET.after


# Whatever happens


@given(st.lists(st.tuples(documents, carets), min_size=1, max_size=5))
def test_what_is_shown_is_the_document_around_the_caret(states: list[tuple[str, float]]) -> None:
    layout = None
    for text, where in states:
        caret = int(where * len(text))
        layout = laid(text, caret, layout)
        assert_shows(layout, text, caret)


_edit = st.tuples(st.floats(0, 1), st.floats(0, 1), st.sampled_from(["", "a", "\n", "b\nc", "())"]))


@given(documents, carets, st.lists(st.tuples(_edit, carets), max_size=12))
def test_it_still_is_after_edits_anywhere(
    text: str, where: float, steps: list[tuple[tuple[float, float, str], float]]
) -> None:
    layout = laid(text, int(where * len(text)))
    for (begin, length, new), next_where in steps:
        start = int(begin * len(text))
        end = start + int(length * min(30, len(text) - start))
        text = text[:start] + new + text[end:]
        caret = int(next_where * len(text))
        layout = laid(text, caret, layout)
        assert_shows(layout, text, caret)


@given(documents, carets)
def test_the_first_layout_is_narrow(text: str, where: float) -> None:
    layout = laid(text, int(where * len(text)))
    assert estimate_tokens(layout.before) <= BUDGET.narrow_before
    assert estimate_tokens(layout.after) <= BUDGET.narrow_after
    assert layout.before[layout.fixed :].find("\n") == -1


@given(documents, carets)
def test_asking_twice_changes_nothing(text: str, where: float) -> None:
    chooser, caret = Chooser(), int(where * len(text))
    first = laid(text, caret, None, chooser)
    assert laid(text, caret, first, chooser) == first
    assert len(chooser.places) == 1


@pytest.mark.parametrize("caret", [-5, 0, 3, 99])
def test_a_caret_outside_of_the_document_is_taken_into_it(caret: int) -> None:
    assert laid("abc", caret).before == "abc"[: max(0, caret)]


# Typing


@given(documents, carets, st.text(alphabet="ab c_=\n", max_size=60))
def test_what_is_typed_only_adds_to_the_end(text: str, where: float, typing: str) -> None:
    chooser, last = Chooser(), None
    for state, caret in typed(text, int(where * len(text)), typing):
        layout = laid(state, caret, last, chooser)
        if last is not None and len(chooser.places) == 1:
            assert layout.before.startswith(last.before)
            assert (layout.start, layout.fixed, layout.after, layout.related) == (
                last.start,
                last.fixed,
                last.after,
                last.related,
            )
        last = layout


@given(st.integers(0, 40), st.integers(0, 40), st.integers(10, 500))
def test_related_code_is_chosen_anew_once_a_stride(above: int, below: int, keys: int) -> None:
    text, chooser, layout = _CODE * above + _CODE * below, Chooser(), None
    for state, caret in typed(text, len(_CODE) * above, ("value = compute(a)\n" * 30)[:keys]):
        layout = laid(state, caret, layout, chooser)
    assert len(chooser.places) <= 1 + keys / 3 // (BUDGET.stride - 7)


@pytest.mark.parametrize(
    ("before", "keys", "behind"),
    [
        ("x = f", ["(|)", "(a|)", "(a, |)", "(a, b|)", "(a, b)|"], "\ny = 1\n"),
        ("x = ", ['"|"', '"a|"', '"a"|'], "\ny = 1\n"),
        ("if (a) ", ["{|}", "{\n  |\n}", "{\n  b;|\n}", "{\n  b;\n}|"], "\ny = 1;\n"),
        ("def f", ["|", "\n  |\nend", "\n  a|\nend"], "\n\ny = 1\n"),
        ("<b>", ["|</b>", "x|</b>"], "\n<i></i>\n"),
        ("g(", ["|a, b)", "x|a, b)", "x, |a, b)", "x, (|)a, b)", "x, (y|)a, b)"], "\n"),
        ("x = f", ["(|)", "(a|)", "(a)|"], ""),
    ],
)
def test_brackets_that_editors_put_in_change_nothing(
    before: str, keys: list[str], behind: str
) -> None:
    chooser, layout = Chooser(), None
    for key in keys:
        text = f"{_CODE}{before}{key}{behind}"
        caret = text.index("|")
        layout = laid(text.replace("|", ""), caret, layout, chooser)
    assert len(chooser.places) == 1


def test_deleting_before_the_caret_keeps_the_layout() -> None:
    chooser, text = Chooser(), _CODE + "value = compute" + "\n" + _CODE
    caret = len(_CODE) + 15
    layout = laid(text, caret, None, chooser)
    for keys in range(1, 10):
        layout = laid(text[: caret - keys] + text[caret:], caret - keys, layout, chooser)
    assert len(chooser.places) == 1


def test_an_edit_above_the_window_keeps_the_layout() -> None:
    chooser, text = Chooser(), _CODE * 60
    first = laid(text, len(_CODE) * 40, None, chooser)
    added = "import os\n"
    layout = laid(added + text, len(added) + len(_CODE) * 40, first, chooser)
    assert layout.start == first.start + len(added)
    assert (layout.before, layout.fixed) == (first.before, first.fixed)
    assert len(chooser.places) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda text, caret: (text, caret - len(_CODE)),
        lambda text, caret: (text, caret + len(_CODE)),
        lambda text, caret: (text[:caret] + "\nnew()\n" + text[caret:], caret),
        lambda text, caret: (text[:caret] + text[caret + 9 :], caret),
    ],
    ids=["moved up", "moved down", "lines put in below", "lines deleted below"],
)
def test_elsewhere_or_with_other_lines_below_the_place_is_shown_anew(
    change: Callable[[str, int], tuple[str, int]],
) -> None:
    text = "".join(f"def f{n}(a):\n    return a\n\n\n" for n in range(10, 50))
    chooser, caret = Chooser(), text.index("def f30")
    layout = laid(text, caret, None, chooser)
    changed, moved = change(text, caret)
    there = laid(changed, moved, layout, chooser)
    assert len(chooser.places) == 2
    assert there.related.heads == "2"
    assert there.related.imports == layout.related.imports == "1"
    assert estimate_tokens(there.before) <= BUDGET.narrow_before
    assert estimate_tokens(there.after) <= BUDGET.narrow_after


def test_who_stays_is_shown_a_wide_window() -> None:
    text, chooser, layout = _CODE * 80, Chooser(), None
    for state, caret in typed(text, len(_CODE) * 40, "a = 1\n" * 30):
        layout = laid(state, caret, layout, chooser)
        if len(chooser.places) == 2:
            break
    assert layout is not None
    assert BUDGET.kept - 20 < estimate_tokens(layout.before) <= BUDGET.kept
    assert BUDGET.after - 20 < estimate_tokens(layout.after) <= BUDGET.after
    assert (layout.related.imports, layout.typed) == ("2", 0)


def test_many_short_visits_have_related_code_chosen_anew_after_a_stride() -> None:
    text = "".join(f"def f{n}(a):\n    return a\n\n\n" for n in range(10, 90))
    chooser, visits, layout = Chooser(), 0, None
    while layout is None or layout.related.imports == "1":
        visits += 1
        place = text.index("def f20" if visits % 2 else "def f70")
        for state, caret in typed(text, place, "a = 1\nb = 2\n"):
            layout = laid(state, caret, layout, chooser)
        text = state
    assert (visits - 2) * 4 <= BUDGET.stride < visits * 4


def test_a_window_that_grew_too_large_moves_in_one_stride() -> None:
    starts, layout = [], None
    for state, caret in typed("", 0, "a = 1\n" * 200):
        layout = laid(state, caret, layout)
        starts.append(layout.start)
    moves = [later - earlier for earlier, later in pairwise(starts) if later != earlier]
    assert all(move >= 3 * BUDGET.stride // 2 for move in moves[1:])
    assert sum(moves) >= 3 * (400 - BUDGET.before)


@pytest.mark.parametrize("length", [500, 5000])
def test_a_line_that_does_not_fit_is_shown_next_to_the_caret(length: int) -> None:
    text = "x" * length + "y" * length
    layout = laid(text, length)
    assert 0 < len(layout.before) < length
    assert set(layout.before) == {"x"}
    assert set(layout.after) == {"y"}
    assert not layout.is_last


def test_the_place_to_choose_for_is_what_is_shown() -> None:
    chooser, text, caret = Chooser(), _CODE * 40, len(_CODE) * 20
    layout = laid(text, caret, None, chooser)
    [place] = chooser.places
    assert (place.text, place.caret) == (text, caret)
    assert text[place.shown.start : place.shown.end] == layout.before + layout.after


def test_snippets_that_come_again_keep_their_places() -> None:
    one, two, three = (Snippet(path, "", path) for path in "abc")
    chosen = iter([Related(snippets=(one, two)), Related(snippets=(three, two))])
    first = lay_out(None, _CODE * 40, 0, lambda _: next(chosen), BUDGET)
    second = lay_out(first, _CODE * 40, 300, lambda _: next(chosen), BUDGET)
    assert second.related.snippets == (two, three)
