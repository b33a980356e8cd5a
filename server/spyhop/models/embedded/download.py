"""Models from the web: ``spyhop pull`` for the embedded engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, aclosing
from pathlib import Path

from spyhop.locks import held
from spyhop.models.embedded.fetch import Fetch, Sleep
from spyhop.models.embedded.hubs import Hubs
from spyhop.models.embedded.store import models_folder
from spyhop.models.embedded.web import STALL_SECONDS, Web
from spyhop.models.errors import ModelUnavailable
from spyhop.models.pulling import DONE, DOWNLOADING, PREPARING, PullProgress
from spyhop.models.words import reason


class Downloads:
    """The embedded engine's way to get models: a `Puller`."""

    def pull(self, name: str) -> AsyncGenerator[PullProgress, None]:
        """See `download`, for which ``name`` is the source."""
        return download(name)

    async def aclose(self) -> None:
        """See `Puller.aclose`: each download has its own, which end with it."""


async def download(
    source: str,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stall_seconds: float = STALL_SECONDS,
    sleep: Sleep = asyncio.sleep,
) -> AsyncGenerator[PullProgress, None]:
    """Download a GGUF model into the user's folder of models, and yield how far it is.

    ``source`` is an address, which may end in ``#sha256=HEX``; ``hf.co/OWNER/REPO[:QUANT]`` or
    ``modelscope.cn/OWNER/REPO[:QUANT]``, with Q4_K_M where nothing is said; or ``deepseek-r1:7b``.
    Closing it at any moment leaves what has come, and the next download goes on from there. Bytes
    are those of all the model's files together.

    Raises:
        UsageError: the source is none of these, or does not say which of several models is meant.
        ModelUnavailable: it is not to be had, or not what it should be; what is wrong is dropped.
        Broken: the connection broke off, again and again; what has come is kept.
    """
    hubs = Hubs(environment)
    async with Web(hubs.first_address(source), stall_seconds=stall_seconds) as web:
        yield PullProgress(PREPARING)
        model = await hubs.resolve(source, web)
        place = (folder or models_folder()).joinpath(*model.folder)
        with ExitStack() as stack:
            try:
                place.mkdir(parents=True, exist_ok=True)
                alone = stack.enter_context(held(place / f"{model.files[0].name}.lock"))
            except OSError as error:
                why = reason(error)
                raise ModelUnavailable("download-unwritable", path=str(place), why=why) from error
            if not alone:
                raise ModelUnavailable("download-running", name=model.name)
            fetches = [Fetch(it, place / it.name, web, sleep=sleep) for it in model.files]
            async with aclosing(_all(fetches)) as steps:
                async for step in steps:
                    yield step
    yield PullProgress(DONE)


async def _all(fetches: list[Fetch]) -> AsyncGenerator[PullProgress, None]:
    before = 0
    for fetch in fetches:
        count = 0
        async with aclosing(fetch.run()) as counts:
            async for count in counts:
                sizes = [one.total for one in fetches]
                total = None if None in sizes else sum(size or 0 for size in sizes)
                if total is None and not before + count:
                    # The server has not answered yet.
                    yield PullProgress(PREPARING)
                else:
                    yield PullProgress(DOWNLOADING, before + count, total)
        before += count
