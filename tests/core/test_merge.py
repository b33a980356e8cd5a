from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from spyhop.core.diff import Hunk, diff_lines, patch
from spyhop.core.merge import Conflict, Merge, merge
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
def test_hunks_and_conflicts_fit_the_users_text_and_share_no_line(
    triple: tuple[list[str], list[str], list[str]],
) -> None:
    base, theirs, model = triple
    found = merge(base, theirs, model)
    new = patch(theirs, found.hunks)
    for hunk in found.hunks:
        assert hunk.old == tuple(theirs[hunk.old_start : hunk.old_end])
        assert hunk.new == tuple(new[hunk.new_start : hunk.new_end])
    free = set(range(len(theirs) + 1))
    for conflict in found.conflicts:
        assert conflict.theirs == tuple(theirs[conflict.start : conflict.end])
        assert conflict.model != conflict.theirs
        free -= set(range(conflict.start, conflict.end))
    for hunk in found.hunks:
        assert set(range(hunk.old_start, hunk.old_end)) <= free


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


def _cost(old: Sequence[str], new: Sequence[str]) -> int:
    return sum(len(hunk.old) + len(hunk.new) for hunk in diff_lines(old, new))


@given(triples)
def test_what_one_side_did_as_part_of_what_the_other_did_is_done_once(
    triple: tuple[list[str], list[str], list[str]],
) -> None:
    base, part, whole = triple
    assume(_cost(base, part) + _cost(part, whole) == _cost(base, whole))
    ahead, behind = merge(base, part, whole), merge(base, whole, part)
    assert ahead.conflicts or patch(part, ahead.hunks) == whole
    assert behind.conflicts or patch(whole, behind.hunks) == whole


@given(_few, _few, st.lists(st.sampled_from(("\n", "a\n", "b\n")), min_size=1), _few, st.booleans())
@example([], ["\n"], ["\n"], [], True)  # noqa: FBT003 - the drawn value
def test_an_insertion_that_both_made_stands_once_though_one_also_changed_what_is_above(
    above: list[str], between: list[str], inserted: list[str], below: list[str], users: bool
) -> None:
    between = [*between, "marker\n"]
    base = [*above, "old\n", *between, *below]
    one = [*above, "old\n", *between, *inserted, *below]
    both = [*above, "new\n", *between, *inserted, *below]
    theirs, model = (both, one) if users else (one, both)
    found = merge(base, theirs, model)
    assert not found.conflicts
    assert patch(theirs, found.hunks) == both


def test_equal_lines_are_aligned_alike_on_both_sides() -> None:
    base, theirs, model = ["\n"], ["\n", "\n"], ["new\n", "\n", "\n"]
    assert patch(theirs, merge(base, theirs, model).hunks) == model


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
    ("users", "models", "start", "base", "theirs", "model"),
    [
        ((3, 4, "u"), (3, 4, "m"), 3, "3", "u", "m"),
        ((3, 5, "u"), (4, 6, "m"), 3, "3 4 5", "u 5", "3 m"),
        ((2, 7, "u"), (4, 5, "m"), 2, "2 3 4 5 6", "u", "2 3 m 5 6"),
        ((4, 5, "u"), (2, 7, "m"), 2, "2 3 4 5 6", "2 3 u 5 6", "m"),
        ((3, 4, ""), (3, 4, "m"), 3, "3", "", "m"),
        ((3, 4, "u"), (3, 4, ""), 3, "3", "u", ""),
        ((3, 3, "u"), (3, 3, "m"), 3, "", "u", "m"),
        ((3, 3, "u"), (2, 5, "m"), 2, "2 3 4", "2 u 3 4", "m"),
        ((2, 5, "u"), (3, 3, "m"), 2, "2 3 4", "u", "2 m 3 4"),
        ((3, 3, "u"), (3, 4, "m"), 3, "3", "u 3", "m"),
        ((3, 4, "u"), (4, 4, "m"), 3, "3", "u", "3 m"),
        ((0, 9, ""), (4, 5, "m"), 0, "0 1 2 3 4 5 6 7 8", "", "0 1 2 3 m 5 6 7 8"),
    ],
)
def test_different_changes_of_the_same_lines_are_in_conflict(
    users: tuple[int, int, str],
    models: tuple[int, int, str],
    start: int,
    base: str,
    theirs: str,
    model: str,
) -> None:
    sides = (tuple(f"{word}\n" for word in words.split()) for words in (base, theirs, model))
    assert merged(changed(users), changed(models)) == Merge((), (Conflict(start, *sides),))


def test_a_conflict_leaves_the_models_other_hunks() -> None:
    found = merged(changed((1, 2, "u v"), (4, 5, "u")), changed((4, 5, "m"), (7, 8, "m")))
    assert found == Merge(
        hunks=(Hunk(8, ("7\n",), 8, ("m\n",)),),
        conflicts=(Conflict(5, ("4\n",), ("u\n",), ("m\n",)),),
    )


def test_hunks_that_touch_by_way_of_one_another_are_one_conflict() -> None:
    theirs, model = changed((1, 3, "u"), (4, 6, "v")), changed((2, 5, "m"), (7, 8, "n"))
    assert merged(theirs, model) == Merge(
        hunks=(Hunk(5, ("7\n",), 5, ("n\n",)),),
        conflicts=(
            Conflict(
                1,
                ("1\n", "2\n", "3\n", "4\n", "5\n"),
                ("u\n", "3\n", "v\n"),
                ("1\n", "m\n", "5\n"),
            ),
        ),
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
