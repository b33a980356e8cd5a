"""What people write for a model to download."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.errors import UsageError
from spyhop.models.embedded.sources import Reference, direct, file_name, reference_of

HUB = "https://huggingface.co"
REPO = "unsloth/R1-GGUF"
SHA = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        (f"hf.co/{REPO}", Reference("hf.co", REPO)),
        (f" hf.co/{REPO}:Q4_K_M ", Reference("hf.co", REPO, "Q4_K_M")),
        (f"huggingface.co/{REPO}", Reference("hf.co", REPO)),
        (f"modelscope.cn/{REPO}:q8_0", Reference("modelscope.cn", REPO, "q8_0")),
        (f"www.modelscope.cn/{REPO}", Reference("modelscope.cn", REPO)),
        (f"hf.co/{REPO}/Q4_K_M/R1.gguf", Reference("hf.co", REPO, file="Q4_K_M/R1.gguf")),
        (f"https://hf.co/{REPO}", Reference("hf.co", REPO)),
        (f"https://huggingface.co/{REPO}/tree/main", Reference("hf.co", REPO)),
        (
            f"https://huggingface.co/{REPO}/resolve/v2/a%20b.gguf?download=true",
            Reference("hf.co", REPO, file="a b.gguf", revision="v2"),
        ),
        (
            f"https://huggingface.co/{REPO}/blob/main/x/R1.gguf",
            Reference("hf.co", REPO, file="x/R1.gguf", revision="main"),
        ),
        (f"https://www.modelscope.cn/models/{REPO}/files", Reference("modelscope.cn", REPO)),
        (
            f"https://modelscope.cn/models/{REPO}/resolve/master/R1.gguf",
            Reference("modelscope.cn", REPO, file="R1.gguf", revision="master"),
        ),
        (
            "deepseek-r1:7b",
            Reference("hf.co", "unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF"),
        ),
    ],
)
def test_a_model_on_a_hub_is_known(text: str, reference: Reference) -> None:
    assert reference_of(text, HUB) == reference


def test_a_mirror_of_a_hub_is_that_hub() -> None:
    mirror = "https://hf-mirror.com"
    assert reference_of(f"{mirror}/{REPO}", mirror) == Reference("hf.co", REPO)
    assert reference_of(f"{mirror}/{REPO}", HUB) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "qwen3:8b",
        "hf.co/unsloth",
        "hf.co/../x",
        f"hf.co/{REPO}/README.md",
        f"hf.co/{REPO}:Q4/x.gguf",
        "https://huggingface.co/",
        "https://huggingface.co/unsloth",
        "https://modelscope.cn/datasets/a/b",
        "ftp://user:secret@host/x.gguf",
    ],
)
def test_what_cannot_be_downloaded_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        reference_of(text, HUB)
    assert caught.value.key == "download-bad-source"


@pytest.mark.parametrize("text", ["deepsek-r1 7b", "DeepSeek R1 7B", "ollama run deepseek-r1:7b"])
def test_a_near_miss_is_told_and_not_downloaded(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        reference_of(text, HUB)
    assert "Did you mean deepseek-r1:7b?" in str(caught.value)
    assert "spyhop pull deepseek-r1:7b --backend embedded" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_address_is_a_file() -> None:
    source = direct(f"https://me:pw@host.example/a/R1.gguf?token=1#sha256={SHA.upper()}")
    (file,) = source.files
    assert (source.name, source.folder) == ("https://host.example/a/R1.gguf", ("host.example",))
    assert file.url == "https://me:pw@host.example/a/R1.gguf?token=1"
    assert (file.name, file.bytes, file.sha256) == ("R1.gguf", None, SHA)
    assert direct("https://host.example/download").files[0].name == "download.gguf"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("https://host.example", "download-bad-source"),
        ("https://host.example/", "download-bad-source"),
        ("https:///x.gguf", "download-bad-source"),
        ("http://[::1/x.gguf", "download-bad-source"),
        ("https://host.example/x.gguf#sha256=123", "download-bad-checksum"),
        ("https://host.example/x.gguf#top", "download-bad-checksum"),
    ],
)
def test_an_address_that_is_none_is_refused(text: str, key: str) -> None:
    with pytest.raises(UsageError) as caught:
        direct(text)
    assert caught.value.key == key


@given(st.text())
def test_the_name_of_a_file_is_never_a_path(path: str) -> None:
    name = file_name(path)
    assert name
    assert not set(name) & set('/\\:\0*?"<>|\n')
    assert name[0] not in ".-"
    assert name[-1] not in ".-"
