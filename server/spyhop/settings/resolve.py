"""Layers into the settings in force. A fault leaves out the one value that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args
from urllib.parse import urlsplit

from spyhop.core.nearest import nearest
from spyhop.errors import SettingsError
from spyhop.settings.check import Said, checked
from spyhop.settings.layers import KeyPath, Layer
from spyhop.settings.schema import SECRETS, Role, Settings
from spyhop.settings.trust import permitted

_ROLES: Final[tuple[Role, ...]] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The settings in force, and what is wrong with what was said."""

    settings: Settings
    faults: tuple[SettingsError, ...]
    sources: Mapping[str, str]
    """Where each value stands that is not a default, by its name: ``thinking.max_tokens``."""


def resolve(layers: Iterable[Layer]) -> Resolved:
    """Return the settings that the layers make together, later ones over earlier ones.

    A later layer also wins where the earlier was more particular: its ``model`` over the one of a
    role or an endpoint; its ``url`` or ``backend`` over all endpoints. A key is not sent to another
    server than the one that was named beside it, and where a project that is not trusted says
    where the server is, no key is for that server.
    """
    faults: list[SettingsError] = []
    merged = _Merged()
    for layer in layers:
        said, wrong = checked(layer)
        allowed, refused = permitted(layer, said)
        faults += [*layer.faults, *wrong, *refused, *merged.lay_over(allowed, layer)]
    faults += merged.check_endpoints()
    settings = Settings.model_validate(merged.nested())
    if merged.url_of_project:
        settings = settings.with_url_of_project()
    sources = {".".join(path): said.place for path, said in merged.said.items()}
    return Resolved(settings, tuple(faults), sources)


class _Merged:
    def __init__(self) -> None:
        self.said: dict[KeyPath, Said] = {}
        self.url_of_project = False
        self._servers: dict[KeyPath, str | None] = {}
        """The servers that keys and headers are for, where one was named beside them."""

    def lay_over(self, over: Mapping[KeyPath, Said], layer: Layer) -> list[SettingsError]:
        """Lay what a layer says over what there is."""
        over, faults = self._with_servers({self._renamed(path): it for path, it in over.items()})
        self._make_way(over)
        for table in _connections(over):
            url = over.get((*table, "url"))
            for path in [(*table, name) for name in SECRETS if (*table, name) in over]:
                self._servers[path] = None if url is None else _server(url.value)
        self.said |= over
        if ("url",) in over:
            self.url_of_project = layer.whose == "project"
        return faults

    def check_endpoints(self) -> list[SettingsError]:
        """Leave out, and tell, what a role asks first and is not there."""
        known = self._endpoints()
        faults = []
        for path in [(role, "endpoint") for role in _ROLES]:
            said = self.said.get(path)
            if said is None:
                continue
            if (name := _same(said.value, known)) is not None:
                self.said[path] = Said(name, said.place)
            else:
                faults.append(_no_endpoint(".".join(path), said.value, said.place, known))
                del self.said[path]
        return faults

    def nested(self) -> dict[str, Any]:
        """Return the values as tables, without secrets for a server of a project's choice."""
        tables: dict[str, Any] = {}
        for path, said in self.said.items():
            if path[-1] in SECRETS and _is_connection(path) and not self._is_for_its_server(path):
                continue
            *sections, last = path
            table = tables
            for section in sections:
                table = table.setdefault(section, {})
            table.setdefault(last, said.value)
        return tables

    def _is_for_its_server(self, path: KeyPath) -> bool:
        """Tell whether a key or headers may go to the server that they would go to."""
        url = self.said.get((*path[:-1], "url"))
        if url is None or len(path) == 1:
            if self.url_of_project:
                return False
            url = self.said.get(("url",))
        server = self._servers.get(path)
        return server is None or (url is not None and _server(url.value) == server)

    def _endpoints(self) -> list[str]:
        return [path[1] for path in self.said if _is_endpoint(path)]

    def _renamed(self, path: KeyPath) -> KeyPath:
        """Return ``path`` with the name that an endpoint already has: variables are in capitals."""
        if path[0] != "endpoints":
            return path
        return ("endpoints", _same(path[1], self._endpoints()) or path[1], *path[2:])

    def _with_servers(
        self, over: Mapping[KeyPath, Said]
    ) -> tuple[dict[KeyPath, Said], list[SettingsError]]:
        """Leave out, and tell, keys for endpoints that nobody has said more of."""
        kept, faults, known = dict(over), list[SettingsError](), self._endpoints()
        for table in [path for path in over if _is_endpoint(path) and path[1] not in known]:
            inner = [path for path in over if path[:-1] == table]
            if inner and {path[-1] for path in inner} <= set(SECRETS):
                key, place = ".".join(inner[0]), over[inner[0]].place
                faults.append(_no_endpoint(key, table[1], place, known))
                for path in (table, *inner):
                    del kept[path]
        return kept, faults

    def _make_way(self, over: Mapping[KeyPath, Said]) -> None:
        """Take out what is more particular than what a later layer says for all."""
        top = {path[0] for path in over if len(path) == 1}
        elsewhere = bool(top & {"url", "backend"})

        def goes(path: KeyPath) -> bool:
            match path:
                case ("endpoints", _, *inner):
                    return elsewhere or bool(set(inner) & top - set(SECRETS))
                case (_, "endpoint"):
                    return elsewhere
                case (_, "model"):
                    return "model" in top
                case (_, "thinking", name):
                    return ("thinking", name) in over
                case _:
                    return False

        for path in [path for path in self.said if goes(path)]:
            del self.said[path]


def _is_endpoint(path: KeyPath) -> bool:
    return len(path) == 2 and path[0] == "endpoints"  # noqa: PLR2004 - the table and a name in it


def _is_connection(path: KeyPath) -> bool:
    return len(path) == 1 or path[0] == "endpoints"


def _connections(said: Mapping[KeyPath, Said]) -> list[KeyPath]:
    """Return the paths of the tables that may name a server: the top level, the endpoints."""
    return [(), *(path for path in said if _is_endpoint(path))]


def _same(name: str, known: Iterable[str]) -> str | None:
    """Return the one of ``known`` that is ``name`` but for case and hyphens."""
    plain = _plain(name)
    return next((one for one in known if _plain(one) == plain), None)


def _plain(name: str) -> str:
    return name.casefold().replace("-", "_")


def _no_endpoint(key: str, name: str, place: str, known: list[str]) -> SettingsError:
    if (near := nearest(name, known)) is not None:
        return SettingsError("settings-endpoint-near", place=place, key=key, name=name, near=near)
    listed = ", ".join(known) or "-"
    return SettingsError("settings-no-endpoint", place=place, key=key, name=name, known=listed)


def _server(url: str) -> str:
    """Return the scheme, host and port of ``url``; itself where it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.hostname}:{port}"
