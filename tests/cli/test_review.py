"""The questions hunk by hunk: which answers take which hunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.text import Text as Styled

from command import Terminal, terminal
from spyhop.cli.console import Screen
from spyhop.cli.review import review
from spyhop.core.diff import Hunk
from spyhop.models.scripted import ScriptedOllama, reply, tokens_of

HUNKS = [Hunk(at, (f"old {at}\n",), at, (f"new {at}\n",)) for at in (0, 10, 20)]
OLD_LINES = [f"old {at}\n" for at in range(30)]
QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def typing(answers: list[str], asked: list[str] | None = None) -> Callable[[Styled], str]:
    """Return an input that gives ``answers`` and then its end, and notes what it was asked."""
    rest = iter(answers)

    def ask(question: Styled) -> str:
        if asked is not None:
            asked.append(question.plain)
        for answer in rest:
            return answer
        raise EOFError

    return ask


def taken(answers: list[str]) -> list[Hunk]:
    return review(Screen("en"), "x.py", OLD_LINES, HUNKS, typing(answers))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("yyy", [0, 1, 2]),
        ("nnn", []),
        ("yny", [0, 2]),
        ("a", [0, 1, 2]),
        ("na", [1, 2]),
        ("yd", [0]),
        ("d", []),
        ("yq", [0]),
        ("q", []),
        ("y", [0]),
        ("", []),
        ("??y", [0]),
        ("x7y", [0]),
    ],
)
def test_answers_take_hunks_as_git_add_p_does(answers: str, expected: list[int]) -> None:
    assert taken(list(answers)) == [HUNKS[at] for at in expected]


@given(answers=st.lists(st.text(max_size=6)))
@QUIET
def test_whatever_is_typed_takes_hunks_in_order_and_each_once(answers: list[str]) -> None:
    found = taken(answers)
    assert found == [hunk for hunk in HUNKS if hunk in found]
    if not any(answer.strip().lower()[:1] in {"y", "a"} for answer in answers):
        assert not found


@pytest.mark.parametrize("answer", ["y", "Y", " yes ", "Yes\t"])
def test_an_answer_may_be_a_whole_word(answer: str) -> None:
    assert taken([answer]) == HUNKS[:1]


def test_the_question_counts_and_names_the_answers(capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []
    review(Screen("en"), "x.py", OLD_LINES, HUNKS, typing(["y", "?", "n", "n"], asked))
    assert asked == [f"({number}/3) Take this change? [y,n,a,d,q,?] " for number in (1, 2, 2, 3)]
    shown = capsys.readouterr().out
    assert shown.startswith("x.py\n")
    assert shown.count("q quit") == 1


def test_a_path_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Rich would read markup and the names of emoji in it."""
    review(Screen("en"), "[red]a:cat:b[/].py", OLD_LINES, HUNKS, typing([]))
    assert capsys.readouterr().out.startswith("[red]a:cat:b[/].py\n")


# In a pseudo-terminal

OLD = "".join(f"x{number} = {number}\n" for number in range(40))
NEW = OLD.replace("x5 = 5\n", "x5 = 50\n").replace("x20 = 20\n", "x20 = 200\n")
NEW = NEW.replace("x35 = 35\n", "x35 = 350\n")
ANSWER = f"hm\n</think>\n\n```python\n{NEW}```\n"
QUESTION = "Take this change? [y,n,a,d,q,?] "


@contextmanager
def asking(folder: Path, output: str = ANSWER, old: str = OLD) -> Iterator[Terminal]:
    """The command where its questions come, on a file of 40 lines with changes in three."""
    (folder / "x.py").write_bytes(old.encode("utf-8", "surrogateescape"))
    with (
        ScriptedOllama([reply(output)]) as server,
        terminal("edit", "x.py", "times ten", "--url", server.url, cwd=folder) as screen,
    ):
        yield screen


@pytest.mark.parametrize(
    ("answers", "lines"),
    [
        ("yny", (5, 35)),
        ("a", (5, 20, 35)),
        ("na", (20, 35)),
        ("yd", (5,)),
        ("yq", (5,)),
        ("?nny", (35,)),
    ],
)
def test_what_is_taken_at_the_terminal_is_written(
    tmp_path: Path, answers: str, lines: tuple[int, ...]
) -> None:
    with asking(tmp_path) as screen:
        for answer in answers:
            screen.expect(QUESTION)
            screen.type(f"{answer}\n")
            if answer == "?":
                assert "d leave it and all later ones" in screen.expect("this help\n")
        screen.expect(f"Written to x.py. Changes: {len(lines)}.")
        assert screen.end() == 0
    expected = OLD
    for line in lines:
        expected = expected.replace(f"x{line} = {line}\n", f"x{line} = {line}0\n")
    assert (tmp_path / "x.py").read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("answers", ["nnn", "d", "q", "\x04"])
def test_taking_nothing_says_so_and_writes_nothing(tmp_path: Path, answers: str) -> None:
    with asking(tmp_path) as screen:
        for answer in answers:
            screen.expect(QUESTION)
            screen.type(answer if answer == "\x04" else f"{answer}\n")
        screen.expect("x.py is unchanged.")
        assert screen.end() == 0
    assert (tmp_path / "x.py").read_text(encoding="utf-8") == OLD


def test_the_hunk_in_question_is_shown_before_its_question(tmp_path: Path) -> None:
    with asking(tmp_path) as screen:
        first = screen.expect(QUESTION)
        above, below = " x2 = 2\n x3 = 3\n x4 = 4\n", " x6 = 6\n x7 = 7\n x8 = 8\n"
        change = "-x5 = 5\n+x5 = 50\n"
        assert f"x.py\n@@ -3,7 +3,7 @@\n{above}{change}{below}(1/3) " in first
        screen.type("n\n")
        second = screen.expect(QUESTION)
        assert "-x20 = 20\n+x20 = 200\n" in second
        assert "(2/3) " in second
        assert "x5" not in second


def test_leaving_by_ctrl_c_writes_nothing(tmp_path: Path) -> None:
    with asking(tmp_path) as screen:
        screen.expect(QUESTION)
        screen.type("y\n")
        screen.expect(QUESTION)
        screen.process.send_signal(2)
        screen.expect("Stopped. Nothing was changed.")
        assert screen.end() == 130
    assert (tmp_path / "x.py").read_text(encoding="utf-8") == OLD


def test_a_change_cannot_hide_from_the_terminal(tmp_path: Path) -> None:
    """An answer with escape sequences would else erase lines from what is shown and taken."""
    evil = "x = 1  # \x1b[2K\x1b[1A\x9b2Kharmless\n"
    with asking(tmp_path, f"</think>\n```python\n{evil}```\n", "x = 0\n") as screen:
        shown = screen.expect(QUESTION)
        assert "+x = 1  # ␛[2K␛[1A\ufffd2Kharmless" in shown
        assert b"\x1b[2K\x1b[1A" not in screen.raw
        screen.type("y\n")
        assert screen.end() == 0
    assert (tmp_path / "x.py").read_bytes() == evil.encode()


@pytest.mark.parametrize(
    ("hold_after", "shown"),
    [
        (0, "Waiting for deepseek-r1:7b…"),
        (1, "Thinking… 1 tokens, 0 s  (Enter: answer now)  hm"),
        (len(tokens_of(ANSWER)) - 2, "Writing… 39 lines"),
    ],
)
def test_the_terminal_sees_how_the_model_gets_on(
    tmp_path: Path, hold_after: int, shown: str
) -> None:
    (tmp_path / "x.py").write_text(OLD, encoding="utf-8")
    with (
        ScriptedOllama([reply(ANSWER, hold_after=hold_after)]) as server,
        terminal("edit", "x.py", "times ten", "--url", server.url, cwd=tmp_path) as screen,
    ):
        server.wait_for("holding", 1)
        screen.expect(shown)
        server.release()
        screen.expect(QUESTION)
