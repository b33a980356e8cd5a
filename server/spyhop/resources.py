"""Where data files are: those that ship, in the package or the checkout, and the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import platformdirs

_PACKAGE: Final = Path(__file__).parent
_CHECKOUT: Final = _PACKAGE.parents[1]


def prompts() -> Path:
    """Return the folder of the shipped prompt files."""
    return _find("prompts", "prompts")


def prompt_folders(*projects: Path) -> list[Path]:
    """Return the folders of prompt files: those that ship, the user's, each project's."""
    user = Path(platformdirs.user_config_dir("spyhop", appauthor=False)) / "prompts"
    return [prompts(), user, *(project / ".spyhop" / "prompts" for project in projects)]


def examples() -> Path:
    """Return the folder of the examples that the demo edits copies of."""
    return _find("examples", "examples")


def chat_page() -> Path:
    """Return the folder of the chat page's built files."""
    return _find("chat_page", "extension/chat/built")


def standin() -> Path:
    """Return the stand-in model's GGUF file. It knows the demo by heart and is of no other use."""
    return _find("standin/standin.gguf", "tests/standin/standin.gguf")


def _find(packaged: str, checkout: str) -> Path:
    installed = _PACKAGE / packaged
    return installed if installed.exists() else _CHECKOUT / checkout
