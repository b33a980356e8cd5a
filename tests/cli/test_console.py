"""What the command line shows, and where."""

from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from spyhop.assist.reading import Thinking, Writing
from spyhop.cli.console import ProgressView, Screen, system_locale
from spyhop.core.diff import Hunk
from spyhop.core.lines import split_lines
from spyhop.errors import UsageError
from spyhop.messages import Notice


@pytest.mark.parametrize(
    ("environment", "locale"),
    [
        ({"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh_CN.UTF-8"),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_CN", "LANG": "en"}, "zh_CN"),
        ({"LANG": "de_DE"}, "de_DE"),
        ({}, ""),
    ],
)
def test_the_locale_is_found_as_posix_says(environment: dict[str, str], locale: str) -> None:
    assert system_locale(environment) == locale


def test_messages_follow_the_locale_unless_a_language_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert Screen().say("accept") == "接受"
    assert Screen("en").say("accept") == "Accept"


@given(data=st.lists(st.binary(min_size=1), min_size=1).map(b"\n".join))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_diff_in_a_pipe_holds_the_exact_bytes(
    data: bytes, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    data = data.replace(b"\r", b"") + b"\n"
    lines = split_lines(data.decode("utf-8", "surrogateescape"))
    Screen("en").diff("x.py", [], [Hunk(0, (), 0, tuple(lines))])
    added = capfdbinary.readouterr().out.split(b"\n")[3:-1]
    assert b"".join(line.removeprefix(b"+") + b"\n" for line in added) == data


@pytest.mark.parametrize("color", ["1", "3", "true"])
def test_a_pipe_is_no_terminal_whatever_the_environment_says(
    color: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Continuous integration often sets these for the sake of colours in its logs."""
    monkeypatch.setenv("FORCE_COLOR", color)
    monkeypatch.setenv("TTY_INTERACTIVE", "1")
    screen = Screen("en")
    assert not screen.interactive
    screen.diff("x.py", [], [Hunk(0, (), 0, ("\ta\n",))])
    screen.fail(UsageError("no-instruction"))
    captured = capsys.readouterr()
    assert captured.out.endswith("+\ta\n")
    assert "\x1b" not in captured.out + captured.err


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("x.py", "x.py"),
        ("./x.py", "x.py"),
        ("/tmp/x.py", "tmp/x.py"),  # noqa: S108 - only named
        ("//srv/x.py", "srv/x.py"),
        ("sub/实现.py", "sub/实现.py"),
    ],
)
def test_a_diffs_header_names_the_file_as_git_does(
    path: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Screen("en").diff(path, ["a\n"], [Hunk(0, ("a\n",), 0, ("b\n",))])
    assert capsys.readouterr().out.startswith(f"--- a/{shown}\n+++ b/{shown}\n@@ ")


def test_messages_go_to_stderr_and_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen("en")
    screen.tell("written", path="[red]a:cat:[/red].py", count=1)
    screen.warn(Notice.of("warn-several-blocks", count=2))
    screen.fail(UsageError("file-missing", path="a\x1b]0;title\x07b"))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "Written to [red]a:cat:[/red].py. Changes: 1.",
        "The answer held 2 code blocks; the one that fits best was taken.",
        "a␛]0;title␇b: no such file.",
    ]


@given(pieces=st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"])), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_thoughts_are_shown_whole_and_end_their_line(
    pieces: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    view = ProgressView(Screen("en"), show_thinking=True)
    with view.watching():
        for number, piece in enumerate(pieces, 1):
            view.show(Thinking(number, 0.0, piece))
        view.show(Writing(1))
    captured = capsys.readouterr()
    assert captured.err == "".join(pieces) + ("\n" if pieces else "")
    assert captured.out == ""


def test_thoughts_keep_their_line_breaks(capsys: pytest.CaptureFixture[str]) -> None:
    view = ProgressView(Screen("en"), show_thinking=True)
    with view.watching():
        for piece in ("one\n", "\n", "two", " three\n"):
            view.show(Thinking(1, 0.0, piece))
    assert capsys.readouterr().err == "one\n\ntwo three\n\n"


def test_without_a_terminal_progress_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    view = ProgressView(Screen("en"), show_thinking=False)
    with view.watching():
        view.show(Thinking(1, 0.0, "hm"))
        view.show(Writing(1))
    assert capsys.readouterr() == ("", "")


def test_without_a_terminal_each_thing_that_is_waited_for_is_told_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    view = ProgressView(Screen("en"), show_thinking=False)
    with view.watching():
        for seconds in (1, 2, 4):
            view.tell(Notice.of("waiting-loading", seconds=seconds))
        view.tell(Notice.of("waiting-busy", seconds=1))
        view.asked("deepseek-r1:7b", can_answer=False)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "The model server is loading its model; asking again in 1 s…",
        "The model server is busy; asking again in 1 s…",
    ]


def test_in_a_terminal_the_moving_line_says_what_is_waited_for() -> None:
    screen = Screen("en")
    written = StringIO()
    screen.err = Console(file=written, force_terminal=True, width=100)
    view = ProgressView(screen, show_thinking=False)
    with view.watching():
        screen.err.print()
        view.tell(Notice.of("waiting-loading", seconds=2))
        screen.err.print()
        view.asked("deepseek-r1:7b", can_answer=True)
        screen.err.print()
    shown = written.getvalue()
    assert "Waiting for the model…" in shown
    assert "The model server is loading its model; asking again in 2 s…" in shown
    assert "Waiting for deepseek-r1:7b…" in shown


def test_the_moving_line_holds_nothing_that_a_terminal_obeys() -> None:
    screen = Screen("en")
    written = StringIO()
    screen.err = Console(file=written, force_terminal=True, width=100)
    view = ProgressView(screen, show_thinking=False)
    with view.watching():
        view.asked("r1\x1b]0;title\x07\n2", can_answer=True)
        screen.err.print()
    shown = written.getvalue()
    assert "Waiting for r1␛]0;title␇␊2…" in shown
    assert "\x1b]" not in shown
