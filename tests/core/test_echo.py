from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.echo import trim_echo
from spyhop.core.lines import is_blank
from strategies import documents

counts = st.integers(0, 5)
depths = st.integers(0, 3)


def _shown(lines: list[str]) -> list[str]:
    return [line.strip() for line in lines if not is_blank(line)]


def _numbered(name: str, count: int, depth: int) -> list[str]:
    return [f"{'    ' * depth}{name} number {number}\n" for number in range(count)]


@given(documents, documents, documents, documents)
def test_only_repeated_lines_at_the_ends_go_and_never_all(
    code: list[str], original: list[str], before: list[str], after: list[str]
) -> None:
    kept = trim_echo(code, original, before, after)
    starts = [at for at in range(len(code) + 1) if code[at : at + len(kept)] == kept]
    assert starts
    assert _shown(kept) or not _shown(code)
    places = [(_shown(code[:at]), _shown(code[at + len(kept) :])) for at in starts]
    assert any(
        _shown(before)[len(_shown(before)) - len(head) :] == head
        and _shown(after)[: len(tail)] == tail
        for head, tail in places
    )


@given(counts, counts, counts, counts, depths, st.booleans())
def test_surroundings_of_new_lines_go(
    head: int,
    tail: int,
    new: int,
    old: int,
    depth: int,
    moved: bool,
) -> None:
    before, after = _numbered("above", 5, depth), _numbered("below", 5, depth)
    own, original = _numbered("new", new + 1, depth), _numbered("old", old + 1, depth)
    code = [*before[5 - head :], *own, *after[:tail]]
    if moved:
        code = [line.lstrip() for line in code]
    kept = trim_echo(code, original, before, after)
    assert _shown(kept) == _shown(own)


@given(documents, documents, documents)
def test_an_answer_that_shares_no_line_stays(
    original: list[str], before: list[str], after: list[str]
) -> None:
    code = ["\n", *_numbered("new", 3, 1), "\n"]
    assert trim_echo(code, original, before, after) == code


@given(counts, depths)
def test_an_original_that_begins_and_ends_like_its_surroundings_keeps_them(
    count: int, depth: int
) -> None:
    around = _numbered("same", count + 1, depth)
    code = [*around, *_numbered("new", 1, depth), *around]
    assert trim_echo(code, code, around, around) == code


def test_brackets_alone_tell_nothing() -> None:
    code = ["f(\n", "x\n", ")\n", "}\n"]
    assert trim_echo(code, ["old\n"], ["f(\n"], ["}\n"]) == code


def test_a_line_that_closes_what_the_rest_opens_stays() -> None:
    code = ["call(first,\n", "     second argument)\n"]
    assert trim_echo(code, ["old()\n"], [], ["     second argument)\n"]) == code
