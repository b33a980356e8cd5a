from __future__ import annotations

import json
from typing import Any

from hypothesis import given

from configured import LEGAL, PLANTED, flat_options, nested, plain
from spyhop.settings import Layer, resolve
from spyhop.settings.explain import endpoint_of, explain


@given(flat_options)
def test_every_setting_is_there_with_its_value_and_source(options: dict[str, Any]) -> None:
    places = {tuple(name.split(".")): f"file: {name}" for name in options}
    found = list(explain(resolve([Layer("file", nested(options), places=places)])))
    assert {one.name for one in found} >= set(LEGAL)
    for one in found:
        assert one.source == (f"file: {one.name}" if one.name in options else None)
        if one.name in options and one.name not in {"key", "headers"}:
            assert one.value == plain(options[one.name])
    json.dumps([one.value for one in found])


def test_an_endpoint_shows_what_it_says_itself() -> None:
    endpoints = {"gpu": {"model": "a", "url": "http://gpu:1"}, "laptop": {}}
    found = explain(resolve([Layer("file", {"endpoints": endpoints})]))
    said = [(one.name, one.value) for one in found if one.name.startswith("endpoints")]
    assert said == [("endpoints.gpu.url", "http://gpu:1"), ("endpoints.gpu.model", "a")]


def test_no_key_header_or_password_is_shown() -> None:
    secrets = {
        "key": PLANTED,
        "headers": {"X": PLANTED},
        "url": f"http://me:{PLANTED}@gpu:1",
    }
    for options in (secrets, {"endpoints": {"gpu": secrets}}):
        resolved = resolve([Layer("file", options)])
        shown = [*explain(resolved), *map(endpoint_of, resolved.settings.endpoints_for("chat"))]
        assert PLANTED not in str(shown)
        assert "'set'" in str(shown)
        assert "http://gpu:1" in str(shown)
