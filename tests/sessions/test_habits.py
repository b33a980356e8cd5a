from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spyhop.sessions.habits import Habits


@given(st.lists(st.tuples(st.booleans(), st.booleans())), st.lists(st.floats(0, 100), max_size=9))
def test_a_rejection_lengthens_the_wait_and_taking_one_ends_that(
    verdicts: list[tuple[bool, bool]], first_tokens: list[float]
) -> None:
    habits = Habits()
    for seconds in first_tokens:
        habits.first_token(seconds)
    fresh = habits.patience
    for one_line, taken in verdicts:
        before = habits.patience
        if taken:
            habits.took(one_line=one_line)
            assert habits.patience == fresh
            assert not habits.quiet
        else:
            habits.rejected(one_line=one_line)
            assert before <= habits.patience <= 3 * fresh
            assert habits.patience > fresh
    habits.took(one_line=True)
    assert (habits.patience, habits.quiet) == (fresh, False)


def test_a_slow_model_is_asked_with_more_patience_and_one_slow_answer_changes_nothing() -> None:
    habits = Habits()
    for _ in range(5):
        habits.first_token(0.2)
    fast = habits.patience
    habits.first_token(60.0)
    assert habits.patience == fast
    for _ in range(8):
        habits.first_token(3.0)
    assert habits.patience > fast


def test_only_who_has_rejected_many_in_a_row_is_left_alone() -> None:
    habits = Habits()
    for _ in range(5):
        habits.rejected(one_line=True)
    assert not habits.quiet
    habits.rejected(one_line=False)
    assert habits.quiet


def test_what_is_likely_to_be_taken_is_known_for_lines_and_blocks_apart() -> None:
    habits = Habits()
    assert habits.likely(one_line=True)
    for _ in range(3):
        habits.rejected(one_line=True)
    assert not habits.likely(one_line=True)
    assert habits.likely(one_line=False)
    habits.took(one_line=True)
    habits.took(one_line=True)
    assert habits.likely(one_line=True)
    for _ in range(8):
        habits.rejected(one_line=True)
    assert not habits.likely(one_line=True)
