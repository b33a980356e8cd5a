"""Locks on files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spyhop.locks import held

HOLD = (
    "import sys\n"
    "from pathlib import Path\n"
    "from spyhop.locks import held\n"
    "with held(Path(sys.argv[1])) as mine:\n"
    "    print(mine, flush=True)\n"
    "    sys.stdin.read()\n"
)


def test_one_holds_it_at_a_time_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    for _ in range(2):
        with held(path) as first, held(path) as second:
            assert (first, second) == (True, False)
    assert not path.exists()


def test_the_system_frees_it_with_a_process_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    command = (sys.executable, "-c", HOLD, str(path))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:  # noqa: S603 - our own
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"True"
        with held(path) as mine:
            assert not mine
        holder.kill()
        holder.wait()
    with held(path) as mine:
        assert mine


def test_where_there_can_be_no_file_there_is_no_lock(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="none"), held(tmp_path / "none" / "x.lock"):
        pass
