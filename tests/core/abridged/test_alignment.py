from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.abridged.alignment import Place, align
from spyhop.core.abridged.outline import outline
from strategies import documents, lf_lines, subsets


def _places(short: str, whole: str) -> list[Place]:
    """The places of lines given as words; a dash is a placeholder."""
    lines = [f"{word}\n" for word in short.split()]
    hidden = {number for number, word in enumerate(short.split()) if word == "-"}
    found = align(outline(lines, hidden), outline([f"{it}\n" for it in whole.split()]), hidden)
    assert found is not None
    return found


@given(documents)
def test_a_text_is_aligned_with_itself(lines: list[str]) -> None:
    entries = outline(lines)
    places = align(entries, entries, ())
    assert places is not None
    certain = [(at, place.at) for at, place in enumerate(places) if place.is_certain]
    assert all(at == place for at, place in certain if place is not None)


@given(documents, documents, st.sets(st.integers(0, 12)))
def test_certain_places_are_in_order_and_hold_the_same_text(
    short: list[str], whole: list[str], hidden: set[int]
) -> None:
    entries, others = outline(short, hidden), outline(whole)
    places = align(entries, others, hidden)
    assert places is not None
    assert len(places) == len(entries)
    sure = [place.at for place in places if place.is_certain and place.at is not None]
    assert sure == sorted(set(sure))
    assert all(
        place.at is None
        for place, entry in zip(places, entries, strict=True)
        if entry.number in hidden
    )


@given(lf_lines.flatmap(lambda lines: st.tuples(st.just(lines), subsets(lines))))
def test_the_lines_that_stay_are_not_taken_for_new_ones(drawn: tuple[list[str], list[str]]) -> None:
    lines, kept = drawn
    places = align(outline(kept), outline(lines), ())
    assert places is not None
    assert len(places) == len(outline(kept))


def test_a_placeholder_lets_lines_be_passed_over() -> None:
    assert _places("- four", "one two three four") == [
        Place(None, is_certain=True),
        Place(3, is_certain=True),
    ]


def test_of_equal_lines_the_one_beside_the_end_is_meant() -> None:
    assert _places("one - stop", "one stop two stop")[-1] == Place(3, is_certain=True)


def test_of_equal_lines_between_placeholders_none_is_certain() -> None:
    assert not _places("- stop -", "one stop two stop three")[1].is_certain


def test_a_new_line_has_no_place() -> None:
    assert _places("one new - three", "one two three")[1] == Place(None, is_certain=True)


def test_what_would_take_too_long_is_not_aligned() -> None:
    many = outline([f"line {number}\n" for number in range(1000)])
    assert align(many, many, ()) is None
