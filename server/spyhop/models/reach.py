"""Whether an endpoint answers at all: the least request there is, and no long wait for it."""

from __future__ import annotations

import asyncio
from typing import Final

from spyhop.core.urls import without_user
from spyhop.errors import ModelError
from spyhop.models.address import openai_base
from spyhop.models.endpoint import Endpoint
from spyhop.models.errors import Broken, ModelFailed, ModelUnavailable, Refused, Unreachable
from spyhop.models.refusals import explained
from spyhop.models.secrets import headers_of
from spyhop.settings import EndpointSettings

_CONNECT_SECONDS: Final = 3.0
_ANSWER_SECONDS: Final = 10.0


class Reach:
    """Asks the server of ``settings`` whether it is there; its connection is kept open."""

    def __init__(self, settings: EndpointSettings) -> None:
        self._settings = settings
        self._endpoint: Endpoint | None = None

    async def fault(self, seconds: float = _ANSWER_SECONDS) -> ModelError | None:
        """Return why nothing can be had there now; None where a request is worth while.

        A refused key or a missing model is no such fault: it has to be told to the user. An
        engine of Spyhop's own is always there.
        """
        if self._settings.backend == "embedded":
            return None
        try:
            async with asyncio.timeout(seconds):
                await self._ask()
        except TimeoutError:
            url, why = without_user(self._settings.url), f"{seconds:g} s"
            return Unreachable("endpoint-silent", url=url, why=why)
        except Refused as refusal:
            told = explained(refusal, key="sent", context_tokens=0) or refusal
            return told if _stands_in_the_way(refusal) else None
        except (ModelUnavailable, ModelFailed) as error:
            return error if _stands_in_the_way(error) else None
        return None

    async def aclose(self) -> None:
        """Close the connection."""
        if self._endpoint is not None:
            await self._endpoint.aclose()

    async def _ask(self) -> None:
        endpoint = self._connected()
        path = "/models" if self._settings.backend == "openai" else "/api/version"
        try:
            await endpoint.get(path)
        except Broken as error:
            # The server may have closed the connection that was kept open.
            if error.retry is None:
                raise
            await endpoint.get(path)

    def _connected(self) -> Endpoint:
        if self._endpoint is None:
            settings = self._settings
            openai = settings.backend == "openai"
            self._endpoint = Endpoint(
                openai_base(settings.url) if openai else settings.url,
                "openai-unreachable" if openai else "ollama-unreachable",
                headers_of(settings.key, settings.headers),
                connect_seconds=_CONNECT_SECONDS,
            )
        return self._endpoint


def _stands_in_the_way(error: ModelUnavailable | ModelFailed) -> bool:
    """Tell whether after ``error`` another endpoint should be asked."""
    passing = error.retry is not None and error.retry.obstacle != "limited"
    return passing or isinstance(error, Unreachable | Broken)
