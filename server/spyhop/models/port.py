"""The port that every model is behind: a request in, thoughts and text out, then done."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from spyhop.core.lines import is_blank
from spyhop.core.stream import Text, Thought
from spyhop.core.thinking import Start
from spyhop.prompting.fim import Infill
from spyhop.prompting.r1 import OPEN_THOUGHT, Turn

Format: TypeAlias = Literal["r1", "chat"]
ThoughtOff: TypeAlias = Literal[
    "closed", "think", "effort", "type", "template", "budget", "needless", "impossible"
]
"""How a thought is left out.

``closed``: the prompt closes it, empty. ``think``: Ollama's ``think: false``. ``effort``:
``reasoning_effort: "none"``. ``type``: DeepSeek's ``thinking: {"type": "disabled"}``. ``template``:
the template's ``enable_thinking``. ``budget``: llama.cpp's ``reasoning_budget_tokens``.
``needless``: the model does not think. ``impossible``: it always does.
"""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a generation cost, as the runtime tells; None where it does not."""

    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    """How many of the prompt's tokens the runtime had read before."""
    answer_tokens: int | None = None
    """Thought and answer together."""
    prompt_seconds: float | None = None
    """How long the prompt took to be read, what was cached left out."""
    answer_seconds: float | None = None
    """How long thought and answer took to be written."""
    loading_seconds: float | None = None
    """How long the model took to be loaded before it."""


@dataclass(frozen=True, slots=True)
class Done:
    """The model is done: by itself (``stop``), or because its context was full (``length``)."""

    reason: Literal["stop", "length"]
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Spent:
    """What the generation has cost so far."""

    usage: Usage


Delta: TypeAlias = Thought | Text | Spent | Done


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the model: turns, or in their place a prompt written by hand, or a gap."""

    turns: tuple[Turn, ...]
    beginning: str = OPEN_THOUGHT
    """What the answer begins with; the model goes on from there. Only R1's format has it."""
    thinks: bool = True
    """Whether a thought is wanted; where not, ``beginning`` has closed it already."""
    temperature: float = 0.6
    top_p: float = 0.95
    stop: tuple[str, ...] = ()
    max_tokens: int | None = None
    """After how many tokens the output is cut off; None: when the context is full."""
    prompt: str | None = None
    """Sent as it is, in place of the turns, to a runtime that takes it: `Abilities.raw`."""
    gap: Infill | None = None
    """To be filled in, in place of the turns, by a runtime that does: `Abilities.infill`."""
    tells_spent: bool = False
    """Whether `Spent` is wanted behind each piece, where the runtime tells: the stream may be
    closed before its end."""

    @property
    def messages(self) -> list[dict[str, str]]:
        """The turns as chat APIs take them."""
        return [{"role": turn.role, "content": turn.text} for turn in self.turns]

    @property
    def readable(self) -> str:
        """The question as a person reads it."""
        if self.prompt is not None:
            return self.prompt
        if self.gap is not None:
            return f"[before]\n{self.gap.before}\n\n[after]\n{self.gap.after}"
        return "\n\n".join(f"[{turn.role}]\n{turn.text}" for turn in self.turns)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a runtime can do with a model; None where it does not tell and was not found out."""

    raw: bool | None = None
    """A prompt written by hand is taken as it is, special tokens and all."""
    prefill: bool | None = None
    """An answer that is begun in the prompt, behind a thought or not, is gone on with."""
    thought_off: ThoughtOff | None = None
    """How a thought is left out."""
    infill: bool | None = None
    """The gap between a prefix and a suffix is filled: `/infill`, or Ollama's ``suffix``."""
    counts_tokens: bool | None = None
    """The runtime counts a text's tokens when it is asked to."""
    tells_cached: bool | None = None
    """The end of a stream tells how many of the prompt's tokens were read before."""


@dataclass(frozen=True, slots=True)
class Server:
    """The program that serves a model, as far as it tells."""

    name: str = ""
    """As its users call it: ``Ollama``, ``llama.cpp``; empty where it is not recognised."""
    version: str = ""


@dataclass(slots=True)
class Learned:
    """What a model's outputs have shown so far; all requests to it share this."""

    opens_thought: bool = False
    """Whether outputs begin inside a thought: one closed a thought that it had not opened."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of a model before it is asked."""

    name: str
    context_tokens: int
    """How many tokens prompt, thought and answer may take together."""
    format: Format
    """``r1``: the prompt is written by hand; ``chat``: the runtime's template writes it."""
    abilities: Abilities = Abilities()
    server: Server = Server()
    model_context_tokens: int | None = None
    """The most that the model was made for, or that its server gives it; None: not told."""
    size_bytes: int | None = None
    parameters: str = ""
    """How many parameters it has, as people say it: ``7.6B``; empty where it is not told."""
    quantisation: str = ""
    """How its weights are rounded: ``Q4_K_M``; empty where it is not told."""
    template: str = ""
    """The runtime's chat template; empty where it does not show it."""
    template_opens: bool | None = None
    """Whether it opens the thought; None where that is not known."""
    listed_instead: tuple[str, ...] = ()
    """What its server lists, where this model is not among it and may be asked for in vain."""
    learned: Learned = field(default_factory=Learned, compare=False)

    @property
    def can_go_on(self) -> bool:
        """Whether an answer that is begun in the prompt is gone on with."""
        return self.format == "r1"

    def start_of(self, request: Request) -> Start:
        """Return whether the output begins inside a thought."""
        if request.prompt is not None or request.gap is not None:
            return Start.BEGUN
        if self.format == "chat":
            return Start.OPENED if self.learned.opens_thought and request.thinks else Start.UNKNOWN
        _, opening, thought = request.beginning.rpartition("<think>")
        _, close, answer = request.beginning.rpartition("</think>")
        if opening and "</think>" not in thought:
            return Start.OPENED
        return Start.BEGUN if close and not is_blank(answer) else Start.CLOSED


class Model(Protocol):
    """A model that can be asked. Closing a stream makes the runtime stop generating."""

    async def info(self) -> ModelInfo:
        """Return what the runtime tells of the model; asked once, then remembered.

        Raises:
            ModelUnavailable: it cannot be reached or is not there.
        """
        ...

    def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        """Yield the output as it comes; the last delta is the one `Done`.

        Text may hold tags of thought where the runtime leaves them in.

        Raises:
            ModelUnavailable: it cannot be reached or is not there.
            ModelFailed: it refused, or broke off in the middle.
        """
        ...

    async def wire_prompt(self, request: Request) -> str:
        """Return the prompt exactly as it would be sent."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


class Runtime(Model, Protocol):
    """A model together with what serves it."""

    async def server(self) -> Server:
        """Return what answers, whether it has the model or not; asked anew each time.

        Raises:
            ModelUnavailable: nothing does, or not as this backend's servers do.
        """
        ...

    async def loaded_context_tokens(self) -> int | None:
        """Return the context that the model is in memory with; None: it is not, or nobody tells.

        Raises:
            ModelUnavailable: it cannot be reached or is not there.
        """
        ...
