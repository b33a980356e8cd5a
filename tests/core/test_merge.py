from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.diff import Hunk, diff_lines, patch
from spyhop.core.merge import Merge, merge
from strategies import documents, lf_lines, subsets

_few = st.lists(st.sampled_from(("\n", "a\n", "b\n")), max_size=6)
triples = st.one_of(
    st.tuples(documents, documents, documents),
    st.tuples(lf_lines, lf_lines, lf_lines),
    st.tuples(_few, _few, _few),
)

BASE = [f"{number}\n" for number in range(9)]


def merged(theirs: Sequence[str], model: Sequence[str]) -> Merge:
    return merge(BASE, theirs, model)


def changed(*changes: tuple[int, int, str]) -> list[str]:
    """`BASE` with lines ``start`` up to ``end`` replaced by the words, one a line."""
    lines = list(BASE)
    for start, end, words in sorted(changes, reverse=True):
        lines[start:end] = [f"{word}\n" for word in words.split()]
    return lines


@given(triples)
def test_without_a_change_of_the_users_the_models_text_comes_out(
    triple: tuple[list[str], list[str], list[str]],
) -> None:
    base, model, _ = triple
    found = merge(base, base, model)
    assert not found.conflicts
    assert patch(base, found.hunks) == model


@given(triples)
def test_without_a_change_of_the_models_there_is_nothing_to_do(
    triple: tuple[list[str], list[str], list[str]],
) -> None:
    base, theirs, _ = triple
    assert merge(base, theirs, base) == Merge((), ())


@given(triples)
def test_the_same_change_on_both_sides_is_done_already(
    triple: tuple[list[str], list[str], list[str]],
) -> None:
    base, both, _ = triple
    assert merge(base, both, both) == Merge((), ())


@given(triples)
def test_hunks_fit_the_users_text_and_conflicts_the_base(
    triple: tuple[list[str], list[str], list[str]],
) -> None:
    base, theirs, model = triple
    found = merge(base, theirs, model)
    new = patch(theirs, found.hunks)
    for hunk in found.hunks:
        assert hunk.old == tuple(theirs[hunk.old_start : hunk.old_end])
        assert hunk.new == tuple(new[hunk.new_start : hunk.new_end])
    assert set(found.conflicts) <= set(diff_lines(base, model))


@given(triples)
def test_what_the_user_wrote_is_never_taken_out(
    triple: tuple[list[str], list[str], list[str]],
) -> None:
    base, theirs, model = triple
    written = {
        place for hunk in diff_lines(base, theirs) for place in range(hunk.new_start, hunk.new_end)
    }
    for hunk in merge(base, theirs, model).hunks:
        assert not written & set(range(hunk.old_start, hunk.old_end))


@st.composite
def _apart(draw: st.DrawFn) -> tuple[list[tuple[int, int, str]], list[tuple[int, int, str]]]:
    """Changes of `BASE` by the user and by the model, with a line between any two."""
    changes: list[tuple[int, int, str]] = []
    start = draw(st.integers(0, 2))
    while start <= len(BASE):
        end = draw(st.integers(start, min(start + 2, len(BASE))))
        words = draw(st.integers(0 if end > start else 1, 2))
        changes.append((start, end, " ".join(f"new{start}{word}" for word in range(words))))
        start = end + draw(st.integers(1, 3))
    users = draw(subsets(changes))
    return users, [change for change in changes if change not in users]


@given(_apart())
def test_changes_of_different_lines_both_survive(
    both: tuple[list[tuple[int, int, str]], list[tuple[int, int, str]]],
) -> None:
    users, models = both
    theirs, model = changed(*users), changed(*models)
    one, other = merged(theirs, model), merged(model, theirs)
    assert not one.conflicts
    assert not other.conflicts
    assert patch(theirs, one.hunks) == patch(model, other.hunks) == changed(*users, *models)


@pytest.mark.parametrize(
    ("users", "models"),
    [
        ((3, 4, "u"), (3, 4, "m")),
        ((3, 5, "u"), (4, 6, "m")),
        ((2, 7, "u"), (4, 5, "m")),
        ((4, 5, "u"), (2, 7, "m")),
        ((3, 4, ""), (3, 4, "m")),
        ((3, 4, "u"), (3, 4, "")),
        ((3, 3, "u"), (3, 3, "m")),
        ((3, 3, "u"), (2, 5, "m")),
        ((2, 5, "u"), (3, 3, "m")),
        ((3, 3, "u"), (3, 4, "m")),
        ((3, 4, "u"), (4, 4, "m")),
        ((0, 9, ""), (4, 5, "m")),
    ],
)
def test_different_changes_of_the_same_lines_are_in_conflict(
    users: tuple[int, int, str], models: tuple[int, int, str]
) -> None:
    found = merged(changed(users), changed(models))
    start, end, words = models
    assert found.hunks == ()
    assert [(hunk.old_start, hunk.old_end, hunk.new) for hunk in found.conflicts] == [
        (start, end, tuple(f"{word}\n" for word in words.split()))
    ]


def test_a_conflict_leaves_the_models_other_hunks() -> None:
    found = merged(changed((1, 2, "u v"), (4, 5, "u")), changed((4, 5, "m"), (7, 8, "m")))
    assert found == Merge(
        hunks=(Hunk(8, ("7\n",), 8, ("m\n",)),), conflicts=(Hunk(4, ("4\n",), 4, ("m\n",)),)
    )


@pytest.mark.parametrize(
    ("users", "models"),
    [((3, 4, "u v"), (4, 5, "m")), ((4, 5, "u v"), (3, 4, "m")), ((3, 4, ""), (4, 5, "m n"))],
)
def test_lines_changed_next_to_each_other_are_no_conflict(
    users: tuple[int, int, str], models: tuple[int, int, str]
) -> None:
    theirs = changed(users)
    found = merged(theirs, changed(models))
    assert not found.conflicts
    assert patch(theirs, found.hunks) == changed(users, models)


def test_a_part_of_the_users_change_that_the_model_made_too_is_left_out() -> None:
    theirs, model = changed((1, 2, "same")), changed((1, 2, "same"), (5, 6, "m"))
    found = merged(theirs, model)
    assert found == Merge((Hunk(5, ("5\n",), 5, ("m\n",)),), ())
