"""How asking a model fails.

    ModelError (spyhop.errors)
    ├── ModelUnavailable     it cannot be asked: not reachable, not there, busy
    │   ├── Unreachable      nothing answers at the address
    │   ├── AllDown          nothing answers at any of several
    │   └── ModelMissing     the server answers, but does not have it, and can be had to get it
    └── ModelFailed          it was asked and gave no whole answer
        ├── Refused          an HTTP status that says no, with the body's words
        └── Broken           the stream ended too early or was none

Foreign exceptions (httpx's, the engine's) are mapped to these in `endpoint` and `embedded`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal, TypeAlias

from spyhop.errors import ModelError
from spyhop.messages import Language, Value

Obstacle: TypeAlias = Literal["loading", "busy", "limited", "gateway", "dropped"]
"""What will be gone by itself: the server loads its model, has too much to do, has a user ask too
often, is not there behind its gateway (502, 504), or closed the connection before it answered."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Why asking once more may help."""

    obstacle: Obstacle
    after: int | None = None
    """Seconds after which the server wants to be asked again; None where it does not say."""


class ModelUnavailable(ModelError):  # noqa: N818 - says what is the case
    """The model cannot be asked."""

    retry: Retry | None = None
    """Why asking once more may help; None where it would not."""

    def __init__(self, key: str, /, *, retry: Retry | None = None, **values: Value) -> None:
        super().__init__(key, **values)
        self.retry = retry


class Unreachable(ModelUnavailable):
    """Nothing answers at the address."""


class ModelMissing(ModelUnavailable):
    """There is no such model where it is looked for; it can be pulled."""

    @property
    def url(self) -> str | None:
        """Where the server answers, no user's name, no password; None: the embedded engine."""
        url = self.values.get("url")
        return None if url is None else str(url)

    @property
    def model(self) -> str:
        """The model to pull, by the name that its library has for it."""
        return str(self.values["pull"])


class ModelFailed(ModelError):  # noqa: N818
    """The model was asked and gave no whole answer."""

    retry: Retry | None = None
    """Why asking once more may help; None where it would not."""

    def __init__(self, key: str, /, *, retry: Retry | None = None, **values: Value) -> None:
        super().__init__(key, **values)
        self.retry = retry


class Refused(ModelFailed):
    """The runtime answered with an error status; ``status`` and ``why`` hold what it said."""

    def __init__(self, status: int, why: str, url: str, retry_after: int | None = None) -> None:
        retry = _retry(status, why, retry_after)
        super().__init__("runtime-refused", retry=retry, status=status, why=why, url=url)
        self.status = status
        self.why = why
        self.url = url


class Broken(ModelFailed):
    """The stream broke off, or what came was no answer of this runtime."""


class AllDown(ModelUnavailable):
    """None of several endpoints answers; ``faults`` are why, by their names."""

    def __init__(self, faults: Mapping[str, ModelError]) -> None:
        super().__init__("endpoints-down")
        self.faults = dict(faults)

    def __reduce__(self) -> tuple[object, ...]:
        return AllDown, (self.faults,)

    def say(self, language: Language) -> str:
        """Return the message, and behind it that of each endpoint."""
        each = [f"{name}: {fault.say(language)}" for name, fault in self.faults.items()]
        return " ".join([super().say(language), *each])


def _retry(status: int, why: str, after: int | None) -> Retry | None:
    """Return why asking once more may help after a status; None where it is for good."""
    match status:
        case HTTPStatus.TOO_MANY_REQUESTS:
            return Retry("limited", after)
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return Retry("loading" if "loading" in why.lower() else "busy", after)
        case HTTPStatus.BAD_GATEWAY | HTTPStatus.GATEWAY_TIMEOUT:
            return Retry("gateway", after)
        case _:
            return None
