"""Whether a server takes a prompt written by hand, found out by asking for one token.

Most servers have ``/completions``, but Ollama and some gateways put the prompt into the chat
template once more. The count of the prompt's tokens tells: only raw, and only by the model's own
tokenizer, do the probe's special tokens count as one each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import ValidationError

from spyhop.models.endpoint import Endpoint
from spyhop.models.wire import Wire
from spyhop.prompting import fim, r1

# With and without BOS.
_PROBE_TOKENS: Final = frozenset({3, 4})
_OLLAMA: Final = "fp_ollama"


class _Count(Wire):
    prompt_tokens: int


class _Probed(Wire):
    usage: _Count
    system_fingerprint: str | None = None


def own_tokens(name: str) -> tuple[str, ...]:
    """Return special tokens of a model that a prompt would be written for by hand; else none."""
    if r1.is_r1(name, ""):
        return r1.USER, r1.ASSISTANT
    template = fim.template_for(name)
    return () if template is None else template.tokens


async def takes_raw(endpoint: Endpoint, model: str, tokens: Sequence[str]) -> bool:
    """Tell whether the model's special ``tokens``, two or more, arrive as such at ``/completions``.

    Raises:
        ModelError: the server refuses, or cannot be asked.
    """
    prompt = f"{tokens[0]}1{tokens[1]}"
    probe = {"model": model, "prompt": prompt, "max_tokens": 1, "temperature": 0}
    try:
        answer = _Probed.model_validate_json(await endpoint.post("/completions", probe))
    except ValidationError:
        return False
    # Ollama counts only the tokens that it had not read before.
    ollama = answer.system_fingerprint == _OLLAMA
    return answer.usage.prompt_tokens in _PROBE_TOKENS and not ollama
