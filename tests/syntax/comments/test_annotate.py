from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from spyhop.core.lines import end_of, split_lines, without_end
from spyhop.syntax.comments.annotate import annotate
from spyhop.syntax.comments.annotated import Annotated
from spyhop.syntax.comments.rows import rows_of
from spyhop.syntax.comments.tokens import DIRECTIVE, read
from spyhop.syntax.grammars import LANGUAGES
from strategies import texts
from syntax.comments.commented import CASES
from syntax.comments.snippets import SNIPPETS

_MARKS: Final = {
    "css": ("/* ", " */"),
    "html": ("<!-- ", " -->"),
    "lua": ("-- ", ""),
    "sql": ("-- ", ""),
    **dict.fromkeys(("python", "ruby", "shellscript", "toml", "yaml"), ("# ", "")),
}
# Between tags, and outside of PHP's own, comments are others or none.
_ONE_SYNTAX: Final = sorted(LANGUAGES - {"html", "javascriptreact", "php", "typescriptreact"})
_GARBAGE: Final = (
    "",
    "x",
    "}",
    "{",
    ")",
    '"""',
    "'''",
    "```",
    "/*",
    "*/",
    "<!--",
    "-->",
    "=begin",
    "=end",
    "--[[",
    "]]",
    "<<EOF",
    "EOF",
    "#",
    "//",
    "--",
    "# c \\",
    "// c \\",
    "    # new",
    "\t// new",
    "/* a */ /* b",
    "/** doc\n * of two\n */",
    "/// doc",
    "{/* c */}",
    "return x  # c",
    "x = 1; // c",
    '"""Doc."""',
    '    """Doc.\n\n    More.\n    """',
    '    "Doc.",',
    '    "Doc.";',
    '    b"Doc."',
    '    "\\d"',
    "?>",
    "<?php // c ?>",
    "</script>",
    "<!-- c -->",
    "# noqa",
    "// @ts-ignore",
    "#!/bin/sh",
    "# -*- coding: latin-1 -*-",
    "// \\u000a x();",
    "-- c",
    "# \u2028 c",
    "// \u202e c",
    "# “é中𝄞”",
    "\ud800 # c",
)


@st.composite
def _selections(draw: st.DrawFn) -> tuple[str, list[str], list[str], list[str]]:
    """Draw a language, and a snippet as lines before, in and behind a selection."""
    language: str = draw(st.sampled_from(sorted(LANGUAGES)))
    end: str = draw(st.sampled_from(("\n", "\n", "\r\n", "\r")))
    text = SNIPPETS[language].replace("\n", end)
    lines = split_lines(draw(st.sampled_from((text, text.rstrip()))))
    first: int = draw(st.sampled_from((0, 0, draw(st.integers(0, len(lines))))))
    stop: int = draw(st.sampled_from((len(lines), draw(st.integers(first, len(lines))))))
    return language, lines[:first], lines[first:stop], lines[stop:]


@st.composite
def _answers(draw: st.DrawFn, original: Sequence[str]) -> list[str]:
    """Draw what a model may make of the lines ``original``."""
    lines = list(original)
    for _ in range(draw(st.integers(0, 8))):
        at: int = draw(st.integers(0, len(lines)))
        match draw(st.sampled_from("iiiidrtcm")):
            case "i":
                lines[at:at] = split_lines(draw(st.sampled_from(_GARBAGE)) + "\n")
            case "d":
                del lines[at : at + draw(st.integers(1, 3))]
            case "r":
                lines[at : at + 1] = [draw(st.sampled_from(_GARBAGE)) + "\n"]
            case "t" if at < len(lines):
                lines[at] = f"{without_end(lines[at])} {draw(st.sampled_from(_GARBAGE))}\n"
            case "c" if at < len(lines):
                cut: int = draw(st.integers(0, len(lines[at])))
                lines[at] = f"{without_end(lines[at][:cut])} /* c */ {lines[at][cut:]}"
            case "m" if at < len(lines):
                lines.insert(draw(st.integers(0, len(lines))), lines[at])
    return split_lines("".join(lines))


_cases = _selections().flatmap(lambda it: st.tuples(*map(st.just, it), _answers(it[2])))


def _code(language: str, lines: Sequence[str]) -> list[str]:
    return [token.text for token in read(language, lines).code]


@settings(max_examples=400, deadline=None)
@given(_cases)
def test_no_code_changes_whatever_the_answer(
    case: tuple[str, list[str], list[str], list[str], list[str]],
) -> None:
    language, before, original, after, answer = case
    found = annotate(language, before, original, after, answer)
    document, result = ([*before, *lines, *after] for lines in (original, found.lines))
    assert _code(language, document) == _code(language, result)
    rows = rows_of(read(language, document), len(before), len(before) + len(original))
    left = iter(found.lines)
    for row in rows[:-1]:
        code = document[row.line] if row.trailing is None else row.indent
        assert any(
            line.startswith(without_end(code)) or ("*/" in line and _holds(line, code))
            for line in left
        )
    if language == "python" and _parses(document):
        assert _parses(result)


def _holds(line: str, code: str) -> bool:
    """Tell whether ``line`` has all of ``code`` in order; comments may stand in it."""
    left = iter(line)
    return all(character in left for character in code if not character.isspace())


def _parses(lines: Sequence[str]) -> bool:
    try:
        ast.parse("".join(lines).encode(errors="replace"))
    except (SyntaxError, ValueError):
        return False
    return True


@settings(max_examples=200, deadline=None)
@given(_cases)
def test_what_came_out_comes_out_again(
    case: tuple[str, list[str], list[str], list[str], list[str]],
) -> None:
    language, before, original, after, answer = case
    found = annotate(language, before, original, after, answer)
    again = annotate(language, before, original, after, found.lines)
    assert again.lines == found.lines
    assert not again.dropped
    assert not again.code_changed


@settings(max_examples=150, deadline=None)
@given(_selections())
def test_the_original_as_an_answer_changes_nothing(
    selection: tuple[str, list[str], list[str], list[str]],
) -> None:
    language, before, original, after = selection
    found = annotate(language, before, original, after, original)
    assert found.lines == tuple(original)
    assert not found.dropped
    assert not found.code_changed


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_comments_only_come_out_to_the_byte(data: st.DataObject) -> None:
    language = data.draw(st.sampled_from(_ONE_SYNTAX))
    lines = split_lines(SNIPPETS[language])
    source = read(language, lines)
    opens, closes = _MARKS.get(language, ("// ", ""))
    rows = {row.line: row for row in rows_of(source, 0, len(lines))[:-1]}
    # Directives are about the line below them.
    directives = [row.code[0] for row in rows.values() if row.code[0].kind == DIRECTIVE]
    bound = {line for token in directives for line in (token.line, token.last + 1)}
    tails = {row.tail for row in rows.values() if _takes_trailing(row.code[-1].kind, row.trailing)}
    answer: list[str] = []
    for number, line in enumerate(lines):
        row = rows.get(number)
        free = row and not row.shut and number not in bound and row.code[0].kind != "uninterpreted"
        if row and free and data.draw(st.booleans()):
            answer += [f"{row.indent}{opens}new {number}{closes}\n"] * data.draw(st.integers(1, 2))
        behind = f"  {opens}behind {number}{closes}\n"
        takes = number in tails and number + 1 not in source.shut
        answer.append(without_end(line) + behind if takes and data.draw(st.booleans()) else line)
    found = annotate(language, (), lines, (), answer)
    assert list(found.lines) == answer
    assert not found.dropped
    assert not found.code_changed


def _takes_trailing(kind: str, trailing: object) -> bool:
    # Behind these, a comment would be text.
    texts_ = {DIRECTIVE, "preproc_arg", "hidden", "uninterpreted", "heredoc_body", "block_scalar"}
    return trailing is None and kind not in texts_


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([*sorted(LANGUAGES), "swift", "json", "perl", ""]), texts, texts, texts, texts
)
@example("python", "", "\ufeffx = 1", "", "# c\n\ufeffx = 1")
def test_any_text_will_do(
    language: str, before: str, original: str, after: str, answer: str
) -> None:
    parts = [split_lines(text) for text in (before, original, after, answer)]
    found = annotate(language, *parts)
    assert isinstance(found, Annotated)
    assert len(found.lines) >= len(parts[1]) or found.kept
    assert found.kept >= 0
    assert found.dropped >= 0


@settings(max_examples=100, deadline=None)
@given(_cases)
def test_new_lines_end_as_the_others_do(
    case: tuple[str, list[str], list[str], list[str], list[str]],
) -> None:
    language, before, original, after, answer = case
    ends = {end_of(line) for line in [*before, *original, *after]} - {""}
    assume(len(ends) == 1)
    found = annotate(language, before, original, after, answer)
    assert {end_of(line) for line in found.lines} <= {*ends, ""}
    if original and end_of(original[-1]):
        assert all(map(end_of, found.lines))


@pytest.mark.parametrize("name", CASES)
def test_what_a_model_made_of_code(name: str) -> None:
    case = CASES[name]
    found = annotate(case.language, (), split_lines(case.original), (), split_lines(case.answer))
    assert "".join(found.lines) == case.expected
    assert (found.kept, found.dropped) == (case.kept, case.dropped)
    assert found.code_changed
    assert found.checked


def test_there_is_a_case_for_every_language() -> None:
    assert {case.language for case in CASES.values()} == LANGUAGES


def _python(original: str, answer: str, before: str = "", after: str = "") -> Annotated:
    return annotate("python", *map(split_lines, (before, original, after, answer)))


@pytest.mark.parametrize(
    ("original", "answer", "expected"),
    [
        # The answer's comments take the place of others, and only there.
        ("# old\nx = 1\n# two\ny = 2\n", "# new\nx = 1\ny = 2\n", "# new\nx = 1\n# two\ny = 2\n"),
        ("x = 1  # old\n", "x = 1  # new\n", "x = 1  # new\n"),
        ("x = 1  # old\n", "x = 1\n", "x = 1  # old\n"),
        # But what is to be done is not forgotten.
        ("# TODO: a\nx = 1\n", "# new\nx = 1\n", "# TODO: a\n# new\nx = 1\n"),
        ("# TODO: a\nx = 1\n", "# TODO: b\nx = 1\n", "# TODO: b\nx = 1\n"),
        ("x = 1  # FIXME\n", "x = 1  # new\n", "x = 1  # FIXME\n"),
        # One that only moved stays where it was.
        ("x = 1  # old\n", "# old\nx = 1\n", "x = 1  # old\n"),
        ("# old\nx = 1\n", "x = 1  # old\n", "# old\nx = 1\n"),
        ("a = 1\n\n# old\nx = 1\n", "# old\na = 1\n\nx = 1\n", "a = 1\n\n# old\nx = 1\n"),
        # What tools read stays, and none comes in.
        ("x = 1  # noqa\n", "x = 1  # new\n", "x = 1  # noqa\n"),
        ("x = 1\n", "x = 1  # noqa\n", "x = 1\n"),
        ("# fmt: off\nx = 1\n", "# new\nx = 1\n", "# fmt: off\n# new\nx = 1\n"),
        ("# pylint: disable=a\nx = 1\n", "# new\nx = 1\n", "# new\n# pylint: disable=a\nx = 1\n"),
        ("#!/bin/python\nx = 1\n", "# new\n#!/bin/python\nx = 1\n", "#!/bin/python\nx = 1\n"),
        (
            "# Copyright 2020 A\n# B\n\nx = 1\n",
            "# C\nx = 1\n",
            "# Copyright 2020 A\n# B\n\n# C\nx = 1\n",
        ),
        # Blank lines are the original's, but between comments.
        ("x = 1\n\n\ny = 2\n", "x = 1\n# new\ny = 2\n", "x = 1\n\n\n# new\ny = 2\n"),
        ("x = 1\ny = 2\n", "x = 1\n\n\n# new\n\ny = 2\n", "x = 1\n# new\ny = 2\n"),
        ("x = 1\n", "# a\n\n# b\nx = 1\n", "# a\n\n# b\nx = 1\n"),
        (
            "x = 1\n\ny = 2\n",
            "x = 1\n# of x\n\n# of y\ny = 2\n",
            "x = 1\n# of x\n\n# of y\ny = 2\n",
        ),
        ("x = 1\n", "# of the file\n\nx = 1\n", "# of the file\n\nx = 1\n"),
        # A line between two that are certain has one place, whatever it says.
        ("a(1)\n2\nb(3)\n", "a(1)\n# new\nc.d\nb(3)\n", "a(1)\n# new\n2\nb(3)\n"),
        ("a(1)\n[2]\nb(3)\n", "a(1)\n# new\nd[\nb(3)\n", "a(1)\n[2]\nb(3)\n"),
        ("a(1)\n2\nb(3)\n", "a(1)\n# no\nassert c\nb(3)\n", "a(1)\n2\nb(3)\n"),
        # Lines that change places keep their comments, though they are built alike.
        (
            "self.log.open(1)\nx = 1\ny = 2\nself.log.wait(2)\n",
            "# wait\nself.log.wait(2)\nx = 1\ny = 2\n# open\nself.log.open(1)\n",
            "# open\nself.log.open(1)\nx = 1\ny = 2\n# wait\nself.log.wait(2)\n",
        ),
        # Docstrings.
        ("def f(): return 1\n", 'def f():\n    """D."""\n    return 1\n', "def f(): return 1\n"),
        (
            'def f():\n    "Old."\n    return 1\n',
            'def f():\n    """New."""\n\n    return 1\n',
            'def f():\n    """New."""\n    return 1\n',
        ),
        (
            'def f():\n    "Old."\n    return 1\n',
            "def f():\n    # new\n    return 1\n",
            'def f():\n    "Old."\n    # new\n    return 1\n',
        ),
        ("import a\n", '"""D."""\n\nimport a\n', '"""D."""\n\nimport a\n'),
        ("# a\nimport b\n", '# a\n"""D."""\nimport b\n', '# a\n"""D."""\nimport b\n'),
        ("print(__doc__)\n", '"""D."""\nprint(__doc__)\n', "print(__doc__)\n"),
        # Indentation is that of the line that a comment belongs to.
        ("if a:\n\tb()\n", "if a:\n    # new\n    b()\n", "if a:\n\t# new\n\tb()\n"),
        (
            "if a:\n  b()\nelse:\n  c()\n",
            "if a:\n    b()\n    # below b\nelse:\n    c()\n",
            "if a:\n  b()\n  # below b\nelse:\n  c()\n",
        ),
        # Nothing is put where it would be text, or behind what goes on.
        ('x = """\ny\n"""\n', 'x = """\n# no\ny\n"""  # yes\n', 'x = """\ny\n"""  # yes\n'),
        ("x = 1 + \\\n  2\n", "x = 1 + (  # no\n  2)\n", "x = 1 + \\\n  2\n"),
        # Statements of the model's own take their comments with them.
        ("x = f(a)\n", "# no\nassert a\nx = f(a)  # yes\n", "x = f(a)  # yes\n"),
        # Several statements may have become one line, and the other way round.
        ("f(\n    aa,\n    bb,\n)\n", "# new\nf(aa, bb)\n", "# new\nf(\n    aa,\n    bb,\n)\n"),
        ("f(aa, bb)\n", "# new\nf(\n    aa,\n    bb,\n)  # so\n", "# new\nf(aa, bb)\n"),
        (
            "x = [\n    10,\n    20,\n    30,\n    40,\n    50,\n]\n",
            "# new\nx = [10, 20, 30, 40, 50]\n",
            "# new\nx = [\n    10,\n    20,\n    30,\n    40,\n    50,\n]\n",
        ),
        # The last line may have no end.
        ("x = 1", "# a\nx = 1  # b\n# c\n", "# a\nx = 1  # b"),
        ("", "# a\n", "# a\n"),
        ("\n", "# a\n", "\n# a\n"),
    ],
)
def test_where_comments_go(original: str, answer: str, expected: str) -> None:
    assert "".join(_python(original, answer).lines) == expected


def test_quotes_do_not_tell_lines_apart() -> None:
    original, answer = "a:\n- 80:80\n- 443:443\n", 'a:\n- "80:80" # web\n# safe\n- "443:443"\n'
    found = annotate("yaml", [], split_lines(original), [], split_lines(answer))
    assert "".join(found.lines) == "a:\n- 80:80 # web\n# safe\n- 443:443\n"
    assert found.code_changed


def test_a_selection_in_a_string_gets_nothing() -> None:
    found = _python("text\n", "# no\ntext\n", before='x = """\n', after='"""\n')
    assert found.lines == ("text\n",)


def test_a_selection_from_the_middle_of_a_comment_keeps_it() -> None:
    found = annotate("c", ["/* a\n"], ["   b */\n", "int c;\n"], (), ["// d\n", "int c;\n"])
    assert found.lines == ("   b */\n", "// d\n", "int c;\n")


def test_a_comment_may_end_a_selection() -> None:
    found = _python("    x = 1\n", "    x = 1\n    # done\n", "def f():\n", "\n\ny = 1\n")
    assert found.lines == ("    x = 1\n", "    # done\n")


def test_code_that_cannot_be_read_gets_comments_where_no_string_is_open() -> None:
    for quote, goes_on in [("'", False), ("'''", True)]:
        lines = ("x = = 1\n", f"y = {quote}a\n", "z = 1\n")
        found = _python("".join(lines), f"# a\n{lines[0]}{lines[1]}# b\n{lines[2]}")
        assert found.lines[0] == "# a\n"
        assert ("# b\n" in found.lines) is not goes_on


def test_what_counts() -> None:
    found = _python("x = 1\n", "# a\n# b\nx = 1  # c\ny = 2  # d\n")
    assert (found.kept, found.dropped, found.code_changed) == (3, 1, True)
    assert not _python("x = 1\n", "# a\nx  =  1\n").code_changed
    assert _python("if a:\n  b\nc\n", "if a:\n  b\n  c\n").code_changed
