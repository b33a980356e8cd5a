from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from author import LENGTH, record
from keystrokes import FOLDER, Key, Session, read_session, write_session
from spyhop.core.anchors import apply

SESSIONS = sorted(FOLDER.glob("*.jsonl"))


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_a_session_can_be_recorded_again(path: Path, tmp_path: Path) -> None:
    session = read_session(path)
    assert record(replace(session, keys=())) == session
    write_session(tmp_path / path.name, session)
    assert (tmp_path / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_a_session_writes_what_the_user_has_in_mind(path: Path) -> None:
    session = read_session(path)
    assert len(session.keys) == LENGTH
    text, at = session.start, 0.0
    for step in session.play():
        assert 0 <= step.caret <= len(step.text)
        assert step.at >= at
        if step.key.over is not None:
            assert text[step.caret - 1] == step.key.over
        assert step.text == (text if step.change is None else apply(text, step.change))
        text, at = step.text, step.at
    wanted = iter(session.target.split("\n"))
    begun = text.count("\n", 0, step.caret)
    whole = [line for number, line in enumerate(text.split("\n")) if number != begun]
    assert whole
    assert all(line in wanted for line in whole)


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_a_session_has_all_that_users_do(path: Path) -> None:
    keys = read_session(path).keys
    assert sum(key.accept is not None for key in keys) >= 5
    assert sum(key.delete is not None for key in keys) >= 20
    assert sum(key.move is not None for key in keys) >= 4
    assert any(key.over for key in keys)
    assert any(key.replaces for key in keys)


def test_a_session_may_be_of_some_lines_in_a_file() -> None:
    session = Session("a.py", "a\nb\nc\nd\ne\n", 1, (), lines="5,2-3")
    assert session.start == "a\nd\n"
    assert session.stretches == [range(4, 5), range(1, 3)]
    *_, last = record(session).play()
    assert last.text == session.target


def test_lines_are_accepted_too() -> None:
    keys = [key for path in SESSIONS for key in read_session(path).keys]
    assert any("\n" in (key.accept or "") for key in keys)


def test_a_key_is_one_thing() -> None:
    with pytest.raises(ValueError, match="not one kind"):
        Key(0.1)
    with pytest.raises(ValueError, match="not one kind"):
        Key(0.1, type="a", delete=1)


def test_a_file_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_text('{"file": "a.py", "target": "", "seed": 1}\n{"afterwards": 1}\n', "utf-8")
    with pytest.raises(ValueError, match=r"odd\.jsonl"):
        read_session(path)
