from __future__ import annotations

from itertools import accumulate
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.debounce import Rhythm, patience

_seconds = st.floats(0, 100)


def _rhythm(intervals: list[float]) -> Rhythm:
    rhythm = Rhythm()
    for now in accumulate(intervals, initial=1000.0):
        rhythm = rhythm.after(now)
    return rhythm


@given(st.lists(_seconds), st.none() | _seconds)
def test_the_wait_is_bounded(intervals: list[float], first_token: float | None) -> None:
    rhythm = _rhythm(intervals)
    assert 0.08 <= patience(rhythm, first_token) <= 0.6
    assert len(rhythm.intervals) <= 16


@given(st.lists(st.floats(0.02, 1.4), min_size=4, max_size=60))
def test_the_median_of_the_latest_intervals_counts(intervals: list[float]) -> None:
    assert _rhythm(intervals).interval == pytest.approx(median(intervals[-16:]))


@given(st.lists(_seconds), _seconds, _seconds)
def test_a_slower_model_is_asked_with_more_patience(
    intervals: list[float], one: float, other: float
) -> None:
    quick, slow = sorted([one, other])
    rhythm = _rhythm(intervals)
    assert patience(rhythm, None) <= patience(rhythm, quick) <= patience(rhythm, slow)


@given(st.floats(0.03, 1.0), st.floats(0.03, 1.0))
def test_a_slower_user_is_waited_for_longer(one: float, other: float) -> None:
    quick, slow = sorted([one, other])
    assert patience(_rhythm([quick] * 8), None) <= patience(_rhythm([slow] * 8), None)


def test_a_pause_and_one_action_in_pieces_are_no_part_of_the_rhythm() -> None:
    steady = [0.2] * 8
    assert _rhythm([*steady, 30.0, 0.001, 30.0, 0.001]).interval == pytest.approx(0.2)


def test_the_wait_is_longer_than_the_users_usual_interval() -> None:
    assert patience(_rhythm([0.2] * 8), None) > 0.2
    assert patience(_rhythm([]), None) > 0.16


def test_a_clock_that_goes_back_does_no_harm() -> None:
    assert Rhythm(10.0, (0.2,)).after(5.0) == Rhythm(5.0, (0.2,))
