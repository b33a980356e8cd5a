"""What a refusal by HTTP means, and what mends it: the same for every runtime."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from spyhop.errors import ModelError
from spyhop.models.errors import ModelFailed, ModelUnavailable, Refused
from spyhop.models.secrets import KeyState

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


def explained(refusal: Refused, *, key: KeyState, context_tokens: int) -> ModelError | None:
    """Return the error that says what ``refusal`` means; None where only the runtime knows."""
    url, why, status, retry = refusal.url, refusal.why, refusal.status, refusal.retry
    if status == HTTPStatus.UNAUTHORIZED and key != "sent":
        missing = "key-withheld" if key == "withheld" else "key-missing"
        return ModelUnavailable(missing, url=url, why=why)
    if retry is not None and retry.obstacle == "loading":
        return ModelUnavailable("model-loading", url=url, why=why, retry=retry)
    if retry is not None and retry.obstacle == "limited" and retry.after is not None:
        seconds = retry.after
        return ModelUnavailable("rate-limited-for", url=url, why=why, seconds=seconds, retry=retry)
    if message := _KEYS.get(status):
        return ModelUnavailable(message, url=url, why=why, retry=retry)
    if _TOO_LONG.search(why):
        return ModelFailed("context-exceeded", context=context_tokens, why=why)
    return None
