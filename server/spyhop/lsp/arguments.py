"""The arguments of our commands, read from whatever JSON a client sends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from lsprotocol import types

from spyhop.errors import UsageError

_EDIT: Final = "{uri, range, instruction?, preset?, diagnostics?}"


@dataclass(frozen=True, slots=True)
class EditArguments:
    """``{uri, range, instruction?, preset?, diagnostics?}``: what to do with which lines.

    Positions are as the client counts them.
    """

    uri: str
    range: types.Range
    instruction: str | None = None
    preset: str | None = None
    diagnostics: tuple[str, ...] = ()
    """Problems reported in the range, one text each."""

    @classmethod
    def read(cls, value: Any, command: str) -> EditArguments:
        """Read the arguments of ``command``.

        Raises:
            UsageError: they are not what the command takes.
        """
        try:
            range_ = types.Range(
                _position(value["range"]["start"]), _position(value["range"]["end"])
            )
            diagnostics = tuple(value.get("diagnostics") or ())
            arguments = cls(
                value["uri"], range_, value.get("instruction"), value.get("preset"), diagnostics
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise _bad(command, _EDIT) from error
        texts = (arguments.uri, arguments.instruction or "", arguments.preset or "", *diagnostics)
        if not all(isinstance(text, str) for text in texts):
            raise _bad(command, _EDIT)
        return arguments


@dataclass(frozen=True, slots=True)
class HunkArguments:
    """``{editId, hunkId?}``: a hunk of an edit, or all of its pending ones."""

    edit_id: str
    hunk_id: str | None = None

    @classmethod
    def read(cls, value: Any, command: str) -> HunkArguments:
        """Read the arguments of ``command``.

        Raises:
            UsageError: they are not what the command takes.
        """
        if not isinstance(value, dict) or not isinstance(value.get("editId"), str | int):
            raise _bad(command, "{editId, hunkId?}")
        hunk_id = value.get("hunkId")
        return cls(str(value["editId"]), None if hunk_id is None else str(hunk_id))


@dataclass(frozen=True, slots=True)
class CompletionArguments:
    """``{uri, id}``: a completion that was offered in a document."""

    uri: str
    id: int

    @classmethod
    def read(cls, value: Any, command: str) -> CompletionArguments:
        """Read the arguments of ``command``, from a table or what a notification is read into.

        Raises:
            UsageError: they are not what the command takes.
        """
        get = value.get if isinstance(value, dict) else partial(getattr, value)
        uri, id_ = get("uri", None), get("id", None)
        if not isinstance(uri, str) or not isinstance(id_, int):
            raise _bad(command, "{uri, id}")
        return cls(uri, id_)


@dataclass(frozen=True, slots=True)
class DoctorArguments:
    """``{quick?}``, or nothing: with ``quick`` nothing is generated."""

    quick: bool = False

    @classmethod
    def read(cls, value: Any, command: str) -> DoctorArguments:
        """Read the arguments of ``command``.

        Raises:
            UsageError: they are not what the command takes.
        """
        options = {} if value is None else value
        if not isinstance(options, dict):
            raise _bad(command, "{quick?}")
        quick = options.get("quick") or False
        if not isinstance(quick, bool):
            raise _bad(command, "{quick?}")
        return cls(quick)


@dataclass(frozen=True, slots=True)
class PullArguments:
    """``{model?}``: a model to pull; without a name, the one that the settings name."""

    model: str | None = None

    @classmethod
    def read(cls, value: Any, command: str) -> PullArguments:
        """Read the arguments of ``command``, which may have none.

        Raises:
            UsageError: they are not what the command takes.
        """
        model = value.get("model") if isinstance(value, dict) else value
        if (value is not None and not isinstance(value, dict)) or not isinstance(model, str | None):
            raise _bad(command, "{model?}")
        return cls((model or "").strip() or None)


def _position(value: Any) -> types.Position:
    line, character = value["line"], value["character"]
    if not isinstance(line, int) or not isinstance(character, int):
        raise TypeError
    return types.Position(max(0, line), max(0, character))


def _bad(command: str, expected: str) -> UsageError:
    return UsageError("bad-arguments", command=command, expected=expected)
