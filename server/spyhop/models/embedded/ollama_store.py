"""The models that Ollama has downloaded, read from its folder: Ollama need not run.

``manifests/HOST/NAMESPACE/MODEL/TAG`` is JSON; its layer of the model's type names the GGUF file
``blobs/sha256-HEX``.

Source: server/manifest.go and docs/faq.md of ollama/ollama.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError

from spyhop.models.embedded.names import Name
from spyhop.models.wire import Wire

_MODEL_LAYER: Final = "application/vnd.ollama.image.model"
_DIGEST: Final = re.compile(r"sha256[:-]([0-9a-f]{64})")
_MANIFEST_BYTES: Final = 1 << 20


class _Layer(Wire):
    media_type: str = Field(default="", alias="mediaType")
    digest: str = ""


class _Manifest(Wire):
    layers: list[_Layer]


def ollama_folders(environment: Mapping[str, str] | None = None) -> list[Path]:
    """Return the folders that Ollama keeps models in, the user's before the system service's."""
    variables = os.environ if environment is None else environment
    if chosen := variables.get("OLLAMA_MODELS"):
        return [Path(chosen).expanduser()]
    folders = [Path("~/.ollama/models").expanduser()]
    if sys.platform == "linux":
        folders.append(Path("/usr/share/ollama/.ollama/models"))
    return folders


def ollama_models(folder: Path) -> Iterator[tuple[Name, Path]]:
    """Yield each model in a folder of Ollama's by its name, and where its GGUF file would be.

    What cannot be read, or is no GGUF model, is left out.
    """
    for path in sorted(_files_below(folder / "manifests")):
        *_, host, namespace, model, tag = path.parts
        if blob := _blob_of(path):
            yield Name(host, namespace, model, tag), folder / "blobs" / f"sha256-{blob}"


def _files_below(manifests: Path) -> list[Path]:
    try:
        return [path for path in manifests.glob("*/*/*/*") if path.is_file()]
    except OSError:
        return []


def _blob_of(path: Path) -> str:
    """Return the SHA-256 of the model that a manifest names, in hex; empty where there is none."""
    try:
        with path.open("rb") as file:
            manifest = _Manifest.model_validate_json(file.read(_MANIFEST_BYTES))
    except (OSError, ValidationError):
        return ""
    for layer in manifest.layers:
        if layer.media_type == _MODEL_LAYER and (digest := _DIGEST.fullmatch(layer.digest)):
            return digest[1]
    return ""
