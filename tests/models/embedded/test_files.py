"""Model files on disk, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gguf_files import header
from spyhop import resources
from spyhop.messages import LANGUAGES
from spyhop.models.embedded.files import PartName, model_file, part_name, read_header
from spyhop.models.errors import ModelUnavailable

MODEL = header({"general.architecture": "qwen2"}, tensors={"x": (64,)})


def fault(path: Path) -> ModelUnavailable:
    with pytest.raises(ModelUnavailable) as caught:
        model_file(path)
    for language in LANGUAGES:
        assert "\n" not in caught.value.say(language)
    return caught.value


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_a_file_is_a_model() -> None:
    found = model_file(resources.standin())
    assert (found.name, found.path) == ("standin", resources.standin())
    assert found.bytes == resources.standin().stat().st_size
    assert found.gguf.kind == "model"
    assert model_file(resources.standin(), "deepseek-r1:7b").name == "deepseek-r1:7b"


def test_a_header_of_any_length_is_read(tmp_path: Path) -> None:
    tokens = [f"token-{n}" * 10 for n in range(60_000)]
    data = header({"tokenizer.ggml.tokens": tokens, "general.name": "far"}, tensors={"x": (64,)})
    assert len(data) > 5 << 20
    found, size = read_header(written(tmp_path / "long.gguf", data))
    assert (found.name, size) == ("far", len(data))


@pytest.mark.parametrize(
    ("data", "key", "words"),
    [
        (b"", "embedded-not-gguf", "not a GGUF"),
        (b"GGUF" + bytes(20), "gguf-old", "version 0"),
        (b"GGUF\x00\x00\x00\x03" + bytes(20), "gguf-big-endian", "big-endian"),
        (b"GGUF\x05\x00\x00\x00" + bytes(20), "gguf-new", "version 5"),
        (MODEL[:-1], "gguf-cut", f"has {len(MODEL) - 1} B and needs {len(MODEL)} B"),
        (MODEL[:30], "gguf-cut", "has 30 B and needs > 30 B"),
        (b"GGUF\x03\x00\x00\x00" + b"\xff" * 20, "gguf-damaged", "damaged"),
    ],
)
def test_what_is_wrong_is_told_before_the_engine_sees_it(
    tmp_path: Path, data: bytes, key: str, words: str
) -> None:
    error = fault(written(tmp_path / "x.gguf", data))
    assert error.key == key
    assert words in str(error)
    assert str(tmp_path / "x.gguf") in str(error)


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"general.type": "adapter"}, "gguf-adapter"),
        ({"general.type": "mmproj"}, "gguf-projector"),
        ({"general.architecture": "bert"}, "gguf-embedding"),
        ({"general.type": "imatrix"}, "gguf-weightless"),
    ],
)
def test_what_is_no_language_model_is_refused(
    tmp_path: Path, values: dict[str, Any], key: str
) -> None:
    path = written(tmp_path / "x.gguf", header(values, tensors={"x": (32,)}))
    assert fault(path).key == key


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    assert fault(tmp_path / "none.gguf").key == "embedded-no-file"
    assert fault(tmp_path).key == "embedded-no-file"
    file = written(tmp_path / "file", b"")
    assert fault(file / "x.gguf").key == "embedded-no-file"
    assert fault(Path("a\0b.gguf")).key == "embedded-unreadable"


# Models in several files


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("R1-Q4_K_M-00001-of-00003.gguf", PartName("R1-Q4_K_M", 1, 3)),
        ("R1-00012-of-00012.gguf", PartName("R1", 12, 12)),
        ("R1.gguf", None),
        ("R1-1-of-3.gguf", None),
        ("-00001-of-00003.gguf", None),
    ],
)
def test_a_parts_name_says_which_it_is(name: str, part: PartName | None) -> None:
    assert part_name(name) == part
    if part is not None:
        assert part.of(part.part) == name


def split(folder: Path, count: int) -> list[Path]:
    values: dict[str, Any] = {"general.architecture": "qwen2", "split.count": count}
    part = PartName("R1", 1, count)
    return [
        written(
            folder / part.of(number + 1),
            header(values if not number else {"split.no": number}, tensors={"x": (64,)}),
        )
        for number in range(count)
    ]


def test_any_part_names_the_whole(tmp_path: Path) -> None:
    paths = split(tmp_path, 3)
    size = sum(path.stat().st_size for path in paths)
    for path in paths:
        found = model_file(path)
        assert (found.name, found.path, found.bytes) == ("R1", paths[0], size)


def test_a_part_that_is_missing_or_cut_off_is_named(tmp_path: Path) -> None:
    paths = split(tmp_path, 3)
    paths[1].write_bytes(paths[1].read_bytes()[:-1])
    assert fault(paths[0]).values["path"] == str(paths[1])
    assert fault(paths[2]).key == "gguf-cut"
    paths[1].unlink()
    assert fault(paths[0]).key == "embedded-no-file"
    assert fault(paths[0]).values["path"] == str(paths[1])


def test_parts_that_are_named_otherwise_are_not_found_by_the_engine(tmp_path: Path) -> None:
    path = split(tmp_path, 2)[0].rename(tmp_path / "mine.gguf")
    assert fault(path).key == "gguf-part-named-otherwise"
    assert "2 files" in str(fault(path))
