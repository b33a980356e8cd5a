from __future__ import annotations

from collections.abc import Sequence

from spyhop.assist.answer import offer_of
from spyhop.prompting.edit import Material


def _material(selection: Sequence[str] = ("    pass\n",), language: str = "python") -> Material:
    return Material("f.py", language, ["def f():\n"], selection, ["\n", "f()\n"], "Do")


def test_every_guess_about_the_answer_is_told() -> None:
    answer = "```python\nx = 1\n```\nor\n```python\nx = 2\ny = 3"
    notices = offer_of(answer, _material()).notices
    assert [notice.key for notice in notices] == ["warn-several-blocks", "warn-left-open"]
    notices = offer_of("x = 1", _material()).notices
    assert [notice.key for notice in notices] == ["warn-unfenced"]


def test_blank_lines_at_either_end_are_those_of_the_selection() -> None:
    material = _material(["\n", "    pass\n", "  \n", "\n"])
    lines = offer_of("```python\n\n\n    return 1\n```", material).lines
    assert lines == ("\n", "    return 1\n", "  \n", "\n")


def test_typographic_quotes_stay_in_prose_and_in_unknown_languages() -> None:
    for language, expected in (("python", '"x"'), ("markdown", "“x”"), ("", "“x”")):
        lines = offer_of("```\ny = “x”\n```", _material(["y = 1\n"], language)).lines
        assert lines == (f"y = {expected}\n",)
