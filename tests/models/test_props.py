"""What llama.cpp's server tells, in people's words."""

from __future__ import annotations

import pytest

from spyhop.models.props import counted


@pytest.mark.parametrize(
    ("parameters", "shown"),
    [
        (671_026_419_200, "671.0B"),
        (7_615_616_512, "7.6B"),
        (494_032_768, "494M"),
        (457_152, "457152"),
    ],
)
def test_parameters_are_counted_as_names_tell_them(parameters: int, shown: str) -> None:
    assert counted(parameters) == shown
