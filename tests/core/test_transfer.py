from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.transfer import Pace, bytes_text, clock_text

STEPS = st.lists(st.tuples(st.floats(0.01, 5), st.integers(0, 10**9)), min_size=1, max_size=30)


@given(steps=STEPS, start=st.integers(0, 10**12))
def test_a_pace_is_never_negative_and_never_above_the_fastest_step(
    steps: list[tuple[float, int]], start: int
) -> None:
    pace, at, completed = Pace(), 0.0, start
    pace.note(at, completed)
    for seconds, size in steps:
        at, completed = at + seconds, completed + size
        pace.note(at, completed)
        fastest = max(size / seconds for seconds, size in steps)
        assert pace.rate is not None or at < 1.001
        assert 0 <= (pace.rate or 0) <= fastest * 1.001
        left = pace.left(completed + 100)
        assert left is None or left >= 0


@given(rate=st.integers(1, 10**9), count=st.integers(2, 60), start=st.integers(0, 10**12))
def test_an_even_pace_is_told_whatever_was_there_before(rate: int, count: int, start: int) -> None:
    pace = Pace()
    for second in range(count):
        pace.note(float(second), start + second * rate)
    assert pace.rate == pytest.approx(rate)
    assert pace.left(start + (count - 1) * rate + 5 * rate) == pytest.approx(5)


def test_only_the_last_seconds_count() -> None:
    pace = Pace()
    for second in range(31):
        pace.note(float(second), min(second, 15) * 1000)
    assert pace.rate == 0
    assert pace.left(50_000) is None


def test_bytes_that_were_taken_back_begin_the_pace_anew() -> None:
    pace = Pace()
    pace.note(0, 1000)
    pace.note(1, 2000)
    pace.note(2, 500)
    assert pace.rate is None
    pace.note(3, 700)
    assert pace.rate == 200


def test_nothing_is_said_of_nothing() -> None:
    pace = Pace()
    assert pace.rate is None
    assert pace.left(5) is None
    pace.note(0, 5)
    pace.note(0.9, 9)
    assert pace.rate is None


@given(count=st.integers(0, 10**18))
def test_bytes_are_short_and_near_the_truth(count: int) -> None:
    text = bytes_text(count)
    number, unit = text.split(" ")
    size = float(number) * 1000 ** ["B", "kB", "MB", "GB", "TB"].index(unit)
    assert size == pytest.approx(count, rel=0.06)
    assert unit == "TB" or len(number) <= 3


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_999, "1.0 MB"),
        (9_949_999, "9.9 MB"),
        (9_950_000, "10 MB"),
        (4_683_075_271, "4.7 GB"),
        (404_000_000_000, "404 GB"),
        (-5, "0 B"),
    ],
)
def test_how_bytes_are_written(count: int, text: str) -> None:
    assert bytes_text(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (0.2, "0:01"), (59.5, "1:00"), (245, "4:05"), (3723, "1:02:03"), (-1, "0:00")],
)
def test_how_times_are_written(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text


def test_a_time_beyond_all_measure_has_a_text() -> None:
    assert clock_text(float("inf")) == "99:59:59"
