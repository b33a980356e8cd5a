"""OpenAI's API as each runtime speaks it, from a scripted server.

with ScriptedOpenAi([dialogue("x = 1", "hm")], VLLM) as server:
    … OpenAi(server.url, None, context_tokens=8192) …
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from spyhop.models.scripted.server import Ending, Recorded, Reply, ScriptedServer, cut, tokens_of
from spyhop.models.scripted.shapes import VLLM, ErrorBody, Shape

_STREAM: Final = "text/event-stream"
_JSON: Final = "application/json"
_CHAT: Final = "/chat/completions"
_PROMPT_TOKENS: Final = 100
_ANSWER_TOKENS: Final = 20


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What the model says, before it is put into the bytes of a runtime."""

    text: Sequence[str]
    """The pieces of the answer."""
    thinking: Sequence[str] = ()
    """The pieces of the thought before it."""
    finish_reason: str | None = "stop"
    """None: the stream ends without one, and without ``[DONE]``."""
    error: str | None = None
    """A fault that the runtime reports behind the text, in mid-stream."""
    shape: Shape = VLLM
    """`ScriptedOpenAi` puts in its own."""
    cuts: Sequence[int] | None = None
    """The sizes, repeated, of the pieces in which bytes leave; None: one event each."""
    ending: Ending = "whole"
    hold_after: int | None = None
    delay: float = 0.0

    def reply(self, path: str) -> Reply:
        """Return this dialogue in the bytes of the endpoint ``path``."""
        events = self._chat() if path.endswith(_CHAT) else self._completion()
        if self.error is not None:
            events.append(event({"error": {"message": self.error, "type": "server_error"}}))
        elif self.finish_reason is not None:
            events += [*self._end(path), b"data: [DONE]\n\n"]
        pieces = events if self.cuts is None else list(cut(b"".join(events), self.cuts))
        return Reply(
            tuple(pieces),
            content_type=_STREAM,
            ending=self.ending,
            hold_after=self.hold_after,
            delay=self.delay,
        )

    def _chat(self) -> list[bytes]:
        shape = self.shape
        deltas: list[Mapping[str, Any]] = []
        if shape.first is not None:
            deltas.append({"role": "assistant", **shape.first})
        if self.thinking:
            deltas += self._thought()
        for number, piece in enumerate(self.text):
            deltas.append({"content": piece if number else shape.before_text + piece})
        chunks = [self._chunk({"index": 0, "delta": delta}) for delta in deltas]
        return [*chunks[:1], shape.comment, *chunks[1:]] if shape.comment else chunks

    def _thought(self) -> list[Mapping[str, Any]]:
        shape = self.shape
        pieces = [shape.before_thought + self.thinking[0], *self.thinking[1:]]
        match shape.thought:
            case "tags" | "close":
                opening = ["<think>\n"] if shape.thought == "tags" else []
                close = ["\n</think>", "\n\n"] if self.text else []
                return [{"content": it} for it in [*opening, *pieces, *close]]
            case "both":
                return [{"reasoning": it, "reasoning_content": it} for it in pieces]
            case name:
                return [{name: it} for it in pieces]

    def _completion(self) -> list[bytes]:
        """Return the events of a prompt written by hand, which has opened the thought."""
        close = ["\n</think>\n\n"] if self.text else []
        pieces = [*self.thinking, *close, *self.text]
        return [self._chunk({"index": 0, "text": piece}) for piece in pieces]

    def _end(self, path: str) -> list[bytes]:
        delta: Mapping[str, Any] = {"delta": {}} if path.endswith(_CHAT) else {"text": ""}
        last = {"index": 0, **delta, "finish_reason": self.finish_reason}
        usage = {
            "prompt_tokens": _PROMPT_TOKENS,
            "completion_tokens": _ANSWER_TOKENS,
            "prompt_tokens_details": {"cached_tokens": 60},
        }
        match self.shape.usage:
            case "chunk":
                return [self._chunk(last), self._chunk(None, usage=usage)]
            case "last":
                return [self._chunk(last, usage=usage)]
            case "timings":
                told = {"cache_n": 60, "prompt_n": 40, "predicted_n": _ANSWER_TOKENS}
                return [self._chunk(last, timings=told)]
            case "none":
                return [self._chunk(last)]

    def _chunk(self, choice: Mapping[str, Any] | None, **more: Any) -> bytes:
        base: dict[str, Any] = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1}
        if self.shape.fingerprint:
            base["system_fingerprint"] = self.shape.fingerprint
        choices = [] if choice is None else [{"finish_reason": None} | dict(choice)]
        return event(base | {"choices": choices} | more)


def event(data: object) -> bytes:
    """Return a server-sent event that holds ``data`` as JSON."""
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n"


def dialogue(text: str, thinking: str = "", **options: Any) -> Dialogue:
    """Return the dialogue of a model that thinks ``thinking`` and then answers ``text``."""
    return Dialogue(tokens_of(text), tokens_of(thinking), **options)


def refusal(
    status: int, words: str, body: ErrorBody = "openai", headers: Mapping[str, str] | None = None
) -> Reply:
    """Return an error status with ``words`` in a body as runtimes write it."""
    sent = tuple((headers or {}).items())
    if body == "text":
        return Reply((words.encode(),), status, "text/plain", sent)
    values: Any = {
        "openai": {"error": {"message": words, "type": "error", "param": None, "code": None}},
        "detail": {"detail": words},
        "string": {"error": words},
    }[body]
    return Reply((json.dumps(values, ensure_ascii=False).encode(),), status, _JSON, sent)


class ScriptedOpenAi(ScriptedServer):
    """A server of OpenAI's API in the shape of one runtime.

    ``models`` are the ids that it lists. Of requests that are not streamed, it answers the listing
    and the probe for raw prompts.
    """

    generating: ClassVar[frozenset[str]] = frozenset(
        f"{base}{path}" for base in ("/v1", "/api") for path in (_CHAT, "/completions")
    )

    def __init__(
        self,
        replies: Iterable[Dialogue | Reply],
        shape: Shape = VLLM,
        *,
        models: Sequence[str] | None = None,
        listing: Reply | None = None,
        probed: Reply | None = None,
    ) -> None:
        super().__init__(
            replace(it, shape=shape) if isinstance(it, Dialogue) else it for it in replies
        )
        self._shape = shape
        self._models = [shape.model] if models is None else list(models)
        self._listing = listing
        self._probed = probed

    @property
    def base(self) -> str:
        """What ``url`` in the settings is for this server."""
        return self.url + self._shape.base

    def _generates(self, request: Recorded) -> bool:
        return super()._generates(request) and bool(request.body.get("stream"))

    def _facts(self, request: Recorded) -> Reply:
        shape = self._shape
        if request.path == f"{shape.base}/models":
            listed = [{"id": id_, "object": "model", **shape.listed} for id_ in self._models]
            return self._listing or _json({"object": "list", "data": listed}, shape.headers)
        if request.path == f"{shape.base}/completions":
            return self._probed or self._probe()
        if (fact := shape.facts.get(request.path)) is not None:
            if isinstance(fact, int):
                return refusal(fact, "Not supported", shape.error)
            return fact if isinstance(fact, Reply) else _json(fact)
        return refusal(404, "Not Found", shape.error)

    def _probe(self) -> Reply:
        """Answer as a server with R1's tokenizer: raw, or with the template around the prompt."""
        shape = self._shape
        if shape.base != "/v1":
            return refusal(405, "Method Not Allowed", shape.error)
        tokens = 4 if shape.raw else 8
        return _json(
            {
                "choices": [{"text": "x", "finish_reason": "length"}],
                "usage": {"prompt_tokens": tokens, "completion_tokens": 1},
                "system_fingerprint": shape.fingerprint,
            }
        )


def _json(body: object, headers: Mapping[str, str] | None = None) -> Reply:
    sent = tuple((headers or {}).items())
    return Reply((json.dumps(body).encode(),), content_type=_JSON, headers=sent)
