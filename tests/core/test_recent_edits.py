from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.lines import split_lines
from spyhop.core.recent_edits import FileEdit, recent_edits
from strategies import documents

_files = st.lists(
    st.builds(FileEdit, st.sampled_from("ab"), documents.map("".join), documents.map("".join)),
    max_size=4,
)


@given(_files, st.integers(0, 20))
def test_the_last_edits_are_told_the_newest_last(files: list[FileEdit], most: int) -> None:
    every = recent_edits(files, 1000)
    assert recent_edits(files, most) == every[max(0, len(every) - most) :]


@given(_files)
def test_an_edit_tells_what_was_there_and_what_is(files: list[FileEdit]) -> None:
    for edit in recent_edits(files, 1000):
        known = [file for file in files if file.path == edit.path]
        hunk = edit.hunk
        assert any(
            split_lines(file.after)[hunk.new_start : hunk.new_end] == list(hunk.new)
            and split_lines(file.before)[hunk.old_start : hunk.old_end] == list(hunk.old)
            for file in known
        )
        assert len(edit.text.split("\n")) <= 13


def test_an_edit_reads_as_a_short_diff() -> None:
    [edit] = recent_edits([FileEdit("a.py", "a\nb\nc\n", "a\nx\r\ny\nc\n")], 5)
    assert edit.text == "a.py\n-b\n+x\n+y"


def test_a_long_edit_is_cut() -> None:
    [edit] = recent_edits([FileEdit("a.py", "", "x\n" * 100)], 5)
    assert edit.text == "a.py" + "\n+x" * 6


@pytest.mark.parametrize(
    ("before", "after"), [("a = 1\n", "    a  =  1\n"), ("a\n", "a\n\n\n"), ("a\n", "a\n")]
)
def test_white_space_alone_is_no_edit(before: str, after: str) -> None:
    assert recent_edits([FileEdit("a", before, after)], 5) == []
