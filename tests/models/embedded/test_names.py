"""Names of models, and of their quantisations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.models.embedded.names import Name, is_word, quantisation_of, repositories_of

OLLAMA = ("registry.ollama.ai", "library")
WORDS = st.from_regex(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,8}[A-Za-z0-9_])?", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "name", "written"),
    [
        ("deepseek-r1:7b", Name(*OLLAMA, "deepseek-r1", "7b"), "deepseek-r1:7b"),
        ("deepseek-r1", Name(*OLLAMA, "deepseek-r1", ""), "deepseek-r1"),
        ("deepseek-r1:latest", Name(*OLLAMA, "deepseek-r1", "latest"), "deepseek-r1"),
        ("library/deepseek-r1:7b", Name(*OLLAMA, "deepseek-r1", "7b"), "deepseek-r1:7b"),
        ("me/r1:x", Name("registry.ollama.ai", "me", "r1", "x"), "me/r1:x"),
        (
            "registry.ollama.ai/library/deepseek-r1:7b",
            Name(*OLLAMA, "deepseek-r1", "7b"),
            "deepseek-r1:7b",
        ),
        (
            "modelscope.cn/unsloth/R1-GGUF:Q4_K_M",
            Name("modelscope.cn", "unsloth", "R1-GGUF", "Q4_K_M"),
            "modelscope.cn/unsloth/R1-GGUF:Q4_K_M",
        ),
        (
            "https://huggingface.co/unsloth/R1-GGUF",
            Name("hf.co", "unsloth", "R1-GGUF", ""),
            "hf.co/unsloth/R1-GGUF",
        ),
    ],
)
def test_a_name_is_read_and_written(text: str, name: Name, written: str) -> None:
    assert Name.parse(text) == name
    assert name.written == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "x:",
        ":7b",
        "a/b/c/d",
        "a//b",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a:..",
        "a:b/c",
        "a:b:c",
        ".x",
        "x.",
        "a b",
        "a\\b",
        "C:\\x",
        "a\0b",
        "模型",
    ],
)
def test_what_is_no_name_is_none(text: str) -> None:
    assert Name.parse(text) is None


@given(words=st.lists(WORDS, min_size=1, max_size=3), tag=st.none() | WORDS)
def test_what_is_written_is_read_again(words: list[str], tag: str | None) -> None:
    name = Name.parse("/".join(words) + (f":{tag}" if tag else ""))
    assert name is not None
    again = Name.parse(name.written)
    assert again is not None
    assert again.repository == name.repository
    assert (again.tag or "latest") == (name.tag or "latest")


@given(st.text())
def test_no_part_of_a_name_leads_anywhere(text: str) -> None:
    name = Name.parse(text)
    if name is not None:
        for word in (name.host, name.namespace, name.model, name.tag or "x"):
            assert is_word(word)
            assert not set(word) & set("/\\:\0")
            assert ".." not in word
            assert word[0] != "."


@pytest.mark.parametrize(
    ("name", "quantisation"),
    [
        ("DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf", "Q4_K_M"),
        ("DeepSeek-R1-Distill-Qwen-7B-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"),
        ("DeepSeek-R1-UD-IQ1_S-00001-of-00003.gguf", "UD-IQ1_S"),
        ("deepseek-r1-distill-qwen-1.5b-q8_0.gguf", "Q8_0"),
        ("deepseek-llm.Q5_K_S.gguf", "Q5_K_S"),
        ("model_F16.gguf", "F16"),
        ("gpt-oss-20b-mxfp4.gguf", "MXFP4"),
        ("R1-BF16.gguf", "BF16"),
        ("R1-TQ1_0.gguf", "TQ1_0"),
        ("Qwen2.5-Coder-Q6_K.gguf", "Q6_K"),
        ("model.gguf", ""),
        ("Qwen3-8B.gguf", ""),
    ],
)
def test_a_files_name_tells_its_quantisation(name: str, quantisation: str) -> None:
    assert quantisation_of(name) == quantisation


def test_ollamas_r1_is_known_on_both_hubs() -> None:
    assert repositories_of("deepseek-r1:7b") == (
        "hf.co/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF",
        "modelscope.cn/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF",
    )
    assert repositories_of("DeepSeek-R1") == repositories_of("deepseek-r1:7b")
    for size in ("1.5b", "8b", "14b", "32b", "70b", "671b"):
        assert all(map(Name.parse, repositories_of(f"deepseek-r1:{size}")))
    for other in ("qwen3:8b", "deepseek-r1:9b", "hf.co/x/deepseek-r1", ""):
        assert repositories_of(other) == ()
