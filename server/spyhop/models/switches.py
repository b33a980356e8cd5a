"""What switches a thought off, in each runtime's own words."""

from __future__ import annotations

from typing import Any, Final

from spyhop.models.port import ThoughtOff

# Where the template knows no switch, a budget of one token makes llama.cpp close the thought.
_OFF: Final[dict[ThoughtOff, dict[str, Any]]] = {
    "think": {"think": False},
    "effort": {"reasoning_effort": "none"},
    "type": {"thinking": {"type": "disabled"}},
    "template": {"chat_template_kwargs": {"enable_thinking": False}},
    "budget": {"reasoning_budget_tokens": 1},
}


def without_thought(way: ThoughtOff | None) -> dict[str, Any]:
    """Return what a chat request says so that no thought comes; nothing where there is no way."""
    return {} if way is None else _OFF.get(way, {})
