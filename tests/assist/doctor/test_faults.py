"""Faults in two: what is the case, and what mends it."""

from __future__ import annotations

from typing import Final

import pytest

from spyhop.assist.doctor import faults
from spyhop.assist.doctor.faults import failed, told
from spyhop.messages import LANGUAGES, Value, catalog, say
from spyhop.models.errors import ModelFailed, ModelUnavailable

VALUES: Final[dict[str, Value]] = {
    name: f"<{name}>"
    for name in ("url", "why", "model", "installed", "known", "path", "status", "pull", "near")
}


@pytest.mark.parametrize("key", faults._SPLIT)  # noqa: SLF001 - its every entry
def test_an_error_in_two_says_what_it_says_in_one(key: str) -> None:
    error = ModelUnavailable(key, retry=None, **VALUES)
    message, mend = told(error)
    assert mend
    for language in LANGUAGES:
        assert say(language, key, **VALUES)
        parts = message.say(language), mend.say(language)
        assert all(parts)
        assert parts[0] != parts[1]


def test_any_other_error_says_its_own_words() -> None:
    error = ModelFailed("model-fault", url="http://x", why="no memory")
    check = failed("answer", error)
    assert check.message.say("en") == str(error)
    assert check.mend is None
    assert (check.state, check.facts["error"]) == ("failed", "model-fault")


def test_every_key_has_words() -> None:
    assert set(faults._SPLIT) <= set(catalog("en"))  # noqa: SLF001
