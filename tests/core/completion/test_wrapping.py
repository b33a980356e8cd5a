from __future__ import annotations

import pytest
from hypothesis import given

from carets import around
from spyhop.core.completion.lexis import lexis_of
from spyhop.core.completion.scan import State
from spyhop.core.completion.wrapping import Wrapping
from spyhop.core.lines import split_lines
from spyhop.core.special_tokens import Disguise
from strategies import texts

CODE = State()


def _wrapping(
    language: str = "python",
    marked: str = "def f():\n    ‸\n",
    *,
    fence: str = "```",
    prefilled: bool = True,
) -> Wrapping:
    return Wrapping(
        language,
        lexis_of(language),
        around(marked, language),
        fence=fence,
        prefilled=prefilled,
        disguise=Disguise(),
    )


def _own(wrapping: Wrapping, text: str, state: State = CODE) -> str:
    lines: list[str] = []
    for line in split_lines(text):
        lines += wrapping.take(line, state)
        if wrapping.has_ended:
            break
    return "".join([*lines, *wrapping.finish()])


@given(texts)
def test_in_a_string_everything_is_text(text: str) -> None:
    text = text.replace("<", "")
    assert _own(_wrapping(), text, State('"""')) == text


@pytest.mark.parametrize(
    ("output", "own"),
    [
        ("a\n```\nb\n", "a\n"),
        ("```python\na\n```\n", "a\n"),
        ("```\na\n```\n", ""),
        ("a```\n", "a"),
        ("a\n```js\nb\n", "a\n"),
        ("a<|im_end|>b\n", "a"),
        ("a</s>\n", "a"),
        ("a\n# ... rest of the code\nb\n", "a\n"),
        ("Here is the code you asked for:\na\n", "a\n"),
        ("a\nThis is how the code does it.\nb\n", "a\n"),
        ("好的：\na\n", "a\n"),
        ("a  # 好的\n", "a\n"),
        ("# 好的\na\n", "a\n"),
        ("x = “a”\n", 'x = "a"\n'),
        ("x = '好的'\n", "x = '好的'\n"),
    ],
)
def test_what_is_around_code_goes(output: str, own: str) -> None:
    assert _own(_wrapping(), output) == own


@pytest.mark.parametrize(
    ("output", "own"), [("```\na\n```\n", "a\n"), ("````\na\n```\nb\n````\n", "a\n```\nb\n")]
)
def test_who_was_not_begun_for_opens_the_fence(output: str, own: str) -> None:
    assert _own(_wrapping("markdown", "‸", prefilled=False), output) == own


@pytest.mark.parametrize(
    ("language", "line", "opens"),
    [
        ("python", "```", True),
        ("python", "```python", True),
        ("python", "`````", True),
        ("python", "~~~", False),
        ("python", "a```", False),
        ("markdown", "```sh", False),
        ("markdown", "````", True),
    ],
)
def test_what_opens_the_code(language: str, line: str, *, opens: bool) -> None:
    wrapping = _wrapping(language, "‸", fence="````" if language == "markdown" else "```")
    assert wrapping.opens(line) == opens


def test_a_page_has_fences_of_its_own() -> None:
    page = "Run it:\n```sh\nmake\n```\nDone.\n"
    assert _own(_wrapping("markdown", "‸", fence="````"), page + "````\nmore\n") == page
    assert _own(_wrapping("markdown", "‸"), page + "```\nmore\n") == page


def test_chinese_stays_in_a_chinese_document() -> None:
    wrapping = _wrapping(marked="# 说明\n‸")
    assert _own(wrapping, "a  # 好的\n# 好的\n") == "a  # 好的\n# 好的\n"


@pytest.mark.parametrize("language", ["html", "markdown", "typescriptreact"])
def test_markup_may_strike_out(language: str) -> None:
    assert _own(_wrapping(language, "‸"), "<s>a</s>\n") == "<s>a</s>\n"


def test_the_end_is_seen_before_its_line_has_ended() -> None:
    wrapping = _wrapping()
    assert not wrapping.ends_with("```", CODE)
    wrapping.take("a\n", CODE)
    assert wrapping.ends_with("```", CODE)
    assert wrapping.ends_with("b <|im_end|>", CODE)
    assert not wrapping.ends_with("```", State('"""'))
    assert not wrapping.ends_with("b ``", CODE)
