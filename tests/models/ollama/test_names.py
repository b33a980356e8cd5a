"""Names of models: which one is meant, which are near, and what a library calls one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.models.ollama.names import LIBRARY, Name, exact, near, to_pull

PART = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,7}", fullmatch=True)
NAMES = st.builds(
    lambda place, model, tag: place + model + tag,
    st.one_of(
        st.just(""),
        PART.map(lambda it: f"{it}/"),
        st.tuples(PART, PART).map(lambda it: f"{it[0]}.co/{it[1]}/"),
    ),
    PART,
    st.one_of(st.just(""), PART.map(lambda it: f":{it}")),
)
R1S = st.sampled_from(LIBRARY)
QWEN = "modelscope.cn/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF"


@given(text=st.text() | NAMES)
def test_any_text_is_a_name_or_none(text: str) -> None:
    name = Name.parse(text)
    assert name is None or (name.model and name.tag and name.host and name.namespace)
    assert isinstance(to_pull(text), str)
    assert exact(text, []) is None
    assert near(text, []) == []


@given(text=NAMES)
def test_a_name_written_in_full_or_short_is_the_same(text: str) -> None:
    name = Name.parse(text)
    assert name is not None
    again = Name.parse(str(name))
    full = Name.parse(f"{name.host}/{name.namespace}/{name.model}:{name.tag}")
    assert name == again == full


@given(text=NAMES, others=st.lists(NAMES), upper=st.booleans())
def test_an_installed_name_is_found_in_each_of_its_spellings(
    text: str, others: list[str], upper: bool
) -> None:
    name = Name.parse(text)
    assert name is not None
    installed = [it for it in others if (other := Name.parse(it)) and other.key != name.key]
    spellings = {text, str(name), f"{name.host}/{name.namespace}/{name.model}:{name.tag}"}
    for spelling in spellings:
        wanted = spelling.upper() if upper else spelling
        assert exact(wanted, [*installed, str(name)]) == str(name)
        assert exact(wanted, installed) is None


@given(text=NAMES, others=st.lists(NAMES, unique=True), limit=st.integers(0, 4))
def test_what_is_near_is_one_of_the_names(text: str, others: list[str], limit: int) -> None:
    found = near(text, others, limit)
    assert len(found) <= limit
    assert set(found) <= set(others)
    assert len(set(found)) == len(found)


@given(text=NAMES | st.text() | R1S)
def test_the_name_to_pull_stays_what_it_is(text: str) -> None:
    assert to_pull(to_pull(text)) == to_pull(text)


@given(
    name=R1S,
    deepseek=st.sampled_from(["deepseek-r1", "DeepSeek R1", "deepseek_r1", "R1", "DeepSeekR1"]),
    between=st.sampled_from([":", "-", " ", "_", ": "]),
    upper=st.booleans(),
)
def test_an_r1_is_found_in_the_library_however_a_person_writes_it(
    name: str, deepseek: str, between: str, upper: bool
) -> None:
    size = name.partition(":")[2]
    assert to_pull(f" {deepseek}{between}{size.upper() if upper else size}") == name


@pytest.mark.parametrize("text", ["", " ", "a b", "a/b/c/d", "a:", ":a", "a::b", "-a", "ä", "../a"])
def test_what_is_no_name(text: str) -> None:
    assert Name.parse(text) is None


@pytest.mark.parametrize(
    ("wanted", "installed", "found"),
    [
        ("deepseek-r1", ["deepseek-r1:7b", "deepseek-r1:latest"], "deepseek-r1:latest"),
        ("DeepSeek-R1:7B", ["deepseek-r1:7b"], "deepseek-r1:7b"),
        ("registry.ollama.ai/library/deepseek-r1:7b", ["deepseek-r1:7b"], "deepseek-r1:7b"),
        ("library/deepseek-r1:7b", ["deepseek-r1:7b"], "deepseek-r1:7b"),
        (QWEN, [f"{QWEN}:latest"], f"{QWEN}:latest"),
        (QWEN.lower(), [f"{QWEN}:latest"], f"{QWEN}:latest"),
        (QWEN, [f"{QWEN}:Q4_K_M"], None),
        (f"{QWEN}:q4_k_m", [f"{QWEN}:Q4_K_M"], f"{QWEN}:Q4_K_M"),
        (f"hf.co/{QWEN.partition('/')[2]}", [f"{QWEN}:latest"], None),
        ("deepseek-r1:7b", ["deepseek-r1:8b", "me/deepseek-r1:7b"], None),
        ("A", ["a:latest", "A"], "A"),
        ("no name", ["no name"], "no name"),
    ],
)
def test_which_installed_model_is_meant(
    wanted: str, installed: list[str], found: str | None
) -> None:
    assert exact(wanted, installed) == found


INSTALLED = [
    "llama3:8b",
    "deepseek-r1:8b",
    "deepseek-r1:70b",
    "deepseek-r1:7b-qwen-distill-q4_K_M",
    "qwen2.5-coder:7b",
    "deepseek-coder-v2:16b",
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("deepseek-r1:7b", ["deepseek-r1:7b-qwen-distill-q4_K_M", "deepseek-r1:8b"]),
        ("deepseek:7b", ["deepseek-r1:7b-qwen-distill-q4_K_M", "deepseek-r1:8b"]),
        ("deepseek-r1-7b", ["deepseek-r1:7b-qwen-distill-q4_K_M", "deepseek-r1:8b"]),
        ("R1 70b", ["deepseek-r1:70b", "deepseek-r1:8b"]),
        (f"{QWEN}:Q4_K_M", ["deepseek-r1:7b-qwen-distill-q4_K_M", "deepseek-r1:8b"]),
        ("lama3", ["llama3:8b"]),
        ("llama3.1:8b", ["llama3:8b"]),
        ("qwen2.5-coder", ["qwen2.5-coder:7b"]),
        ("qwen2.5-codr:3b", ["qwen2.5-coder:7b"]),
        ("gpt-oss:20b", []),
        ("", []),
    ],
)
def test_which_installed_models_are_near(wanted: str, found: list[str]) -> None:
    assert near(wanted, INSTALLED, limit=2) == found


def test_the_nearest_size_comes_first() -> None:
    assert near("deepseek-r1:13b", LIBRARY) == [
        "deepseek-r1:14b",
        "deepseek-r1:8b",
        "deepseek-r1:7b",
    ]


LLAMA = "deepseek-r1:8b-llama-distill-q4_K_M"


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("deepseek-r1:7b", "deepseek-r1:7b"),
        ("deepseek-r1", "deepseek-r1"),
        ("DeepSeek-R1:7B", "deepseek-r1:7b"),
        ("deepseek-r1:7", "deepseek-r1:7b"),
        ("deepseek:7b", "deepseek-r1:7b"),
        ("deepsek-r1:7b", "deepseek-r1:7b"),
        ("deepseek", "deepseek-r1"),
        ("deepseek-r1:7b-qwen-distill-q4_K_M", "deepseek-r1:7b-qwen-distill-q4_K_M"),
        ("DeepSeek-R1-Distill-Qwen-1.5B-Q8_0.gguf", "deepseek-r1:1.5b"),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", "deepseek-r1:32b"),
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-8B", LLAMA),
        ("DeepSeek-R1-Distill-Llama-70B", "deepseek-r1:70b"),
        ("deepseek-ai/DeepSeek-R1-0528-Qwen3-8B", "deepseek-r1:8b"),
        (LLAMA, LLAMA),
        ("deepseek-ai/DeepSeek-R1", "deepseek-r1"),
        ("registry.ollama.ai/library/deepseek-r1:7b", "deepseek-r1:7b"),
        # Other models of the same makers, and what there is none of.
        ("deepseek-coder:6.7b", "deepseek-coder:6.7b"),
        ("deepseek-v3:671b", "deepseek-v3:671b"),
        ("huihui_ai/deepseek-r1-abliterated:7b", "huihui_ai/deepseek-r1-abliterated:7b"),
        ("me/deepseek-r1:7b", "me/deepseek-r1:7b"),
        ("deepseek-r1:13b", "deepseek-r1:13b"),
        ("qwen3:4b", "qwen3:4b"),
        # What is copied from elsewhere.
        ("ollama run deepseek-r1:7b", "deepseek-r1:7b"),
        ("ollama pull qwen3", "qwen3"),
        ("https://ollama.com/library/deepseek-r1:7b", "deepseek-r1:7b"),
        ("https://ollama.com/library/deepseek-r1/tags", "deepseek-r1"),
        ("https://ollama.com/me/mine:7b", "me/mine:7b"),
        (QWEN, QWEN),
        (f"{QWEN}:Q4_K_M", f"{QWEN}:Q4_K_M"),
        (f"https://www.{QWEN.replace('/', '/models/', 1)}/files", QWEN),
        ("https://huggingface.co/unsloth/X-GGUF/tree/main", "hf.co/unsloth/X-GGUF"),
        ("hf.co/unsloth/X-GGUF:Q4_K_M", "hf.co/unsloth/X-GGUF:Q4_K_M"),
    ],
)
def test_what_a_library_calls_a_model(wanted: str, name: str) -> None:
    assert to_pull(wanted) == name
