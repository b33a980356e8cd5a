from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carets import around, place
from spyhop.core.completion.extent import Extent
from spyhop.core.lines import split_lines

DOCUMENTS: Final = [
    ("python", "def f():\n    ‸\n"),
    ("python", "x = ‸\n"),
    ("python", "f(‸)\n"),
    ("python", "# a\n‸\n"),
    ("javascript", "f(() => {\n  ‸\n"),
    ("javascript", "function f‸\n"),
    ("ruby", "def f\n  ‸\n"),
]
codes = st.lists(
    st.sampled_from(
        ["a()\n", "    b()\n", "  if c:\n", "{\n", "}\n", "})\n", "end\n", "\n", "'''", "f(", "x"]
    ),
    max_size=12,
).map("".join)


def _extent(language: str, marked: str) -> Extent:
    return Extent(place(marked, language), around(marked, language))


def _taken(extent: Extent, code: str) -> str:
    for start, line in enumerate(split_lines(code)):
        if extent.is_whole:
            break
        extent.take(line, start)
    return "".join(extent.lines)


@given(st.sampled_from(DOCUMENTS), codes)
def test_what_is_taken_is_the_beginning(document: tuple[str, str], code: str) -> None:
    assert code.startswith(_taken(_extent(*document), code))


@given(st.sampled_from(DOCUMENTS), codes)
def test_a_word_that_shows_the_end_shows_it_in_the_whole_line(
    document: tuple[str, str], code: str
) -> None:
    extent = _extent(*document)
    for start, line in enumerate(split_lines(code)):
        shows_end = any(extent.will_end_before(line[:end]) for end in range(len(line)))
        count = len(extent.lines)
        extent.take(line, start)
        assert not shows_end or (extent.is_whole and len(extent.lines) == count)
        if extent.is_whole:
            break


@pytest.mark.parametrize(
    ("language", "marked", "code", "taken"),
    [
        ("python", "x = ‸\n", "1\ny = 2\n", "1\n"),
        ("python", "x = ‸\n", "f(\n    1\n)\ny = 2\n", "f(\n    1\n)\n"),
        ("python", "def f():\n    ‸\n", "a()\n\n    b()\n\nc()\n", "a()\n\n    b()\n\n"),
        ("javascript", "if (a) {\n  ‸\n}\n", "b();\n}\nc();\n", "b();\n"),
        ("javascript", "if (a) {\n  ‸\n", "b();\n} else {\n", "b();\n}"),
        ("javascript", "f(() => {\n  ‸\n", "b();\n});\nc();\n", "b();\n});"),
        ("javascript", "class A ‸\n", "{\n  b() {}\n}\nc();\n", "{\n  b() {}\n}\n"),
        ("ruby", "if a\n  ‸\n", "b\nelse\n  c\nend\nd\n", "b\nelse\n  c\nend\n"),
        ("ruby", "if a\n  ‸\nend\n", "b\nelse\n  c\nend\nd\n", "b\n"),
    ],
)
def test_where_it_ends(language: str, marked: str, code: str, taken: str) -> None:
    extent = _extent(language, marked)
    assert _taken(extent, code) == taken
    assert extent.is_whole


def test_lines_are_given_back() -> None:
    extent = _extent("python", "def f():\n    ‸\n")
    for start, line in enumerate(["a()\n", "    b()\n", "    c()\n"]):
        extent.take(line, start)
    extent.forget(1)
    assert extent.lines == ["a()\n"]


@pytest.mark.parametrize("period", [1, 2, 3, 8])
def test_a_loop_of_lines_is_told_once(period: int) -> None:
    extent = _extent("python", "def f():\n    ‸\n")
    unit = "".join(f"    step_number({number})\n" for number in range(period))
    _taken(extent, (unit * 60).lstrip(" "))
    assert extent.is_whole
    assert extent.is_cut
    assert "".join(extent.lines) == unit.lstrip(" ")
