"""What probes have shown that cost a generation, remembered on disk for a day.

One small file a server, version and model, named by a hash: no address and no key can be read from
it. It is only a memory: what cannot be read or written is asked for again.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from pydantic import ValidationError

from spyhop.models.wire import Wire

_SECONDS: Final = 24 * 60 * 60


class _Verdicts(Wire):
    time: float
    raw: bool


@dataclass(frozen=True, slots=True)
class Probes:
    """The verdicts in ``folder``; with ``refresh`` old ones are not looked at."""

    folder: Path
    refresh: bool = False
    clock: Callable[[], float] = time.time

    def raw(self, url: str, version: str, model: str) -> bool | None:
        """Return whether the server takes raw prompts; None where nobody has found out lately."""
        if self.refresh:
            return None
        try:
            kept = _Verdicts.model_validate_json(self._path(url, version, model).read_bytes())
        except (OSError, ValidationError):
            return None
        return kept.raw if 0 <= self.clock() - kept.time < _SECONDS else None

    def keep_raw(self, url: str, version: str, model: str, *, verdict: bool) -> None:
        """Remember whether the server takes raw prompts."""
        path = self._path(url, version, model)
        text = json.dumps({"time": self.clock(), "raw": verdict})
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", dir=self.folder, suffix=".tmp", delete=False) as file:
                file.write(text)
            os.replace(file.name, path)  # noqa: PTH105 - a name, not a Path

    def forget(self, url: str, version: str, model: str) -> None:
        """Forget what turned out otherwise."""
        with suppress(OSError):
            self._path(url, version, model).unlink()

    def _path(self, url: str, version: str, model: str) -> Path:
        key = json.dumps([url, version, model]).encode()
        return self.folder / f"{sha256(key).hexdigest()}.json"
