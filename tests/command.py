"""The real command in a process of its own, between pipes or in a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 120.0
COMMAND = (sys.executable, "-m", "spyhop")
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended."""

    status: int
    out: bytes
    err: str


def run(
    *arguments: str | bytes, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Result:
    """Run ``spyhop`` with pipes for all three streams."""
    done = subprocess.run(  # noqa: S603 - our own command
        (*COMMAND, *arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        timeout=SECONDS,
    )
    return Result(done.returncode, done.stdout, done.stderr.decode())


def start(*arguments: str, cwd: Path) -> subprocess.Popen[bytes]:
    """Start ``spyhop`` with pipes for its output."""
    return subprocess.Popen(  # noqa: S603 - our own command
        (*COMMAND, *arguments), cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@dataclass
class Terminal:
    """A pseudo-terminal with ``spyhop`` in it."""

    process: subprocess.Popen[bytes]
    master: int
    raw: bytes = b""
    _seen: int = field(default=0)

    @property
    def shown(self) -> str:
        """All that was written so far, without colours and cursor movements."""
        return _ESCAPE.sub("", self.raw.decode("utf-8", "replace")).replace("\r\n", "\n")

    def expect(self, text: str) -> str:
        """Read until ``text`` is shown again; return what was shown since the last time."""
        until = time.monotonic() + SECONDS
        while (at := self.shown.find(text, self._seen)) < 0:
            assert self._read(until), f"{text!r} is not in {self.shown[self._seen :][-2000:]!r}"
        start, self._seen = self._seen, at + len(text)
        return self.shown[start : self._seen]

    def type(self, text: str) -> None:
        """Type ``text``."""
        os.write(self.master, text.encode())

    def end(self) -> int:
        """Read to the end and return the exit status."""
        until = time.monotonic() + SECONDS
        while self._read(until):
            pass
        return self.process.wait(SECONDS)

    def _read(self, until: float) -> bool:
        """Read what comes next; tell whether anything came."""
        ready, _, _ = select.select([self.master], [], [], max(0.0, until - time.monotonic()))
        try:
            data = os.read(self.master, 4096) if ready else b""
        except OSError:
            # Linux's word for the other end's being closed.
            data = b""
        self.raw += data
        return bool(data)


@contextmanager
def terminal(
    *arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """Run ``spyhop`` in a pseudo-terminal."""
    master, slave = pty.openpty()
    try:
        process = subprocess.Popen(  # noqa: S603 - our own command
            (*COMMAND, *arguments),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=cwd,
            env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "200", **(env or {})},
            start_new_session=True,
        )
    finally:
        os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        process.kill()
        process.wait()
        os.close(master)
