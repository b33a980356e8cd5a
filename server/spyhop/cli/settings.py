"""``spyhop settings``: what is in force, and where each value comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, get_args

from rich.cells import cell_len, set_cell_size
from rich.text import Text as Styled

from spyhop.cli.console import Screen, write_bytes
from spyhop.cli.options import here
from spyhop.core.visible import visible_line
from spyhop.settings import Resolved, Role, layers_for, resolve
from spyhop.settings.explain import Explained, endpoint_of, explain
from spyhop.settings.files import project_file, user_file
from spyhop.settings.json_schema import json_schema
from spyhop.settings.schema import EndpointSettings
from spyhop.settings.trust import is_trusted

ROLES: Final[tuple[Role, ...]] = get_args(Role)


def resolved_here() -> Resolved:
    """Return the settings that hold for a command in this folder."""
    return resolve(layers_for(here()))


def show(resolved: Resolved, screen: Screen) -> None:
    """Print the settings as lines of name, value and source, then the files and the endpoints."""
    rows = [
        (one.name, _value(one, screen), one.source or screen.say("settings-default"))
        for one in explain(resolved)
        # What a role says nothing of is in the list of the endpoints below.
        if one.source is not None or one.name.partition(".")[0] not in ROLES
    ]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(2)]
    for *columns, source in rows:
        padded = [set_cell_size(*cell) for cell in zip(columns, widths, strict=True)]
        screen.out.print(Styled(visible_line("  ".join((*padded, source)))))
    screen.out.print()
    for line in (*_files(resolved, screen), *_roles(resolved, screen)):
        screen.out.print(Styled(visible_line(line)))


def _value(one: Explained, screen: Screen) -> str:
    if one.value is None:
        return screen.say("settings-unset")
    if one.name.rpartition(".")[2] == "key":
        return screen.say("settings-set")
    return _written(one.value)


def _written(value: Any) -> str:
    """Return a value as TOML has it; a table of headers by their names."""
    if isinstance(value, dict):
        return f"{{ {', '.join(value)} }}" if value else "{}"
    if isinstance(value, float):
        return f"{value:g}"
    return json.dumps(value, ensure_ascii=False)


def _files(resolved: Resolved, screen: Screen) -> Iterator[str]:
    user, project = user_file(), project_file(here())
    missing = screen.say("settings-missing")
    yield screen.say(
        "settings-user-file", path=str(user), note="" if user.exists() else f" {missing}"
    )
    if project == user:
        return
    trusts = is_trusted(project.parent, resolved.settings.trusted_folders)
    note = screen.say("settings-trusted" if trusts else "settings-untrusted")
    note = note if project.exists() else missing
    yield screen.say("settings-project-file", path=str(project.absolute()), note=f" {note}")


def _roles(resolved: Resolved, screen: Screen) -> Iterator[str]:
    for role in ROLES:
        endpoints = resolved.settings.endpoints_for(role)
        asked = " → ".join(_endpoint(one, screen) for one in endpoints)
        yield screen.say("settings-role", role=role, endpoints=asked)


def _endpoint(endpoint: EndpointSettings, screen: Screen) -> str:
    values = endpoint_of(endpoint)
    model = values["model"] or screen.say("settings-largest")
    where = "embedded" if endpoint.backend == "embedded" else values["url"]
    return f"{endpoint.name} ({where}, {model})"


def as_json(resolved: Resolved, screen: Screen) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    settings = resolved.settings
    return {
        "settings": {
            one.name: {"value": one.value, "source": one.source or "default"}
            for one in explain(resolved)
        },
        "roles": {
            role: {
                "endpoints": [endpoint_of(one) for one in settings.endpoints_for(role)],
                "thinking": None
                if role == "complete"
                else settings.thinking_for(role).model_dump(),
            }
            for role in ROLES
        },
        "faults": [fault.say(screen.language) for fault in resolved.faults],
    }


def print_json(value: dict[str, Any]) -> None:
    """Print JSON to stdout, whatever its encoding is."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    write_bytes(f"{text}\n".encode("utf-8", "replace"))


def print_schema() -> None:
    """Print the JSON Schema of ``spyhop.toml``."""
    print_json(json_schema())
