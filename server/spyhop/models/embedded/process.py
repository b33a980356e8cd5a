"""A process with llama.cpp and one model in it: its start, its last words, its end."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import secrets
import signal
import subprocess
import sys
from collections import deque
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Self

from spyhop.core.transfer import bytes_text
from spyhop.models.embedded.files import ModelFile
from spyhop.models.errors import ModelUnavailable
from spyhop.models.wire import Wire
from spyhop.models.words import excerpt, reason

_PROGRAM: Final = Path(__file__).with_name("child.py")
_KEPT_LINES: Final = 20
# What is larger is one of Windows' exceptions, which are written in hex.
_LARGEST_STATUS: Final = 0xFFFF
_CHUNK: Final = 1 << 14
# The time since its start, a letter for the level, the text.
_LOGGED: Final = re.compile(r"[\d.]+ ([A-Z]) (.*)")
_LOG: Final = logging.getLogger(__name__)
# Where nobody has set up logging, Python would print these to the terminal.
_LOG.addHandler(logging.NullHandler())


class _Answer(Wire):
    address: str = ""
    error: str = ""
    unusable: str = ""


class EngineProcess:
    """llama.cpp with the model of ``file`` loaded, on a loopback port and behind a key."""

    def __init__(self, process: asyncio.subprocess.Process, file: ModelFile) -> None:
        self.file = file
        self.address = ""
        """Where it answers, once it has started."""
        self.key = secrets.token_urlsafe()
        """What it wants in the header ``Authorization: Bearer``."""
        self._process = process
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._first_error = ""
        self._listening = asyncio.create_task(self._listen())
        self._exit = asyncio.create_task(process.wait())

    @classmethod
    async def start(cls, file: ModelFile, context_tokens: int) -> Self:
        """Load the model; that takes as long as it takes, for as long as the process lives.

        Raises:
            ModelUnavailable: the engine is not installed, does not run here, could not load the
                model or died of it.
        """
        if find_spec("xllamacpp") is None:
            raise ModelUnavailable("embedded-missing")
        # -P: the folder that is open must not be searched for modules.
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                os.fspath(_PROGRAM),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise ModelUnavailable("embedded-unusable", why=reason(error)) from error
        it = cls(process, file)
        try:
            it.address = await it._load(context_tokens)
        except BaseException:
            await it.aclose()
            raise
        return it

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process is no more."""
        return self._exit.done()

    async def how_it_ended(self, patience: float = 2.0) -> str | None:
        """Return the signal or the exit status of its end; None where it lives.

        A connection may break a moment before its process is gone, so up to ``patience`` seconds
        are waited for that.
        """
        await asyncio.wait({self._exit}, timeout=patience)
        return end_of(self._exit.result()) if self._exit.done() else None

    async def last_words(self) -> str:
        """Return what a process that has ended said of it; ``-`` where it said nothing."""
        await self._listening
        if self._lines:
            _LOG.warning("llama.cpp with %s:\n%s", self.file.path, "\n".join(self._lines))
        last = next(reversed(self._lines), "-")
        return excerpt(self._first_error or last)

    async def aclose(self) -> None:
        """End the process and wait for it."""
        if self._process.returncode is None:
            self._process.kill()
        # Its pipes are read to their ends, for asyncio closes them only then.
        assert self._process.stdin is not None  # noqa: S101 - all three are pipes
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.close()
        await self._process.stdout.read()
        await asyncio.gather(self._listening, self._exit)

    async def _load(self, context_tokens: int) -> str:
        assert self._process.stdin is not None  # noqa: S101
        assert self._process.stdout is not None  # noqa: S101
        path = os.fspath(self.file.path)
        config = {"path": path, "context_tokens": context_tokens, "key": self.key}
        self._process.stdin.write(json.dumps(config).encode() + b"\n")
        line = await self._process.stdout.readline()
        size = bytes_text(self.file.bytes)
        if not line:
            how = end_of(await self._exit)
            why = await self.last_words()
            raise ModelUnavailable("embedded-died", path=path, size=size, how=how, why=why)
        answer = _Answer.model_validate_json(line)
        if answer.unusable:
            raise ModelUnavailable("embedded-unusable", why=excerpt(answer.unusable))
        if answer.error:
            # What it says on stderr tells more; it is all there when the process has ended.
            self._process.kill()
            await self.last_words()
            why = excerpt(self._first_error or answer.error)
            raise ModelUnavailable("embedded-failed", path=path, size=size, why=why)
        return answer.address

    async def _listen(self) -> None:
        """Keep the last lines of stderr, and the first that tells an error."""
        assert self._process.stderr is not None  # noqa: S101
        rest = b""
        while chunk := await self._process.stderr.read(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._hear(line)
            rest = rest[-_CHUNK:]
        self._hear(rest)

    def _hear(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").strip()
        if not text:
            return
        logged = _LOGGED.fullmatch(text)
        said = logged[2].strip() if logged else text
        self._lines.append(said)
        if logged and logged[1] == "E":
            self._first_error = self._first_error or said


def end_of(code: int) -> str:
    """Return what a process's return code means: a signal's name, or the exit status."""
    if code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return str(code)
    return f"0x{code:08X}" if code > _LARGEST_STATUS else str(code)
