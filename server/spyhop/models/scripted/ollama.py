"""Ollama's wire bytes, from a scripted server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from spyhop.models.scripted.server import Ending, Recorded, Reply, ScriptedServer, cut, tokens_of

R1_TEMPLATE: Final = "{{ .System }}<｜User｜>{{ .Prompt }}<｜Assistant｜><think>\n{{ .Response }}"
PLAIN_TEMPLATE: Final = "{{ .Prompt }}"
_NS: Final = 1_000_000


def record(**fields: object) -> bytes:
    """Return one line of an Ollama stream."""
    base = {"model": "scripted", "created_at": "2026-01-01T00:00:00Z"}
    return json.dumps(base | fields, ensure_ascii=False).encode() + b"\n"


def done_record(
    path: str,
    reason: str = "stop",
    *,
    prompt_tokens: int = 100,
    prompt_seconds: float = 0.001,
    answer_seconds: float = 0.001,
) -> bytes:
    """Return the last line of an Ollama stream."""
    message: dict[str, object] = {"message": {"role": "assistant", "content": ""}}
    return record(
        **(message if path == "/api/chat" else {"response": ""}),
        done=True,
        done_reason=reason,
        total_duration=5 * _NS,
        load_duration=_NS,
        prompt_eval_count=prompt_tokens,
        prompt_eval_duration=round(prompt_seconds * 1000 * _NS),
        eval_count=20,
        eval_duration=round(answer_seconds * 1000 * _NS),
    )


@dataclass(frozen=True, slots=True)
class Script:
    """What the model says, before it is put into the bytes of one of the API's two endpoints."""

    text: Sequence[str]
    """The pieces of the text field, one a record."""
    thinking: Sequence[str] = ()
    """The pieces of the thinking field, sent before the text."""
    done_reason: str | None = "stop"
    """None: the stream ends with no ``done``."""
    prompt_tokens: int = 100
    """How many of the prompt's tokens were read for it: Ollama leaves out the cached ones."""
    prompt_seconds: float = 0.001
    answer_seconds: float = 0.001
    error: str | None = None
    """A fault that Ollama reports after the text, in mid-stream."""
    cuts: Sequence[int] | None = None
    """The sizes, repeated, of the pieces in which bytes leave; None: one record each."""
    ending: Ending = "whole"
    hold_after: int | None = None
    delay: float = 0.0

    def reply(self, path: str) -> Reply:
        """Return this script in the bytes of the endpoint ``path``."""
        lines = [self._line(path, "thinking", piece) for piece in self.thinking]
        lines += [self._line(path, "text", piece) for piece in self.text]
        if self.error is not None:
            lines.append(json.dumps({"error": self.error}).encode() + b"\n")
        elif self.done_reason is not None:
            lines.append(
                done_record(
                    path,
                    self.done_reason,
                    prompt_tokens=self.prompt_tokens,
                    prompt_seconds=self.prompt_seconds,
                    answer_seconds=self.answer_seconds,
                )
            )
        pieces = lines if self.cuts is None else list(cut(b"".join(lines), self.cuts))
        return Reply(
            tuple(pieces), ending=self.ending, hold_after=self.hold_after, delay=self.delay
        )

    def _line(self, path: str, field_: str, piece: str) -> bytes:
        if path == "/api/chat":
            name = "thinking" if field_ == "thinking" else "content"
            return record(message={"role": "assistant", "content": "", name: piece}, done=False)
        name = "thinking" if field_ == "thinking" else "response"
        return record(**({"response": ""} | {name: piece}), done=False)


def reply(output: str, **options: Any) -> Script:
    """Return the script of a model that writes ``output``, thought and tags included."""
    return Script(tokens_of(output), **options)


class ScriptedOllama(ScriptedServer):
    """An Ollama. ``models`` are the installed names with their sizes in bytes.

    ``template`` is what ``/api/show`` tells of each. ``running`` are those in memory, with the
    share of each that is on a graphics card; they were loaded with ``running_context``.
    """

    generating: ClassVar[frozenset[str]] = frozenset({"/api/chat", "/api/generate"})

    def __init__(
        self,
        replies: Iterable[Script | Reply],
        *,
        models: dict[str, int] | None = None,
        template: str = R1_TEMPLATE,
        context_length: int = 131_072,
        capabilities: Sequence[str] = ("completion", "thinking"),
        version: str = "0.30.0",
        running: Mapping[str, float] | None = None,
        running_context: int = 8192,
    ) -> None:
        super().__init__(replies)
        self._models = {"deepseek-r1:7b": 4_700_000_000} if models is None else models
        self._template = template
        self._context_length = context_length
        self._capabilities = list(capabilities)
        self._version = version
        self._running = running or {}
        self._running_context = running_context

    def _facts(self, request: Recorded) -> Reply:
        body: dict[str, Any]
        match request.path:
            case "/api/version":
                body = {"version": self._version}
            case "/api/tags":
                body = {"models": [{"name": n, "size": s} for n, s in self._models.items()]}
            case "/api/ps":
                body = {"models": [*map(self._process, self._running)]}
            case "/api/show":
                body = {
                    "template": self._template,
                    "capabilities": self._capabilities,
                    "details": {
                        "family": "qwen2",
                        "parameter_size": "7.6B",
                        "quantization_level": "Q4_K_M",
                    },
                    "model_info": {
                        "general.architecture": "qwen2",
                        "qwen2.context_length": self._context_length,
                    },
                }
            case _:
                return super()._facts(request)
        return Reply((json.dumps(body).encode(),), content_type="application/json")

    def _process(self, name: str) -> dict[str, object]:
        size = self._models[name]
        return {
            "name": name,
            "model": name,
            "size": size,
            "size_vram": int(size * self._running[name]),
            "context_length": self._running_context,
        }
