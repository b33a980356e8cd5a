"""What comes of an answer that was to change nothing but comments."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Annotated:
    """A selection with the comments of an answer, and of the answer's code nothing."""

    lines: tuple[str, ...]
    kept: int
    """How many comments of the answer are in ``lines``; several in a row count one by one."""
    dropped: int
    """How many comments of the answer had no safe place."""
    code_changed: bool
    """The answer also changed code, or comments that tools read; that was left out."""
    checked: bool
    """A grammar told code and comments apart; without one, that is a guess, made with care."""
