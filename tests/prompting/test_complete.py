from __future__ import annotations

from typing import Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spyhop import resources
from spyhop.core.lines import LINE_END
from spyhop.prompting.budget import CompletionBudget
from spyhop.prompting.complete import THOUGHT, CompletionPrompt, build
from spyhop.prompting.layout import Layout, lay_out
from spyhop.prompting.library import load
from spyhop.prompting.r1 import ASSISTANT, BEGIN, END, USER
from spyhop.prompting.related import Place, Related, Snippet
from spyhop.prompting.template import Template
from spyhop.prompting.variables import VARIABLES
from strategies import texts

SHIPPED: Final = load(resources.prompts()).get("complete")
_BODY: Final = "\n".join(f"{name}=[{{{{{name}}}}}]" for name in sorted(VARIABLES["complete"]))
EVERYTHING: Final = Template("all", "complete", {}, None, _BODY)
BUDGET: Final = CompletionBudget.of(600)

_pieces = st.one_of(
    texts,
    st.sampled_from(
        [USER, END, "<|im_end|>", "<think>", "</think>", "```", "~~~", "<¦think¦>", "a = 1\n", " "]
    ),
)
contents = st.lists(_pieces, max_size=8).map("".join)
related_code = st.builds(
    Related,
    imports=contents,
    heads=contents,
    snippets=st.lists(
        st.builds(Snippet, st.sampled_from("ab"), st.sampled_from(["python", ""]), contents),
        max_size=3,
    ).map(tuple),
    edits=st.lists(contents, max_size=2).map(tuple),
)


def laid(text: str, caret: int, around: Related | None = None) -> Layout:
    return lay_out(None, text, caret, lambda _: around or Related(), BUDGET)


def prompt(
    before: str,
    after: str = "",
    around: Related | None = None,
    *,
    template: Template = SHIPPED,
    language: str = "python",
    one_line: bool = False,
) -> CompletionPrompt:
    layout = laid(before + after, len(before), around)
    return build(template, "src/a.py", language, layout, one_line=one_line)


def code_of(made: CompletionPrompt) -> str:
    """Return the code that the answer begins with, as the user wrote it."""
    _, _, answer = made.beginning.partition("</think>\n\n")
    return made.disguise.take_off(answer.partition("\n")[2])


@given(contents, contents, related_code)
def test_the_answer_begins_with_the_lines_before_the_caret(
    before: str, after: str, around: Related
) -> None:
    layout = laid(before + after, len(before), around)
    made = build(SHIPPED, "a", "python", layout)
    assert code_of(made) + made.held_back == LINE_END.sub("\n", layout.before)
    assert made.held_back in {"", " "}
    assert not code_of(made).endswith("  ") or made.held_back


@given(contents, contents, related_code)
def test_no_token_of_the_user_s_stands_in_the_prompt(
    before: str, after: str, around: Related
) -> None:
    made = prompt(before, after, around)
    assert made.text.count(USER) == made.text.count(ASSISTANT) == 1
    assert made.text.count("<think>") == made.text.count("</think>") == 1
    assert END not in made.text
    assert BEGIN not in made.text


@given(contents, contents, related_code)
def test_no_stop_stands_in_what_the_user_wrote(before: str, after: str, around: Related) -> None:
    made = prompt(before, after, around)
    inside = code_of(made)
    for stop in made.stop:
        assert stop not in made.disguise.put_on(inside)


@given(contents, contents, related_code)
def test_all_that_is_shown_stands_in_the_prompt(before: str, after: str, around: Related) -> None:
    made = prompt(before, after, around, template=EVERYTHING)
    turn = made.disguise.take_off(made.turn.text)
    assert f"imports=[{around.imports}]" in turn
    assert f"heads=[{around.heads}]" in turn
    assert all(edit in turn for edit in around.edits)
    assert all(one.text in turn for one in around.snippets)


_code = st.lists(st.sampled_from(["a = 1\n", "if b:\n    c()\n", "中\n", "\r\n", "x"])).map("".join)


@given(_code, _code, st.text(alphabet="ab c_=\n\t中", max_size=80))
def test_while_typing_each_prompt_begins_with_the_one_before(
    before: str, after: str, typing: str
) -> None:
    assume(not before.endswith("\r"))
    chosen: list[int] = []

    def choose(place: Place) -> Related:
        chosen.append(place.caret)
        return Related()

    layout, last = None, None
    for keys in range(len(typing) + 1):
        text = before + typing[:keys] + after
        layout = lay_out(layout, text, len(before) + keys, choose, BUDGET)
        made = build(SHIPPED, "a.py", "python", layout).text
        if last is not None and len(chosen) == 1:
            assert made.startswith(last)
        last = made


def test_a_prompt_in_full() -> None:
    around = Related(
        imports="import os",
        heads="class A:\n    def f(self):",
        snippets=(
            Snippet("b.py", "python", "def g(a):"),
            Snippet("b.py", "python", "LIMIT = 3"),
            Snippet("c.ts", "typescript", "const h = 1;"),
        ),
        edits=("b.py\n-LIMIT = 2\n+LIMIT = 3",),
    )
    made = prompt("        x = g(", ")\n        return x\n", around)
    assert made.turn.role == "user"
    shown = made.text
    assert "the file src/a.py." in shown
    assert "imports:\n```python\nimport os\n```\n" in shown
    assert "\nb.py:\n```python\ndef g(a):\n\nLIMIT = 3\n```\n\nc.ts:\n```typescript\n" in shown
    assert "```diff\nb.py\n-LIMIT = 2\n+LIMIT = 3\n```\n" in shown
    assert "inside of:\n```python\nclass A:\n    def f(self):\n```\n" in shown
    assert "after the cursor. They are there already:\n```python\n        return x\n```" in shown
    assert shown.endswith(f"{ASSISTANT}<think>\n{THOUGHT}\n</think>\n\n```python\n        x = g(")
    assert made.stop == ("\n```", END, USER, "<think>", ASSISTANT, BEGIN)


def test_what_changes_least_comes_first() -> None:
    around = Related("IMPORT", "HEAD", (Snippet("b.py", "python", "SNIPPET"),), ("EDIT",))
    shown = prompt("BEFORE", "\nAFTER\n", around).text
    places = [
        shown.index(part)
        for part in ("src/a.py", "IMPORT", "SNIPPET", "EDIT", "HEAD", "AFTER", "BEFORE")
    ]
    assert places == sorted(places)


def test_what_is_not_there_is_not_spoken_of() -> None:
    shown = prompt("x").text
    for word in ("imports", "same project", "edited last", "inside of", "come after"):
        assert word not in shown


def test_one_line_ends_at_its_end() -> None:
    assert prompt("x", one_line=True).stop[0] == "\n"


@pytest.mark.parametrize(
    ("before", "held_back"), [("x = ", " "), ("    ", " "), ("x =", ""), ("\t", ""), ("", "")]
)
def test_a_space_at_the_caret_is_the_model_s_to_write(before: str, held_back: str) -> None:
    made = prompt(before, "\n")
    assert made.held_back == held_back
    assert made.beginning.endswith(f"```python\n{before.removesuffix(' ')}")


@pytest.mark.parametrize(
    ("text", "language", "fence"),
    [("x", "python", "```"), ("```\n", "python", "````"), ("x", "markdown", "````")],
)
def test_the_fence_is_none_that_the_code_may_hold(text: str, language: str, fence: str) -> None:
    made = prompt(text, language=language)
    assert made.stop[0] == f"\n{fence}"
    assert f"</think>\n\n{fence}{language}\n" in made.beginning


def test_line_ends_are_line_feeds() -> None:
    made = prompt("a\r\nb\r", "\r\nc\rd\r\n", template=EVERYTHING)
    assert made.beginning.endswith("\na\nb\n")
    assert "after=[c\nd]" in made.turn.text


def test_tags_are_disguised_both_as_soon_as_one_stands_there() -> None:
    made = prompt('s.split("<think>")')
    assert made.beginning.endswith('s.split("<¦think¦>")')
    assert made.disguise.take_off("<¦/think¦>") == "</think>"
