from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import NoReturn

import pytest

from spyhop.cli.main import main


def test_an_interrupt_before_a_command_runs_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted() -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "argv", ["spyhop", "models"])
    monkeypatch.setitem(sys.modules, "spyhop.cli.app", SimpleNamespace(app=interrupted))
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 130
