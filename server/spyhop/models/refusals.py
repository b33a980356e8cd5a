"""What a refusal by HTTP means, and what mends it: the same for every runtime."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from spyhop.errors import ModelError
from spyhop.models.errors import ModelFailed, ModelUnavailable, Refused

_TOO_LONG: Final = re.compile(
    r"context (?:length|size|window)|exceeds? .*context|too long", re.IGNORECASE
)


_KEYS: Final[dict[int, str]] = {
    HTTPStatus.UNAUTHORIZED: "key-refused",
    HTTPStatus.PAYMENT_REQUIRED: "credit-missing",
    HTTPStatus.FORBIDDEN: "access-forbidden",
    HTTPStatus.TOO_MANY_REQUESTS: "rate-limited",
    HTTPStatus.SERVICE_UNAVAILABLE: "server-busy",
}


def explained(refusal: Refused, *, has_key: bool, context_tokens: int) -> ModelError | None:
    """Return the error that says what ``refusal`` means; None where only the runtime knows."""
    url, why, status, seconds = refusal.url, refusal.why, refusal.status, refusal.retry_after
    if status == HTTPStatus.UNAUTHORIZED and not has_key:
        return ModelUnavailable("key-missing", url=url, why=why)
    if status == HTTPStatus.SERVICE_UNAVAILABLE and "loading" in why.lower():
        return ModelUnavailable("model-loading", url=url, why=why)
    if status == HTTPStatus.TOO_MANY_REQUESTS and seconds is not None:
        return ModelUnavailable("rate-limited-for", url=url, why=why, seconds=seconds)
    if key := _KEYS.get(status):
        return ModelUnavailable(key, url=url, why=why)
    if _TOO_LONG.search(why):
        return ModelFailed("context-exceeded", context=context_tokens, why=why)
    return None
