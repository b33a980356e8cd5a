"""The header of a GGUF file: bytes in, values out.

llama.cpp reports the faults of a file poorly, or dies of them. So they are found here, before it
sees the file: no length in the file is believed, and a file that was cut off is told by where its
last tensor would end.

Source: docs/gguf.md of ggml-org/ggml, ggml/src/gguf.cpp of ggml-org/llama.cpp.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from spyhop.models.embedded.ggml import BLOCKS, QUANTISATIONS

Scalar: TypeAlias = int | float | bool | str
Fault: TypeAlias = Literal[
    "embedded-not-gguf", "gguf-big-endian", "gguf-old", "gguf-new", "gguf-cut", "gguf-damaged"
]

MAGIC: Final = b"GGUF"
_OLDEST: Final = 2
_NEWEST: Final = 3
_STRING: Final = 8
_ARRAY: Final = 9
_SCALARS: Final[dict[int, struct.Struct]] = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    7: struct.Struct("<?"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
_U32: Final = _SCALARS[4]
_U64: Final = _SCALARS[10]
_ALIGNMENT: Final = 32
_DIMENSIONS: Final = 4
# Far beyond any model, and small enough to be counted through.
_MOST_VALUES: Final = 1 << 16
_MOST_TENSORS: Final = 1 << 20
_MOST_ELEMENTS: Final = 1 << 28
_LONGEST_STRING: Final = 1 << 26
_LONGEST_HEADER: Final = 1 << 26
_LARGEST_FILE: Final = 1 << 50

# Models that turn a text into one vector; the others that do say how they pool.
_EMBEDDING: Final = frozenset(
    {
        "bert",
        "nomic-bert",
        "nomic-bert-moe",
        "neo-bert",
        "jina-bert-v2",
        "jina-bert-v3",
        "modern-bert",
        "eurobert",
        "gemma-embedding",
        "t5encoder",
    }
)


class GgufError(Exception):
    """The bytes are not the beginning of a GGUF file that can be used.

    ``fault`` is the key of the message for it; ``expected`` is how large the file ought to be at
    least, in bytes, and ``version`` the format's, where either is known.
    """

    def __init__(self, fault: Fault, *, expected: int = 0, version: int = 0) -> None:
        super().__init__(fault)
        self.fault = fault
        self.expected = expected
        self.version = version


class Incomplete(Exception):  # noqa: N818 - no fault of the file's: more of it is to be read
    """The header goes on behind the bytes that were given."""


Kind: TypeAlias = Literal["model", "adapter", "projector", "embedding", "weightless"]


@dataclass(frozen=True, slots=True)
class Gguf:
    """What a GGUF file says of itself."""

    version: int
    kind: Kind
    """``model`` for a language model, the only kind that can be asked."""
    architecture: str
    name: str
    template: str
    """The chat template, in Jinja; empty where there is none."""
    context_tokens: int | None
    """What the model was trained for."""
    quantisation: str
    """Such as ``Q4_K_M``; empty where it is not told."""
    tensors: int
    parts: int
    """How many files the model is split into."""


def parse(data: bytes, size: int) -> Gguf:
    """Read the header that a file of ``size`` bytes begins with; ``data`` is its beginning.

    Raises:
        Incomplete: the header is longer than ``data``, and the file than both.
        GgufError: it is no GGUF file, of a version that cannot be read, cut off, or damaged.
    """
    cursor = _Cursor(data, size)
    version = _version(cursor)
    tensors, count = cursor.number(_U64), cursor.number(_U64)
    if tensors > _MOST_TENSORS or count > _MOST_VALUES:
        raise GgufError("gguf-damaged")
    values = dict(_pair(cursor) for _ in range(count))
    alignment = values.get("general.alignment", _ALIGNMENT)
    if not isinstance(alignment, int) or alignment <= 0 or alignment & (alignment - 1):
        raise GgufError("gguf-damaged")
    end = max((_tensor_end(cursor) for _ in range(tensors)), default=0)
    if tensors:
        expected = -(-cursor.at // alignment) * alignment + end
        if expected > _LARGEST_FILE:
            raise GgufError("gguf-damaged")
        if expected > size:
            raise GgufError("gguf-cut", expected=expected)
    return _described(version, values, tensors)


class _Cursor:
    """Reads one value after the other."""

    def __init__(self, data: bytes, size: int) -> None:
        self.at = 0
        self._data = data
        self._size = size

    def skip(self, length: int) -> int:
        """Go ``length`` bytes on; return where they begin."""
        start, self.at = self.at, self.at + length
        if self.at > len(self._data):
            if self.at > self._size:
                raise GgufError("gguf-cut")
            if self.at > _LONGEST_HEADER:
                raise GgufError("gguf-damaged")
            raise Incomplete
        return start

    def take(self, length: int) -> bytes:
        start = self.skip(length)
        return self._data[start : self.at]

    def value(self, form: struct.Struct) -> int | float | bool:
        value: int | float | bool = form.unpack_from(self._data, self.skip(form.size))[0]
        return value

    def number(self, form: struct.Struct) -> int:
        return int(self.value(form))

    def length(self) -> int:
        """Return the length of the string that follows."""
        length = self.number(_U64)
        if length > _LONGEST_STRING:
            raise GgufError("gguf-damaged")
        return length

    def string(self) -> str:
        return self.take(self.length()).decode("utf-8", "replace")


def _version(cursor: _Cursor) -> int:
    start = cursor.take(min(len(MAGIC), cursor._size))  # noqa: SLF001 - of this module
    if start != MAGIC:
        raise GgufError("embedded-not-gguf")
    version = cursor.number(_U32)
    if version and not version & 0xFFFF:
        raise GgufError("gguf-big-endian")
    if version < _OLDEST:
        raise GgufError("gguf-old", version=version)
    if version > _NEWEST:
        raise GgufError("gguf-new", version=version)
    return version


def _pair(cursor: _Cursor) -> tuple[str, Scalar | None]:
    """Return a key and its value; None for an array, which nobody needs."""
    key = cursor.string()
    kind = cursor.number(_U32)
    if kind == _ARRAY:
        _skip_array(cursor)
        return key, None
    if kind == _STRING:
        return key, cursor.string()
    return key, cursor.value(_form_of(kind))


def _form_of(kind: int) -> struct.Struct:
    form = _SCALARS.get(kind)
    if form is None:
        raise GgufError("gguf-damaged")
    return form


def _skip_array(cursor: _Cursor) -> None:
    kind, count = cursor.number(_U32), cursor.number(_U64)
    if count > _MOST_ELEMENTS:
        raise GgufError("gguf-damaged")
    if kind == _STRING:
        for _ in range(count):
            cursor.skip(cursor.length())
    else:
        cursor.skip(_form_of(kind).size * count)


def _tensor_end(cursor: _Cursor) -> int:
    """Return where a tensor ends, counted from where the tensors begin."""
    cursor.skip(cursor.length())
    dimensions = cursor.number(_U32)
    if dimensions > _DIMENSIONS:
        raise GgufError("gguf-damaged")
    shape = [cursor.number(_U64) for _ in range(dimensions)]
    values = 1
    for extent in shape:
        values *= extent
    kind, offset = cursor.number(_U32), cursor.number(_U64)
    # A kind that is not known here may still be known to the engine.
    block, size = BLOCKS.get(kind, (1, 0))
    if shape and shape[0] % block:
        raise GgufError("gguf-damaged")
    return offset + values // block * size


def _described(version: int, values: dict[str, Scalar | None], tensors: int) -> Gguf:
    def text(key: str) -> str:
        value = values.get(key)
        return value if isinstance(value, str) else ""

    def number(key: str) -> int | None:
        value = values.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    architecture = text("general.architecture")
    parts = max(1, number("split.count") or 1)
    kind: Kind = "model"
    if text("general.type") == "adapter" or "adapter.type" in values:
        kind = "adapter"
    elif text("general.type") == "mmproj" or architecture == "clip":
        kind = "projector"
    elif architecture in _EMBEDDING or number(f"{architecture}.pooling_type"):
        kind = "embedding"
    elif text("general.type") not in {"", "model"} or (not tensors and parts == 1):
        kind = "weightless"
    return Gguf(
        version=version,
        kind=kind,
        architecture=architecture,
        name=text("general.name"),
        template=text("tokenizer.chat_template"),
        context_tokens=number(f"{architecture}.context_length"),
        quantisation=QUANTISATIONS.get(number("general.file_type") or 0, "")
        if "general.file_type" in values
        else "",
        tensors=tensors,
        parts=parts,
    )
