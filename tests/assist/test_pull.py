"""What is told of a pull, whatever gets the model."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.assist.pull import Step, Telling, pull
from spyhop.errors import SpyhopError
from spyhop.messages import LANGUAGES
from spyhop.models.errors import ModelUnavailable
from spyhop.models.pulling import DONE, DOWNLOADING, FINISHING, PREPARING, VERIFYING, PullProgress
from spyhop.models.scripted import Pull, ScriptedOllama
from spyhop.settings import EndpointSettings

NAME = "deepseek-r1:7b"
GB = 10**9
STATUS = st.sampled_from([PREPARING, DOWNLOADING, VERIFYING, FINISHING])
SIZES = st.none() | st.integers(0, 10**12)


def said(progress: PullProgress, *before: PullProgress) -> str:
    """Return what is told of ``progress``, which comes a second after what came before."""
    telling = Telling(NAME)
    for second, one in enumerate(before):
        telling.step(one, float(second))
    return telling.step(progress, float(len(before))).notice.say("en")


@given(progresses=st.lists(st.builds(PullProgress, STATUS, SIZES, SIZES)))
def test_every_progress_has_words_and_the_percentage_never_falls(
    progresses: list[PullProgress],
) -> None:
    telling = Telling(NAME)
    percentage = 0
    for second, progress in enumerate(progresses):
        step = telling.step(progress, float(second))
        assert all(step.notice.say(language) for language in LANGUAGES)
        if step.percentage is not None:
            assert percentage <= step.percentage < 100
            percentage = step.percentage
    assert telling.step(PullProgress(DONE), 1e6).percentage == 100


def test_a_download_tells_bytes_pace_and_what_is_left() -> None:
    start, later = (PullProgress(DOWNLOADING, at * GB, 4 * GB) for at in (1, 2))
    assert said(start) == "1.0 GB of 4.0 GB"
    assert said(later, start) == "2.0 GB of 4.0 GB, 1.0 GB/s, 0:02 left"
    assert said(later, *[later] * 20) == "2.0 GB of 4.0 GB, nothing comes at the moment"


def test_a_download_of_no_known_size_tells_what_has_come() -> None:
    assert said(PullProgress(DOWNLOADING, 0)) == f"Looking for {NAME}…"
    assert said(PullProgress(DOWNLOADING, 3 * GB)) == f"{NAME}: 3.0 GB so far"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (PREPARING, f"Looking for {NAME}…"),
        (VERIFYING, f"Checking what has come of {NAME}…"),
        (FINISHING, f"Putting {NAME} in its place…"),
        (DONE, f"{NAME} is here."),
    ],
)
def test_each_status_has_its_words(status: str, words: str) -> None:
    assert said(PullProgress(status)) == words


async def steps(endpoint: EndpointSettings) -> list[Step]:
    async with aclosing(pull(endpoint, NAME)) as pulling:
        return [step async for step in pulling]


@pytest.mark.anyio
async def test_an_ollama_pulls() -> None:
    with ScriptedOllama([], models={}, pulls=[Pull((100, 5), steps=2)]) as server:
        told = await steps(EndpointSettings(url=server.url))
    assert [step.percentage for step in told] == [None, 0, 50, 99, 99, 99, 99, 99, 99, 100]
    assert told[-1].progress.status == DONE


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"backend": "openai"}, "cannot be told to get a model"),
        ({"url": "http://x:99999"}, "is not an address"),
    ],
)
async def test_what_cannot_get_a_model_says_so(options: Any, words: str) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        await steps(EndpointSettings(**options))
    assert words in str(caught.value)


@pytest.mark.anyio
async def test_a_fault_leaves_no_connection_behind() -> None:
    with ScriptedOllama([], models={}, pulls=[Pull(error="EOF"), Pull()]) as server:
        endpoint = EndpointSettings(url=server.url)
        with pytest.raises(SpyhopError):
            await steps(endpoint)
        assert (await steps(endpoint))[-1].percentage == 100


@pytest.mark.anyio
async def test_closing_stops_the_pull() -> None:
    with ScriptedOllama([], models={}, pulls=[Pull(hold_after=2)]) as server:
        pulling = pull(EndpointSettings(url=server.url), NAME)
        await anext(pulling)
        await anext(pulling)
        await asyncio.to_thread(server.wait_for, "holding", 1)
        await pulling.aclose()
        await asyncio.to_thread(server.wait_for, "disconnects", 1)
