"""``spyhop models``: what each endpoint has, and which of it Spyhop uses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args

from rich.cells import cell_len
from rich.text import Text

from spyhop.cli.console import Screen, write_bytes
from spyhop.core.transfer import bytes_text
from spyhop.core.urls import without_user
from spyhop.core.visible import visible_line
from spyhop.errors import SpyhopError
from spyhop.models.connect import lister_for
from spyhop.models.listing import Listed, Listing, Loaded
from spyhop.settings import EndpointSettings, Role, Settings

_ROLES: Final[tuple[Role, ...]] = get_args(Role)
_UNKNOWN: Final = "-"
_COLUMNS: Final = (
    "models-use",
    "models-name",
    "models-size",
    "models-parameters",
    "models-quantisation",
    "models-context",
    "models-abilities",
    "models-memory",
)
_ALL: Final = 100
# Ollama's word for ever is a few centuries.
_FOR_EVER: Final = timedelta(days=365)
_DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class Shelf:
    """What one endpoint has, and what its models are used for."""

    endpoint: EndpointSettings
    models: tuple[Listed, ...] = ()
    tells_loaded: bool = False
    uses: dict[str, list[Role]] = field(default_factory=dict)
    """The roles that would ask a model, by its name."""
    faults: list[SpyhopError] = field(default_factory=list)
    """Why nothing is known of the endpoint, or a role has no model there."""

    @property
    def place(self) -> str:
        """Where it is: no user's name, no password."""
        embedded = self.endpoint.backend == "embedded"
        return "" if embedded else without_user(self.endpoint.url)


def run(settings: Settings, screen: Screen, *, as_json: bool) -> None:
    """Print the models of every endpoint that the settings name.

    Raises:
        SpyhopError: no endpoint could be asked; says why of the first.
    """
    shelves = asyncio.run(_look(settings))
    if as_json:
        told = [_told(shelf, screen) for shelf in shelves]
        write_bytes(json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n")
    else:
        for shelf in shelves:
            _show(shelf, screen, named=len(shelves) > 1)
    if all(shelf.faults and not shelf.models for shelf in shelves):
        raise shelves[0].faults[0]
    if not as_json:
        for fault in _once(fault for shelf in shelves for fault in shelf.faults):
            screen.warn(fault)


def _once(faults: Iterable[SpyhopError]) -> list[SpyhopError]:
    return list({str(fault): fault for fault in faults}.values())


async def _look(settings: Settings) -> list[Shelf]:
    """Return the shelf of each endpoint, in the order in which edits try them."""
    asked: dict[str, dict[EndpointSettings, list[Role]]] = {}
    for role in _ROLES:
        for endpoint in settings.endpoints_for(role):
            asked.setdefault(endpoint.name, {}).setdefault(endpoint, []).append(role)
    return await asyncio.gather(*map(_shelf, asked.values()))


async def _shelf(asked: dict[EndpointSettings, list[Role]]) -> Shelf:
    """Return what an endpoint has: the same for all roles, which may each ask another model."""
    shelf = Shelf(next(iter(asked)))
    for endpoint, roles in asked.items():
        try:
            listing = await _listing(endpoint)
        except SpyhopError as error:
            shelf.faults.append(error)
            break
        shelf.models, shelf.tells_loaded = listing.models, listing.tells_loaded
        if listing.chosen is not None:
            shelf.uses.setdefault(listing.chosen, []).extend(roles)
        if listing.fault is not None:
            shelf.faults.append(listing.fault)
    return shelf


async def _listing(endpoint: EndpointSettings) -> Listing:
    lister = lister_for(endpoint)
    try:
        return await lister.listing()
    finally:
        await lister.aclose()


def _told(shelf: Shelf, screen: Screen) -> dict[str, Any]:
    """Return a shelf as JSON; sizes are in bytes, times as ISO 8601 writes them."""
    return {
        "endpoint": shelf.endpoint.name,
        "backend": shelf.endpoint.backend,
        "url": shelf.place or None,
        "models": [
            {
                "name": model.name,
                "size": model.size,
                "quantisation": model.quantisation or None,
                "parameters": model.parameters or None,
                "contextTokens": model.context_tokens,
                "abilities": list(model.abilities),
                "loaded": _loaded(model.loaded) if model.loaded else None,
                "roles": shelf.uses.get(model.name, []),
            }
            for model in shelf.models
        ],
        "faults": [fault.say(screen.language) for fault in _once(shelf.faults)],
    }


def _loaded(loaded: Loaded) -> dict[str, Any]:
    return {
        "gpuShare": None if loaded.gpu_share is None else round(loaded.gpu_share, 3),
        "contextTokens": loaded.context_tokens,
        "until": loaded.until.isoformat() if loaded.until else None,
    }


def _show(shelf: Shelf, screen: Screen, *, named: bool) -> None:
    if named:
        _print(screen, f"{shelf.endpoint.name}: {shelf.place or shelf.endpoint.backend}")
    if not shelf.models:
        return
    head = [screen.say(key) for key in _COLUMNS]
    rows = [_row(shelf, model, screen) for model in shelf.models]
    # What no model tells anything of needs no column; the first is for the mark.
    kept = [at for at in range(len(head)) if not at or any(row[at] != _UNKNOWN for row in rows)]
    table = [[visible_line(row[at]) for at in kept] for row in (head, *rows)]
    if not screen.out.is_terminal:
        # Other programs take columns apart at white space, so none is empty.
        table = [[cell or _UNKNOWN for cell in row] for row in table]
    lines = _aligned(table)
    if screen.out.is_terminal and max(map(cell_len, lines)) > screen.out.width:
        lines = _stacked(table)
    for line in lines:
        _print(screen, line)


def _print(screen: Screen, line: str) -> None:
    if screen.out.is_terminal:
        screen.out.print(Text(line, style="green" if line.startswith("*") else ""))
    else:
        write_bytes(line.encode("utf-8", "replace") + b"\n")


def _row(shelf: Shelf, model: Listed, screen: Screen) -> list[str]:
    return [
        _use(shelf.uses.get(model.name, [])),
        model.name,
        bytes_text(model.size) if model.size is not None else _UNKNOWN,
        model.parameters or _UNKNOWN,
        model.quantisation or _UNKNOWN,
        str(model.context_tokens) if model.context_tokens else _UNKNOWN,
        ", ".join(it for it in model.abilities if it != "completion") or _UNKNOWN,
        _memory(model.loaded, screen) if shelf.tells_loaded else _UNKNOWN,
    ]


def _use(roles: Sequence[Role]) -> str:
    """Return the mark of a model that is used, or what it is used for where not for all."""
    return "*" if set(roles) == set(_ROLES) else ", ".join(roles)


def _memory(loaded: Loaded | None, screen: Screen) -> str:
    """Return where a model is in memory, and how long it stays there."""
    if loaded is None:
        return screen.say("models-not-loaded")
    share = loaded.gpu_share
    place = screen.say("models-loaded")
    if share is not None:
        percentage = round(_ALL * share)
        gpu = "GPU" if percentage == _ALL else f"GPU {percentage} %"
        place = gpu if percentage else "CPU"
    until = loaded.until
    if until is None:
        return place
    left = until - datetime.now(UTC)
    if left > _FOR_EVER:
        return screen.say("models-kept", place=place)
    form = "%H:%M" if abs(left) < _DAY else "%Y-%m-%d %H:%M"
    return screen.say("models-until", place=place, time=until.astimezone().strftime(form))


def _aligned(table: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows as lines, their columns of even width."""
    widths = [max(map(cell_len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in table
    ]


def _stacked(table: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows for a narrow terminal: each name, and below it all else with its title."""
    lines: list[str] = []
    (_, _, *titles), *rows = table
    for use, name, *cells in rows:
        lines.append(f"{use or ' '} {name}")
        known = [
            f"{title} {cell}" for title, cell in zip(titles, cells, strict=True) if cell != _UNKNOWN
        ]
        lines.append("    " + ", ".join(known))
    return lines
