from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.prompting.r1 import (
    BEGIN,
    CLOSE_THOUGHT,
    OPEN_THOUGHT,
    Turn,
    is_r1,
    opens_thought,
    render,
    without_thought,
)
from strategies import outputs

# The ends of the templates that ship with the models: tokenizer_config.json of the distills since
# February 2025, the same before, R1-0528's, and Ollama's for deepseek-r1:7b.
DISTILL: Final = (
    "{% if add_generation_prompt and not ns.is_tool %}{{'<｜Assistant｜><think>\\n'}}{% endif %}"
)
DISTILL_JANUARY: Final = (
    "{% if add_generation_prompt and not ns.is_tool %}{{'<｜Assistant｜>'}}{% endif %}"
)
R1_0528: Final = (
    "{% if '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}"
    "{{'<｜User｜>' + content}}"
    "{% if add_generation_prompt and not ns.is_tool %}{{'<｜Assistant｜>'}}{% endif %}"
)
OLLAMA: Final = (
    "{{- if .System }}{{ .System }}{{ end }}{{- range $i, $_ := .Messages }}"
    '{{- if eq .Role "user" }}<｜User｜>{{ .Content }}'
    '{{- else if eq .Role "assistant" }}<｜Assistant｜>'
    "{{- if and $.IsThinkSet .Thinking }}<think>\n{{ .Thinking }}\n</think>\n{{- end }}"
    "{{ .Content }}<｜end▁of▁sentence｜>{{- end }}{{- end }}"
)
CHATML: Final = "{{ '<|im_start|>assistant\\n' }}"

_TURNS: Final = st.lists(
    st.builds(Turn, st.sampled_from(("user", "assistant")), outputs), max_size=4
)


def test_a_question_is_written_as_the_template_writes_it() -> None:
    assert render([Turn("user", "Hi")], OPEN_THOUGHT) == "<｜User｜>Hi<｜Assistant｜><think>\n"


def test_a_dialogue_is_written_without_newlines_and_without_past_thoughts() -> None:
    turns = [
        Turn("user", "Hi"),
        Turn("assistant", "<think>\nHm.\n</think>\n\nHello"),
        Turn("user", "Go on"),
    ]
    assert render(turns, OPEN_THOUGHT) == (
        "<｜User｜>Hi<｜Assistant｜>Hello<｜end▁of▁sentence｜>"
        "<｜User｜>Go on<｜Assistant｜><think>\n"
    )


def test_a_thought_can_be_given_closed() -> None:
    beginning = f"{OPEN_THOUGHT}I know.{CLOSE_THOUGHT}```python\n"
    assert render([Turn("user", "Hi")], beginning) == (
        "<｜User｜>Hi<｜Assistant｜><think>\nI know.\n</think>\n\n```python\n"
    )


@given(_TURNS, outputs)
def test_a_prompt_has_every_turn_and_no_beginning_of_sentence(
    turns: list[Turn], beginning: str
) -> None:
    prompt = render(turns, beginning)
    assert BEGIN not in prompt
    assert prompt.endswith("<｜Assistant｜>" + beginning)
    users = [turn.text for turn in turns if turn.role == "user"]
    assert prompt.count("<｜User｜>") == len(users)
    assert prompt.count("<｜end▁of▁sentence｜>") == len(turns) - len(users)
    assert all(f"<｜User｜>{text}" in prompt for text in users)


@given(outputs)
def test_a_past_answer_is_cut_at_its_last_close(answer: str) -> None:
    kept = without_thought(answer)
    assert answer.endswith(kept)
    assert "</think>" not in kept
    assert not kept.startswith("\n")
    assert answer[: len(answer) - len(kept)].strip("\n").endswith(("</think>", ""))


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("Hello", "Hello"),
        ("Hm.\n</think>\n\n    return a", "    return a"),
        ("<think>a</think>b</think>c", "c"),
        ("Hm.</think>", ""),
    ],
)
def test_what_is_kept_of_a_past_answer(answer: str, kept: str) -> None:
    assert without_thought(answer) == kept


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("deepseek-r1:7b", f"<｜User｜>{DISTILL}"),
        ("my-model", f"<｜User｜>{DISTILL}"),
        ("DeepSeek-R1-0528-Qwen3-8B", R1_0528),
        ("deepseek-r1:7b", OLLAMA),
        ("deepseek-r1:14b", ""),
        ("modelscope.cn/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF", ""),
        ("hf.co/bartowski/deepseek_r1_distill_llama", ""),
        ("DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf", f"<｜User｜>{DISTILL_JANUARY}"),
    ],
)
def test_r1_is_known_by_its_template_or_by_its_name(name: str, template: str) -> None:
    assert is_r1(name, template)


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("qwen2.5-coder:7b", CHATML),
        ("qwen2.5-coder:7b", ""),
        ("deepseek-r1-merged-into-something-else", CHATML),
        ("deepseek-v3", "<｜User｜>{{ content }}<｜Assistant｜>"),
        ("tiny-r1", ""),
        ("other", "<｜User｜>{{ content }}<think>"),
    ],
)
def test_other_models_are_not_r1(name: str, template: str) -> None:
    assert not is_r1(name, template)


@pytest.mark.parametrize(
    ("template", "opens"),
    [
        ("{% if add_generation_prompt %}{{'<｜Assistant｜><think>\\n'}}{% endif %}", True),
        ("<｜User｜>1<｜Assistant｜><think>\n", True),
        ("{{'<｜Assistant｜>' + c.split('</think>')[-1]}}{{'<｜Assistant｜><think>\\n'}}", True),
        ("{% if add_generation_prompt %}{{'<｜Assistant｜>'}}{% endif %}", False),
        ("<｜Assistant｜>{{ if not $.Think }}<think>\n\n</think>\n\n{{ end }}", False),
        ("<｜Assistant｜>{% if thinking %}<think>{% else %}</think>{% endif %}", None),
        ("<|im_start|>assistant\n<think>\n", None),
        ("", None),
    ],
)
def test_a_template_shows_whether_it_opens_the_thought(template: str, opens: bool | None) -> None:
    assert opens_thought(template) is opens
