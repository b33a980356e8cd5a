from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spyhop.core.diff import Hunk, diff, patch
from spyhop.core.lines import split_lines
from spyhop.core.unified import hunk_lines, unified_diff
from strategies import documents, lf_lines, subsets, texts

_HEADER = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")

PATCH = shutil.which("patch") or ""

contexts = st.integers(0, 4)


def lines_of(text: str) -> list[str]:
    """The lines as a unified diff has them: a line feed ends one, nothing else does."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


def applied(old: Sequence[str], diff_text: Sequence[str]) -> str:
    """The reference: apply a unified diff strictly, every context line where it says it is."""
    new: list[str] = []
    done = 0
    for start, old_count, new_start, new_count, body in _hunks(diff_text):
        place = start - 1 if old_count else start
        new += old[done:place]
        assert len(new) == (new_start - 1 if new_count else new_start)
        before = [line for sign, line in body if sign in " -"]
        after = [line for sign, line in body if sign in " +"]
        assert before == list(old[place : place + old_count])
        assert len(after) == new_count
        new += after
        done = place + old_count
    return "".join([*new, *old[done:]])


def _hunks(
    diff_text: Sequence[str],
) -> Iterator[tuple[int, int, int, int, list[tuple[str, str]]]]:
    numbers: list[int] = []
    body: list[tuple[str, str]] = []
    for line in diff_text[2:]:
        if header := _HEADER.fullmatch(line):
            if numbers:
                yield numbers[0], numbers[1], numbers[2], numbers[3], body
            numbers, body = [int(number or 1) for number in header.groups("1")], []
        elif line.startswith("\\"):
            body[-1] = (body[-1][0], body[-1][1].removesuffix("\n"))
        else:
            body.append((line[0], line[1:] + "\n"))
    if numbers:
        yield numbers[0], numbers[1], numbers[2], numbers[3], body


def unified(old: str, new: str, context: int = 3, path: str = "a.py") -> list[str]:
    return list(unified_diff(path, split_lines(old), diff(old, new), context))


@given(st.one_of(texts, lf_lines.map("".join)), texts, contexts)
def test_applied_to_the_old_text_it_gives_the_new(old: str, new: str, context: int) -> None:
    assert applied(lines_of(old), unified(old, new, context)) == new


@given(documents, documents, contexts, st.data())
def test_some_hunks_make_a_diff_of_their_own(
    old: list[str], new: list[str], context: int, data: st.DataObject
) -> None:
    hunks = data.draw(subsets(diff("".join(old), "".join(new))))
    made = list(unified_diff("a.py", old, hunks, context))
    assert applied(lines_of("".join(old)), made) == "".join(patch(old, hunks))


@given(lf_lines, lf_lines, contexts)
def test_hunks_whose_context_meets_share_a_header(
    old: list[str], new: list[str], context: int
) -> None:
    made = unified("".join(old), "".join(new), context)
    ends = [(start, start + count) for start, count, _, _, _ in _hunks(made) if count]
    for (_, end), (start, _) in pairwise(ends):
        assert end < start
    for *_, body in _hunks(made):
        quiet = "".join("." if sign == " " else "!" for sign, _ in body)
        assert len(quiet) - len(quiet.lstrip(".")) <= context
        assert len(quiet) - len(quiet.rstrip(".")) <= context
        assert "." * (2 * context + 1) not in quiet


@pytest.mark.skipif(
    not PATCH and not os.environ.get("CI"), reason="GNU patch is not installed: make tools"
)
@pytest.mark.parametrize("name", ["a.py", "with space.py", "名字.py"])
@given(old=texts, new=texts, context=contexts)
@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_gnu_patch_makes_the_new_text_of_it(
    tmp_path: Path, name: str, old: str, new: str, context: int
) -> None:
    made = unified(old, new, context, name)
    if not made:
        return
    file = tmp_path / name
    file.write_bytes(old.encode("utf-8", "surrogatepass"))
    text = "".join(f"{line}\n" for line in made)
    done = subprocess.run(  # noqa: S603 - a fixed command on a folder of the test's own
        [PATCH, "--binary", "--fuzz=0", "-p1", "-d", str(tmp_path)],
        input=text.encode("utf-8", "surrogatepass"),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode() + text
    # Where nothing is left, GNU patch removes the file.
    assert (file.read_bytes() if file.exists() else b"") == new.encode("utf-8", "surrogatepass")


def test_equal_texts_have_no_diff() -> None:
    assert unified("a\n", "a\n") == []


def test_a_diff() -> None:
    old = "".join(f"{number}\n" for number in range(1, 21))
    new = old.replace("3\n4\n", "3\nx\n4\n", 1).replace("17\n", "", 1).replace("20\n", "twenty", 1)
    assert unified(old, new, 1) == [
        "--- a/a.py",
        "+++ b/a.py",
        "@@ -3,2 +3,3 @@",
        " 3",
        "+x",
        " 4",
        "@@ -16,5 +17,4 @@",
        " 16",
        "-17",
        " 18",
        " 19",
        "-20",
        "+twenty",
        "\\ No newline at end of file",
    ]


def test_an_empty_range_names_the_line_before() -> None:
    assert unified("", "a\n")[2] == "@@ -0,0 +1 @@"
    assert unified("a\n", "")[2] == "@@ -1 +0,0 @@"
    assert unified("a\nb\n", "a\nx\nb\n", 0)[2] == "@@ -1,0 +2 @@"


def test_a_carriage_return_belongs_to_its_line() -> None:
    assert unified("a\r\n", "b\r\n")[3:] == ["-a\r", "+b\r"]


def test_a_lone_carriage_return_ends_no_line_of_a_diff() -> None:
    assert unified("a\rb\rc\n", "a\rB\rc\n")[2:] == ["@@ -1 +1 @@", "-a\rb\rc", "+a\rB\rc"]


def test_a_name_with_a_space_ends_at_a_tab() -> None:
    assert unified("", "a\n", path="my file.py")[:2] == ["--- a/my file.py\t", "+++ b/my file.py\t"]


def test_a_hunk_alone_shows_its_lines() -> None:
    hunk = Hunk(4, ("a\n", "b\r\n"), 4, ("c\n", "d"))
    assert list(hunk_lines(hunk)) == ["-a", "-b\r", "+c", "+d", "\\ No newline at end of file"]
