from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.lines import split_lines
from spyhop.syntax.comments.annotate import annotate
from spyhop.syntax.comments.annotated import Annotated
from strategies import documents


def _annotate(language: str, original: str, answer: str, before: str = "") -> Annotated:
    return annotate(language, split_lines(before), split_lines(original), (), split_lines(answer))


def test_comments_above_and_behind_lines_that_stay() -> None:
    found = _annotate(
        "swift",
        "let a = 1\nfunc f() {\n  g()\n}\n",
        "// One.\nlet a = 1 // so\n/// Calls g.\nfunc f() async {\n"
        "  // Now.\n  g() // g\n}\n// End.\n",
    )
    assert "".join(found.lines) == (
        "// One.\nlet a = 1 // so\nfunc f() {\n  // Now.\n  g() // g\n}\n// End.\n"
    )
    assert (found.kept, found.dropped) == (5, 1)
    assert found.code_changed
    assert not found.checked


def test_comments_that_stand_already_are_not_doubled() -> None:
    text = "# One.\nx <- 1 # so\n"
    found = _annotate("r", text, text)
    assert "".join(found.lines) == text
    assert found.kept == 1
    assert not found.code_changed


def test_comments_of_the_original_stay() -> None:
    found = _annotate("r", "# Old.\nx <- 1 # old\n", "# New.\nx <- 1\n")
    assert "".join(found.lines) == "# Old.\n# New.\nx <- 1 # old\n"


def test_what_stands_behind_a_line_stays() -> None:
    found = _annotate("r", "x <- 1 # old\n", "x <- 1 # new\n")
    assert found.lines == ("x <- 1 # old\n",)
    assert (found.kept, found.dropped) == (0, 1)
    assert not found.code_changed


def test_json_gets_none() -> None:
    text = '{\n  "a": 1\n}\n'
    found = _annotate("json", text, '// c\n{\n  // c\n  "a": 1 // c\n}\n')
    assert "".join(found.lines) == text
    assert found.code_changed


def test_an_unknown_language_has_the_marker_that_it_shows() -> None:
    found = _annotate("", "-- old\na\nb\n", "-- old\n-- new\na\n# no\nb\n")
    assert "".join(found.lines) == "-- old\n-- new\na\nb\n"
    assert _annotate("", "a\n", "-- new\na\n").lines == ("a\n",)


def test_nothing_goes_into_what_may_be_a_string() -> None:
    for opened, closed in [
        ('let s = """\n', '"""\n'),
        ('x <- "\n', '"\n'),
        ("print <<EOF;\n", "EOF\n"),
        ("a \\\n", "b\n"),
    ]:
        for language, mark in [("swift", "//"), ("perl", "#"), ("r", "#")]:
            original = f"{opened}  text\n{closed}z\n"
            answer = f"{opened}{mark} no\n  text {mark} no\n{closed}{mark} yes\nz\n"
            found = _annotate(language, original, answer)
            shown = "".join(found.lines)
            assert f"{mark} no\n  text" not in shown
            if opened != "a \\\n":
                assert f"text {mark}" not in shown
            assert f"{mark} yes\nz" in shown


def test_a_string_may_be_open_before_the_selection() -> None:
    found = _annotate("swift", "text\n", "// no\ntext // no\n", before='let s = """\n')
    assert found.lines == ("text\n",)


def test_directives_are_not_taken() -> None:
    found = _annotate("swift", "f()\n", "// swiftlint:disable all\nf() // Copyright 2020 A\n")
    assert found.lines == ("f()\n",)
    assert found.code_changed


def test_line_ends_are_those_of_the_document() -> None:
    found = _annotate("swift", "a\r\nb\r\n", "// c\na // d\nb\n")
    assert found.lines == ("// c\r\n", "a // d\r\n", "b\r\n")


def test_a_last_line_without_an_end_stays_the_last() -> None:
    assert _annotate("swift", "a", "// c\na // d\n// e\n").lines == ("// c\n", "a // d")


@given(st.sampled_from(["swift", "r", "haskell", "json", ""]), documents, documents)
def test_lines_of_the_original_stay_in_order(
    language: str, original: list[str], answer: list[str]
) -> None:
    found = annotate(language, (), original, (), answer)
    left = iter(found.lines)
    for line in original:
        assert any(it.startswith(line.rstrip()) for it in left)
    assert annotate(language, (), original, (), found.lines).lines == found.lines
