"""Which endpoint is asked: the first of a role's that is up; and the models behind them, shared.

With one endpoint nothing is sent beforehand. With several the first is asked whether it is there;
where it is not, the next one, and so on. What is down is left alone for half a minute, unless
nothing else is up. A change of endpoint is told once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias, get_args

from spyhop.errors import ModelError
from spyhop.messages import Notice
from spyhop.models.connect import connect
from spyhop.models.errors import AllDown, ModelFailed, ModelUnavailable
from spyhop.models.patience import Patient, Tell, Timing
from spyhop.models.port import Model
from spyhop.models.reach import Reach
from spyhop.settings import EndpointSettings, Role, Settings

DOWN_SECONDS: Final = 30.0
"""How long an endpoint that was down is not asked again while another is up."""
_ROLES: Final[tuple[Role, ...]] = get_args(Role)

Connect: TypeAlias = Callable[[EndpointSettings], Model]


class Router:
    """The models that ``settings`` name, each made when it is first asked for.

    ``announce`` is told when another endpoint is used than before.
    """

    def __init__(
        self,
        settings: Settings,
        announce: Tell,
        *,
        connect: Connect = connect,
        timing: Timing | None = None,
    ) -> None:
        self.settings = settings
        self._announce = announce
        self._connect = connect
        self._timing = timing or Timing()
        self._models: dict[EndpointSettings, Model] = {}
        self._reaches: dict[EndpointSettings, Reach] = {}
        self._down: dict[EndpointSettings, tuple[float, ModelError]] = {}
        """When each was found down, and why."""
        self._told: dict[tuple[str, ...], int] = {}
        """Which of some endpoints, by their names, the user knows to be used; at first the 0th."""

    async def model(self, role: Role, tell: Tell) -> Model:
        """Return the model to ask in a role now; it tells by ``tell`` what it waits for.

        Raises:
            AllDown: there are several endpoints, and none is up.
            ModelUnavailable: the settings name no model that can be had.
        """
        endpoints = self.settings.endpoints_for(role)
        chosen = endpoints[0] if len(endpoints) == 1 else await self._first_up(endpoints)
        if chosen not in self._models:
            self._models[chosen] = self._connect(chosen)
        return Patient(self._models[chosen], tell, self._timing)

    def configure(self, settings: Settings) -> list[Model | Reach]:
        """Take other settings; return what they have no use for, for the caller to close."""
        self.settings = settings
        named = {endpoint for role in _ROLES for endpoint in settings.endpoints_for(role)}
        models = [self._models.pop(one) for one in [*self._models] if one not in named]
        reaches = [self._reaches.pop(one) for one in [*self._reaches] if one not in named]
        return [*models, *reaches]

    async def aclose(self) -> None:
        """Close all models and connections."""
        closing = [it.aclose() for it in self._models.values()]
        closing += [it.aclose() for it in self._reaches.values()]
        self._models, self._reaches = {}, {}
        await asyncio.gather(*closing)

    async def _first_up(self, endpoints: Sequence[EndpointSettings]) -> EndpointSettings:
        now = self._timing.clock()
        rested = [it for it in endpoints if not self._lately_down(it, now)]
        resting = [it for it in endpoints if it not in rested]
        # What is resting is better than nothing: the user may just have mended it.
        for endpoint in [*rested, *resting]:
            fault = await self._reach(endpoint).fault()
            if fault is None:
                self._down.pop(endpoint, None)
                self._tell_choice(endpoints, endpoint)
                return endpoint
            self._down[endpoint] = (now, fault)
        faults = {it.name: self._down[it][1] for it in endpoints}
        passing = [it for it in endpoints if _passes(self._down[it][1])]
        if not passing:
            raise AllDown(faults)
        # It is there, and only loads its model or has too much to do: it is waited for.
        self._tell_choice(endpoints, passing[0])
        return passing[0]

    def _lately_down(self, endpoint: EndpointSettings, now: float) -> bool:
        return endpoint in self._down and now - self._down[endpoint][0] < DOWN_SECONDS

    def _reach(self, endpoint: EndpointSettings) -> Reach:
        if endpoint not in self._reaches:
            self._reaches[endpoint] = Reach(endpoint)
        return self._reaches[endpoint]

    def _tell_choice(self, endpoints: Sequence[EndpointSettings], chosen: EndpointSettings) -> None:
        """Tell the user which endpoint is used, where that is another one than he knows."""
        names, index = tuple(it.name for it in endpoints), endpoints.index(chosen)
        known = self._told.get(names, 0)
        self._told[names] = index
        if index < known:
            self._announce(Notice.of("endpoint-back", name=chosen.name))
        elif index > known:
            left = endpoints[known]
            why = str(self._down[left][1].values.get("why", "-"))
            self._announce(
                Notice.of("endpoint-switched", down=left.name, why=why, name=chosen.name)
            )


def _passes(fault: ModelError) -> bool:
    """Tell whether what is wrong with an endpoint will be gone by itself, and it answers."""
    if not isinstance(fault, ModelUnavailable | ModelFailed) or fault.retry is None:
        return False
    return fault.retry.obstacle in {"loading", "busy"}
