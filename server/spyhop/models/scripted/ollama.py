"""Ollama's wire bytes, from a scripted server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar, Final

from spyhop.models.scripted.server import (
    NOT_FOUND,
    Ending,
    Recorded,
    Reply,
    ScriptedServer,
    cut,
    tokens_of,
)

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


@dataclass(frozen=True, slots=True)
class Pull:
    """How one ``/api/pull`` goes: its layers by their sizes in bytes, one after the other."""

    layers: Sequence[int] = (4_683_073_952, 1_125, 148)
    start: int = 0
    """How much of the first layer is there from a pull before this one."""
    steps: int = 4
    """How often Ollama tells of a layer."""
    error: str | None = None
    """A fault that Ollama reports instead of verifying, as all of a pull's are: in mid-stream."""
    ends: bool = True
    """False: the stream ends before ``success``."""
    cuts: Sequence[int] | None = None
    ending: Ending = "whole"
    hold_after: int | None = None

    @property
    def records(self) -> list[dict[str, object]]:
        """The records, in Ollama's order; what is 0 is left out, as its fields' tags say."""
        told: list[dict[str, object]] = [{"status": "pulling manifest"}]
        for number, total in enumerate(self.layers):
            digest = digest_of(str(number))
            start = 0 if number else self.start
            for step in range(self.steps + 1):
                completed = start + (total - start) * step // self.steps
                record = {"status": f"pulling {digest[7:19]}", "digest": digest, "total": total}
                told.append(record | ({"completed": completed} if completed else {}))
        if self.error is not None:
            return [*told, {"error": self.error}]
        last = ["verifying sha256 digest", "writing manifest", *(["success"] if self.ends else [])]
        return told + [{"status": status} for status in last]

    @property
    def reply(self) -> Reply:
        """This pull in bytes."""
        lines = [json.dumps(record).encode() + b"\n" for record in self.records]
        pieces = lines if self.cuts is None else list(cut(b"".join(lines), self.cuts))
        return Reply(tuple(pieces), ending=self.ending, hold_after=self.hold_after)


def digest_of(text: str) -> str:
    """Return a digest as Ollama writes them."""
    return f"sha256:{sha256(text.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class InMemory:
    """How a model is in memory."""

    gpu_share: float = 1.0
    """How much of it is on a graphics card, 0 to 1."""
    context_tokens: int = 8192
    """The context that it was loaded with."""


class ScriptedOllama(ScriptedServer):
    """An Ollama. ``models`` are the installed names with their sizes in bytes.

    ``template`` is what ``/api/show`` tells of each. ``running`` are those in memory. Pulls
    take the next of ``pulls``, the last one again.
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
        running: Mapping[str, InMemory] | None = None,
        pulls: Sequence[Pull | Reply] = (Pull(),),
    ) -> None:
        super().__init__(replies)
        self._models = {"deepseek-r1:7b": 4_700_000_000} if models is None else models
        self._template = template
        self._context_length = context_length
        self._capabilities = list(capabilities)
        self._version = version
        self._running = running or {}
        self._pulls = list(pulls)
        self._pulled = 0

    @property
    def preloads(self) -> list[Recorded]:
        """Every request so far that only loads a model."""
        return [request for request in self.requests if self._loads(request)]

    def _loads(self, request: Recorded) -> bool:
        # Whatever its other fields are.
        body = request.body
        empty = "model" in body and not (body.get("prompt") or body.get("messages"))
        return empty and request.path in self.generating

    def _generates(self, request: Recorded) -> bool:
        return super()._generates(request) and not self._loads(request)

    def _facts(self, request: Recorded) -> Reply:
        if self._loads(request):
            return self._json(self._loading(request))
        name = str(request.body.get("model"))
        answers = {
            "/api/version": lambda: self._json({"version": self._version}),
            "/api/tags": lambda: self._json({"models": [*map(self._tag, self._models)]}),
            "/api/ps": lambda: self._json({"models": [*map(self._process, self._running)]}),
            "/api/show": lambda: self._show(name),
            "/api/pull": lambda: self._pull(name),
        }
        answer = answers.get(request.path)
        return answer() if answer else super()._facts(request)

    def _json(self, body: object, status: int = 200) -> Reply:
        data = json.dumps(body).encode()
        return Reply((data,), status, content_type="application/json; charset=utf-8")

    def _loading(self, request: Recorded) -> dict[str, object]:
        told = {"model": request.body["model"], "created_at": "2026-01-01T00:00:00Z"}
        message = {"message": {"role": "assistant", "content": ""}}
        nothing = message if request.path == "/api/chat" else {"response": ""}
        return told | nothing | {"done": True, "done_reason": "load"}

    def _tag(self, name: str) -> dict[str, object]:
        return {
            "name": name,
            "model": name,
            "modified_at": "2026-01-01T08:00:00.123456789+08:00",
            "size": self._models[name],
            "digest": digest_of(name)[7:],
            "details": self._details,
        }

    def _process(self, name: str) -> dict[str, object]:
        size = self._models[name]
        return {
            "name": name,
            "model": name,
            "size": size,
            "digest": digest_of(name)[7:],
            "details": self._details,
            "expires_at": "2026-01-01T12:30:00.123456789+08:00",
            "size_vram": int(size * self._running[name].gpu_share),
            "context_length": self._running[name].context_tokens,
        }

    @property
    def _details(self) -> dict[str, object]:
        return {
            "parent_model": "",
            "format": "gguf",
            "family": "qwen2",
            "families": ["qwen2"],
            "parameter_size": "7.6B",
            "quantization_level": "Q4_K_M",
        }

    def _show(self, name: str) -> Reply:
        if name not in self._models:
            return self._json({"error": f"model '{name}' not found"}, NOT_FOUND)
        facts = {"general.architecture": "qwen2", "qwen2.context_length": self._context_length}
        return self._json(
            {
                "template": self._template,
                "details": self._details,
                "model_info": facts,
                "capabilities": self._capabilities,
            }
        )

    def _pull(self, name: str) -> Reply:
        pull = self._pulls[min(self._pulled, len(self._pulls) - 1)]
        self._pulled += 1
        if isinstance(pull, Reply):
            return pull
        if pull.ends and pull.error is None:
            self._models[name] = sum(pull.layers)
        return pull.reply
