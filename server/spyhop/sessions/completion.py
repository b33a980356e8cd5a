"""One completion: what is asked of the model, what it gave, and what is decided for an editor.

An *ask* is the editor's: it wants to know what to show at a caret. A *request* is the model's. Both
have numbers of their own kind, never used twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """What a model is to complete."""

    id: int
    uri: str
    text: str
    """The whole document; one fetched ahead has the completion shown now in it."""
    caret: int
    """Offset in ``text``."""
    ahead: bool
    """Whether nobody has asked for it yet."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model gave at a caret, ready to be put in there."""

    text: str
    replaces: int = 0
    """How many characters behind the caret it takes the place of."""
    complete: bool = True
    """Whether the model came to an end, not to a limit of tokens or time."""

    @property
    def one_line(self) -> bool:
        """Whether it ends on the line it begins on."""
        return "\n" not in self.text.strip()


class Why(Enum):
    """Why an ask is answered with nothing."""

    EMPTY = "empty"
    """The model had nothing for this place."""
    FAILED = "failed"
    """The model's request has come to no end."""
    DISMISSED = "dismissed"
    """The user has sent away what was offered here, and nothing has changed since."""
    QUIET = "quiet"
    """The user has taken nothing for long, and this line has been tried."""
    BUSY = "busy"
    """The model works on something that goes first."""
    SUPERSEDED = "superseded"
    """There is a later ask, or the document has changed since."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Show ``text``. The ask is answered."""

    id: int
    """Whose completion it is; what `Completions.accepted` and ``dismissed`` want to know."""
    text: str
    replaces: int
    """How many characters behind the caret it takes the place of."""
    ahead: CompletionRequest | None
    """What to ask the model for meanwhile, without anyone waiting."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """Show nothing. The ask is answered."""

    why: Why


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the model, and decide again when `Orders.wake` says so."""

    request: CompletionRequest


@dataclass(frozen=True, slots=True)
class Keep:
    """The request that runs is the right one: decide again when `Orders.wake` says so."""

    request_id: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Decide again at ``until``, or when `Orders.wake` says so."""

    until: float


Verdict: TypeAlias = Answer | Nothing | Ask | Keep | Wait


@dataclass(frozen=True, slots=True)
class Orders:
    """What is to be done at once, before what a verdict says."""

    cancel: tuple[int, ...] = ()
    """The requests whose streams are closed; nothing more is told about them."""
    wake: tuple[int, ...] = ()
    """The asks that are decided again: `Completions.again`."""
    check_at: float | None = None
    """When to call `Completions.tick`: a request runs that nobody waits for."""

    def __add__(self, other: Orders) -> Orders:
        times = [time for time in (self.check_at, other.check_at) if time is not None]
        return Orders(self.cancel + other.cancel, self.wake + other.wake, min(times, default=None))


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of an ask."""

    ask: int
    verdict: Verdict
    orders: Orders = field(default=Orders())
