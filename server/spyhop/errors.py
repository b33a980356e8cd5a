"""What can go wrong in a way that the user can mend.

    SpyhopError              a message in the user's language; each subclass says where it arose
    ├── UsageError           the request itself: no such file, lines out of range   (exit status 2)
    ├── SettingsError        a setting or a prompt file                             (exit status 2)
    ├── NoEdit               the model answered, but gave no usable edit            (exit status 1)
    └── ModelError           the model could not be asked                           (exit status 3)
                             or broke off                                           (exit status 1)

An error carries the key of its message and the values to put in; the words are in `messages`.
"""

from __future__ import annotations

from spyhop.messages import Language, Value, say


class SpyhopError(Exception):
    """An error with a message for the user; ``str()`` gives it in English."""

    def __init__(self, key: str, /, **values: Value) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values

    def __str__(self) -> str:
        return self.say("en")

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.key, self.values)

    def say(self, language: Language) -> str:
        """Return the message: what happened, what it means, what mends it."""
        return say(language, self.key, **self.values)


class UsageError(SpyhopError):
    """The request cannot be carried out as it stands."""


class SettingsError(SpyhopError):
    """A setting or a prompt file says something that cannot be."""


class NoEdit(SpyhopError):  # noqa: N818 - an outcome with a reason, and named as one
    """The model gave no usable edit; nothing was changed."""


class ModelError(SpyhopError):
    """The model cannot be reached, is not there, or broke off."""


def _again(kind: type[SpyhopError], key: str, values: dict[str, Value]) -> SpyhopError:
    """Return an error as it was in the process that it comes from."""
    error = kind.__new__(kind, key, values)
    SpyhopError.__init__(error, key, **values)
    return error
