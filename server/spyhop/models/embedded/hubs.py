"""What a download is of: an address, or a repository on Hugging Face or ModelScope.

A hub lists the files of a repository with their sizes and SHA-256; which of them make the model is
chosen here. ``HF_ENDPOINT`` and ``MODELSCOPE_DOMAIN`` name mirrors, as for the hubs' own clients.

Sources: ``/api/models/{repo}/tree/{revision}`` of huggingface.co's OpenAPI; modelscope/hub/api.py
and file_download.py of modelscope/modelscope.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit

from pydantic import Field, TypeAdapter, ValidationError

from spyhop.models.embedded.names import HUGGING_FACE
from spyhop.models.embedded.sources import (
    Reference,
    RemoteFile,
    Source,
    direct,
    file_name,
    reference_of,
)
from spyhop.models.embedded.variants import Listed, chosen
from spyhop.models.embedded.web import DownloadRefused, Web, shown
from spyhop.models.errors import ModelUnavailable
from spyhop.models.wire import Wire
from spyhop.models.words import error_text

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_NEXT_PAGE: Final = re.compile(r'<([^>]+)>\s*;\s*rel="?next"?')
_MOST_PAGES: Final = 20


class _Lfs(Wire):
    oid: str = ""
    size: int = 0


class _TreeEntry(Wire):
    type: str
    path: str
    size: int = 0
    lfs: _Lfs | None = None


class _ScopeFile(Wire):
    path: str = Field(alias="Path")
    size: int = Field(default=0, alias="Size")
    sha256: str | None = Field(default=None, alias="Sha256")
    type: str = Field(default="blob", alias="Type")


class _ScopeFiles(Wire):
    files: list[_ScopeFile] = Field(alias="Files")


class _ScopeAnswer(Wire):
    data: _ScopeFiles = Field(alias="Data")


_Tree: Final = TypeAdapter(list[_TreeEntry])


class Hubs:
    """The hubs, or the mirrors of them that ``environment`` names."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        variables = os.environ if environment is None else environment
        self._hugging_face = _base(variables.get("HF_ENDPOINT"), "https://huggingface.co")
        self._modelscope = _base(variables.get("MODELSCOPE_DOMAIN"), "https://modelscope.cn")

    def first_address(self, source: str) -> str:
        """Return the address that is asked first for a source.

        Raises:
            UsageError: it is none.
        """
        reference = reference_of(source, self._hugging_face)
        if reference is None:
            return direct(source).files[0].url
        return self._hugging_face if reference.host == HUGGING_FACE else self._modelscope

    async def resolve(self, source: str, web: Web) -> Source:
        """Return the files that make the model at an address or of a hub's name.

        Raises:
            UsageError: it is neither, or does not say which of several models is meant.
            ModelUnavailable: the hub cannot be reached, or has no such repository.
        """
        reference = reference_of(source, self._hugging_face)
        if reference is None:
            return direct(source)
        listing = self._tree if reference.host == HUGGING_FACE else self._scope
        files = chosen(reference, await listing(reference, web))
        remote = [
            RemoteFile(self._file_address(reference, it.path), file_name(it.path), *_facts(it))
            for it in files
        ]
        folder = (reference.host, *reference.repository.split("/"))
        return Source(reference.written, folder, tuple(remote))

    async def _tree(self, reference: Reference, web: Web) -> list[Listed]:
        revision = quote(reference.revision or "main", safe="")
        path = f"/api/models/{reference.repository}/tree/{revision}?recursive=true"
        found: list[_TreeEntry] = []
        for _ in range(_MOST_PAGES):
            body, headers = await _asked(self._hugging_face + path, reference, web)
            try:
                found += _Tree.validate_json(body)
            except ValidationError as error:
                raise _odd(self._hugging_face, body) from error
            following = _NEXT_PAGE.search(headers.get("Link", ""))
            if following is None:
                break
            # A mirror may pass on the hub's own address, which is not the one to ask.
            split = urlsplit(following[1])
            path = f"{split.path}?{split.query}"
        return [
            Listed(it.path, it.lfs.size if it.lfs else it.size, it.lfs.oid if it.lfs else "")
            for it in found
            if it.type == "file"
        ]

    async def _scope(self, reference: Reference, web: Web) -> list[Listed]:
        revision = quote(reference.revision or "master", safe="")
        path = f"/api/v1/models/{reference.repository}/repo/files"
        url = f"{self._modelscope}{path}?Revision={revision}&Recursive=True"
        body, _ = await _asked(url, reference, web)
        try:
            answer = _ScopeAnswer.model_validate_json(body)
        except ValidationError as error:
            raise _odd(self._modelscope, body) from error
        files = answer.data.files
        return [Listed(it.path, it.size, it.sha256 or "") for it in files if it.type == "blob"]

    def _file_address(self, reference: Reference, path: str) -> str:
        if reference.host == HUGGING_FACE:
            revision = quote(reference.revision or "main", safe="")
            return f"{self._hugging_face}/{reference.repository}/resolve/{revision}/{quote(path)}"
        revision = quote(reference.revision or "master", safe="")
        base = f"{self._modelscope}/api/v1/models/{reference.repository}/repo"
        return f"{base}?Revision={revision}&FilePath={quote(path, safe='')}"


async def _asked(url: str, reference: Reference, web: Web) -> tuple[bytes, Mapping[str, str]]:
    try:
        return await web.get(url)
    except DownloadRefused as refused:
        # Hugging Face tells strangers no more of a repository that does not exist.
        if refused.status in {HTTPStatus.NOT_FOUND, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise ModelUnavailable(
                "download-no-repository", name=reference.written, status=refused.status
            ) from refused
        raise


def _base(chosen: str | None, usual: str) -> str:
    base = (chosen or "").strip().rstrip("/") or usual
    return base if "://" in base else f"https://{base}"


def _facts(listed: Listed) -> tuple[int, str]:
    sha256 = listed.sha256.lower()
    return listed.bytes, sha256 if _SHA256.fullmatch(sha256) else ""


def _odd(base: str, body: bytes) -> ModelUnavailable:
    return ModelUnavailable("download-odd", url=shown(base), why=error_text(body) or "0 bytes")
