"""Files and symbols by a few letters of their names."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from spyhop.assist.chat.port import LiveText, Workspace
from spyhop.assist.chat.protocol import Mention
from spyhop.errors import SpyhopError
from spyhop.sessions.chats.values import Lines
from spyhop.syntax.outline import Outline, read_outline

MOST: Final = 50
"""How many mentions are offered."""


class Mentions:
    """Looks names up; the outlines of open files are kept while their texts are the same."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._outlines: dict[str, Outline] = {}

    async def find(self, query: str) -> list[Mention]:
        """Return the files, and the symbols of open files, that ``query`` may mean, nearest first.

        Without a query: the files, those that are open first.
        """
        files = [
            Mention(kind="file", name=PurePosixPath(path).name, path=path, uri=uri)
            for uri, path in await self._workspace.uris()
        ]
        if not query.strip():
            return files[:MOST]
        symbols = await self._symbols()
        return await asyncio.to_thread(nearest, query, [*files, *symbols])

    async def _symbols(self) -> list[Mention]:
        found: list[Mention] = []
        outlines: dict[str, Outline] = {}
        for uri in await self._workspace.open_uris():
            try:
                live = await self._workspace.read(uri)
            except SpyhopError:
                continue
            if live is None:
                continue
            outline = self._outlines.get(uri)
            if outline is None or outline.text != live.source.text:
                outline = await asyncio.to_thread(read_outline, live.language, live.source.text)
            outlines[uri] = outline
            found += _declared(live, outline)
        self._outlines = outlines
        return found


def nearest(query: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions whose name or path has the letters of ``query`` in their order.

    Those come first whose name is the query, begins with it, or holds it; then the shorter ones.
    """
    letters = "".join(query.lower().split())
    ranked = [
        (rank, len(it.name), place, it)
        for place, it in enumerate(mentions)
        if (rank := _rank(letters, it)) is not None
    ]
    ranked.sort(key=lambda found: found[:3])
    return [it for *_, it in ranked[:MOST]]


def _rank(letters: str, mention: Mention) -> int | None:
    name, path = mention.name.lower(), mention.path.lower()
    if name == letters:
        return 0
    if name.startswith(letters):
        return 1
    if letters in name:
        return 2
    if mention.kind == "file" and letters in path:
        return 3
    if _in_order(letters, name):
        return 4
    return 5 if mention.kind == "file" and _in_order(letters, path) else None


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


def _declared(live: LiveText, outline: Outline) -> list[Mention]:
    return [
        Mention(
            kind="symbol",
            name=one.name,
            path=live.path,
            uri=live.uri,
            range=Lines(
                start=live.source.line_at(one.span.start),
                end=live.source.line_at(max(one.span.start, one.span.end - 1)) + 1,
            ),
        )
        for one in outline.declarations
        if one.name
    ]
