"""Recorded sessions against the real engine: what completion costs it, beside the naive way."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from keystrokes import FOLDER, read_session
from naive import after_a_delay, at_each_change
from replaying import Begin, Cost, Ours, cost_of

SESSIONS = {path.stem: read_session(path) for path in sorted(FOLDER.glob("*.jsonl"))}

pytestmark = pytest.mark.timeout(600)

Costs = Mapping[tuple[str, Begin], Cost]


@pytest.fixture(scope="module")
def costs() -> Costs:
    return {
        (name, begin): cost_of(session, begin)
        for name, session in SESSIONS.items()
        for begin in (Ours, at_each_change, after_a_delay)
    }


def evaluated(costs: Costs, begin: Begin) -> int:
    return sum(costs[name, begin].evaluated for name in SESSIONS)


def test_the_engine_reads_less_than_a_tenth_of_what_the_naive_way_has_it_read(costs: Costs) -> None:
    assert evaluated(costs, Ours) < 0.10 * evaluated(costs, at_each_change)


def test_it_reads_less_than_a_fifth_of_it_where_the_naive_way_waits(costs: Costs) -> None:
    assert evaluated(costs, Ours) < 0.20 * evaluated(costs, after_a_delay)


@pytest.mark.parametrize("name", SESSIONS)
def test_in_no_session_it_reads_a_fifth(costs: Costs, name: str) -> None:
    """Where a file is begun with nothing, the naive way has little to read again."""
    assert costs[name, Ours].evaluated < 0.20 * costs[name, at_each_change].evaluated


@pytest.mark.parametrize("name", SESSIONS)
def test_there_are_fewer_than_30_requests_in_100_keys(costs: Costs, name: str) -> None:
    cost = costs[name, Ours]
    assert cost.keys == len(SESSIONS[name].keys)
    assert cost.requests < 0.30 * cost.keys
    # The user takes some of what they see, in either way.
    assert cost.taken > 0
    assert costs[name, at_each_change].taken > 0


@pytest.mark.parametrize("name", SESSIONS)
def test_less_is_written_for_nothing_than_in_the_naive_way(costs: Costs, name: str) -> None:
    ours, naive = costs[name, Ours], costs[name, at_each_change]
    assert 0 < ours.thrown_away < ours.written
    assert ours.thrown_away < naive.thrown_away / 2
    assert ours.thrown_away / ours.written < naive.thrown_away / naive.written


def test_a_session_costs_the_same_each_time(costs: Costs) -> None:
    assert cost_of(SESSIONS["queue"], Ours) == costs["queue", Ours]
