"""Which endpoints there are to examine, and who asks them."""

from __future__ import annotations

from typing import Final, get_args

from spyhop.assist.doctor.checks import Subject
from spyhop.core.urls import without_user
from spyhop.settings import EndpointSettings, Role, Settings

ROLES: Final[tuple[Role, ...]] = get_args(Role)


def endpoints_of(settings: Settings) -> dict[EndpointSettings, Subject]:
    """Return every endpoint that some role asks, each once, those that are asked first first."""
    asked = {role: settings.endpoints_for(role) for role in ROLES}
    firsts = [endpoints[0] for endpoints in asked.values()]
    others = [it for endpoints in asked.values() for it in endpoints[1:]]
    return {
        endpoint: Subject(
            endpoint.name,
            endpoint.backend,
            place_of(endpoint),
            tuple(role for role in ROLES if asked[role][0] == endpoint),
            tuple(role for role in ROLES if endpoint in asked[role][1:]),
        )
        for endpoint in dict.fromkeys([*firsts, *others])
    }


def place_of(endpoint: EndpointSettings) -> str:
    """Return where an endpoint is: its address without a user, or the embedded engine's model."""
    return endpoint.model or "-" if endpoint.backend == "embedded" else without_user(endpoint.url)
