"""How a process's end is told."""

from __future__ import annotations

import pytest

from spyhop.models.embedded.process import end_of


@pytest.mark.parametrize(
    ("code", "told"),
    [(-9, "SIGKILL"), (-6, "SIGABRT"), (-200, "-200"), (3, "3"), (0xC0000005, "0xC0000005")],
)
def test_an_end_is_a_signal_or_a_status(code: int, told: str) -> None:
    assert end_of(code) == told
