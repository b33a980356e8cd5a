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


_lines = st.lists(st.sampled_from(["a\n", "b\r\n", "中\n", "\n", "c\r"]), max_size=8)


@given(_lines, _lines, _lines, _lines)
def test_places_in_lines_that_stayed_are_carried_over(
    before: list[str], old: list[str], new: list[str], behind: list[str]
) -> None:
    # So many that no alignment without them is as long.
    middle = [f"only {number}\n" for number in range(33)]
    one = [*before, *old, *middle, *behind]
    other = [*new, *before, *middle, *new, *behind]
    carried = Carried.between("".join(one), "".join(other))
    for line in middle:
        place, expected = "".join(other).index(line), "".join(one).index(line)
        for inside in range(len(line)):
            assert carried.to_old(place + inside) == expected + inside


@given(_either, _either, st.data())
def test_places_are_carried_over_in_their_order(old: str, new: str, data: st.DataObject) -> None:
    one, other = sorted(data.draw(st.tuples(*[st.integers(0, len(new))] * 2)))
    carried = Carried.between(old, new)
    assert carried.to_old(one) <= carried.to_old(other)


@given(_either, _either, st.floats(0, 1))
def test_every_place_is_carried_into_the_old_text(old: str, new: str, where: float) -> None:
    assert 0 <= Carried.between(old, new).to_old(int(where * len(new))) <= len(old)


@given(_either, st.floats(0, 1))
def test_where_nothing_changed_places_stay(text: str, where: float) -> None:
    offset = int(where * len(text))
    assert Carried.between(text, text).to_old(offset) == offset
