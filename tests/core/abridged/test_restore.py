from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import spyhop
from spyhop.core.abridged.restore import Restored, restore, trim_outer_echo
from spyhop.core.lines import is_blank, split_lines
from strategies import documents

_MARK = "# ... existing code ..."
_WORDS = [
    "alpha",
    "bravo",
    "charlie",
    "delta",
    "echoes",
    "foxtrot",
    "golfing",
    "hotels",
    "indigo",
    "juliet",
    "kilos",
    "lima",
    "mikes",
    "november",
    "oscar",
    "papas",
    "quebec",
    "romeo",
    "sierra",
    "tango",
    "uniform",
    "victor",
    "whisky",
    "xrays",
    "yankee",
    "zulus",
]


@dataclass(frozen=True)
class _Abridged:
    """An original, an edit of it, and the edit with placeholders."""

    original: list[str]
    edit: list[str]
    answer: list[str]
    marks: int


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


@st.composite
def _originals(draw: st.DrawFn, *, distinct: bool) -> list[str]:
    """Lines nested as code is: a line is at most one step deeper than the one above."""
    depths: list[int] = []
    for step in draw(st.lists(st.integers(-2, 1), min_size=1, max_size=14)):
        depths.append(max(0, (depths[-1] if depths else -step) + step))
    names = draw(st.permutations(_WORDS))
    few = st.sampled_from(["alpha()", "beta()", "}", "end", "else:", "return alpha", "x = 1"])
    texts = [f"{name}({name[::-1]})" if distinct else draw(few) for name in names]
    unit = draw(st.sampled_from(["    ", "\t", "  "]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return [unit * depth + text + end for depth, text in zip(depths, texts, strict=False)]


@st.composite
def _abridged(draw: st.DrawFn, *, distinct: bool = True, with_deletions: bool = False) -> _Abridged:
    """An original with some lines inserted or deleted, and runs of the unchanged ones hidden.

    Beside a hidden run nothing is deleted: it could not be told from what is hidden.
    """
    original = draw(_originals(distinct=distinct))
    size = len(original)
    cuts = sorted(draw(st.sets(st.integers(0, size), min_size=2, max_size=6)))
    runs = [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    near = {at for a, b in runs for at in range(a - 1, b + 1)}
    hidden = {at: run for run in runs for at in range(*run)}
    edit: list[str] = []
    answer: list[str] = []
    fresh = iter(range(1000))
    for at, line in enumerate(original):
        new = [
            _indent(line) + f"fresh_{next(fresh)} += {draw(st.integers(0, 99999))}\n"
            for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2])))
        ]
        inside = at in hidden and at != hidden[at][0]
        if not inside:
            edit += new
            answer += new
        if at in hidden:
            edit.append(line)
            if not inside:
                answer.append(min(map(_indent, original[slice(*hidden[at])])) + _MARK + "\n")
        elif not (with_deletions and at not in near and draw(st.integers(0, 3)) == 0):
            edit.append(line)
            answer.append(line)
    return _Abridged(original, edit, answer, len(runs))


def _keeps(lines: Sequence[str], wanted: Sequence[str]) -> bool:
    """Tell whether all ``wanted`` stand in ``lines`` in their order."""
    there = iter(lines)
    return all(line in there for line in wanted)


def _kept(case: _Abridged) -> list[str]:
    return [line for line in case.original if line in set(case.edit)]


@given(_abridged())
def test_the_edit_comes_back_whole_or_the_original_stands(case: _Abridged) -> None:
    result = restore(case.answer, case.original)
    if result is None:
        return
    assert not any("existing code" in line for line in result.lines)
    assert _keeps(result.lines, case.original)
    if not result.unresolved:
        assert list(result.lines) == case.edit
    else:
        assert _keeps(case.edit, result.lines)


@given(_abridged(with_deletions=True))
def test_with_deletions_no_line_is_lost_that_the_edit_keeps(case: _Abridged) -> None:
    result = restore(case.answer, case.original)
    if result is None:
        return
    assert not any("existing code" in line for line in result.lines)
    assert _keeps(result.lines, _kept(case))
    if not result.unresolved:
        assert list(result.lines) == case.edit


@given(_abridged(distinct=False, with_deletions=True))
def test_of_equal_lines_none_is_lost_that_the_edit_keeps(case: _Abridged) -> None:
    result = restore(case.answer, case.original)
    if result is not None:
        assert not any("existing code" in line for line in result.lines)
        assert not (Counter(case.edit) & Counter(case.original)) - Counter(result.lines)


_SOURCES = [
    split_lines(path.read_text(encoding="utf-8"))
    for path in sorted(Path(spyhop.__file__).parent.rglob("*.py"))
]


@st.composite
def _real_code(draw: st.DrawFn) -> _Abridged:
    """A piece of our own code with new lines in it, and one or two runs of lines hidden."""
    source = draw(st.sampled_from([lines for lines in _SOURCES if len(lines) > 20]))
    start = draw(st.integers(0, len(source) - 20))
    original = source[start : start + draw(st.integers(12, 80))]
    shown = [at for at, line in enumerate(original) if not is_blank(line)]
    cuts = sorted(draw(st.sets(st.sampled_from(shown), min_size=2, max_size=4)))
    runs = list(zip(cuts[::2], cuts[1::2], strict=False))
    inner = {at for first, last in runs for at in range(first, last)}
    new = draw(st.sets(st.sampled_from(shown), max_size=3)) - inner
    edit: list[str] = []
    answer: list[str] = []
    for at, line in enumerate(original):
        run = next(((a, b) for a, b in runs if a <= at <= b), None)
        added = [f"{_indent(line)}brand_new_{at} = {at}\n"] if at in new and not run else []
        edit += [*added, line]
        if run is None:
            answer += [*added, line]
        elif at == run[0]:
            hidden = [it for it in original[at : run[1] + 1] if not is_blank(it)]
            answer.append(min(map(_indent, hidden)) + _MARK + "\n")
    return _Abridged(original, edit, answer, len(runs))


@given(_real_code())
def test_of_real_code_no_line_is_lost(case: _Abridged) -> None:
    result = restore(case.answer, case.original)
    if result is not None:
        assert _keeps(result.lines, case.original)
        assert not Counter(case.original) - Counter(result.lines)
        assert bool(result.unresolved) or list(result.lines) == case.edit


@given(documents, documents)
def test_no_answer_makes_it_fail(answer: list[str], original: list[str]) -> None:
    result = restore(answer, original)
    if not any("..." in line or "…" in line for line in answer):
        assert result == Restored(tuple(answer), 0, ())


_PIECES = st.sampled_from(
    [
        *("# ...", "  # ... existing code ...", "\t/* ... */", "...", "/*", "*/", "<!--", "-->"),
        *("", "}", "{", "else:", "a()", "  b = 1", "    return b", "def f():", "def f(x):"),
        *("\u2028", "\ud800", "x, ...)"),
    ]
)
_ENDS = st.sampled_from(["\n", "\n", "\r\n", "\r"])
_MESSES = st.lists(st.tuples(_PIECES, _ENDS).map("".join), max_size=14)


@given(_MESSES, _MESSES, st.booleans())
def test_whatever_is_put_back_is_in_lines_and_holds_no_placeholder(
    answer: list[str], original: list[str], ends: bool
) -> None:
    if original and not ends:
        original[-1] = original[-1].rstrip("\r\n") or "x"
    result = restore(answer, original)
    if result is None:
        return
    own = {line.strip() for line in original}
    if result.restored or result.unresolved:
        marks = {"# ... existing code ...", "/* ... */"} - own
        assert marks.isdisjoint(line.strip() for line in result.lines)
        assert all(line.endswith(("\n", "\r")) for line in result.lines[:-1])
    assert all(0 <= number <= len(original) for number in result.unresolved)


@given(documents)
def test_a_placeholder_alone_is_refused(original: list[str]) -> None:
    assert restore([_MARK], original) is None


@given(_originals(distinct=True))
def test_a_placeholder_for_nothing_is_dropped(original: list[str]) -> None:
    answer = [*original, _MARK + "\n"]
    assert restore(answer, original) in {Restored(tuple(original), 0, ()), None}


def _restored(answer: str, original: str) -> str | None:
    result = restore(split_lines(answer), split_lines(original))
    return None if result is None or result.unresolved else "".join(result.lines)


_CLASS = """\
class Shop:
    def add(self, item):
        self.items.append(item)

    def total(self):
        return sum(self.items)


def main():
    Shop()
"""


def test_a_placeholder_deeper_than_what_follows_stands_for_its_block() -> None:
    answer = """\
class Shop:
    def add(self, item):
        # ...

    def clear(self):
        self.items = []

# ... rest of the file ...
"""
    wanted = _CLASS.replace(
        "    def total", "    def clear(self):\n        self.items = []\n\n    def total"
    )
    assert _restored(answer, _CLASS) == wanted


def test_moved_code_is_not_written_twice() -> None:
    answer = """\
class Shop:
    def total(self):
        return sum(self.items)

    # ... other methods ...


def main():
    Shop(1)
"""
    result = restore(split_lines(answer), split_lines(_CLASS))
    assert result is not None
    assert "".join(result.lines) == _CLASS.replace("Shop()", "Shop(1)")
    assert result.unresolved == (1,)
    assert result.restored == 0


def test_a_signature_stays_with_the_body_that_stays() -> None:
    original = (
        "def f():\n    a()\n    stop()\n    b()\n    stop()\n    c()\n\n\ndef g():\n    return 1\n"
    )
    answer = "def f(x):\n    # ...\n    stop()\n    # ...\n\n\ndef g():\n    return 2\n"
    result = restore(split_lines(answer), split_lines(original))
    assert result is not None
    assert "".join(result.lines) == original.replace("return 1", "return 2")


def test_a_new_method_that_ends_like_the_last_one_is_all_new() -> None:
    original = "func a() {\n\tx()\n\treturn y\n}\n"
    new = "\nfunc b() {\n\tz()\n\treturn y\n}\n"
    assert _restored(f"// ... existing code ...\n{new}", original) == original + new


def test_a_file_that_is_mostly_missing_without_a_word_is_not_deleted() -> None:
    original = f"{_CLASS}    first()\n    last()\n"
    answer = "def main():\n    Shop()\n    # ...\n    last()\n    log()\n"
    result = restore(split_lines(answer), split_lines(original))
    assert result is not None
    assert "".join(result.lines) == f"{original}    log()\n"
    assert (result.restored, result.unresolved) == (1, (0,))


def test_brackets_that_would_not_close_are_refused() -> None:
    assert _restored("f(\n# ... existing code ...\n", "a\nb\n") is None


def test_what_the_answer_repeats_beyond_an_outer_placeholder_is_dropped() -> None:
    before = ["class Shop:\n", "    def a(self):\n", "        pass\n", "\n"]
    original = ["    def b(self):\n", "        pass\n"]
    code = [
        "class Shop:\n",
        "    # ... existing methods ...\n",
        "    def b(self, x):\n",
        "        pass\n",
    ]
    assert trim_outer_echo(code, original, before, []) == code[1:]
    assert trim_outer_echo(code, original, [], []) == code


@given(documents, documents, documents, documents)
def test_an_answer_without_placeholders_repeats_nothing_beyond_them(
    code: list[str], original: list[str], before: list[str], after: list[str]
) -> None:
    assert trim_outer_echo(code, original, before, after) == code
