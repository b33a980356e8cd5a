from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.prompting.budget import CompletionBudget
from spyhop.prompting.fim import (
    TEMPLATES,
    FimPrompt,
    FimTemplate,
    build,
    build_infill,
    template_for,
)
from spyhop.prompting.layout import Layout, lay_out
from spyhop.prompting.related import Place, Related, Snippet
from strategies import texts

BUDGET: Final = CompletionBudget.of(600)
OTHERS: Final = Related(
    snippets=(Snippet("b.py", "python", "B = 1"), Snippet("c.py", "python", "C = 2"))
)
BY_NAME: Final = {template.name: template for template in TEMPLATES}

templates = st.sampled_from(TEMPLATES)
_pieces = st.one_of(
    texts, st.sampled_from([token for template in TEMPLATES for token in template.tokens])
)
contents = st.lists(_pieces, max_size=6).map("".join)
related_code = st.builds(
    Related,
    imports=contents,
    heads=contents,
    snippets=st.lists(
        st.builds(Snippet, st.sampled_from("ab"), st.just("python"), contents), max_size=2
    ).map(tuple),
)


def laid(text: str, caret: int, around: Related | None = None) -> Layout:
    return lay_out(None, text, caret, lambda _: around or Related(), BUDGET)


def prompt(
    name: str, around: Related | None = None, *, repository: str = "", one_line: bool = False
) -> FimPrompt:
    layout = laid("a = 1\nx = f(\ny = 2\n", 12, around)
    return build(BY_NAME[name], "a.py", "python", layout, repository=repository, one_line=one_line)


@given(templates, contents, contents, related_code, contents)
def test_the_only_tokens_in_a_prompt_are_the_template_s(
    template: FimTemplate, before: str, after: str, around: Related, repository: str
) -> None:
    made = build(
        template, "a", "python", laid(before + after, len(before), around), repository=repository
    ).text
    files = len(around.snippets)
    for token in template.tokens:
        expected = template.alone.count(token)
        if template.among and files:
            expected = template.among.count(token) + files * template.file.count(token)
            expected += template.repository.count(token) * bool(repository)
        assert made.count(token) == expected


@given(templates, contents, contents)
def test_the_document_stands_in_the_prompt(template: FimTemplate, before: str, after: str) -> None:
    layout = laid(before + after, len(before))
    made = build(template, "a", "python", layout)
    shown = layout.before.replace("\r\n", "\n").replace("\r", "\n")
    text = made.disguise.take_off(made.text) + made.held_back
    typed = shown[shown.rfind("\n") + 1 :]
    assert text.endswith(typed)
    assert layout.after.replace("\r\n", "\n").replace("\r", "\n") in text


_code = st.lists(st.sampled_from(["a = 1\n", "if b:\n    c()\n", "中\n", "x"])).map("".join)


@given(templates, _code, _code, st.text(alphabet="ab c_=\n中", max_size=60))
def test_while_typing_each_prompt_begins_with_the_one_before(
    template: FimTemplate, before: str, after: str, typing: str
) -> None:
    chosen: list[Place] = []

    def choose(place: Place) -> Related:
        chosen.append(place)
        return OTHERS

    layout, last = None, None
    for keys in range(len(typing) + 1):
        text = before + typing[:keys] + after
        layout = lay_out(layout, text, len(before) + keys, choose, BUDGET)
        made = build(template, "a.py", "python", layout).text
        if last is not None and len(chosen) == 1:
            assert made.startswith(last)
        last = made


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "qwen2.5-coder",
            "<|fim_prefix|>a = 1\n<|fim_suffix|>\ny = 2\n<|fim_middle|>x = f(",
        ),
        ("deepseek-coder", "<｜fim▁begin｜>a = 1\n<｜fim▁hole｜>\ny = 2\n<｜fim▁end｜>x = f("),
        ("starcoder2", "<fim_prefix>a = 1\n<fim_suffix>\ny = 2\n<fim_middle>x = f("),
        ("starcoder", "<fim_prefix>a = 1\n<fim_suffix>\ny = 2\n<fim_middle>x = f("),
        ("codellama", "<PRE> a = 1\n <SUF>\ny = 2\n <MID>x = f("),
        ("codegemma", "<|fim_prefix|>a = 1\n<|fim_suffix|>\ny = 2\n<|fim_middle|>x = f("),
        ("codestral", "[SUFFIX]\ny = 2\n[PREFIX]a = 1\nx = f("),
    ],
)
def test_a_document_alone(name: str, text: str) -> None:
    assert prompt(name).text == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "qwen2.5-coder",
            (
                "<|repo_name|>whale\n<|file_sep|>b.py\nB = 1\n<|file_sep|>c.py\nC = 2\n"
                "<|file_sep|>a.py\n<|fim_prefix|>a = 1\n<|fim_suffix|>\ny = 2\n<|fim_middle|>x = f("
            ),
        ),
        (
            "deepseek-coder",
            (
                "<｜fim▁begin｜>#b.py\nB = 1\n#c.py\nC = 2\n#a.py\na = 1\n"
                "<｜fim▁hole｜>\ny = 2\n<｜fim▁end｜>x = f("
            ),
        ),
        (
            "starcoder2",
            (
                "<repo_name>whale<file_sep>b.py\nB = 1<file_sep>c.py\nC = 2<file_sep>"
                "<fim_prefix>a.py\na = 1\n<fim_suffix>\ny = 2\n<fim_middle>x = f("
            ),
        ),
        ("starcoder", "<fim_prefix>a = 1\n<fim_suffix>\ny = 2\n<fim_middle>x = f("),
        ("codellama", "<PRE> a = 1\n <SUF>\ny = 2\n <MID>x = f("),
        (
            "codegemma",
            (
                "b.py\nB = 1<|file_separator|>c.py\nC = 2<|file_separator|>"
                "<|fim_prefix|>a = 1\n<|fim_suffix|>\ny = 2\n<|fim_middle|>x = f("
            ),
        ),
        (
            "codestral",
            (
                "[SUFFIX]\ny = 2\n[PREFIX]+++++ b.py\nB = 1\n\n+++++ c.py\nC = 2\n\n"
                "+++++ a.py\na = 1\nx = f("
            ),
        ),
    ],
)
def test_a_document_among_others(name: str, text: str) -> None:
    assert prompt(name, OTHERS, repository="whale").text == text


def test_without_a_name_there_is_no_repository() -> None:
    assert prompt("qwen2.5-coder", OTHERS).text.startswith("<|file_sep|>b.py\n")


def test_imports_and_heads_stand_above_as_code() -> None:
    around = Related(imports="import os", heads="class A:")
    assert prompt("starcoder2", around).text.startswith(
        "<fim_prefix>import os\nclass A:\na = 1\n<fim_suffix>"
    )


def test_a_space_at_the_caret_is_the_model_s_to_write() -> None:
    made = build(BY_NAME["starcoder2"], "a", "python", laid("x = \n", 4))
    assert made.text.endswith("<fim_middle>x =")
    assert made.held_back == " "


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_the_template_s_tokens_end_the_output_and_one_line_its_end(template: FimTemplate) -> None:
    assert prompt(template.name).stop == template.tokens
    assert prompt(template.name, one_line=True).stop == ("\n", *template.tokens)


def test_names_with_braces_fill_nothing() -> None:
    around = Related(snippets=(Snippet("{path}.py", "", "{text} {0}"),))
    assert "{path}.py\n{text} {0}" in prompt("qwen2.5-coder", around).text


def test_llama_cpp_is_given_the_parts() -> None:
    layout = laid("a = 1\r\nx = \r\ny = 2\r\n", 11, OTHERS)
    infill = build_infill(layout)
    assert infill.held_back == " "
    assert infill.payload == {
        "input_prefix": "a = 1\nx =",
        "input_suffix": "\ny = 2\n",
        "input_extra": [
            {"filename": "b.py", "text": "B = 1"},
            {"filename": "c.py", "text": "C = 2"},
        ],
    }


# Which template a model has


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("qwen2.5-coder:1.5b", "qwen2.5-coder"),
        ("Qwen/Qwen2.5-Coder-7B-Instruct", "qwen2.5-coder"),
        ("hf.co/unsloth/Qwen3-Coder-30B-A3B-Instruct-GGUF:Q4_K_M", "qwen2.5-coder"),
        ("deepseek-coder:6.7b-base", "deepseek-coder"),
        ("deepseek-ai/DeepSeek-Coder-V2-Lite-Base", "deepseek-coder"),
        ("starcoder2:3b", "starcoder2"),
        ("bigcode/starcoder2-7b", "starcoder2"),
        ("starcoder:1b", "starcoder"),
        ("stable-code:3b", "starcoder"),
        ("codellama:7b-code", "codellama"),
        ("meta-llama/CodeLlama-13b-hf", "codellama"),
        ("codegemma:2b", "codegemma"),
        ("google/codegemma-7b", "codegemma"),
        ("codestral:22b", "codestral"),
        ("mistralai/Codestral-22B-v0.1", "codestral"),
    ],
)
def test_models_are_known_by_name(name: str, template: str) -> None:
    found = template_for(name)
    assert found is not None
    assert found.name == template


@pytest.mark.parametrize(
    "name",
    [
        "deepseek-r1:7b",
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B",
        "modelscope.cn/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF",
        "qwen2.5:7b",
        "llama3.1:8b",
        "codellama:34b",
        "codellama:7b-python",
        "codegemma:7b-it",
        "codegemma:7b-instruct",
        "starcoder2:15b-instruct",
        "mamba-codestral:7b",
        "codestral-embed",
        "",
    ],
)
def test_models_that_were_not_trained_for_it_have_none(name: str) -> None:
    assert template_for(name) is None


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_a_model_of_another_name_is_known_by_its_chat_template(template: FimTemplate) -> None:
    chat_template = "{{- if .Suffix }}" + template.alone + "{{- else }}<start_of_turn>{{ end }}"
    if template.name != "codegemma":
        chat_template = chat_template.replace("<start_of_turn>", "")
    found = template_for("mine", chat_template)
    assert found is not None
    assert found.alone == template.alone


def test_an_r1_is_asked_by_prefill_whatever_its_tokens() -> None:
    assert template_for("deepseek-r1:7b", BY_NAME["qwen2.5-coder"].alone) is None
