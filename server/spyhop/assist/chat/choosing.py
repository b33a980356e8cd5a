"""Which model answers in chats: the settings' own, or the one that the user has switched to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from spyhop.assist.chat.protocol import ModelChoice, SwitchModelParams
from spyhop.errors import ModelError, UsageError
from spyhop.models.connect import connect as connect_to
from spyhop.models.connect import lister_for
from spyhop.models.listing import Lister, Listing
from spyhop.models.patience import Tell
from spyhop.models.port import Model
from spyhop.models.reach import Reach
from spyhop.models.router import Connect, Router
from spyhop.settings import EndpointSettings, Settings

Ask: TypeAlias = Callable[[Tell], Awaitable[Model]]


class ModelChooser:
    """The model for the next message.

    ``default`` returns the settings' own; ``settings`` those in force; ``announce`` is told what
    the user is to know.
    """

    def __init__(
        self,
        default: Ask,
        settings: Callable[[], Settings],
        announce: Tell,
        *,
        connect: Connect = connect_to,
        lister: Callable[[EndpointSettings], Lister] = lister_for,
    ) -> None:
        self._default = default
        self._settings = settings
        self._announce = announce
        self._connect = connect
        self._lister = lister
        self._switched: SwitchModelParams | None = None
        self._router: Router | None = None
        self._unused: list[Model | Reach] = []
        """What was switched away from: an answer may still come of it."""

    async def model(self, tell: Tell) -> Model:
        """Return the model to ask now.

        Raises:
            ModelUnavailable: there is none.
        """
        if self._switched is None:
            return await self._default(tell)
        settings = _switched(self._settings(), self._switched)
        if self._router is None:
            self._router = Router(settings, self._announce, connect=self._connect)
        elif self._router.settings != settings:
            self._unused += self._router.configure(settings)
        return await self._router.model("chat", tell)

    def switch(self, params: SwitchModelParams) -> None:
        """Switch to a model.

        Raises:
            UsageError: the settings name no such endpoint.
        """
        known = [it.name for it in self._settings().endpoints_for("chat")]
        if params.endpoint is not None and params.endpoint not in known:
            raise UsageError("chat-no-endpoint", name=params.endpoint, known=", ".join(known))
        self._switched = params if params.name or params.endpoint else None

    async def choices(self) -> tuple[list[ModelChoice], list[ModelError]]:
        """Return the models of every endpoint, and why some told none."""
        endpoints = self._settings().endpoints_for("chat")
        found = await asyncio.gather(*map(self._listing, endpoints))
        choices: list[ModelChoice] = []
        faults: list[ModelError] = []
        chosen = self._switched
        asked = (chosen and chosen.endpoint) or endpoints[0].name
        for endpoint, listing in zip(endpoints, found, strict=True):
            if isinstance(listing, ModelError):
                faults.append(listing)
                continue
            name = (chosen and chosen.name) or listing.chosen
            choices += [
                ModelChoice(
                    name=it.name,
                    endpoint=endpoint.name,
                    used=endpoint.name == asked and it.name == name,
                )
                for it in listing.models
            ]
        return choices, faults

    async def _listing(self, endpoint: EndpointSettings) -> Listing | ModelError:
        try:
            lister = self._lister(endpoint)
            try:
                return await lister.listing()
            finally:
                await lister.aclose()
        except ModelError as error:
            return error

    async def aclose(self) -> None:
        """Close all connections of its own."""
        closing = [*self._unused, *filter(None, [self._router])]
        self._router, self._unused = None, []
        for it in closing:
            await it.aclose()


def _switched(settings: Settings, to: SwitchModelParams) -> Settings:
    """Return ``settings`` with another model, or endpoint, for chats."""
    changes = {"model": to.name, "endpoint": to.endpoint or settings.chat.endpoint}
    return settings.model_copy(update={"chat": settings.chat.model_copy(update=changes)})
