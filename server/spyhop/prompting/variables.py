"""What each kind of prompt file may hold."""

from __future__ import annotations

from typing import Final

from spyhop.prompting.template import Kind

_EDIT: Final = frozenset(
    {
        "path",
        "language",
        "fence",
        "before",
        "selection",
        "after",
        "insertion",
        "diagnostics",
        "instruction",
        "comment_language",
    }
)
VARIABLES: Final[dict[Kind, frozenset[str]]] = {
    "edit": _EDIT,
    "comment": _EDIT,
    "answer": _EDIT,
    "repair": frozenset({"fence", "language", "line"}),
    "complete": frozenset(
        {"path", "language", "fence", "imports", "snippets", "edits", "heads", "after"}
    ),
    "chat": frozenset({"attachments", "message", "example", "answer_language"}),
}
"""The names of the variables, by the kind."""
