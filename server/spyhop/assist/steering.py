"""How a thought is ended before its time, so that the answer is made from it as it is then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from spyhop.models.port import Request
from spyhop.prompting.r1 import CLOSE_THOUGHT
from spyhop.settings import ThinkingSettings

Why: TypeAlias = Literal["asked", "tokens", "seconds", "loop"]


@dataclass(slots=True)
class Steering:
    """What ends a thought early: the user, a budget of tokens or of seconds."""

    opening: str
    """What the answer begins with then: the line that opens its fence."""
    budget: ThinkingSettings
    asked: bool = False
    """Whether the user has asked for the answer."""

    def answer_now(self) -> None:
        """End the thought at the model's next token; without effect once it has ended."""
        self.asked = True

    def due(self, tokens: int, seconds: float) -> Why | None:
        """Return why a thought of this length is to end now; None while it may go on."""
        if self.asked:
            return "asked"
        if self.budget.max_tokens is not None and tokens >= self.budget.max_tokens:
            return "tokens"
        if self.budget.max_seconds is not None and seconds >= self.budget.max_seconds:
            return "seconds"
        return None

    def answering(self, request: Request, thought: str) -> Request:
        """Return the request that goes on from ``thought`` with the answer.

        It begins as ``request`` and what came of it, so the runtime need not read that again.
        """
        beginning = request.beginning + thought.rstrip() + CLOSE_THOUGHT + self.opening
        return replace(request, beginning=beginning)
