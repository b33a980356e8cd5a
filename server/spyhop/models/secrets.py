"""Keys on their way into the headers of requests: the one place where they are read."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr


def headers_of(key: SecretStr | None, headers: Mapping[str, SecretStr]) -> dict[str, str]:
    """Return the headers that carry ``key`` and ``headers``, which may name the key otherwise."""
    sent = {name: value.get_secret_value() for name, value in headers.items()}
    if key is not None and not any(name.lower() == "authorization" for name in sent):
        sent["Authorization"] = f"Bearer {key.get_secret_value()}"
    return sent
