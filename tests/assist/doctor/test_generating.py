"""What the model generates for the doctor, and what is read from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakemodel import FakeModel
from spyhop.assist.doctor import generating
from spyhop.assist.doctor.checks import Check
from spyhop.assist.doctor.generating import cached, continues
from spyhop.core.stream import Text, Thought
from spyhop.models.port import Delta, Done, Usage

pytestmark = pytest.mark.anyio

TOKENS = [Text(f"{number} ") for number in range(1, 21)]
counts = st.integers(0, 10_000)
times = st.floats(0, 1000, allow_nan=False)


# The cache


@given(prompt=st.integers(1, 10_000), share=st.floats(0, 1))
def test_a_count_of_cached_tokens_decides(prompt: int, share: float) -> None:
    told = Usage(prompt, round(prompt * share), prompt_seconds=1.0)
    assert cached(Usage(prompt, 0, prompt_seconds=1.0), told) is (told.cached_tokens >= prompt / 2)  # type: ignore[operator]


@given(first=counts, second=counts, before=times, after=times)
def test_a_cache_that_made_it_slower_and_read_as_much_is_none(
    first: int, second: int, before: float, after: float
) -> None:
    verdict = cached(
        Usage(first, prompt_seconds=before),
        Usage(max(first, second), prompt_seconds=before + after),
    )
    assert verdict is not True or first == 0


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (Usage(260), Usage(12), True),
        (Usage(260, prompt_seconds=1.0), Usage(260, prompt_seconds=0.1), True),
        (Usage(260, prompt_seconds=1.0), Usage(260, prompt_seconds=0.9), False),
        (Usage(260, prompt_seconds=1.0), Usage(260, prompt_seconds=0.6), None),
        (Usage(260, prompt_seconds=0.01), Usage(260, prompt_seconds=0.01), None),
        (Usage(260), Usage(260), None),
        (Usage(), Usage(), None),
        (Usage(260, 0), Usage(260, 240), True),
        (Usage(260, 0), Usage(260, 4), False),
        (Usage(None, 0), Usage(None, 4), None),
    ],
)
def test_whether_the_cache_worked(first: Usage, second: Usage, verdict: bool | None) -> None:
    assert cached(first, second) is verdict


# Prefill


@given(st.text())
def test_what_goes_on_with_four_goes_on(rest: str) -> None:
    assert continues(f"four\n{rest}") is True


@pytest.mark.parametrize(
    ("written", "verdict"),
    [
        (" Four\n", True),
        ("one\ntwo", False),
        ("```\none", False),
        ("\n</think>\n\nfour", True),
        ("\n</think>\n\n```\none", False),
        ("<think>\n", False),
        ("def f():", None),
        ("", None),
    ],
)
def test_whether_the_model_went_on(written: str, verdict: bool | None) -> None:
    assert continues(written) is verdict


@pytest.mark.parametrize(
    ("written", "key", "state"),
    [
        ("four\nfive", "doctor-prefill-works", "ok"),
        ("one\ntwo", "doctor-prefill-anew", "warning"),
        ("def f", "doctor-prefill-unclear", "warning"),
        ("\n", "doctor-prefill-nothing", "warning"),
    ],
)
async def test_prefill(written: str, key: str, state: str) -> None:
    model = FakeModel([Text(written), Done("stop")])
    check = await generating.prefill(model)
    assert (check.name, check.state, check.message.key) == ("prefill", state, key)
    (asked,) = model.requests
    assert asked.beginning.endswith("\n</think>\n\n```\none\ntwo\nthree\n")
    assert asked.max_tokens
    assert asked.temperature == 0


async def test_a_runtime_that_cannot_be_prefilled_is_not_asked() -> None:
    model = FakeModel([Text("four"), Done("stop")], "chat")
    check = await generating.prefill(model)
    assert (check.state, check.message.key) == ("warning", "doctor-prefill-none")
    assert check.mend
    assert model.requests == []


# The answer


async def test_an_answer_is_measured_as_the_runtime_tells() -> None:
    usage = Usage(20, 0, 40, 0.5, 2.0, 3.0)
    check = await generating.answer(FakeModel([*TOKENS, Done("stop", usage)]))
    assert (check.state, check.message.key) == ("ok", "doctor-answer-loaded")
    assert check.facts["tokens_per_second"] == 20.0
    assert check.facts["loading_seconds"] == 3.0
    assert dict(check.message.values)["loading"] == "3.0"
    assert dict(check.message.values)["speed"] == "20"


async def test_a_model_that_was_loaded_already_tells_of_no_loading() -> None:
    usage = Usage(20, 0, 40, 0.5, 2.0, 0.02)
    check = await generating.answer(FakeModel([*TOKENS, Done("stop", usage)]))
    assert check.message.key == "doctor-answer-speed"


async def test_a_slow_answer_is_a_warning() -> None:
    usage = Usage(20, 0, 20, 0.5, 10.0)
    check = await generating.answer(FakeModel([*TOKENS, Done("stop", usage)]))
    assert check.state == "warning"
    assert dict(check.message.values)["speed"] == "2.0"
    assert check.mend


async def test_too_short_an_answer_tells_no_speed() -> None:
    check = await generating.answer(FakeModel([Text("1"), Done("stop")]))
    assert (check.state, check.message.key) == ("ok", "doctor-answer-first")
    assert check.facts["tokens_per_second"] is None


async def test_no_answer_is_a_failure() -> None:
    check = await generating.answer(FakeModel([Done("stop")]))
    assert (check.state, check.message.key) == ("failed", "doctor-answer-empty")


@pytest.mark.parametrize("form", ["r1", "chat"])
async def test_the_answer_is_asked_for_without_a_thought_and_bounded(form: str) -> None:
    model = FakeModel([*TOKENS, Done("stop")], "r1" if form == "r1" else "chat")
    await generating.answer(model)
    (asked,) = model.requests
    assert not asked.thinks
    assert asked.beginning.endswith("</think>\n\n")
    assert asked.max_tokens


async def test_an_answer_that_never_comes_is_waited_for_in_vain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(generating, "_LOADING_SECONDS", 0.0)
    model = FakeModel([], hangs=True)
    check = await generating.answer(model)
    assert (check.state, check.message.key) == ("failed", "doctor-answer-late")
    assert model.closed


# The thought

R1: list[Delta] = [Text("hm, "), *(Text(f"{number} and ") for number in range(40)), Done("length")]


@pytest.mark.parametrize(
    ("deltas", "then", "form", "key", "state"),
    [
        (R1, [Text("42"), Done("stop")], "r1", "doctor-thinking-ends", "ok"),
        (R1, [Done("stop")], "r1", "doctor-thinking-no-answer", "warning"),
        ([Text("hm</think>42"), Done("stop")], None, "r1", "doctor-thinking-apart", "ok"),
        ([Text("</think>42"), Done("stop")], None, "r1", "doctor-thinking-none", "warning"),
        ([Thought("hm"), Text("42"), Done("stop")], None, "chat", "doctor-thinking-apart", "ok"),
        ([Thought("hm"), Done("length")], None, "chat", "doctor-thinking-apart", "ok"),
        ([Text("42"), Done("stop")], None, "chat", "doctor-thinking-none", "warning"),
        ([Done("stop")], None, "chat", "doctor-thinking-empty", "warning"),
        (
            [Text("hm</think>42"), Done("stop")],
            None,
            "chat",
            "doctor-thinking-close-only",
            "ok",
        ),
    ],
)
async def test_thinking(
    deltas: list[Delta], then: list[Delta] | None, form: str, key: str, state: str
) -> None:
    model = FakeModel(deltas, "r1" if form == "r1" else "chat", then=then)
    check = await generating.thinking(model)
    assert (check.name, check.state, check.message.key) == ("thinking", state, key)
    assert all(request.thinks and request.max_tokens for request in model.requests)


async def test_a_thought_that_is_ended_is_answered_from() -> None:
    model = FakeModel(R1, then=[Text("42"), Done("stop")])
    check = await generating.thinking(model)
    assert check.facts["ended_early"] is True
    assert check.facts["answered"] is True
    assert model.requests[1].beginning.startswith("<think>\nhm, 0 and")


# The whole prompt once more


async def test_the_same_long_beginning_is_asked_twice() -> None:
    model = FakeModel(
        [Text("1"), Done("length", Usage(300, 0))],
        then=[Text("1"), Done("length", Usage(300, 290))],
    )
    check = await generating.cache(model, "nonce")
    assert (check.state, check.message.key) == ("ok", "doctor-cache-works")
    first, second = (request.turns[0].text for request in model.requests)
    assert first.startswith("nonce\n")
    assert first != second
    assert first[:-1] == second[:-1]
    assert [request.max_tokens for request in model.requests] == [1, 1]


async def test_a_cache_that_nobody_tells_of_is_said_so() -> None:
    check: Check = await generating.cache(FakeModel([Text("1"), Done("length")]), "nonce")
    assert (check.state, check.message.key) == ("skipped", "doctor-cache-untold")
