from __future__ import annotations

import pytest

from spyhop.core.surroundings import Surroundings
from spyhop.sessions.completion import Completion
from spyhop.sessions.remembered import Memory, Places, Remembered, Rest


def _remembered(text: str, completion: str, replaces: int = 0, number: int = 1) -> Remembered:
    """What was given at the bar in ``text``."""
    before, behind = text.split("|")
    place = Surroundings.of(before + behind, len(before))
    return Remembered(number, place, Completion(completion, replaces))


def _rest(remembered: Remembered, text: str, *, insert_only: bool = False) -> Rest | None:
    before, behind = text.split("|")
    return remembered.rest(before + behind, len(before), insert_only=insert_only)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("def |\n", Rest(0, "gcd(a, b):", 0)),
        ("def gc|\n", Rest(2, "d(a, b):", 0)),
        ("def gcd(a, b):|\n", Rest(10, "", 0)),
        # The editor has closed the bracket.
        ("def gcd(|)\n", Rest(4, "a, b):", 1)),
        ("def gcd(a, b|)\n", Rest(8, "):", 1)),
        ("def gcd(a, b)|\n", Rest(9, ":", 0)),
        # Something else was typed, or stands behind.
        ("def gx|\n", None),
        ("def gcd(|]\n", None),
        ("def gc|x\n", None),
        ("def gcd|", None),
        (" def gc|\n", None),
        ("de|\n", None),
    ],
)
def test_the_rest_of_a_completion(text: str, rest: Rest | None) -> None:
    assert _rest(_remembered("def |\n", "gcd(a, b):"), text) == rest


def test_where_nothing_behind_can_be_replaced_the_rest_ends_at_the_closing_bracket() -> None:
    given = _remembered("def |\n", "gcd(a, b):")
    assert _rest(given, "def gcd(|)\n", insert_only=True) == Rest(4, "a, b", 0)
    assert _rest(given, "def gcd(a, b)|\n", insert_only=True) == Rest(9, ":", 0)
    nested = _remembered("|", "f(g(x), y)")
    assert _rest(nested, "f(g(|))", insert_only=True) is None
    assert _rest(nested, "f(g(|))") == Rest(4, "x), y)", 2)


def test_a_rest_that_ends_with_the_closing_brackets_goes_before_them() -> None:
    assert _rest(_remembered("|", "print(len(x))"), "print(len(|))") == Rest(10, "x", 0)
    block = _remembered("|\nend", "if (a) {\n  b();\n}")
    assert _rest(block, "if (a) {\n  |\n}\nend") == Rest(11, "b();", 0)
    assert _rest(block, "if (a) {\n  |\n}\nend", insert_only=True) == Rest(11, "b();", 0)


def test_what_it_replaces_may_have_been_typed_over() -> None:
    given = _remembered("f(|)\n", "a, b): c", replaces=1)
    assert _rest(given, "f(a|)\n") == Rest(1, ", b): c", 1)
    assert _rest(given, "f(a, b)|\n") == Rest(5, ": c", 0)
    assert _rest(given, "f(a, b|\n") == Rest(4, "): c", 0)


def test_it_follows_edits_elsewhere_and_dies_with_edits_near_by() -> None:
    far, near = "x" * 2000, "y" * 300
    given = _remembered(f"{far}{near}\ndef |\n{near}\n{far}", "gcd(a, b):")
    assert _rest(given, f"import os\n{far}{near}\ndef gcd|\n{near}\n{far}more") is not None
    assert _rest(given, f"{far}{near}!\ndef gcd|\n{near}\n{far}") is None
    assert _rest(given, f"{far}{near}\ndef gcd|\n!{near}\n{far}") is None


def test_memory_is_bounded_and_keeps_what_is_used() -> None:
    memory = Memory()
    for number in range(100):
        memory.put(_remembered(f"{number}: |", "answer", number=number))
        assert memory.find("0: an", 5) is not None
    assert memory.find("99: ", 4) is not None
    assert memory.find("1: ", 3) is None
    assert memory.find("40: ", 4) is not None


def test_a_completion_that_is_used_up_gives_way_to_an_older_one() -> None:
    memory = Memory()
    memory.put(_remembered("a = b|", " + c", number=1))
    memory.put(_remembered("a = |", "b", number=2))
    found = memory.find("a = b", 5)
    assert found is not None
    assert (found[0].id, found[1].text) == (1, " + c")


def test_what_is_given_at_a_place_takes_the_place_of_what_was() -> None:
    memory = Memory()
    given = _remembered("a|", "b")
    memory.put(given)
    memory.put_nothing(given.place)
    assert memory.find("a", 1) is None
    assert memory.has_nothing(given.place)
    memory.put(given)
    assert memory.find("a", 1) is not None
    assert not memory.has_nothing(given.place)


def test_places_are_bounded() -> None:
    places = Places()
    all_places = [Surroundings.of(str(number), 0) for number in range(100)]
    for place in all_places:
        places.add(place)
    assert [place in places for place in all_places] == [False] * 36 + [True] * 64
    places.discard(all_places[0])
    places.discard(all_places[99])
    assert all_places[99] not in places
