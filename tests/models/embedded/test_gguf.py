"""The header of GGUF files: what it says, and that nothing in it does harm."""

from __future__ import annotations

import struct
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gguf_files import header
from spyhop import resources
from spyhop.models.embedded.gguf import Gguf, GgufError, Incomplete, parse

R1: Final[dict[str, Any]] = {
    "general.architecture": "qwen2",
    "general.type": "model",
    "general.name": "DeepSeek R1 Distill Qwen 7B",
    "general.file_type": 15,
    "qwen2.context_length": 131_072,
    "qwen2.rope.freq_base": 10_000.0,
    "tokenizer.ggml.add_bos_token": True,
    "tokenizer.ggml.tokens": ["a", "", "鲸"],
    "tokenizer.ggml.token_type": [1, 2, 3],
    "tokenizer.chat_template": "{{ '<｜User｜>' }}",
}
WEIGHTS = {"token_embd.weight": (64, 3), "output_norm.weight": (64,)}
MODEL = header(R1, tensors=WEIGHTS)
STANDIN = resources.standin().read_bytes()
# What stands before the weights, with a little of them.
STANDIN_HEADER = STANDIN[:40_000]


def fault(data: bytes, size: int | None = None) -> GgufError:
    with pytest.raises(GgufError) as caught:
        parse(data, len(data) if size is None else size)
    return caught.value


def test_a_file_says_what_it_is() -> None:
    assert parse(MODEL, len(MODEL)) == Gguf(
        version=3,
        kind="model",
        architecture="qwen2",
        name="DeepSeek R1 Distill Qwen 7B",
        template="{{ '<｜User｜>' }}",
        context_tokens=131_072,
        quantisation="Q4_K_M",
        tensors=2,
        parts=1,
    )


def test_the_stand_in_is_a_model() -> None:
    found = parse(STANDIN, len(STANDIN))
    assert (found.kind, found.version, found.parts) == ("model", 3, 1)
    assert "<｜User｜>" in found.template
    assert found.tensors > 10
    assert found.context_tokens


def test_what_is_not_told_is_not_known() -> None:
    data = header({"general.architecture": "llama"}, tensors={"x": (32,)})
    found = parse(data, len(data))
    assert (found.name, found.template, found.context_tokens, found.quantisation) == (
        *("", ""),
        None,
        "",
    )


# Files that are cut off


@given(st.integers(0, len(MODEL) - 1))
def test_a_file_that_was_cut_off_anywhere_is_no_whole_one(size: int) -> None:
    found = fault(MODEL[:size])
    assert found.fault == ("gguf-cut" if size >= 4 else "embedded-not-gguf")
    # Where the header itself is cut, nobody knows.
    assert found.expected in {0, len(MODEL)}


def test_a_file_that_was_cut_off_says_how_large_it_should_be() -> None:
    assert fault(STANDIN[:-1]).expected == len(STANDIN)
    assert fault(STANDIN_HEADER, len(STANDIN) - 1).expected == len(STANDIN)


@given(st.integers(0, len(STANDIN_HEADER)))
def test_the_beginning_of_a_file_tells_all_or_that_there_is_more(read: int) -> None:
    whole = parse(STANDIN, len(STANDIN))
    try:
        assert parse(STANDIN[:read], len(STANDIN)) == whole
    except Incomplete:
        assert read < len(STANDIN_HEADER)


# Files that are something else


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "embedded-not-gguf"),
        (b"GGU", "embedded-not-gguf"),
        (b"<!DOCTYPE html>", "embedded-not-gguf"),
        (b"ggml" + bytes(100), "embedded-not-gguf"),
        (b"PK\x03\x04" + bytes(100), "embedded-not-gguf"),
        (b"GGUF" + struct.pack(">I", 3) + bytes(100), "gguf-big-endian"),
        (b"GGUF" + struct.pack("<I", 1) + bytes(100), "gguf-old"),
        (b"GGUF" + bytes(100), "gguf-old"),
        (b"GGUF" + struct.pack("<I", 4) + bytes(100), "gguf-new"),
        (b"GGUF" + struct.pack("<I", 3), "gguf-cut"),
    ],
)
def test_another_file_or_version_is_told_apart(data: bytes, expected: str) -> None:
    assert fault(data).fault == expected


@pytest.mark.parametrize("version", [2, 3])
def test_the_versions_that_the_engine_reads_are_read(version: int) -> None:
    data = header(R1, tensors=WEIGHTS, version=version)
    assert parse(data, len(data)).version == version


def test_a_version_that_is_refused_is_told() -> None:
    assert fault(header({}, version=1)).version == 1
    assert fault(header({}, version=9)).version == 9


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"general.type": "adapter", "general.architecture": "llama"}, "adapter"),
        ({"adapter.type": "lora", "general.architecture": "llama"}, "adapter"),
        ({"general.type": "mmproj", "general.architecture": "clip"}, "projector"),
        ({"general.architecture": "clip"}, "projector"),
        ({"general.architecture": "bert"}, "embedding"),
        ({"general.architecture": "nomic-bert-moe"}, "embedding"),
        ({"general.architecture": "qwen3", "qwen3.pooling_type": 3}, "embedding"),
        ({"general.architecture": "qwen3", "qwen3.pooling_type": 0}, "model"),
        ({"general.type": "imatrix"}, "weightless"),
        ({"general.architecture": "qwen2"}, "model"),
    ],
)
def test_what_is_no_language_model_is_told_apart(values: dict[str, Any], kind: str) -> None:
    data = header(values, tensors={"x": (32,)})
    assert parse(data, len(data)).kind == kind


def test_a_vocabulary_alone_is_no_model_but_the_first_of_several_files_may_hold_no_weights() -> (
    None
):
    alone, first = header(R1), header({**R1, "split.count": 3})
    assert parse(alone, len(alone)).kind == "weightless"
    assert (parse(first, len(first)).kind, parse(first, len(first)).parts) == ("model", 3)


# Files that are made to do harm


def patched(at: int, value: int, form: str = "<Q") -> bytes:
    """Return the model with a number at ``at`` changed."""
    data = bytearray(MODEL)
    struct.pack_into(form, data, at, value)
    return bytes(data)


@pytest.mark.parametrize("at", [8, 16, 24], ids=["tensors", "values", "length of a key"])
@pytest.mark.parametrize("value", [2**64 - 1, 2**63, 2**40, 2**27])
def test_a_count_beyond_reason_is_damage(at: int, value: int) -> None:
    assert fault(patched(at, value), 2**40).fault == "gguf-damaged"


def test_an_array_beyond_reason_is_damage() -> None:
    at = MODEL.index(b"tokenizer.ggml.tokens") + len("tokenizer.ggml.tokens") + 8
    for value in (2**64 - 1, 2**40):
        assert fault(patched(at, value), 2**40).fault == "gguf-damaged"


@pytest.mark.parametrize("alignment", [0, 3, 48])
def test_an_alignment_that_is_no_power_of_two_is_damage(alignment: int) -> None:
    data = header({**R1, "general.alignment": alignment}, tensors=WEIGHTS)
    assert fault(data).fault == "gguf-damaged"


def test_an_alignment_of_another_kind_is_damage() -> None:
    assert fault(header({"general.alignment": "wide"}, tensors=WEIGHTS)).fault == "gguf-damaged"


def test_weights_larger_than_any_disk_are_damage() -> None:
    data = header(R1, tensors={"x": (2**62, 2**62)}, padding=False)
    assert fault(data).fault == "gguf-damaged"


def test_a_header_that_never_ends_is_damage() -> None:
    data = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 2**26)
    assert fault(data, 2**40).fault == "gguf-damaged"


@given(
    changes=st.lists(st.tuples(st.integers(0, 5_000), st.binary(min_size=1, max_size=9))),
    size=st.integers(0, len(STANDIN)),
)
def test_whatever_is_changed_in_a_header_it_is_read_or_refused(
    changes: list[tuple[int, bytes]], size: int
) -> None:
    data = bytearray(STANDIN_HEADER)
    for at, new in changes:
        data[at : at + len(new)] = new
    read_or_refused(bytes(data), max(size, len(data)))


@given(st.binary(max_size=200), st.integers(0, 2**50))
def test_whatever_stands_behind_the_magic_it_is_read_or_refused(data: bytes, more: int) -> None:
    data = b"GGUF\x03\x00\x00\x00" + data
    read_or_refused(data, len(data) + more)


def read_or_refused(data: bytes, size: int) -> None:
    """Read it; nothing but a refusal may come out, and more is asked for only where there is."""
    try:
        assert parse(data, size).parts >= 1
    except GgufError:
        pass
    except Incomplete:
        assert len(data) < size
