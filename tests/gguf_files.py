"""GGUF files for tests, made by hand, and folders of models as Ollama keeps them."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

Value: TypeAlias = str | int | float | bool | Sequence[str] | Sequence[int]


def header(
    values: Mapping[str, Value],
    *,
    tensors: Mapping[str, Sequence[int]] | None = None,
    version: int = 3,
    padding: bool = True,
) -> bytes:
    """Return a GGUF file: integers are u32, tensors F32 of the given shapes, all zeros."""
    shapes = tensors or {}
    out = [b"GGUF", struct.pack("<IQQ", version, len(shapes), len(values))]
    out += [_string(key) + _typed(value) for key, value in values.items()]
    offset = 0
    for name, shape in shapes.items():
        dimensions = struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        out.append(_string(name) + dimensions + struct.pack("<IQ", 0, offset))
        offset += -(-_count(shape) * 4 // 32) * 32
    data = b"".join(out)
    if padding:
        data += bytes(-len(data) % 32) + bytes(offset)
    return data


def put_in_ollama(folder: Path, manifest: str, data: bytes) -> Path:
    """Put a model into a folder of Ollama's as ``HOST/NAMESPACE/MODEL/TAG``; return its blob."""
    digest = hashlib.sha256(data).hexdigest()
    layers = [
        {"mediaType": "application/vnd.ollama.image.template", "digest": f"sha256:{'0' * 64}"},
        {
            "mediaType": "application/vnd.ollama.image.model",
            "digest": f"sha256:{digest}",
            "size": len(data),
        },
    ]
    path = folder / "manifests" / manifest
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"schemaVersion": 2, "layers": layers}))
    blob = folder / "blobs" / f"sha256-{digest}"
    blob.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(data)
    return blob


def _count(shape: Sequence[int]) -> int:
    count = 1
    for extent in shape:
        count *= extent
    return count


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _typed(value: Value) -> bytes:
    match value:
        case bool():
            return struct.pack("<I?", 7, value)
        case int():
            return struct.pack("<II", 4, value)
        case float():
            return struct.pack("<If", 6, value)
        case str():
            return struct.pack("<I", 8) + _string(value)
    if all(isinstance(one, str) for one in value):
        strings = b"".join(_string(str(one)) for one in value)
        return struct.pack("<IIQ", 9, 8, len(value)) + strings
    return struct.pack(f"<IIQ{len(value)}I", 9, 4, len(value), *value)
