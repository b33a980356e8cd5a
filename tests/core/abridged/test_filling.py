from __future__ import annotations

from spyhop.core.abridged.filling import fill, parts_of
from spyhop.core.abridged.stretches import Stretch
from spyhop.core.lines import split_lines


def _stretch(new: str, old: str, parent: str | None = None, *, is_certain: bool = True) -> Stretch:
    lines = split_lines(new)
    return Stretch(
        lines=lines,
        hidden=[number for number, line in enumerate(lines) if "..." in line],
        parent=parent,
        old=split_lines(old),
        old_start=0,
        is_certain=is_certain,
        is_left_out=False,
        above="",
        below="",
        old_above="",
        old_below="",
    )


def _filled(new: str, old: str, parent: str | None = None) -> str | None:
    lines = fill(_stretch(new, old, parent))
    return None if lines is None else "".join(lines)


def test_new_lines_stand_above_and_below() -> None:
    assert _filled("a\n...\nb\n", "1\n2\n") == "a\n1\n2\nb\n"


def test_an_uncertain_stretch_is_not_filled() -> None:
    assert fill(_stretch("a\n...\n", "1\n", is_certain=False)) is None


def test_blank_lines_are_the_originals_where_it_has_more() -> None:
    assert _filled("a\n\n...\n", "\n\n1\n") == "a\n\n\n1\n"
    assert _filled("\na\n\n...\n", "\n\n1\n") == "\na\n\n1\n"
    assert _filled("\n...\n\n", "1\n") == "1\n"


def test_new_lines_behind_a_block_stand_behind_it() -> None:
    assert _filled("  ...\nx\n", "  1\n  2\n3\n") == "  1\n  2\nx\n3\n"
    assert _filled("  ...\n  x\n", "  1\n  2\n3\n") == "  1\n  2\n  x\n3\n"


def test_between_two_placeholders_in_one_block_a_new_line_has_no_place() -> None:
    assert _filled("...\nx\n...\n", "1\n2\n") is None
    assert _filled("  ...\nx\n...\n", "  1\n2\n") == "  1\nx\n2\n"


def test_what_a_new_block_is_put_around_moves_into_it() -> None:
    assert _filled("try:\n  ...\nexcept:\n  x\n", "1\nif 2:\n  3\n", "try:\n") == (
        "try:\n  1\n  if 2:\n    3\nexcept:\n  x\n"
    )
    assert _filled("for b in c:\n  ...\n", "for a in c:\n  1\n", "for b in c:\n") is None
    assert _filled("try:\n  ...\n", 'x = """\n1\n"""\n', "try:\n") is None


def test_a_block_written_anew_takes_the_old_one_away() -> None:
    assert _filled("  x\n\n# ... other methods\n", "  1\n  2\n\n3\n") == "  x\n\n3\n"
    assert _filled("  x\n\n# ... rest of the code\n", "  1\n  2\n\n3\n") is None


def test_a_placeholder_for_nothing_leaves_one_gap() -> None:
    assert _filled("a\n\n...\n\nb\n", "") == "a\n\nb\n"
    assert _filled("\n...\n\n", "\n") == "\n"


def test_placeholders_in_a_row_are_one() -> None:
    assert parts_of(_stretch("a\n...\n\n...\nb\n", "1\n")) == [["a\n"], ["b\n"]]


def test_of_placeholders_in_a_row_the_shallowest_tells_the_block() -> None:
    assert _filled("  ...\n...\n  x\n", "  1\n2\n  3\n") == "  1\n2\n  3\n  x\n"
    assert _filled("try:\n  ...\n...\nx\n", "1\n2\n", "try:\n") is None
