"""What the embedded engine has, and which of it is asked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gguf_files import header, put_in_ollama
from spyhop import resources
from spyhop.models.embedded.listing import StoreLister

pytestmark = pytest.mark.anyio


async def test_what_is_there_is_listed_with_what_is_chosen() -> None:
    data = header(
        {"general.architecture": "qwen2", "qwen2.context_length": 4096}, tensors={"x": (32,)}
    )
    put_in_ollama(
        Path(os.environ["OLLAMA_MODELS"]), "registry.ollama.ai/library/deepseek-r1/7b", data
    )
    found = await StoreLister(None).listing()
    assert [(it.name, it.size, it.context_tokens) for it in found.models] == [
        ("deepseek-r1:7b", len(data), 4096)
    ]
    assert (found.chosen, found.fault) == ("deepseek-r1:7b", None)
    found = await StoreLister(str(resources.standin())).listing()
    assert [it.name for it in found.models] == ["deepseek-r1:7b", "standin"]
    assert found.chosen == "standin"


async def test_where_none_fits_the_reason_is_told() -> None:
    lister = StoreLister(None)
    found = await lister.listing()
    assert (found.models, found.chosen) == ((), None)
    assert found.fault is not None
    assert found.fault.key == "embedded-no-r1"
    await lister.aclose()
