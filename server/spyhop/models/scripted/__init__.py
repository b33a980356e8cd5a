r"""Scripted models: runtimes' wire bytes from a server on loopback, for tests and benchmarks.

with ScriptedOllama([reply("<think>\nhm\n</think>\n\n```python\nx = 1\n```")]) as server:
    … Ollama(server.url, None) …
    assert server.requests[0].body["raw"]
"""

from spyhop.models.scripted.ollama import (
    PLAIN_TEMPLATE,
    R1_TEMPLATE,
    InMemory,
    Pull,
    Script,
    ScriptedOllama,
    done_record,
    record,
    reply,
)
from spyhop.models.scripted.openai import Dialogue, ScriptedOpenAi, dialogue, refusal
from spyhop.models.scripted.server import (
    Answer,
    Ending,
    Recorded,
    Reply,
    ScriptedServer,
    cut,
    tokens_of,
)
from spyhop.models.scripted.shapes import SHAPES, Shape

__all__ = [
    "PLAIN_TEMPLATE",
    "R1_TEMPLATE",
    "SHAPES",
    "Answer",
    "Dialogue",
    "Ending",
    "InMemory",
    "Pull",
    "Recorded",
    "Reply",
    "Script",
    "ScriptedOllama",
    "ScriptedOpenAi",
    "ScriptedServer",
    "Shape",
    "cut",
    "dialogue",
    "done_record",
    "record",
    "refusal",
    "reply",
    "tokens_of",
]
