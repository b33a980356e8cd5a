from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.abridged.parts import join_parts
from spyhop.core.abridged.restore import restore
from strategies import documents

ORIGINAL = [
    "class Account:\n",
    "    def deposit(self, amount):\n",
    "        self.balance += amount\n",
    "\n",
    "    def withdraw(self, amount):\n",
    "        self.balance -= amount\n",
]
DEPOSIT = [ORIGINAL[1], "        check(amount)\n", ORIGINAL[2]]
WITHDRAW = [ORIGINAL[4], "        check(amount)\n", ORIGINAL[5]]
WHOLE = [ORIGINAL[0], *DEPOSIT, "\n", *WITHDRAW]


def dedented(block: list[str]) -> list[str]:
    return [line.removeprefix("    ") for line in block]


@pytest.mark.parametrize("blocks", [[DEPOSIT, WITHDRAW], [WITHDRAW, DEPOSIT]])
@pytest.mark.parametrize("shape", [list, dedented])
def test_parts_become_one_answer_with_the_rest_in_its_place(
    blocks: list[list[str]], shape: type[list[str]]
) -> None:
    first, second = (shape(block) for block in blocks)
    joined = join_parts(first, [first, second], ORIGINAL)
    assert joined
    restored = restore(joined, ORIGINAL)
    assert restored
    assert not restored.unresolved
    assert list(restored.lines) == WHOLE


@pytest.mark.parametrize(
    "others",
    [
        [],
        [DEPOSIT],
        [WHOLE],
        [[*DEPOSIT, "again()\n"]],
        [["pip install account\n"]],
        [ORIGINAL],
        [ORIGINAL[4:]],
        [["\n"]],
    ],
    ids=["none", "itself", "all", "alternative", "example", "original", "quoted", "blank"],
)
def test_what_is_no_other_part_leaves_the_chosen_block_alone(others: list[list[str]]) -> None:
    assert join_parts(DEPOSIT, others, ORIGINAL) is None


@given(documents, st.lists(documents, max_size=3), documents)
def test_it_never_fails_and_leaves_nothing_of_the_blocks_out(
    chosen: list[str], others: list[list[str]], original: list[str]
) -> None:
    joined = join_parts(chosen, others, original)
    if joined is not None:
        there = [line.strip() for line in joined]
        assert all(line.strip() in there for line in chosen)
