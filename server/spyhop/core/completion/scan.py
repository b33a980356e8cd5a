"""Strings, comments and brackets of code, read in order from a known state.

A reader can begin anywhere: what was opened before is not known to it, so a bracket that closes
nothing known is reported as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, Literal, NamedTuple, TypeAlias

from spyhop.core.completion.lexis import Lexis

CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_TO_LINE_END: Final = "\n"
_LINE_ENDS: Final = ("\n", "\r", "\r\n")
# A pair with words in between: what it opens it closes, be it in code, a string or a comment.
_PAIR: Final = re.compile(r"(?<!\\)\([\w ,.:=]*\)")
_PLAIN: Final = "~"

What: TypeAlias = Literal[
    "open", "close", "stray", "enter", "leave", "broken", "comment", "uncomment"
]


class State(NamedTuple):
    """What is open at a place."""

    inside: str = ""
    """What closes the string or comment; "\\n" in a comment that the line ends; empty in code."""
    stack: tuple[str, ...] = ()
    """The brackets that are to close, innermost last."""
    is_comment: bool = False


class Step(NamedTuple):
    """A place where the state changes."""

    start: int
    """The 0-based character that the change begins with."""
    end: int
    """Behind the characters that make it."""
    what: What
    """A bracket opens or closes, or closes nothing known; a string or comment begins or ends; a
    string is broken by the end of its line."""
    state: State
    """The state behind it."""


def steps(lexis: Lexis, text: str, state: State | None = None) -> Iterator[Step]:
    """Yield where ``text``, which begins in ``state``, changes what is open."""
    state = state or State()
    at = 0
    while True:
        found = (_end_of(state.inside, lexis) if state.inside else lexis.token).search(text, at)
        if not found:
            return
        at = found.end()
        if state.inside:
            if found["end"] is None:
                continue
            is_broken = found.group() in _LINE_ENDS and state.inside in lexis.strings
            what: What = "broken" if is_broken else "uncomment" if state.is_comment else "leave"
            state = State("", state.stack)
        elif found.lastgroup == "literal":
            continue
        else:
            what, state = _entered(found, lexis, state)
        yield Step(found.start(), at, what, state)


def without_pairs(text: str) -> str:
    """Return ``text``, as long, without pairs of parentheses that change nothing behind them.

    There are fewer `steps` then, which is what takes time, and all others are the same.
    """
    return _PAIR.sub(lambda pair: _PLAIN * len(pair.group()), text)


def state_behind(lexis: Lexis, text: str, state: State | None = None) -> State:
    """Return the state at the end of ``text``, which begins in ``state``."""
    state = state or State()
    for step in steps(lexis, text, state):
        state = step.state
    return state


def without_comment(lexis: Lexis, line: str) -> str:
    """Return ``line``, which begins in code, without a comment at its end and white space there."""
    begin = len(line)
    for step in steps(lexis, line):
        if step.what == "comment":
            begin = step.start
        elif step.what == "uncomment" and line[step.end :].strip():
            begin = len(line)
    return line[:begin].rstrip()


def _entered(found: re.Match[str], lexis: Lexis, state: State) -> tuple[What, State]:
    token, stack = found.group(), state.stack
    match found.lastgroup:
        case "open":
            return "open", State("", (*stack, CLOSING[token]))
        case "close" if token in stack:
            # What an inner bracket misses is not waited for.
            last = len(stack) - 1 - stack[::-1].index(token)
            return "close", State("", stack[:last])
        case "close":
            return "stray", state
        case "line":
            return "comment", State(_TO_LINE_END, stack, is_comment=True)
        case "block":
            return "comment", State(dict(lexis.block_comments)[token], stack, is_comment=True)
        case _:
            return "enter", State(token, stack)


@cache
def _end_of(closing: str, lexis: Lexis) -> re.Pattern[str]:
    r"""Return what ends a string or comment, or is an escape in a string."""
    if closing not in lexis.strings:
        ends = r"\r\n|[\r\n]" if closing == _TO_LINE_END else re.escape(closing)
        return re.compile(f"(?P<end>{ends})")
    ends = re.escape(closing)
    if closing not in lexis.over_lines:
        ends += r"|[\r\n]"
    return re.compile(rf"\\(?:\r\n|.)|(?P<end>{ends})", re.DOTALL)
