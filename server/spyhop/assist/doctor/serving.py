"""Checks of what serves a model and of the model itself, from what the server tells of them."""

from __future__ import annotations

import re
from typing import Final

from spyhop.assist.doctor.checks import Check, Fact
from spyhop.assist.doctor.subjects import place_of
from spyhop.messages import Notice
from spyhop.models.port import ModelInfo, Server
from spyhop.models.words import names_text
from spyhop.settings import EndpointSettings

OLLAMA: Final = (0, 12, 6)
"""The first Ollama that takes ``truncate`` and ``shift``, without which it cuts a long prompt.

Source: pull request 12582 of ollama/ollama.
"""
# What a build of one's own calls itself.
_UNVERSIONED: Final = (0, 0, 0)
_NUMBERS: Final = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
_MODEL_LIMITS: Final[dict[str, str]] = {
    "llama.cpp": "doctor-mend-context-llamacpp",
    "vLLM": "doctor-mend-context-vllm",
}
_GB: Final = 1_000_000_000
_MB: Final = 1_000_000


def reachable(server: Server, endpoint: EndpointSettings, seconds: float) -> Check:
    """Return that ``server`` answered after ``seconds``."""
    place = place_of(endpoint)
    facts: dict[str, Fact] = {"place": place, "server": server.name or None}
    if endpoint.backend == "embedded":
        named = endpoint.model is not None
        message = (
            Notice.of("doctor-engine", place=place) if named else Notice.of("doctor-engine-r1")
        )
        return Check("reachable", "ok", message, None, facts)
    milliseconds = max(1, round(seconds * 1000))
    if server.name:
        message = Notice.of(
            "doctor-server-answers", server=server.name, place=place, milliseconds=milliseconds
        )
    else:
        message = Notice.of("doctor-answers", place=place, milliseconds=milliseconds)
    return Check("reachable", "ok", message, None, facts)


def version(server: Server, endpoint: EndpointSettings) -> Check:
    """Check that the server is not too old for what Spyhop asks of it, and asked in the best way.

    Ollama's OpenAI API takes no context size, and cuts a prompt that does not fit into its own.
    """
    facts: dict[str, Fact] = {"server": server.name or None, "version": server.version or None}
    if not (server.name and server.version):
        return Check("version", "skipped", Notice.of("doctor-version-untold"), None, facts)
    if server.name == "Ollama" and endpoint.backend == "openai":
        message = Notice.of("doctor-ollama-openai", version=server.version)
        return Check("version", "warning", message, Notice.of("doctor-mend-ollama-openai"), facts)
    if server.name == "Ollama":
        facts["wanted"] = wanted = ".".join(map(str, OLLAMA))
        if _is_old(server.version):
            message = Notice.of("doctor-ollama-old", wanted=wanted, version=server.version)
            return Check("version", "failed", message, Notice.of("doctor-mend-ollama-old"), facts)
        message = Notice.of("doctor-ollama-new", version=server.version)
        return Check("version", "ok", message, None, facts)
    message = Notice.of("doctor-version-is", server=server.name, version=server.version)
    return Check("version", "ok", message, None, facts)


def there(info: ModelInfo, endpoint: EndpointSettings, seconds: float) -> Check:
    """Return that the model is there, and what is told of it; the embedded engine has loaded it.

    Where its server lists others only, that is a warning: gateways do not list all that they have,
    and llama.cpp answers to any name.
    """
    size = None if info.size_bytes is None else _readable(info.size_bytes)
    told = ", ".join(it for it in (info.parameters, info.quantisation, size) if it)
    facts: dict[str, Fact] = {
        "model": info.name,
        "size_bytes": info.size_bytes,
        "parameters": info.parameters or None,
        "quantisation": info.quantisation or None,
    }
    if info.listed_instead:
        known = names_text(info.listed_instead, info.name)
        message = Notice.of("doctor-model-unlisted", model=info.name, known=known)
        return Check("model", "warning", message, Notice.of("doctor-mend-name"), facts)
    if endpoint.backend == "embedded":
        message = Notice.of(
            "doctor-model-loaded", model=info.name, told=told, seconds=round(seconds, 1)
        )
    elif told:
        message = Notice.of("doctor-model-told", model=info.name, told=told)
    else:
        message = Notice.of("doctor-model-there", model=info.name)
    return Check("model", "ok", message, None, facts)


def context(endpoint: EndpointSettings, info: ModelInfo, loaded: int | None) -> Check:
    """Check that the model has the context that the settings ask for, and is loaded with it.

    ``loaded`` is the context that it is in memory with; None where it is not, or nobody tells.
    """
    asked, used, limit = endpoint.context_tokens, info.context_tokens, info.model_context_tokens
    facts: dict[str, Fact] = {
        "context_tokens": asked,
        "used": used,
        "model_maximum": limit,
        "loaded_with": loaded,
    }
    if used < asked:
        message = Notice.of("doctor-context-small", used=used, asked=asked)
        # Where the model itself could have more, its server was started with less.
        could = limit is not None and limit > used
        mend = _MODEL_LIMITS.get(info.server.name) if could else None
        tokens = min(asked, limit or asked)
        notice = Notice.of(mend or "doctor-mend-context", tokens=tokens if mend else used)
        return Check("context", "warning", message, notice, facts)
    if loaded is not None and loaded != used:
        message = Notice.of("doctor-context-reload", loaded=loaded, used=used)
        mending = Notice.of("doctor-mend-context-reload", loaded=loaded, used=used)
        return Check("context", "warning", message, mending, facts)
    if limit is None:
        return Check("context", "ok", Notice.of("doctor-context-is", used=used), None, facts)
    message = Notice.of("doctor-context-of", used=used, limit=limit)
    return Check("context", "ok", message, None, facts)


def template(info: ModelInfo) -> Check:
    """Return who opens the thought: Spyhop, or the template that the runtime puts in."""
    facts: dict[str, Fact] = {
        "template_opens": info.template_opens,
        "written_by": "spyhop" if info.format == "r1" else "runtime",
    }
    match info.format, info.template_opens:
        case "r1", True:
            message = Notice.of("doctor-template-own-opens")
        case "r1", False:
            message = Notice.of("doctor-template-own-does-not")
        case "r1", None:
            message = Notice.of("doctor-template-own")
        case _, True:
            message = Notice.of("doctor-template-opens")
        case _, False:
            message = Notice.of("doctor-template-does-not")
        case _:
            message = Notice.of("doctor-template-untold")
    return Check("template", "ok", message, None, facts)


def _is_old(version_: str) -> bool:
    found = _NUMBERS.match(version_)
    if not found:
        return False
    numbers = tuple(map(int, found.groups()))
    return numbers != _UNVERSIONED and numbers < OLLAMA


def _readable(size: int) -> str:
    """Return a number of bytes as people say it."""
    return f"{size / _GB:.1f} GB" if size >= _GB // 10 else f"{size / _MB:.1f} MB"
