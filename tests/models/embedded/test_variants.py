"""Which of a repository's files are meant."""

from __future__ import annotations

import pytest

from spyhop.errors import SpyhopError, UsageError
from spyhop.models.embedded.sources import Reference
from spyhop.models.embedded.variants import Listed, chosen
from spyhop.models.errors import ModelUnavailable

FILES = [
    Listed("README.md", 10, ""),
    Listed("R1-Q8_0.gguf", 8_100_000_000, "8"),
    Listed("R1-Q4_K_M.gguf", 4_700_000_000, "4"),
    Listed("UD/R1-UD-IQ1_S-00002-of-00002.gguf", 900, "b"),
    Listed("UD/R1-UD-IQ1_S-00001-of-00002.gguf", 900, "a"),
    Listed("BF16/R1-BF16-00001-of-00003.gguf", 99, ""),
    Listed("mmproj-F16.gguf", 5, ""),
    Listed("imatrix_unsloth.gguf", 5, ""),
]


def paths(tag: str = "", file: str = "", files: list[Listed] = FILES) -> list[str]:
    reference = Reference("hf.co", "me/R1-GGUF", tag, file)
    return [it.path for it in chosen(reference, files)]


def refused(tag: str = "", file: str = "", files: list[Listed] = FILES) -> SpyhopError:
    with pytest.raises(SpyhopError) as caught:
        paths(tag, file, files)
    return caught.value


def test_without_a_tag_it_is_the_usual_one() -> None:
    assert paths() == ["R1-Q4_K_M.gguf"]


@pytest.mark.parametrize("tag", ["Q8_0", "q8_0", "R1-Q8_0", "r1-q8_0"])
def test_a_tag_is_a_quantisation_or_a_files_name(tag: str) -> None:
    assert paths(tag) == ["R1-Q8_0.gguf"]


def test_all_parts_of_a_model_belong_to_it_in_their_order() -> None:
    parts = [f"UD/R1-UD-IQ1_S-0000{n}-of-00002.gguf" for n in (1, 2)]
    assert paths("UD-IQ1_S") == parts
    for part in parts:
        assert paths(file=part) == parts


def test_the_only_model_needs_no_name() -> None:
    assert paths(files=[Listed("x-Q2_K.gguf", 1, "")]) == ["x-Q2_K.gguf"]


def test_what_is_not_there_is_told_with_what_is() -> None:
    error = refused("Q5_K_M")
    assert (error.key, type(error)) == ("download-no-file", ModelUnavailable)
    assert "Q4_K_M (4.7 GB), Q8_0 (8.1 GB)" in str(error)
    # A model whose parts are not all there is none.
    assert refused("BF16").key == "download-no-file"
    assert refused(file="x.gguf").key == "download-no-file"


def test_what_is_not_certain_is_asked_back() -> None:
    files = [Listed("x-Q2_K.gguf", 1, ""), Listed("x-Q3_K.gguf", 2, "")]
    error = refused(files=files)
    assert (error.key, type(error)) == ("download-which", UsageError)
    assert "Q2_K (1 B), Q3_K (2 B)" in str(error)
    twice = [Listed("a-Q4_K_M.gguf", 1, ""), Listed("b-Q4_K_M.gguf", 2, "")]
    assert "a-Q4_K_M, b-Q4_K_M" in str(refused("Q4_K_M", files=twice))
    assert paths("b-Q4_K_M", files=twice) == ["b-Q4_K_M.gguf"]


def test_a_repository_without_a_model_is_told() -> None:
    assert refused(files=FILES[:1]).key == "download-no-gguf"
    assert refused(files=FILES[-2:]).key == "download-no-gguf"
