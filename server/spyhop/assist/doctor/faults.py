"""A fault of a model as a check shows it: what is the case, and apart from it what mends it."""

from __future__ import annotations

from typing import Final

from spyhop.assist.doctor.checks import Check, Fact, Name
from spyhop.errors import SpyhopError
from spyhop.messages import Notice

# Where an error's own words hold both, these say them in two.
_SPLIT: Final[dict[str, tuple[str, str]]] = {
    "ollama-unreachable": ("doctor-no-ollama", "doctor-mend-no-ollama"),
    "openai-unreachable": ("doctor-no-server", "doctor-mend-no-server"),
    "ollama-no-model": ("doctor-no-model", "doctor-mend-pull"),
    "ollama-no-model-near": ("doctor-no-model", "doctor-mend-near"),
    "ollama-no-model-spelling": ("doctor-no-model", "doctor-mend-spelling"),
    "ollama-misspelt": ("doctor-no-model", "doctor-mend-misspelt"),
    "ollama-no-r1": ("doctor-no-r1", "doctor-mend-pull-r1"),
    "openai-no-model": ("doctor-no-model-known", "doctor-mend-name"),
    "openai-which": ("doctor-which", "doctor-mend-name"),
    "host-unknown": ("doctor-no-host", "doctor-mend-url"),
    "key-missing": ("doctor-no-key", "doctor-mend-key"),
    "key-refused": ("doctor-wrong-key", "doctor-mend-key"),
    "embedded-missing": ("doctor-no-engine", "doctor-mend-engine"),
}


def failed(name: Name, error: SpyhopError, facts: dict[str, Fact] | None = None) -> Check:
    """Return the check that ``error`` makes fail."""
    message, mend = told(error)
    return Check(name, "failed", message, mend, {"error": error.key, **(facts or {})})


def told(error: SpyhopError) -> tuple[Notice, Notice | None]:
    """Return what is the case, and what mends it where that is apart."""
    if keys := _SPLIT.get(error.key):
        what, mend = keys
        return Notice.of(what, **error.values), Notice.of(mend, **error.values)
    return Notice.of(error.key, **error.values), None
