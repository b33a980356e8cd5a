"""How asking a model fails.

    ModelError (spyhop.errors)
    ├── ModelUnavailable     it cannot be asked: not reachable, not there, busy
    │   ├── Unreachable      nothing answers at the address
    │   └── ModelMissing     the server answers, but does not have it, and can be had to get it
    └── ModelFailed          it was asked and gave no whole answer
        ├── Refused          an HTTP status that says no, with the body's words
        └── Broken           the stream ended too early or was none

Foreign exceptions (httpx's, the engine's) are mapped to these in `endpoint` and `embedded`.
"""

from __future__ import annotations

from spyhop.errors import ModelError


class ModelUnavailable(ModelError):  # noqa: N818 - says what is the case
    """The model cannot be asked."""


class Unreachable(ModelUnavailable):
    """Nothing answers at the address."""


class ModelMissing(ModelUnavailable):
    """The server answers, but has no such model; it can pull one."""

    @property
    def url(self) -> str:
        """Where the server answers; no user's name, no password."""
        return str(self.values["url"])

    @property
    def model(self) -> str:
        """The model to pull, by the name that its library has for it."""
        return str(self.values["pull"])


class ModelFailed(ModelError):  # noqa: N818
    """The model was asked and gave no whole answer."""


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
