"""What a refusal by HTTP means, and what mends it: the same for every runtime."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from spyhop.errors import ModelError
from spyhop.models.errors import ModelFailed, ModelUnavailable, Refused, Retry

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
_GATEWAY: Final = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})


def explained(refusal: Refused, *, has_key: bool, context_tokens: int) -> ModelError | None:
    """Return the error that says what ``refusal`` means; None where only the runtime knows."""
    url, why, status, seconds = refusal.url, refusal.why, refusal.status, refusal.retry_after
    if status == HTTPStatus.UNAUTHORIZED and not has_key:
        return ModelUnavailable("key-missing", url=url, why=why)
    retry = retry_of(refusal)
    if retry is not None and retry.obstacle == "loading":
        return ModelUnavailable("model-loading", url=url, why=why, retry=retry)
    if status == HTTPStatus.TOO_MANY_REQUESTS and seconds is not None:
        return ModelUnavailable("rate-limited-for", url=url, why=why, seconds=seconds, retry=retry)
    if key := _KEYS.get(status):
        return ModelUnavailable(key, url=url, why=why, retry=retry)
    if _TOO_LONG.search(why):
        return ModelFailed("context-exceeded", context=context_tokens, why=why)
    return None


def retry_of(refusal: Refused) -> Retry | None:
    """Return why asking once more may help; None where the refusal is for good."""
    if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Retry("limited", refusal.retry_after)
    if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE:
        loading = "loading" in refusal.why.lower()
        return Retry("loading" if loading else "busy", refusal.retry_after)
    return Retry("gateway", refusal.retry_after) if refusal.status in _GATEWAY else None
