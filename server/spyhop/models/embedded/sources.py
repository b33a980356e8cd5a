"""What people write for a model to download, read: addresses and names on hubs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from spyhop.errors import UsageError
from spyhop.models.embedded.names import (
    HUGGING_FACE,
    MODELSCOPE,
    Name,
    is_word,
    repositories_of,
)
from spyhop.models.embedded.web import shown
from spyhop.models.ollama.names import to_pull

_SUFFIX: Final = ".gguf"
_FRAGMENT: Final = re.compile(r"sha256[=:-]([0-9a-fA-F]{64})")
_NO_FILE_NAME: Final = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file to download."""

    url: str
    name: str
    """What it is to be called on disk; no path."""
    bytes: int | None = None
    sha256: str = ""
    """In lower case; empty where it is not told."""


@dataclass(frozen=True, slots=True)
class Source:
    """A model to download: all its files, and the folders that they belong into."""

    name: str
    folder: tuple[str, ...]
    files: tuple[RemoteFile, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """A model on a hub: a repository, and which of its models where that is said."""

    host: str
    repository: str
    """OWNER/REPO."""
    tag: str = ""
    file: str = ""
    """A file's path in the repository."""
    revision: str = ""

    @property
    def written(self) -> str:
        """The repository's name as people write it."""
        return f"{self.host}/{self.repository}"


def reference_of(source: str, mirror: str) -> Reference | None:
    """Read a hub's name, or an address on a hub's site; None for any other address.

    ``mirror`` is the address of Hugging Face, or of a mirror of it.

    Raises:
        UsageError: it is none of these.
    """
    text = source.strip()
    text = next(iter(repositories_of(text)), text)
    if not text.lower().startswith(("http://", "https://")):
        return _named(text)
    split = _split(text)
    host = (split.hostname or "").removeprefix("www.")
    if split.netloc == urlsplit(mirror).netloc or host in {"huggingface.co", HUGGING_FACE}:
        return _on_site(HUGGING_FACE, unquote(split.path))
    if host == MODELSCOPE:
        return _on_site(MODELSCOPE, unquote(split.path))
    return None


def direct(source: str) -> Source:
    """Return what to download from an address, which may end in ``#sha256=HEX``.

    Raises:
        UsageError: it names no file, or what is behind ``#`` is no checksum.
    """
    url, _, fragment = source.strip().partition("#")
    split = _split(url)
    checksum = _FRAGMENT.fullmatch(fragment)
    if not split.path.strip("/") or not split.hostname:
        raise UsageError("download-bad-source", source=shown(source))
    if fragment and checksum is None:
        raise UsageError("download-bad-checksum", source=shown(source))
    name = file_name(unquote(split.path))
    name = name if name.lower().endswith(_SUFFIX) else name + _SUFFIX
    file = RemoteFile(url, name, sha256=checksum[1].lower() if checksum else "")
    return Source(shown(url), (file_name(split.hostname),), (file,))


def file_name(path: str) -> str:
    """Return a name on disk for what a server has at ``path``; never a path."""
    name = _NO_FILE_NAME.sub("-", path.replace("\\", "/").rstrip("/").rpartition("/")[2])
    return name.strip(".-") or "model"


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise UsageError("download-bad-source", source=shown(url)) from error


def _named(text: str) -> Reference:
    words = text.split("/")
    if name := Name.parse("/".join(words[:3])):
        repository = f"{name.namespace}/{name.model}"
        if name.host in {HUGGING_FACE, MODELSCOPE}:
            file = "/".join(words[3:])
            if not file or (file.lower().endswith(_SUFFIX) and not name.tag):
                return Reference(name.host, repository, name.tag, file)
    if repositories_of(near := to_pull(text)):
        raise UsageError("download-bad-source-near", source=shown(text), near=near)
    raise UsageError("download-bad-source", source=shown(text))


def _on_site(host: str, path: str) -> Reference:
    """Read the path of a page or a file on a hub's site."""
    words = [word for word in path.split("/") if word]
    if host == MODELSCOPE:
        words = words[1:] if words[:1] == ["models"] else []
    if len(words) < 2 or not all(map(is_word, words[:2])):  # noqa: PLR2004 - owner and repository
        raise UsageError("download-bad-source", source=f"{host}{path}")
    repository = "/".join(words[:2])
    if len(words) > 4 and words[2] in {"resolve", "blob"}:  # noqa: PLR2004 - … revision and file
        return Reference(host, repository, file="/".join(words[4:]), revision=words[3])
    return Reference(host, repository)
