"""Keys on their way into the headers of requests: the one place where they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from pydantic import SecretStr

KeyState: TypeAlias = Literal["sent", "none", "withheld"]
"""Whether requests carry a key; ``withheld``: none of the user's, for a project named the url."""


def headers_of(key: SecretStr | None, headers: Mapping[str, SecretStr]) -> dict[str, str]:
    """Return the headers that carry ``key`` and ``headers``, which may name the key otherwise."""
    sent = {name: value.get_secret_value() for name, value in headers.items()}
    if key is not None and not any(name.lower() == "authorization" for name in sent):
        sent["Authorization"] = f"Bearer {key.get_secret_value()}"
    return sent


def key_state(headers: Mapping[str, str], *, url_of_project: bool) -> KeyState:
    """Return whether requests with ``headers`` carry a key, and why not."""
    if headers:
        return "sent"
    return "withheld" if url_of_project else "none"
