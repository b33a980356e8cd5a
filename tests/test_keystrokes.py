from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from author import LENGTH, record
from keystrokes import FOLDER, Key, read_session, write_session
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
    text, at = "", 0.0
    for step in session.play():
        assert 0 <= step.caret <= len(step.text)
        assert step.at >= at
        if step.key.over is not None:
            assert text[step.caret - 1] == step.key.over
        assert step.text == (text if step.change is None else apply(text, step.change))
        text, at = step.text, step.at
    wanted = iter(session.target.split("\n"))
    *whole, _ = text.split("\n")
    assert whole
    assert all(line in wanted for line in whole)


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_a_session_has_all_that_users_do(path: Path) -> None:
    keys = read_session(path).keys
    accepted = [key.accept for key in keys if key.accept is not None]
    assert len(accepted) >= 10
    assert any("\n" in text for text in accepted)
    assert sum(key.delete is not None for key in keys) >= 20
    assert sum(key.move is not None for key in keys) >= 4
    assert any(key.over for key in keys)
    assert any(key.replaces for key in keys)


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
