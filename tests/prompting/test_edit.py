from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop import resources
from spyhop.core.lines import split_lines, without_end
from spyhop.core.tokens import estimate_tokens
from spyhop.errors import UsageError
from spyhop.messages import Language
from spyhop.prompting.budget import CountTokens, room_for_answer, room_for_thought
from spyhop.prompting.edit import EditPrompt, Material, build, comment_language
from spyhop.prompting.library import Library, load
from spyhop.prompting.template import Template
from spyhop.prompting.variables import VARIABLES
from strategies import documents, texts

LIBRARY: Final[Library] = load(resources.prompts())
ENOUGH: Final = 1 << 20

_many = documents.map(lambda lines: split_lines("".join(lines) * 8))
materials = st.builds(
    Material,
    path=st.just("src/a.py"),
    language=st.sampled_from(("python", "shellscript", "cobol", "")),
    before=_many,
    selection=documents,
    after=_many,
    instruction=texts,
)
shipped = st.sampled_from([LIBRARY.get("edit"), LIBRARY.get("annotate")])
counts = st.sampled_from((estimate_tokens, len))

_BODY: Final = "\n".join(f"{name}=[{{{{{name}}}}}]" for name in sorted(VARIABLES["edit"]))
EVERYTHING: Final = Template("all", "edit", {}, None, _BODY)


def material(
    *,
    before: str = "",
    selection: str = "x = 1\n",
    after: str = "",
    instruction: str = "Do it.",
    language: str = "python",
) -> Material:
    return Material(
        "a.py",
        language,
        before.splitlines(keepends=True),
        selection.splitlines(keepends=True),
        after.splitlines(keepends=True),
        instruction,
    )


def prompt(
    template: Template, about: Material, context: int = ENOUGH, count: CountTokens = estimate_tokens
) -> EditPrompt:
    return build(template, about.instruction, about, context, "en", count)


def joined(lines: list[str]) -> str:
    return "\n".join(without_end(line) for line in lines)


@given(shipped, materials, st.integers(1024, 6000), counts)
def test_prompt_thought_and_answer_fit_into_the_context(
    template: Template, about: Material, context: int, count: CountTokens
) -> None:
    try:
        made = prompt(template, about, context, count)
    except UsageError:
        return
    assert made.tokens == count(made.text)
    answer = room_for_answer(count(joined(list(about.selection))))
    assert made.tokens + answer + room_for_thought(context) <= context


@given(shipped, materials, st.integers(1024, 6000))
def test_the_selection_is_never_trimmed(template: Template, about: Material, context: int) -> None:
    try:
        made = prompt(template, about, context)
    except UsageError:
        return
    assert joined(list(about.selection)) in made.text


@given(shipped, materials)
def test_with_room_enough_all_lines_go_in(template: Template, about: Material) -> None:
    made = prompt(template, about)
    assert made.left_out == 0
    for lines in (about.before, about.selection, about.after):
        assert joined(list(lines)) in made.text


@given(shipped, materials, st.integers(1024, 6000))
def test_lines_left_out_are_counted(template: Template, about: Material, context: int) -> None:
    try:
        made = prompt(template, about, context)
    except UsageError:
        return
    assert 0 <= made.left_out <= len(about.before) + len(about.after)
    if not made.left_out:
        assert made == prompt(template, about)


@given(materials)
def test_no_line_of_the_document_holds_the_fence(about: Material) -> None:
    text = prompt(EVERYTHING, about).text
    fence = re.search(r"^fence=\[(`+)\]$", text, re.MULTILINE)
    assert fence
    assert len(fence[1]) >= 3
    assert not any(fence[1] in line for line in [*about.before, *about.selection, *about.after])


@pytest.mark.parametrize("where", ["before", "selection", "after"])
@pytest.mark.parametrize("run", ["```", "`````"])
def test_the_fence_is_longer_than_any_run_of_backticks_in_the_document(
    where: str, run: str
) -> None:
    about = material(**{where: f"a\n{run}\n"})
    assert f"\n{run}`python\n" in prompt(LIBRARY.get("edit"), about).text


@pytest.mark.parametrize("name", ["edit", "annotate"])
def test_a_selection_that_is_too_long_is_told(name: str) -> None:
    about = material(selection="x = 1\n" * 2000)
    with pytest.raises(UsageError) as caught:
        prompt(LIBRARY.get(name), about, 4096)
    assert caught.value.key == "selection-too-long"
    assert caught.value.values["lines"] == 2000
    assert caught.value.values["context"] == 4096


def test_a_selection_needs_what_it_says_and_no_more() -> None:
    about, template = material(selection="x = 1\n" * 9000), LIBRARY.get("edit")
    with pytest.raises(UsageError) as caught:
        prompt(template, about, 8192)
    needed = caught.value.values["needed"]
    assert isinstance(needed, int)
    assert prompt(template, about, needed).left_out == 0
    with pytest.raises(UsageError):
        prompt(template, about, needed - 1)


def test_surroundings_never_make_a_selection_too_long() -> None:
    about = material(before="x = 1\n" * 9000, after="x = 1\n" * 9000)
    assert prompt(LIBRARY.get("edit"), about, 4096).left_out > 0


def test_line_ends_become_line_feeds() -> None:
    about = material(before="a\r\nb\r\n", selection="c\r\nd", after="\r\n")
    text = prompt(EVERYTHING, about).text
    assert "before=[a\nb]" in text
    assert "selection=[c\nd]" in text
    assert "after=[]" in text


def test_values_that_are_empty_leave_their_paragraphs_out() -> None:
    alone = prompt(LIBRARY.get("edit"), material()).text
    assert "come before" not in alone
    assert "come after" not in alone
    among = prompt(LIBRARY.get("edit"), material(before="b\n", after="a\n")).text
    assert "come before the selection:\n```python\nb\n```\n" in among
    assert "come after the selection:\n```python\na\n```\n" in among


def test_without_a_selection_the_prompt_says_that_lines_are_inserted() -> None:
    inserting = prompt(LIBRARY.get("edit"), material(selection="", before="b\n")).text
    assert "Nothing is selected" in inserting
    assert "lines are selected" not in inserting
    assert "Nothing is selected" not in prompt(LIBRARY.get("edit"), material()).text


def test_reported_problems_are_listed() -> None:
    about = replace(material(), diagnostics=("line 1: x is never used", "line 2: no such name"))
    listed = "- line 1: x is never used\n- line 2: no such name\n"
    assert f"in the selected lines:\n{listed}" in prompt(LIBRARY.get("edit"), about).text
    assert "reported" not in prompt(LIBRARY.get("edit"), material()).text


@pytest.mark.parametrize("preset", LIBRARY.presets(), ids=lambda preset: preset.name)
@pytest.mark.parametrize("words", ["", "Briefly."])
def test_every_preset_names_the_language_to_write_in_and_says_what_to_do(
    preset: Template, words: str
) -> None:
    template, instruction = LIBRARY.resolve(preset.name, words)
    text = build(template, instruction, material(instruction=words), ENOUGH, "en").text
    answer = preset.kind == "answer"
    assert ("Write in English." if answer else "comments in English.") in text
    assert f"{'Question' if answer else 'Instruction'}: {preset.body.strip()}" in text
    assert words in text


@pytest.mark.parametrize(
    ("language", "info"), [("shellscript", "bash"), ("cobol", "cobol"), ("", "")]
)
def test_the_fence_names_the_language_as_models_do(language: str, info: str) -> None:
    assert f"\n```{info}\nx = 1\n" in prompt(LIBRARY.get("edit"), material(language=language)).text


@pytest.mark.parametrize(
    ("instruction", "language", "expected"),
    [
        ("Do it.", "zh-cn", "English"),
        ("实现 gcd", "en", "Simplified Chinese"),
        ("", "en", "English"),
        ("", "zh-cn", "Simplified Chinese"),
    ],
)
def test_comments_are_in_the_instructions_language(
    instruction: str, language: Language, expected: str
) -> None:
    assert comment_language(instruction, language) == expected
    about = material(instruction=instruction)
    text = build(EVERYTHING, "Simplify.", about, ENOUGH, language).text
    assert f"comment_language=[{expected}]" in text
