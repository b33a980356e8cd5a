"""Pulling a model with Ollama: its stream of statuses as progress, and its errors in words.

Ollama tells the bytes of each layer on its own, and learns of the next when one is done. It keeps
what has come of a pull that was left, and goes on with that at the next pull of the same name.

Source: PullModel in server/images.go, download.go and PullHandler in routes.go of ollama/ollama.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Final

from pydantic import ValidationError

from spyhop.core.wire import NdjsonDecoder
from spyhop.errors import ModelError
from spyhop.models.endpoint import Endpoint
from spyhop.models.errors import Broken, ModelFailed, ModelUnavailable
from spyhop.models.ollama.names import LIBRARY, Name, near, to_pull
from spyhop.models.ollama.wire import PullRecord
from spyhop.models.pulling import DOWNLOADING, FINISHING, PREPARING, VERIFYING, PullProgress

PATH: Final = "/api/pull"
# A hash over the largest R1 on a slow disk; nothing is sent until it is done.
_VERIFYING_SECONDS: Final = 3600.0
# Ollama itself tries for ever, and says so to its log only.
_STUCK_SECONDS: Final = 600.0
_ADDRESS: Final = re.compile(r"(https?://[^/\s\"]+)[^\s\"]*")

_CAUSES: Final[Mapping[str, re.Pattern[str]]] = {
    "pull-too-old": re.compile(r"newer version of ollama|\b412\b"),
    "pull-disk-full": re.compile(r"no space left|not enough (?:disk )?space|insufficient .*space"),
    "pull-damaged": re.compile(r"digest mismatch"),
    "pull-unknown": re.compile(
        r"file does not exist|not found|invalid model name|valid quantization|\b404\b"
    ),
    "pull-unauthorised": re.compile(r"unauthorized|access denied|forbidden|\b40[13]\b"),
    "pull-no-network": re.compile(
        r"dial tcp|no such host|i/o timeout|tls: |x509|proxyconnect|max retries|deadline exceeded"
        r"|connection re(?:set|fused)|unreachable|\beof\b|misbehaving|: 50[0234]:"
    ),
}


class Layers:
    """The bytes of all layers together, as far as Ollama has told of them."""

    def __init__(self) -> None:
        self._layers: dict[str, tuple[int, int]] = {}

    def take(self, record: PullRecord) -> PullProgress:
        """Return how far the pull is with ``record``."""
        if not record.digest:
            return self._progress(_status(record.status))
        completed = max(0, min(record.completed, record.total))
        self._layers[record.digest] = completed, record.total
        return self._progress(DOWNLOADING)

    def _progress(self, status: str) -> PullProgress:
        if not self._layers:
            return PullProgress(status)
        completed, total = map(sum, zip(*self._layers.values(), strict=True))
        return PullProgress(status, completed, total)


def _status(told: str) -> str:
    if told.startswith("verifying"):
        return VERIFYING
    return PREPARING if told.startswith("pulling") else FINISHING


async def pull(
    endpoint: Endpoint,
    name: str,
    *,
    stall_seconds: float,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncGenerator[PullProgress, None]:
    """Have Ollama pull ``name``; ends when Ollama says that it has.

    Raises:
        ModelFailed: the model cannot be had, or nothing has come for too long.
        Refused: Ollama, or what stands before it, refuses to be asked at all.
        Unreachable: nobody answers.
    """
    if Name.parse(name) is None:
        raise _unknown(endpoint.url, name, "invalid model name")
    layers, progress = Layers(), PullProgress(PREPARING)
    came, since = 0, clock()
    records = endpoint.stream(
        PATH,
        {"model": name, "stream": True},
        NdjsonDecoder(),
        stall_seconds=_VERIFYING_SECONDS,
    )
    async with aclosing(records):
        while True:
            limit = patience(progress.status, stall_seconds)
            try:
                async with asyncio.timeout(limit):
                    line = await anext(records, None)
            except TimeoutError as error:
                raise _stalled(endpoint.url, name, limit) from error
            except Broken as error:
                # Of an answer that broke off the user would be told other things.
                if error.key != "stream-broken":
                    raise
                why = str(error.values["why"])
                raise Broken("pull-broken", url=endpoint.url, model=name, why=why) from error
            if line is None:
                raise Broken("pull-unfinished", url=endpoint.url, model=name)
            record = _parse(endpoint, name, line)
            if record.status == "success":
                return
            progress = layers.take(record)
            if progress.status != DOWNLOADING or progress.completed != came:
                came, since = progress.completed or 0, clock()
            elif clock() - since > _STUCK_SECONDS:
                raise _stalled(endpoint.url, name, _STUCK_SECONDS)
            yield progress


def patience(status: str, stall_seconds: float) -> float:
    """Return how long, in seconds, Ollama may say nothing after it has told ``status``."""
    return _VERIFYING_SECONDS if status == VERIFYING else stall_seconds


def _parse(endpoint: Endpoint, name: str, line: bytes) -> PullRecord:
    try:
        record = PullRecord.model_validate_json(line)
    except ValidationError as error:
        why = endpoint.said(line)
        raise ModelUnavailable("ollama-not-ollama", url=endpoint.url, why=why) from error
    if record.error is not None:
        # What a registry's address is signed with is long, and nobody else's business.
        shown = _ADDRESS.sub(r"\1", record.error)
        raise failure(endpoint.url, name, endpoint.said(shown.encode()))
    return record


def failure(url: str, name: str, why: str) -> ModelError:
    """Return the error that says what Ollama's ``why`` means and what mends it."""
    told = why.casefold()
    key = next((key for key, cause in _CAUSES.items() if cause.search(told)), "pull-failed")
    if key == "pull-unknown":
        return _unknown(url, name, why)
    return ModelFailed(key, url=url, model=name, why=why)


def _unknown(url: str, name: str, why: str) -> ModelFailed:
    meant = to_pull(name)
    likely = [meant] if meant != name else near(name, (it for it in LIBRARY if it != name))
    if not likely:
        return ModelFailed("pull-unknown", url=url, model=name, why=why)
    known = ", ".join(likely)
    return ModelFailed("pull-unknown-near", url=url, model=name, near=known, first=likely[0])


def _stalled(url: str, name: str, seconds: float) -> Broken:
    return Broken("pull-stalled", url=url, model=name, seconds=round(seconds))
