from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.positions import Span
from spyhop.syntax.definitions import Mention, definitions, names_near, summary
from spyhop.syntax.outline import read_outline
from syntax.outlines import EXAMPLES

NOTHING = Span(0, 0)
PYTHON = read_outline(
    "python",
    'LIMIT = 3\n\n\nclass Point:\n    """A point."""\n\n    x: int\n\n'
    "    def norm(self):\n        return abs(self.x)\n\n\n"
    "def far(a):\n    local = a\n    return local\n",
)


def told(*names: str, shown: Span = NOTHING, caret: int = 0) -> list[str]:
    mentions = [Mention(name.removeprefix("."), name.startswith(".")) for name in names]
    return [one.text for one in definitions(mentions, [PYTHON], shown, caret)]


def from_other(*names: str) -> list[str]:
    mentions = [Mention(name.removeprefix("."), name.startswith(".")) for name in names]
    outlines = [read_outline("python", "y = 1\n"), PYTHON]
    return [one.text for one in definitions(mentions, outlines, NOTHING, 0)]


@given(st.sampled_from(sorted(EXAMPLES)))
def test_a_summary_is_never_longer_than_a_screen(language: str) -> None:
    outline = read_outline(language, EXAMPLES[language].text.replace("‸", "") * 40)
    for index in range(len(outline.declarations)):
        text = summary(outline, index)
        assert text.count("\n") < 30
        assert not text.startswith((" ", "\t", "\n"))
        assert not text.endswith("\n")


@given(st.text(max_size=80), st.integers(0, 5))
def test_names_come_once_the_nearest_first(text: str, most: int) -> None:
    found = names_near(text, most)
    assert len(found) == len(set(found)) <= most
    assert all(one.name in text for one in found)


def test_a_name_behind_a_dot_is_a_member() -> None:
    assert names_near("a.norm(Point) -> x->size ns::far", 9) == [
        Mention("far", is_member=True),
        Mention("ns", is_member=False),
        Mention("size", is_member=True),
        Mention("Point", is_member=False),
        Mention("norm", is_member=True),
    ]


def test_a_short_definition_is_told_whole() -> None:
    assert told("LIMIT", "norm") == ["LIMIT = 3", "def norm(self):\n    return abs(self.x)"]


def test_a_value_of_a_class_is_told_with_its_class() -> None:
    assert told("x") == told("Point")


def test_a_long_class_is_told_by_its_head_its_documentation_and_its_members() -> None:
    body = "".join(f"\n    def m{n}(self, a):\n        return {n}\n" for n in range(5))
    outline = read_outline(
        "python", f'@dec\nclass A(B):\n    """Do it.\n\n    More.\n    """\n{body}'
    )
    members = "".join(f"\n    def m{n}(self, a):" for n in range(5))
    assert summary(outline, 0) == f'@dec\nclass A(B):\n    """Do it."""{members}'


def test_a_long_function_is_told_by_its_head_and_its_documentation() -> None:
    lines = "  call();\n" * 20
    outline = read_outline(
        "java", f"class A {{\n  /** Do it. */\n  int f(int a) {{\n{lines}  }}\n}}\n"
    )
    assert summary(outline, 1) == "/** Do it. */\nint f(int a) {"


def test_what_is_shown_is_not_told() -> None:
    start = PYTHON.text.index("class Point")
    assert told("Point", "far", shown=Span(start, start + 1)) == told("far")


def test_what_is_local_to_a_function_is_told_inside_of_it_only() -> None:
    text = "def outer():\n    def inner():\n        return 1\n    return 2\n"
    outline, mention = read_outline("python", text), Mention("inner", is_member=False)
    assert list(definitions([mention], [outline], NOTHING, len(text))) == []
    [inside] = definitions([mention], [outline], NOTHING, text.index("return 2"))
    assert inside.text == "def inner():\n    return 1"


def test_other_files_tell_their_members_of_something_only() -> None:
    assert from_other("norm") == []
    assert from_other(".norm") == ["def norm(self):\n    return abs(self.x)"]
    assert from_other("Point") == told("Point")


def test_the_caret_s_file_goes_before_others() -> None:
    outlines = [read_outline("python", "LIMIT = 1\n"), PYTHON]
    found = definitions([Mention("LIMIT", is_member=False)], outlines, NOTHING, 0)
    assert [(one.file, one.text) for one in found] == [(0, "LIMIT = 1")]


@pytest.mark.parametrize("times", [2, 3])
def test_a_name_of_many_meanings_tells_nothing(times: int) -> None:
    text = "".join(f"class A{n}:\n    def get(self): return {n}\n" for n in range(times))
    outline = read_outline("python", text)
    found = list(definitions([Mention("get", is_member=True)], [outline], NOTHING, 0))
    assert len(found) == (2 if times == 2 else 0)
