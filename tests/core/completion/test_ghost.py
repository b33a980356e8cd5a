"""The laws of ghost text; what single rules give is in tests/cases/complete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carets import around, place, split
from spyhop.core.completion.fitting import GhostText
from spyhop.core.completion.ghost import Ghost, Reason
from spyhop.core.completion.scan import state_behind
from spyhop.core.special_tokens import Disguise
from strategies import outputs, pieces_of

DOCUMENTS: Final = [
    ("python", "def gcd(a, b):\n    ‸\n\n\nprint(gcd(4, 6))\n"),
    ("python", "def gcd(a‸\n"),
    ("python", "# 最大公约数\n‸"),
    ("python", "x = foo(‸, 1)\n"),
    ("python", 'x = "‸")\n'),
    ("python", "x = '''\n‸\n'''\n"),
    ("javascript", "function f(a) {‸}\n"),
    ("javascript", "if (a) {\n  ‸\nfoo(a, b);\n"),
    ("go", "func f() {\n\t‸\n}\n"),
    ("ruby", "def f\n  ‸\nend\n"),
    ("html", "<ul>\n  ‸\n"),
    ("yaml", "a:\n‸"),
    ("markdown", "A `<think>` is ‸\n"),
    ("klingon", "a\r\n  ‸b\r\n"),
]
REASONS: Final[tuple[Reason, ...]] = ("stop", "length", "timeout")
_PIECES: Final = (
    "    return a\n",
    "  foo(a, b);\n",
    "print(gcd(4, 6))\n",
    "def gcd(a, b):\n",
    "if (a) {\n",
    "while b:\n",
    "}\n",
    "})",
    "end\n",
    "else:\n",
    "```\n",
    "```python\n",
    '"""',
    "'",
    "(",
    ")",
    "// ... existing code ...\n",
    "# 注释\n",
    "这里是代码。\n",
    "Here is the code that you asked for:\n",
    "<｜end▁of▁sentence｜>",
    "<|im_end|>",
    "“a”",
    "\t\tx\n",
    "\n",
    "</s>",
    "x = 1",
    "word " * 250,
    "    step(values, total)\n" * 60,
)
codes = st.lists(st.one_of(st.sampled_from(_PIECES), outputs), max_size=10).map("".join)
documents = st.sampled_from(DOCUMENTS)
reasons = st.sampled_from(REASONS)


def _ghost(language: str, marked: str, *, prefilled: bool = True) -> Ghost:
    return Ghost(place(marked, language), *split(marked), prefilled=prefilled)


def _fed(ghost: Ghost, pieces: Sequence[str]) -> bool:
    return any(ghost.feed(piece) for piece in pieces)


@given(documents, st.data(), codes, reasons, st.booleans())
def test_however_the_output_is_cut(
    document: tuple[str, str],
    data: st.DataObject,
    code: str,
    reason: Reason,
    prefilled: bool,
) -> None:
    whole, cut = (_ghost(*document, prefilled=prefilled) for _ in range(2))
    enough = _fed(whole, [code])
    assert _fed(cut, data.draw(pieces_of(code))) == enough
    assert cut.preview() == whole.preview()
    assert cut.finish(reason) == whole.finish(reason)


@given(documents, codes, codes, reasons)
def test_what_comes_after_enough_is_ignored(
    document: tuple[str, str], code: str, more: str, reason: Reason
) -> None:
    ghost = _ghost(*document)
    read = next((at for at in range(len(code)) if ghost.feed(code[at])), None)
    if read is None:
        return
    shown = ghost.preview()
    ghost.feed(more)
    assert ghost.finish(reason) == shown


@given(documents, codes, reasons)
def test_what_is_shown_is_something_and_the_rest_of_the_line_is_there_to_replace(
    document: tuple[str, str], code: str, reason: Reason
) -> None:
    ghost = _ghost(*document)
    ghost.feed(code)
    shown = ghost.finish(reason)
    if shown:
        near = around(document[1], document[0])
        assert shown.text.strip()
        assert 0 <= shown.replace_end <= len(near.rest)
        assert shown.replace_end or shown.text == shown.insert
        ends = {"\r\n", ""} if "\r\n" in document[1] else {"\n", ""}
        assert {shown.text.replace(end, "").count("\n") for end in ends if end} == {0}


@given(documents, codes, codes)
def test_no_thought_is_ever_shown(document: tuple[str, str], code: str, rest: str) -> None:
    if "think>" in document[1]:
        return
    ghost = _ghost(*document)
    thought = code.replace("<", "").replace(">", "")
    ghost.feed(f"<think>{thought}SECRET\n</think>\n{rest}")
    shown = ghost.finish()
    assert not shown or "SECRET" not in shown.text + shown.insert


@given(documents, codes)
def test_a_cut_off_output_leaves_nothing_open(document: tuple[str, str], code: str) -> None:
    language, marked = document
    there = place(marked, language)
    ghost = _ghost(language, marked)
    if ghost.feed(code) or around(marked, language).rest:
        return
    if (shown := ghost.finish("length")) and there.where == "code":
        state = state_behind(there.lexis, shown.text)
        assert state.inside in {"", "\n"}
        assert not state.stack


@given(st.sampled_from(DOCUMENTS[:1] + DOCUMENTS[6:11]), st.text("abcxyz", min_size=1))
def test_what_stands_behind_the_caret_is_nothing_new(document: tuple[str, str], word: str) -> None:
    language, marked = document
    prefix, suffix = split(marked)
    line = f"{word} = compute({word}, first)"
    marked = f"{prefix}‸\n{line}\n{suffix}"
    ghost = _ghost(language, marked)
    ghost.feed(f"{line}\n{suffix}")
    assert ghost.finish() is None


@pytest.mark.parametrize("fence", ["```", "````", "~~~"])
def test_the_fence_of_the_prompt_ends_it(fence: str) -> None:
    marked = "x = ‸\n"
    ghost = Ghost(place(marked), *split(marked), fence=fence)
    assert ghost.feed(f"1\n{fence}\n")
    assert ghost.finish() == GhostText("1", "1", 0)


def test_a_preview_has_whole_statements_only() -> None:
    ghost = _ghost("python", "def f():\n    ‸\n")
    assert ghost.preview() is None
    assert not ghost.feed("a()\n    if b:\n        c()\n    d(")
    assert ghost.preview() == GhostText(
        "a()\n    if b:\n        c()", "a()\n    if b:\n        c()", 0
    )


def test_a_disguise_comes_off() -> None:
    marked = 'END = "<|im_end|>"\nlast = ‸\n'
    disguise = Disguise.for_texts([marked])
    ghost = Ghost(place(marked), *split(marked), disguise=disguise)
    ghost.feed('"<¦im_end¦>"\n')
    shown = ghost.finish()
    assert shown
    assert shown.insert == '"<|im_end|>"'


def test_without_a_disguise_the_users_tokens_are_text() -> None:
    ghost = _ghost("python", 'END = "<|im_end|>"\nlast = ‸\n')
    ghost.feed('"<|im_end|>"\n')
    shown = ghost.finish()
    assert shown
    assert shown.insert == '"<|im_end|>"'


def test_endless_remarks_are_given_up() -> None:
    ghost = _ghost("python", "def f():\n    ‸\n")
    assert ghost.feed("Let us see what this function has to do here.\n" * 40)
    assert ghost.finish() is None


@pytest.mark.parametrize(
    ("output", "insert"),
    [
        ("Sure!\n\n```python\n    return a\n```\n", "return a"),
        ("Sure!\n", "Sure!"),
        ("return a\n", "return a"),
        ("return (\n", ""),
        ("".join(f"x{n}()\n" for n in range(30)), "\n    ".join(f"x{n}()" for n in range(21))),
    ],
)
def test_what_stands_before_the_fence_that_was_asked_for_is_no_code(
    output: str, insert: str
) -> None:
    ghost = _ghost("python", "def f():\n    ‸\n", prefilled=False)
    ghost.feed(output.replace("\nx", "\n    x"))
    shown = ghost.finish()
    assert (shown.insert if shown else "") == insert


def test_tags_that_the_prompt_had_other_names_for_are_the_models_own() -> None:
    marked = 'OPEN = "<think>"\nlast = ‸\n'
    disguise = Disguise((("<think>", "<¦think¦>"), ("</think>", "<¦/think¦>")))
    ghost = Ghost(place(marked), *split(marked), disguise=disguise)
    ghost.feed('</think>"<¦/think¦>"\n')
    shown = ghost.finish()
    assert shown
    assert shown.insert == '"</think>"'


@pytest.mark.parametrize(
    ("output", "reason", "is_cut"),
    [
        ("a()\n", "stop", False),
        ("a()\n", "length", True),
        ("a()\n    b()\nc()\n", "length", False),
        ("a()\n" + "    b()\n" * 90, "stop", True),
    ],
)
def test_a_limit_is_told(output: str, reason: Reason, *, is_cut: bool) -> None:
    ghost = _ghost("python", "def f():\n    ‸\n")
    ghost.feed(output)
    assert ghost.finish(reason)
    assert ghost.is_cut == is_cut
