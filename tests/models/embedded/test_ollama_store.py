"""The folder that Ollama keeps models in."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gguf_files import put_in_ollama
from spyhop.models.embedded.names import Name
from spyhop.models.embedded.ollama_store import ollama_folders, ollama_models


def test_models_are_found_by_their_manifests(tmp_path: Path) -> None:
    one = put_in_ollama(tmp_path, "registry.ollama.ai/library/deepseek-r1/7b", b"one")
    two = put_in_ollama(tmp_path, "hf.co/unsloth/R1-GGUF/Q4_K_M", b"two")
    assert dict(ollama_models(tmp_path)) == {
        Name("registry.ollama.ai", "library", "deepseek-r1", "7b"): one,
        Name("hf.co", "unsloth", "R1-GGUF", "Q4_K_M"): two,
    }


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "{",
        "[]",
        '{"layers": null}',
        '{"layers": []}',
        '{"layers": [{"mediaType": "application/vnd.ollama.image.template", "digest": "x"}]}',
        '{"layers": [{"mediaType": "application/vnd.ollama.image.model"}]}',
        '{"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "md5:00"}]}',
        '{"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "../../x"}]}',
        "[" * 100_000,
        " " * (2 << 20),
    ],
)
def test_a_manifest_that_names_no_model_is_left_out(tmp_path: Path, manifest: str) -> None:
    path = tmp_path / "manifests" / "registry.ollama.ai" / "library" / "x" / "latest"
    path.parent.mkdir(parents=True)
    path.write_text(manifest)
    good = put_in_ollama(tmp_path, "registry.ollama.ai/library/good/latest", b"x")
    assert [path for _, path in ollama_models(tmp_path)] == [good]


def test_what_lies_about_is_left_out(tmp_path: Path) -> None:
    good = put_in_ollama(tmp_path, "registry.ollama.ai/library/good/latest", b"x")
    (tmp_path / "manifests" / ".DS_Store").write_bytes(b"")
    (tmp_path / "manifests" / "registry.ollama.ai" / "library" / "good" / "deeper").mkdir()
    assert [path for _, path in ollama_models(tmp_path)] == [good]
    assert list(ollama_models(tmp_path / "none")) == []
    assert list(ollama_models(good)) == []


def test_the_folder_is_the_users_choice_or_where_ollama_puts_it() -> None:
    assert ollama_folders({"OLLAMA_MODELS": "/models"}) == [Path("/models")]
    assert ollama_folders({"OLLAMA_MODELS": "~/models"}) == [Path.home() / "models"]
    usual = ollama_folders({})
    assert usual[0] == Path.home() / ".ollama" / "models"
    assert (len(usual) == 2) == (sys.platform == "linux")
