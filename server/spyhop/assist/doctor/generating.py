"""Checks that have the model generate something: an answer, a thought, a prefill, a cached prompt.

Each asks for little, so that a doctor tells in seconds what it can.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from spyhop.assist.doctor.checks import Check, Fact
from spyhop.assist.doctor.hearing import Heard, hear
from spyhop.assist.steering import Steering
from spyhop.messages import Notice
from spyhop.models.port import Model, Request, Usage
from spyhop.prompting.r1 import NO_THOUGHT, Turn
from spyhop.settings import ThinkingSettings

# The first question may have to wait until the model is loaded.
_LOADING_SECONDS: Final = 180.0
_SECONDS: Final = 60.0
# A model that is loaded already also takes some milliseconds.
_LOADED_SECONDS: Final = 0.5
# In tokens a second: a thought of 500 tokens takes two minutes.
_SLOW: Final = 4.0
_EXCERPT: Final = 40

_COUNT: Final = "Count from 1 to 20. Write only the numbers, with a space between them."
_SUM: Final = "What is 17 + 25? Answer in one word."
_WORDS: Final = "Write the numbers from one to ten as words in a code block, one a line."
_BEGUN: Final = "```\none\ntwo\nthree\n"
_NEXT: Final = "four"
_LINE: Final = "This line is read once and then remembered, if the server remembers prompts.\n"
_LINES: Final = 16
# Timings that differ by less may differ by chance.
_CACHED: Final = 0.5
_EVALUATED: Final = 0.8
_MEASURABLE_SECONDS: Final = 0.05


async def answer(model: Model) -> Check:
    """Check that an answer comes, and measure how soon and how fast.

    Raises:
        ModelError: the model cannot be asked or broke off.
    """
    heard = await hear(model, _without_thought(_COUNT, 48), _LOADING_SECONDS)
    usage, speed = heard.usage, heard.tokens_per_second
    facts: dict[str, Fact] = {
        "first_token_seconds": round(heard.first_seconds, 3) if heard.pieces else None,
        "tokens_per_second": None if speed is None else round(speed, 1),
        "loading_seconds": _rounded(usage.loading_seconds),
        "prompt_tokens": usage.prompt_tokens,
        "answer_tokens": usage.answer_tokens,
    }
    if not heard.pieces:
        key = "doctor-answer-late" if heard.late else "doctor-answer-empty"
        message = Notice.of(key, seconds=round(heard.seconds))
        return Check("answer", "failed", message, Notice.of("doctor-mend-log"), facts)
    values = {"first": _shown(heard.first_seconds)}
    if speed is None:
        return Check("answer", "ok", Notice.of("doctor-answer-first", **values), None, facts)
    values |= {"speed": _shown(speed)}
    if (loading := usage.loading_seconds or 0.0) >= _LOADED_SECONDS:
        message = Notice.of("doctor-answer-loaded", loading=_shown(loading), **values)
    else:
        message = Notice.of("doctor-answer-speed", **values)
    if speed < _SLOW:
        return Check("answer", "warning", message, Notice.of("doctor-mend-slow"), facts)
    return Check("answer", "ok", message, None, facts)


async def thinking(model: Model) -> Check:
    """Check that a thought arrives apart from the answer, and can be ended early.

    Raises:
        ModelError: the model cannot be asked or broke off.
    """
    can_end = (await model.info()).can_go_on
    steering = Steering("", ThinkingSettings(max_tokens=24)) if can_end else None
    request = Request((Turn("user", _SUM),), max_tokens=96)
    heard = await hear(model, request, _SECONDS, steering)
    reading = heard.reading
    ended = reading.ended_early is not None
    facts: dict[str, Fact] = {
        "thought": bool(reading.thinking),
        "can_end_early": can_end,
        "ended_early": ended,
        "answered": bool(reading.answer.strip()),
    }
    if not reading.thinking:
        return Check("thinking", "warning", _unthought(heard), None, facts)
    if ended and not reading.answer.strip():
        message = Notice.of("doctor-thinking-no-answer")
        return Check("thinking", "warning", message, None, facts)
    if reading.reclassified:
        return Check("thinking", "ok", Notice.of("doctor-thinking-close-only"), None, facts)
    key = "doctor-thinking-ends" if ended else "doctor-thinking-apart"
    return Check("thinking", "ok", Notice.of(key), None, facts)


async def prefill(model: Model) -> Check:
    """Check that the model goes on with an answer that is begun, and does not begin anew.

    Raises:
        ModelError: the model cannot be asked or broke off.
    """
    if not (await model.info()).can_go_on:
        mend = Notice.of("doctor-mend-prefill")
        facts: dict[str, Fact] = {"goes_on": False}
        return Check("prefill", "warning", Notice.of("doctor-prefill-none"), mend, facts)
    request = _without_thought(_WORDS, 16)
    request = replace(request, beginning=request.beginning + _BEGUN, temperature=0.0)
    written = (await hear(model, request, _SECONDS)).reading.answer
    goes_on = continues(written)
    facts = {"goes_on": goes_on, "written": written}
    if goes_on:
        return Check("prefill", "ok", Notice.of("doctor-prefill-works"), None, facts)
    if not written.strip():
        return Check("prefill", "warning", Notice.of("doctor-prefill-nothing"), None, facts)
    key = "doctor-prefill-unclear" if goes_on is None else "doctor-prefill-anew"
    message = Notice.of(key, written=_excerpt(written))
    return Check("prefill", "warning", message, None, facts)


async def cache(model: Model, nonce: str) -> Check:
    """Check that a prompt that was read before is not read again.

    ``nonce`` makes it one that no server has read before.

    Raises:
        ModelError: the model cannot be asked or broke off.
    """
    text = f"{nonce}\n{_LINE * _LINES}"
    first = (await hear(model, _without_thought(f"{text}1", 1), _SECONDS)).usage
    second = (await hear(model, _without_thought(f"{text}2", 1), _SECONDS)).usage
    facts: dict[str, Fact] = {
        "prompt_tokens": second.prompt_tokens,
        "cached_tokens": second.cached_tokens,
        "first_prompt_seconds": _rounded(first.prompt_seconds),
        "second_prompt_seconds": _rounded(second.prompt_seconds),
    }
    match cached(first, second):
        case True:
            return Check("cache", "ok", Notice.of("doctor-cache-works"), None, facts)
        case False:
            vllm = (await model.info()).server.name == "vLLM"
            mend = Notice.of("doctor-mend-cache") if vllm else None
            return Check("cache", "warning", Notice.of("doctor-cache-none"), mend, facts)
        case None:
            return Check("cache", "skipped", Notice.of("doctor-cache-untold"), None, facts)


def continues(written: str) -> bool | None:
    """Tell whether ``written`` goes on from what was begun; None: it does not, nor begins anew."""
    # Some models close the thought once more, which is no harm.
    visible = written.strip().lower().removeprefix("</think>").lstrip()
    if visible.startswith(_NEXT):
        return True
    return False if visible.startswith(("```", "~~~", "<think>", "one")) else None


def cached(first: Usage, second: Usage) -> bool | None:
    """Tell whether the second of two prompts of one beginning was read from the cache.

    By the count of cached tokens; else by that of the prompt's, for some runtimes count only those
    that they read; else by how long reading took. None where nothing tells clearly.
    """
    before, now = first.prompt_tokens, second.prompt_tokens
    if second.cached_tokens is not None and now:
        return second.cached_tokens >= _CACHED * now
    if before and now is not None and now <= _CACHED * before:
        return True
    if first.prompt_seconds is None or second.prompt_seconds is None:
        return None
    if first.prompt_seconds < _MEASURABLE_SECONDS:
        return None
    ratio = second.prompt_seconds / first.prompt_seconds
    return True if ratio <= _CACHED else False if ratio >= _EVALUATED else None


def _without_thought(question: str, max_tokens: int) -> Request:
    return Request((Turn("user", question),), NO_THOUGHT, thinks=False, max_tokens=max_tokens)


def _unthought(heard: Heard) -> Notice:
    """Return why there is no thought."""
    if not heard.reading.answer.strip():
        return Notice.of("doctor-thinking-late" if heard.late else "doctor-thinking-empty")
    return Notice.of("doctor-thinking-none")


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else line[:_EXCERPT] + "…"


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _shown(number: float) -> str:
    """Return seconds or a speed with the digits that matter."""
    if number < 1:
        return f"{number:.2f}"
    return f"{number:.1f}" if number < 10 else f"{number:.0f}"  # noqa: PLR2004 - two digits
