"""Which program or service answers behind OpenAI's API, and what is known of each.

All speak the same wire, but each has another way to leave out a thought or to go on with an answer
that is begun. Recognised is what gives itself away without being asked for it: by the address, by
a header, or by whom it says its models belong to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from spyhop.models.port import ThoughtOff

LLAMA_CPP: Final = "llama.cpp"
VLLM: Final = "vLLM"
LM_STUDIO: Final = "LM Studio"
OLLAMA: Final = "Ollama"
OPEN_WEBUI: Final = "Open WebUI"
LITELLM: Final = "LiteLLM"
DEEPSEEK: Final = "DeepSeek"
TENCENT: Final = "Tencent Cloud"
LITELLM_VERSION: Final = "x-litellm-version"
_HOSTS: Final = {
    "deepseek.com": DEEPSEEK,
    "tencent.com": TENCENT,
    "tencentcloud.com": TENCENT,
    "tencentcloudmaas.com": TENCENT,
}
_OWNERS: Final = {
    "llamacpp": LLAMA_CPP,
    "vllm": VLLM,
    "organization_owner": LM_STUDIO,
    "library": OLLAMA,
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of a program or service beforehand."""

    raw: bool | None = None
    """Whether ``/completions`` takes a prompt as it is; None: a probe has to show it."""
    thought_off: ThoughtOff | None = None
    tells_cached: bool | None = None


_KINDS: Final = {
    LLAMA_CPP: Kind(raw=True, tells_cached=True),
    VLLM: Kind(raw=True),
    OLLAMA: Kind(raw=False, thought_off="effort", tells_cached=False),
    OPEN_WEBUI: Kind(raw=False),
    DEEPSEEK: Kind(raw=False, thought_off="type", tells_cached=True),
    TENCENT: Kind(raw=False, thought_off="type"),
}


def name_of(url: str, owner: Any, headers: Mapping[str, str]) -> str:
    """Return the name of what answers at ``url``; empty where it is not recognised.

    ``owner`` is the ``owned_by`` of a model that it lists, ``headers`` came with the list.
    """
    address = httpx.URL(url)
    for domain, name in _HOSTS.items():
        if address.host == domain or address.host.endswith(f".{domain}"):
            return name
    # A gateway hands on what the servers behind it say of themselves.
    if LITELLM_VERSION in headers:
        return LITELLM
    if address.path.endswith("/api"):
        return OPEN_WEBUI
    if headers.get("server", "").startswith(LLAMA_CPP):
        return LLAMA_CPP
    return _OWNERS.get(owner, "") if isinstance(owner, str) else ""


def kind_of(name: str) -> Kind:
    """Return what is known of the program or service ``name``: nothing, where it is empty."""
    return _KINDS.get(name, Kind())
