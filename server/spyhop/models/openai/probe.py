"""Whether a server takes a prompt written by hand, found out by asking for one token.

Most servers have ``/completions``, but Ollama and some gateways put the prompt into the chat
template once more. The count of the prompt's tokens tells: only raw, and only by R1's tokenizer, do
the probe's special tokens count as one each.
"""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError

from spyhop.models.endpoint import Endpoint
from spyhop.models.wire import Wire
from spyhop.prompting import r1

_PROBE: Final = f"{r1.USER}1{r1.ASSISTANT}"
# With and without BOS.
_PROBE_TOKENS: Final = frozenset({3, 4})
_OLLAMA: Final = "fp_ollama"


class _Count(Wire):
    prompt_tokens: int


class _Probed(Wire):
    usage: _Count
    system_fingerprint: str | None = None


async def takes_raw(endpoint: Endpoint, model: str) -> bool:
    """Tell whether R1's special tokens arrive as such at ``/completions``.

    Raises:
        ModelError: the server refuses, or cannot be asked.
    """
    probe = {"model": model, "prompt": _PROBE, "max_tokens": 1, "temperature": 0}
    try:
        answer = _Probed.model_validate_json(await endpoint.post("/completions", probe))
    except ValidationError:
        return False
    # Ollama counts only the tokens that it had not read before.
    ollama = answer.system_fingerprint == _OLLAMA
    return answer.usage.prompt_tokens in _PROBE_TOKENS and not ollama
