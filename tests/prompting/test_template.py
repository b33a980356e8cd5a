from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.errors import SettingsError
from spyhop.prompting.template import Kind, Template, parse
from strategies import texts

PATH: Final = Path("/prompts/my.md")
_NAMES: Final = frozenset({"a", "b"})
VARIABLES: Final[dict[Kind, frozenset[str]]] = {
    "edit": _NAMES,
    "comment": _NAMES,
    "answer": _NAMES,
    "repair": frozenset({"line"}),
    "complete": frozenset({"after"}),
}
HEAD: Final = '+++\nkind = "edit"\n+++\n'


def read(text: str) -> Template:
    return parse(text, PATH, VARIABLES)


def body(text: str) -> Template:
    return read(HEAD + text)


def fault(text: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        read(text)
    assert caught.value.values["path"] == str(PATH)
    return caught.value


# Reading


def test_a_prompt_file_has_a_head_and_a_text() -> None:
    text = '+++\nkind = "comment"\ntitle = { en = "T", zh-cn = "题" }\nuses = "edit"\n+++\nDo it.\n'
    assert read(text) == Template("my", "comment", {"en": "T", "zh-cn": "题"}, "edit", "Do it.\n")


@pytest.mark.parametrize(
    ("key", "near"), [("titel", "title"), ("Kind", "kind"), ("uess", "uses"), ("model", None)]
)
def test_a_key_that_nothing_reads_is_told_and_the_prompt_loads(key: str, near: str | None) -> None:
    template = read(f'+++\ntitle = "T"\nkind = "comment"\n{key} = 1\n+++\nDo it.\n')
    assert (template.kind, template.body) == ("comment", "Do it.\n")
    [error] = template.faults
    assert error.values.get("near") == near
    assert str(error).startswith(f"{PATH}, line 4: a prompt file has no {key}, so it is ignored. ")
    assert near or str(error).endswith("Known: title, kind, uses")


def test_a_title_may_be_one_text_for_all_languages() -> None:
    template = read('+++\nkind = "edit"\ntitle = "T"\n+++\n')
    assert [template.title("en"), template.title("zh-cn")] == ["T", "T"]


def test_a_missing_title_is_the_english_one_or_else_the_name() -> None:
    template = read('+++\nkind = "edit"\ntitle = { zh-cn = "题" }\n+++\n')
    assert [template.title("en"), template.title("zh-cn")] == ["my", "题"]
    assert body("").title("zh-cn") == "my"


@pytest.mark.parametrize(
    "text",
    ["", "Do it.", '\n+++\nkind = "edit"\n+++\n', '+++\nkind = "edit"\n', "+++ x\n+++\n"],
)
def test_a_file_without_a_head_does_not_load(text: str) -> None:
    assert fault(text).key == "prompt-no-front-matter"


def test_a_head_that_is_no_toml_does_not_load() -> None:
    error = fault("+++\nkind = edit\n+++\n")
    assert error.key == "prompt-bad-front-matter"
    assert "line 1" in str(error)


@pytest.mark.parametrize("head", ["", 'kind = "talk"\n', "kind = 1\n", 'kind = ["edit"]\n'])
def test_a_head_without_a_known_kind_does_not_load(head: str) -> None:
    error = fault(f"+++\n{head}+++\n")
    assert error.key == "prompt-bad-kind"
    assert '"edit", "comment"' in str(error)


@pytest.mark.parametrize("title", ["1", '["T"]', "{ en = 1 }"])
def test_a_title_that_is_no_text_does_not_load(title: str) -> None:
    assert fault(f'+++\nkind = "edit"\ntitle = {title}\n+++\n').key == "prompt-bad-title"


@pytest.mark.parametrize("uses", ["1", '["edit"]', "true"])
def test_a_prompt_used_that_is_no_name_does_not_load(uses: str) -> None:
    assert fault(f'+++\nkind = "edit"\nuses = {uses}\n+++\n').key == "prompt-bad-uses"


@given(st.integers(0, 5), st.integers(0, 5), st.sampled_from(("{{c}}", "{{ c }}", "{{c?}}")))
def test_an_unknown_variable_is_told_with_its_line(above: int, beside: int, found: str) -> None:
    error = fault(HEAD + "{{a}}\n" * above + "x" * beside + found)
    assert error.key == "prompt-unknown-variable"
    assert error.values["line"] == HEAD.count("\n") + above + 1
    assert error.values["name"] == "c"
    assert error.values["known"] == "a, b"


def test_a_text_that_goes_into_another_prompt_has_no_variables() -> None:
    error = fault('+++\nkind = "edit"\nuses = "edit"\n+++\n{{a}}')
    assert error.key == "prompt-unknown-variable"
    assert error.values["known"] == "-"


def test_text_that_only_resembles_a_variable_is_text() -> None:
    text = "{c} {{}} {{c d}} {{ {c} }} {{-c}}"
    assert body(text).fill({}) == text


# Filling


def test_variables_are_replaced() -> None:
    assert body("{{a}} and {{ b }}.\n").fill({"a": "1", "b": "2"}) == "1 and 2."


@given(texts, texts)
def test_values_stand_in_the_text_to_the_letter(a: str, b: str) -> None:
    assert body("x\n{{a}}\n\n{{b}} y").fill({"a": a, "b": b}) == f"x\n{a}\n\n{b} y"


def test_a_value_that_looks_like_a_variable_is_left_alone() -> None:
    assert body("{{a}}").fill({"a": "{{b}} {{b?}}", "b": "no"}) == "{{b}} {{b?}}"


@given(a=st.booleans(), b=st.booleans())
def test_a_paragraph_is_left_out_when_a_marked_variable_is_empty(*, a: bool, b: bool) -> None:
    template = body("First.\n\n{{a?}}\nof {{b}}.\n \t\nThen {{b?}}.\n\nLast.")
    filled = template.fill({"a": "A" * a, "b": "B" * b})
    expected = ["First.", f"A\nof {'B' * b}." * a, "Then B." * b, "Last."]
    assert filled == "\n\n".join(part for part in expected if part)


def test_a_paragraph_with_an_empty_unmarked_variable_stays() -> None:
    assert body("x {{a}}\n\ny").fill({"a": ""}) == "x \n\ny"


def test_blank_lines_within_a_value_part_no_paragraphs() -> None:
    filled = body("{{a?}}\nend of {{b?}}").fill({"a": "x\n\ny", "b": ""})
    assert filled == ""
