"""Between chats and those who show them: the service that they call, and what it needs of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from spyhop.core.positions import Source
from spyhop.messages import Notice


class ChatPort(Protocol):
    """The service of chats as a transport sees it: everything is JSON. One loop, no threads."""

    async def call(self, method: str, params: Any) -> dict[str, Any]:
        """Carry out a request of `protocol.METHODS` and return its result.

        Raises:
            SpyhopError: it cannot be; the message is for the user.
        """
        ...

    def follow(self, after: int) -> AsyncGenerator[dict[str, Any], None]:
        """Yield every event behind the one that has the number ``after``, for ever.

        It yields those that have been at once and then waits. Where some of them are forgotten, or
        another process has counted them, a `Reset` comes first. It ends with the service.
        """
        ...

    @property
    def seq(self) -> int:
        """The number of the last event."""
        ...


@dataclass(frozen=True, slots=True)
class LiveText:
    """A file as the user sees it: in the editor where it is open there, else on disk."""

    uri: str
    path: str
    """As prompts and people read it."""
    language: str
    """LSP's identifier; empty where it is unknown."""
    source: Source


@dataclass(frozen=True, slots=True)
class Proposed:
    """New lines for the lines ``base`` of a file."""

    uri: str
    source: Source
    """The text that the lines are counted in."""
    first: int
    """0-based; the first of the lines."""
    base: tuple[str, ...]
    """The lines as they are; empty: the new ones go before the line ``first``."""
    lines: tuple[str, ...]
    title: str
    """How the user knows the edit."""
    warnings: tuple[Notice, ...] = ()


class Workspace(Protocol):
    """The user's files, as the owner of a transport can reach them.

    No path outside the workspace's folders is ever read or written, unless the user has it open or
    has named it. Links count as what they point to.
    """

    async def read(self, uri: str) -> LiveText | None:
        """Return a file as it is now; None where there is none.

        Raises:
            UsageError: it is no text, too large, or none of the workspace's.
        """
        ...

    async def uris(self) -> Sequence[tuple[str, str]]:
        """Return URI and path of the files that can be mentioned: open ones first."""
        ...

    async def open_uris(self) -> Sequence[str]:
        """Return the URIs of the files that the user has open, the one used last first."""
        ...

    async def diff(self) -> str:
        """Return what Git's working tree has changed; empty where nothing is.

        Raises:
            UsageError: there is no Git, or no repository.
        """
        ...

    async def propose(self, proposed: Proposed) -> None:
        """Show new lines for lines of a file as an edit, which the user accepts or rejects.

        Raises:
            SpyhopError: it cannot be shown.
        """
        ...

    async def insert(self, text: str) -> None:
        """Put ``text`` where the user's cursor is.

        Raises:
            SpyhopError: nobody knows where that is.
        """
        ...

    async def create(self, path: str, text: str) -> str:
        """Make a new file below the workspace's folder and return its URI.

        Raises:
            UsageError: there is such a file, or the path leads out of the workspace.
        """
        ...
