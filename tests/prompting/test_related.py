from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.positions import Span
from spyhop.core.recent_edits import FileEdit
from spyhop.core.tokens import estimate_tokens
from spyhop.prompting.budget import CompletionBudget, CountTokens
from spyhop.prompting.file_index import FileIndex, index_file
from spyhop.prompting.related import Place, Related, Snippet, Sources, choose
from strategies import texts

ENOUGH: Final = CompletionBudget.of(100_000)

OWN: Final = (
    "import os\nimport re\nfrom shapes import Point\n\nLIMIT = 3\n\n\n"
    "def far(a):\n    return a * LIMIT\n\n\n" + "x = 1\n\n" * 30 + "class Job:\n"
    "    def __init__(self, path):\n        self.path = path\n\n    def run(self):\n"
    "        p = Point(1, 2)\n        total = far(p.norm())\n        \n        return total\n"
)
SHAPES: Final = (
    'class Point:\n    """A point of the plane."""\n\n    def __init__(self, x, y):\n'
    "        self.x = x\n        self.y = y\n\n    def norm(self):\n"
    "        return abs(self.x) + abs(self.y)\n"
)


def place_in(text: str, caret: int, before: int = 120, after: int = 40) -> Place:
    start = text.rfind("\n", 0, max(0, caret - before)) + 1
    return Place(text, caret, Span(start, min(len(text), caret + after)))


def chosen(
    text: str = OWN,
    caret: int = OWN.index("        \n"),
    *,
    own: FileIndex | None = None,
    others: tuple[FileIndex, ...] = (),
    edits: tuple[FileEdit, ...] = (),
    budget: CompletionBudget = ENOUGH,
    count: CountTokens = estimate_tokens,
) -> Related:
    sources = Sources(own or index_file("src/job.py", "python", text), others, edits)
    return choose(sources, place_in(text, caret), budget, count)


SHAPES_FILE: Final = index_file("src/shapes.py", "python", SHAPES)


@given(st.integers(0, 3000), st.sampled_from([estimate_tokens, len]), st.floats(0, 1))
def test_no_part_costs_more_than_its_share(tokens: int, count: CountTokens, where: float) -> None:
    budget = CompletionBudget.of(tokens)
    edits = (FileEdit("src/shapes.py", "", SHAPES),)
    around = chosen(
        caret=int(where * len(OWN)), others=(SHAPES_FILE,), edits=edits, budget=budget, count=count
    )
    assert count(around.imports) <= budget.imports
    assert count(around.heads) <= budget.heads
    assert sum(count(edit) for edit in around.edits) <= budget.edits
    snippets = sum(count(one.text) for one in around.snippets)
    assert snippets <= budget.definitions + budget.similar


@given(texts, texts, st.floats(0, 1), st.sampled_from(["python", "c", "yaml", "cobol", ""]))
def test_whatever_stands_where_something_is_chosen(
    text: str, other: str, where: float, language: str
) -> None:
    own, others = index_file("a", language, text), (index_file("b", language, other),)
    caret = int(where * len(text))
    edits = (FileEdit("a", other, text),)
    around = chosen(text, caret, own=own, others=others, edits=edits)
    assert around == chosen(text, caret, own=own, others=others, edits=edits)


def test_imports_above_the_window_are_told() -> None:
    assert chosen().imports == "import os\nimport re\nfrom shapes import Point"
    assert chosen(caret=30).imports == ""


def test_imports_of_names_that_are_used_go_before_others() -> None:
    budget = CompletionBudget.of(10 * 24)
    assert chosen(budget=budget).imports == "from shapes import Point"


def test_the_scopes_that_the_window_begins_in_are_told_by_their_heads() -> None:
    text = "class A:\n    def f(self):\n" + "        x = 1\n" * 40
    assert chosen(text, len(text)).heads == "class A:\n    def f(self):"
    assert chosen(text, 40).heads == ""


def test_of_scopes_that_do_not_all_fit_the_inner_ones_are_told() -> None:
    text = "class A:\n    def f(self):\n" + "        x = 1\n" * 40
    budget = CompletionBudget.of(7 * 24)
    assert chosen(text, len(text), budget=budget).heads == "    def f(self):"


def test_the_names_near_the_caret_are_told_by_their_definitions() -> None:
    snippets = chosen(others=(SHAPES_FILE,)).snippets
    assert Snippet("src/job.py", "python", "def far(a):\n    return a * LIMIT") in snippets
    assert any(one.path == "src/shapes.py" and "class Point:" in one.text for one in snippets)


def test_what_is_shown_already_is_told_no_second_time() -> None:
    for one in chosen(others=(SHAPES_FILE,)).snippets:
        assert "class Job" not in one.text


def test_windows_that_are_like_the_lines_before_the_caret_are_told() -> None:
    alike = "def other():\n    p = Point(3, 4)\n    total = far(p.norm())\n    return total + 1\n"
    other = index_file("src/other.py", "python", alike)
    unlike = index_file("src/unlike.py", "python", "def quite(different): pass\n" * 9)
    snippets = chosen(others=(unlike, other)).snippets
    assert Snippet("src/other.py", "python", alike.rstrip("\n")) in snippets
    assert all(one.path != "src/unlike.py" for one in snippets)


def test_snippets_of_a_file_stand_together() -> None:
    paths = [one.path for one in chosen(others=(SHAPES_FILE,)).snippets]
    groups = [path for path, before in zip(paths, [None, *paths], strict=False) if path != before]
    assert len(groups) == len(set(paths))


def test_recent_edits_are_told_the_newest_last() -> None:
    edits = (
        FileEdit("a.py", "a = 1\n", "a = 2\n"),
        FileEdit("b.py", "b = 1\n", "b = 2\n"),
    )
    assert chosen(edits=edits).edits == ("a.py\n-a = 1\n+a = 2", "b.py\n-b = 1\n+b = 2")
    few = CompletionBudget.of(10 * 20)
    assert chosen(edits=edits, budget=few).edits == ("b.py\n-b = 1\n+b = 2",)


def test_the_edit_that_the_caret_stands_in_is_not_told() -> None:
    caret = OWN.index("        \n")
    before = OWN[:caret] + OWN[caret + 9 :]
    edits = (FileEdit("src/job.py", before.replace("LIMIT = 3", "LIMIT = 4"), OWN),)
    around = chosen(edits=edits)
    assert around.edits == ("src/job.py\n-LIMIT = 4\n+LIMIT = 3",)


@pytest.mark.parametrize("above", ["", "# A comment.\n\n", "import sys\nY = 2\n"])
def test_an_index_of_an_older_version_serves_as_well(above: str) -> None:
    old = index_file("src/job.py", "python", OWN)
    caret = OWN.index("        \n") + 8
    text = above + OWN[:caret] + "return far(" + OWN[caret:]
    around = chosen(text, len(above) + caret + 11, own=old, others=(SHAPES_FILE,))
    assert around.imports == "import os\nimport re\nfrom shapes import Point"
    assert any(one.text.startswith("def far(a):") for one in around.snippets)


def test_the_order_of_what_was_told_before_is_kept() -> None:
    one, two, three = (Snippet(path, "", path) for path in "abc")
    later = Related(imports="i", snippets=(three, two, one))
    kept = later.in_the_order_of(Related(snippets=(one, two)))
    assert kept == Related(imports="i", snippets=(one, two, three))


# Added to, where the caret comes to another place

_snippets = st.lists(
    st.builds(
        Snippet,
        st.sampled_from(["a.py", "b.py"]),
        st.just("python"),
        st.lists(st.sampled_from(["a = 1", "def f():", "    return 2", "}", ""]), min_size=1).map(
            "\n".join
        ),
    ),
    max_size=8,
    unique=True,
).map(tuple)
_shown = st.lists(st.sampled_from(["a = 1", "    def f():", "}", "x"])).map("\n".join)


@given(_snippets, _snippets, _shown, st.integers(0, 400))
def test_what_was_there_comes_first_and_little_is_added(
    old: tuple[Snippet, ...], new: tuple[Snippet, ...], shown: str, tokens: int
) -> None:
    budget = CompletionBudget.of(tokens)
    here = Related("import a", "class A:", old, ("a.py\n+a",))
    there = Related("import b", "class B:", new, ("b.py\n+b",))
    both = here.added_to(there, shown, budget, estimate_tokens)

    def cost(snippets: tuple[Snippet, ...]) -> int:
        return sum(estimate_tokens(f"{one.path}:\n{one.text}\n") for one in snippets)

    kept = tuple(one for one in old if not one.is_among({it.strip() for it in shown.split("\n")}))
    if both is None:
        assert cost(kept) + budget.definitions // 2 > 2 * (budget.definitions + budget.similar)
        return
    assert (both.imports, both.heads, both.edits) == (here.imports, there.heads, there.edits)
    added = both.snippets[len(kept) :]
    assert both.snippets[: len(kept)] == kept
    assert len(set(both.snippets)) == len(both.snippets)
    assert [one for one in new if one in added] == list(added)
    assert cost(added) <= budget.definitions // 2


def test_what_is_shown_of_a_place_is_no_snippet_of_it() -> None:
    own = Snippet("a.py", "python", "def f(a):\n    b = a\n\n    return b")
    other = Snippet("b.py", "python", "def g(a):\n    return a")
    here, budget = Related(snippets=(own, other)), CompletionBudget.of(2000)
    shown = "class A:\n    def f(a):\n        b = a\n\n        b += 1\n"
    both = here.added_to(Related(), shown, budget, estimate_tokens)
    assert both == Related(snippets=(other,))
    assert here.added_to(Related(), "x = 1\n", budget, estimate_tokens) == here


def test_the_document_s_own_snippets_come_last() -> None:
    around = chosen(others=(SHAPES_FILE,))
    own = [one.path == "src/job.py" for one in around.snippets]
    assert any(own)
    assert own == sorted(own)
