"""The models on this machine, by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gguf_files import header, put_in_ollama
from spyhop.models.embedded.files import PartName
from spyhop.models.embedded.store import available, find, models_folder
from spyhop.models.errors import ModelUnavailable

TEMPLATE: Final = "<｜User｜>{{x}}<｜Assistant｜><think>"


def model(weights: int, *, template: str = "", parts: int = 1) -> bytes:
    told: dict[str, str | int] = {
        "general.architecture": "qwen2",
        "general.file_type": 15,
        "qwen2.context_length": 4096,
        "split.count": parts,
    }
    if template:
        told["tokenizer.chat_template"] = template
    return header(told, tensors={"x": (weights,)})


def put(name: str, data: bytes) -> Path:
    """Put a file where downloads are."""
    path = models_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.fixture
def ollama() -> Path:
    return Path(os.environ["OLLAMA_MODELS"])


REPO: Final = "hf.co/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF"


@pytest.fixture
def filled(ollama: Path) -> dict[str, Path]:
    """Return what there is, each by its name."""
    library = "registry.ollama.ai/library"
    scope = "modelscope.cn/unsloth/R1-GGUF"
    return {
        f"{REPO}:Q4_K_M": put(f"{REPO}/R1-7B-Q4_K_M.gguf", model(3200, template=TEMPLATE)),
        f"{REPO}:Q8_0": put(f"{REPO}/R1-7B-Q8_0.gguf", model(6400, template=TEMPLATE)),
        "mine": put("files.example/mine.gguf", model(320)),
        "deepseek-r1:14b": put_in_ollama(
            ollama, f"{library}/deepseek-r1/14b", model(9600, template=TEMPLATE)
        ),
        "qwen3": put_in_ollama(ollama, f"{library}/qwen3/latest", model(12_800)),
        f"{scope}:Q2_K": put_in_ollama(ollama, f"{scope}/Q2_K", model(640, template=TEMPLATE)),
    }


def missing(name: str | None) -> ModelUnavailable:
    with pytest.raises(ModelUnavailable) as caught:
        find(name)
    return caught.value


def test_every_model_is_listed_the_largest_first(filled: dict[str, Path]) -> None:
    found = available()
    assert {it.name: it.path for it in found} == filled
    assert [it.bytes for it in found] == sorted((it.bytes for it in found), reverse=True)
    assert [it.name for it in found if it.is_r1] == [
        "deepseek-r1:14b",
        f"{REPO}:Q8_0",
        f"{REPO}:Q4_K_M",
        "modelscope.cn/unsloth/R1-GGUF:Q2_K",
    ]
    assert {(it.architecture, it.quantisation, it.context_tokens) for it in found} == {
        ("qwen2", "Q4_K_M", 4096)
    }


def test_every_model_that_is_listed_is_found_by_its_name(filled: dict[str, Path]) -> None:
    for name, path in filled.items():
        for written in (name, name.upper(), name.lower()):
            found = find(written)
            assert (found.path, found.name) == (path, name)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (REPO, f"{REPO}:Q4_K_M"),
        (f"https://huggingface.co/{REPO.removeprefix('hf.co/')}", f"{REPO}:Q4_K_M"),
        ("deepseek-r1:7b", f"{REPO}:Q4_K_M"),
        ("deepseek-r1", "deepseek-r1:14b"),
        ("registry.ollama.ai/library/deepseek-r1:14b", "deepseek-r1:14b"),
        ("qwen3:latest", "qwen3"),
        ("modelscope.cn/unsloth/R1-GGUF", "modelscope.cn/unsloth/R1-GGUF:Q2_K"),
        ("R1-7B-Q8_0", f"{REPO}:Q8_0"),
        ("R1-7B-Q8_0.gguf", f"{REPO}:Q8_0"),
        ("mine.gguf", "mine"),
        (None, "deepseek-r1:14b"),
    ],
)
def test_what_people_write_names_a_model(
    filled: dict[str, Path], written: str | None, name: str
) -> None:
    assert find(written).path == filled[name]


@pytest.mark.usefixtures("filled")
def test_a_name_that_is_not_there_is_told_with_its_likes_and_what_gets_it() -> None:
    error = missing("deepseek-r1:8b")
    assert error.key == "embedded-no-model"
    assert str(error.values["known"]).startswith("deepseek-r1:14b, ")
    assert "spyhop pull hf.co/unsloth/DeepSeek-R1-0528-Qwen3-8B-GGUF" in str(error)
    other = missing("mistral:7b")
    assert other.key == "embedded-no-such-model"
    assert "spyhop pull hf.co/OWNER/REPO" in str(other)
    hub = "modelscope.cn/me/R1-GGUF:Q2_K"
    assert f"spyhop pull {hub}" in str(missing(hub))


def test_where_there_is_nothing_the_way_to_the_first_model_is_told() -> None:
    error = missing(None)
    assert error.key == "embedded-no-r1"
    assert "Models there are: -." in str(error)
    assert "spyhop pull hf.co/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF" in str(error)
    assert available() == []


def test_a_path_is_a_path_whatever_is_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = model(32)
    (tmp_path / "x.gguf").write_bytes(data)
    (Path.home() / "h.gguf").write_bytes(data)
    monkeypatch.chdir(tmp_path)
    paths = ("x.gguf", "./x.gguf", str(tmp_path / "x.gguf"), "~/h.gguf")
    assert [find(path).gguf.architecture for path in paths] == ["qwen2"] * len(paths)
    for path in ("none.gguf", "./none", "~nobody-of-this-name/x.gguf", "/none/x"):
        assert missing(path).key == "embedded-no-file"


def test_what_lies_in_the_folder_that_is_open_passes_for_no_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filled: dict[str, Path]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("deepseek-r1", "qwen3", "other", "mine.gguf"):
        (tmp_path / name).write_bytes(model(32))
    assert missing("other").key == "embedded-no-such-model"
    assert find("deepseek-r1").path == filled["deepseek-r1:14b"]
    assert find("qwen3").path == filled["qwen3"]
    assert find("mine.gguf").path == filled["mine"]


@pytest.mark.usefixtures("filled")
@given(st.text(max_size=30) | st.from_regex(r"(\.\./|~|/|\w|:|\.){1,12}", fullmatch=True))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_leads_out_of_the_folders(text: str) -> None:
    try:
        found = find(text)
    except ModelUnavailable:
        return
    home = Path(os.environ["OLLAMA_MODELS"]).parent
    assert found.path.is_relative_to(home) or found.path.is_relative_to(models_folder())


def test_what_is_damaged_is_not_listed_but_told_when_asked_for(filled: dict[str, Path]) -> None:
    path = filled["deepseek-r1:14b"]
    path.write_bytes(path.read_bytes()[:-1])
    assert "deepseek-r1:14b" not in {it.name for it in available()}
    assert missing("deepseek-r1:14b").key == "gguf-cut"
    assert find(None).name == f"{REPO}:Q8_0"
    path.unlink()
    assert missing("deepseek-r1:14b").key == "embedded-no-file"


def test_a_split_model_is_one_model() -> None:
    part = PartName("R1-Q4_K_M", 1, 2)
    first = put(f"{REPO}/{part.of(1)}", model(64, parts=2))
    put(f"{REPO}/{part.of(2)}", header({"split.no": 1}, tensors={"y": (64,)}))
    (found,) = available()
    assert (found.name, found.path) == (f"{REPO}:Q4_K_M", first)
    assert find("R1-Q4_K_M").path == first


def test_two_models_of_one_quantisation_are_told_apart_by_their_files() -> None:
    for name in ("a-Q4_K_M", "b-Q4_K_M"):
        put(f"{REPO}/{name}.gguf", model(32))
    assert {it.name for it in available()} == {f"{REPO}:a-Q4_K_M", f"{REPO}:b-Q4_K_M"}
    assert find(f"{REPO}:b-Q4_K_M").path.name == "b-Q4_K_M.gguf"


def test_a_download_that_is_not_whole_is_no_model() -> None:
    put(f"{REPO}/R1-Q4_K_M.gguf.part", model(32))
    assert available() == []
