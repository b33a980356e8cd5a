"""How asking a model fails.

    ModelError (spyhop.errors)
    ├── ModelUnavailable     it cannot be asked: not reachable, not there, busy
    │   └── Unreachable      nothing answers at the address
    └── ModelFailed          it was asked and gave no whole answer
        ├── Refused          an HTTP status that says no, with the body's words
        └── Broken           the stream ended too early or was none

Foreign exceptions (httpx's, the engine's) are mapped to these in `endpoint` and `embedded`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from spyhop.errors import ModelError
from spyhop.messages import Value

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
        super().__init__("runtime-refused", status=status, why=why, url=url)
        self.status = status
        self.why = why
        self.url = url
        self.retry_after = retry_after
        """Seconds after which the server wants to be asked again; None where it does not say."""


class Broken(ModelFailed):
    """The stream broke off, or what came was no answer of this runtime."""
