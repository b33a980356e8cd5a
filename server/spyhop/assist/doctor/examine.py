"""The doctor's round: the settings, then each endpoint, each check behind those it needs."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Final, TypeAlias

from spyhop.assist.doctor import generating, serving
from spyhop.assist.doctor.checks import NAMES, Begun, Check, Event, Fact, Name
from spyhop.assist.doctor.faults import failed
from spyhop.assist.doctor.subjects import endpoints_of
from spyhop.errors import ModelError
from spyhop.messages import Notice
from spyhop.models.port import Runtime, Server
from spyhop.settings import EndpointSettings, Resolved

Connect: TypeAlias = Callable[[EndpointSettings], Runtime]
_Step: TypeAlias = Callable[[], Awaitable[Check]]

_NEEDED: Final[frozenset[Name]] = frozenset({"reachable", "model", "answer"})
# What generates bounds itself. The embedded engine loads the model to tell of it.
_SECONDS: Final[dict[Name, float]] = {"reachable": 15, "model": 300, "context": 15}
_GENERATING: Final[frozenset[Name]] = frozenset({"answer", "thinking", "prefill", "cache"})

# The sources of which `spyhop settings` knows nothing: a command's options, and an editor.
_SAID_HERE: Final = ("--", "spyhop.", "initializationOptions.")


async def examine(
    resolved: Resolved, connect: Connect, *, quick: bool = False
) -> AsyncGenerator[Event, None]:
    """Yield the checks of the settings and of every endpoint in use, as they are done.

    With ``quick`` nothing is generated. A fault of a model is a check that failed and no error.
    Closing the generator closes the stream of the check that runs.
    """
    for check in of_settings(resolved):
        yield check
    for endpoint, subject in endpoints_of(resolved.settings).items():
        yield subject
        async with aclosing(_checks(endpoint, connect, quick=quick)) as events:
            async for event in events:
                yield event


def of_settings(resolved: Resolved) -> list[Check]:
    """Return what is wrong with the settings, a check each; where nothing is, what is set."""
    wrong = [failed("settings", fault) for fault in resolved.faults]
    if wrong:
        return wrong
    facts: dict[str, Fact] = dict(resolved.sources)
    if not facts:
        return [Check("settings", "ok", Notice.of("doctor-settings-none"))]
    here = [name for name, source in resolved.sources.items() if source.startswith(_SAID_HERE)]
    names = [f"{name} ({resolved.sources[name]})" if name in here else name for name in facts]
    key = "doctor-settings-here" if len(here) == len(names) else "doctor-settings-set"
    message = Notice.of(key, names=", ".join(names))
    return [Check("settings", "ok", message, None, facts)]


async def _checks(
    endpoint: EndpointSettings, connect: Connect, *, quick: bool
) -> AsyncGenerator[Begun | Check, None]:
    try:
        runtime = connect(endpoint)
    except ModelError as error:
        yield failed("reachable", error)
        for name in NAMES[NAMES.index("reachable") + 1 :]:
            yield Check(name, "skipped", Notice.of("doctor-skipped"))
        return
    blocked = False
    try:
        for name, step in _Steps(endpoint, runtime).all.items():
            if blocked:
                yield Check(name, "skipped", Notice.of("doctor-skipped"))
            elif quick and name in _GENERATING:
                yield Check(name, "skipped", Notice.of("doctor-left-out"))
            else:
                yield Begun(name)
                check = await _timed(name, step)
                yield check
                blocked = check.state == "failed" and name in _NEEDED
    finally:
        await runtime.aclose()


async def _timed(name: Name, step: _Step) -> Check:
    """Return what comes of a step, with its time; an error makes it fail, and so does silence."""
    began, seconds = time.monotonic(), _SECONDS.get(name)
    try:
        async with asyncio.timeout(seconds):
            check = await step()
    except ModelError as error:
        check = failed(name, error)
    except TimeoutError:
        message = Notice.of("doctor-silent", seconds=round(seconds or 0))
        check = Check(name, "failed", message, Notice.of("doctor-mend-log"))
    return replace(check, seconds=round(time.monotonic() - began, 3))


class _Steps:
    """The steps at one endpoint; a step may use what the ones before it have found."""

    def __init__(self, endpoint: EndpointSettings, runtime: Runtime) -> None:
        self._endpoint = endpoint
        self._runtime = runtime
        self._server = Server()

    @property
    def all(self) -> dict[Name, _Step]:
        """Every step by the name of its check, in order."""
        return {
            "reachable": self._reachable,
            "version": self._version,
            "model": self._model,
            "context": self._context,
            "template": self._template,
            "answer": self._answer,
            "thinking": self._thinking,
            "prefill": self._prefill,
            "cache": self._cache,
        }

    async def _reachable(self) -> Check:
        began = time.monotonic()
        self._server = await self._runtime.server()
        return serving.reachable(self._server, self._endpoint, time.monotonic() - began)

    async def _version(self) -> Check:
        return serving.version(self._server, self._endpoint)

    async def _model(self) -> Check:
        began = time.monotonic()
        info = await self._runtime.info()
        return serving.there(info, self._endpoint, time.monotonic() - began)

    async def _context(self) -> Check:
        loaded = await self._runtime.loaded_context_tokens()
        return serving.context(self._endpoint, await self._runtime.info(), loaded)

    async def _template(self) -> Check:
        return serving.template(await self._runtime.info())

    async def _answer(self) -> Check:
        return await generating.answer(self._runtime)

    async def _thinking(self) -> Check:
        return await generating.thinking(self._runtime)

    async def _prefill(self) -> Check:
        return await generating.prefill(self._runtime)

    async def _cache(self) -> Check:
        return await generating.cache(self._runtime, secrets.token_hex(8))
