from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.places import Carried, common_length
from strategies import texts

_long = st.lists(st.sampled_from(["a", "b" * 100, "c" * 4096, "\n"]), max_size=6).map("".join)
_either = st.one_of(texts, _long)


@given(_either, _either, _either)
def test_the_common_beginning_is_found(same: str, one: str, other: str) -> None:
    one, other = same + one, same + other
    common = common_length(one, other)
    assert one[:common] == other[:common]
    assert common in {len(one), len(other)} or one[common] != other[common]


@given(_either)
def test_equal_texts_are_common_to_their_end(text: str) -> None:
    assert common_length(text, text) == len(text)


@given(_either, _either, _either, _either)
def test_places_before_and_behind_a_change_are_carried_over(
    before: str, old: str, new: str, behind: str
) -> None:
    one, other = before + old + behind, before + new + behind
    carried = Carried.between(one, other)
    for offset in {0, len(before) // 2, len(before)}:
        assert one[: carried.to_old(offset)] == other[:offset]
    for distance in {0, len(behind) // 2}:
        place = carried.to_old(len(other) - distance)
        assert one[place:] == other[len(other) - distance :] or place <= carried.same_before


@given(_either, _either, st.floats(0, 1))
def test_every_place_is_carried_into_the_old_text(old: str, new: str, where: float) -> None:
    assert 0 <= Carried.between(old, new).to_old(int(where * len(new))) <= len(old)


@given(_either, st.floats(0, 1))
def test_where_nothing_changed_places_stay(text: str, where: float) -> None:
    offset = int(where * len(text))
    assert Carried.between(text, text).to_old(offset) == offset
