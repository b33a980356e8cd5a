"""The data files that ship with Spyhop: in the package when installed, else in the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parent
_CHECKOUT: Final = _PACKAGE.parents[1]


def prompts() -> Path:
    """Return the folder of the shipped prompt files."""
    return _find("prompts", "prompts")


def examples() -> Path:
    """Return the folder of the examples that the demo edits copies of."""
    return _find("examples", "examples")


def standin() -> Path:
    """Return the stand-in model's GGUF file. It knows the demo by heart and is of no other use."""
    return _find("standin/standin.gguf", "tests/standin/standin.gguf")


def _find(packaged: str, checkout: str) -> Path:
    installed = _PACKAGE / packaged
    return installed if installed.exists() else _CHECKOUT / checkout
