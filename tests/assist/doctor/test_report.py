"""What follows from the checks, for every way in which they may come out."""

from __future__ import annotations

from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.assist.doctor.checks import STATES, Begun, Check, State, Subject
from spyhop.assist.doctor.report import Report
from spyhop.messages import LANGUAGES, Notice

Endpoint: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], list[State]]
"""The roles that ask it first, those that fall back on it, and what its checks came to."""

ROLES = ("edit", "chat", "complete")
states = st.sampled_from(STATES)
roles = st.sets(st.sampled_from(ROLES)).map(lambda it: tuple(sorted(it)))
subjects = st.tuples(roles, roles, st.lists(states, min_size=1, max_size=4))


def check(state: State) -> Check:
    return Check("model", state, Notice.of("doctor-settings-none"))


def report(settings: list[State], *endpoints: Endpoint) -> Report:
    found = Report()
    for state in settings:
        found.take(check(state))
    for first, fallback, checks in endpoints:
        found.take(Subject("x", "ollama", "http://x", first, fallback))
        for state in checks:
            found.take(Begun("model"))
            found.take(check(state))
    return found


@given(st.lists(states), st.lists(subjects, max_size=3))
def test_it_can_be_used_just_where_every_role_has_an_endpoint_that_works(
    settings: list[State], endpoints: list[Endpoint]
) -> None:
    found = report(settings, *endpoints)
    asked = {role for first, fallback, _ in endpoints for role in (*first, *fallback)}
    served = {
        role
        for first, fallback, checks in endpoints
        if "failed" not in checks
        for role in (*first, *fallback)
    }
    if "failed" in settings:
        assert found.outcome == "settings"
    else:
        assert found.outcome == ("usable" if asked == served else "unusable")
    assert set(found.roles_without) == asked - served
    assert (found.state == "failed") == (found.outcome != "usable")
    for language in LANGUAGES:
        assert found.summary.say(language)


@pytest.mark.parametrize(
    ("checks", "key"),
    [
        (["ok", "skipped"], "doctor-well"),
        (["ok", "warning"], "doctor-usable"),
        (["failed", "warning"], "doctor-unusable"),
    ],
)
def test_the_summary_of_one_endpoint(checks: list[State], key: str) -> None:
    assert report(["ok"], (ROLES, (), checks)).summary.key == key


def test_a_wrong_setting_comes_before_all() -> None:
    found = report(["failed"], (ROLES, (), ["failed"]))
    assert found.summary.key == "doctor-settings-wrong"


def test_where_another_stands_in_it_is_a_warning() -> None:
    found = report(["ok"], (ROLES, (), ["failed"]), ((), ROLES, ["ok"]))
    assert (found.outcome, found.state) == ("usable", "warning")
    assert found.summary.key == "doctor-usable-by-fallback"
