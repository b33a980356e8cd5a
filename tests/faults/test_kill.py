"""The server killed at any message of an edit, and what the next one makes of the document.

The document is never anything but a text that the user was shown, whole: the original, the
proposal, or the proposal with a hunk rejected. Where the proposal stands, it can still be accepted
or rejected, and rejecting gives the original's bytes.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

import pytest

from crash import dying
from lsp_client import Client, position, serving
from spyhop.models.scripted import ScriptedOllama, reply

pytestmark = pytest.mark.anyio

KILLS: Final = 50
# Starting a server is most of the work, and one has two cores to do it on.
AT_ONCE: Final = 4
TEXT: Final = "a = 1\r\nb = 2\r\nc = '🐋'\r\nd = 4"
ANSWER: Final = "</think>\n```python\na = 10\nb = 2\nc = '🐋'\nd = 40\n```"
EDITED: Final = TEXT.replace("1", "10").replace("4", "40")
HALF: Final = TEXT.replace("4", "40")
VERDICTS: Final[dict[str, list[tuple[str, str | None]]]] = {
    "accept all": [("spyhop.accept", None)],
    "reject all": [("spyhop.reject", None)],
    "one by one": [("spyhop.reject", "1"), ("spyhop.accept", "2")],
    "none": [],
}


@dataclass
class Case:
    """One life and death."""

    seed: int
    folder: Path
    url: str
    killed_at: int | None = None
    answered: list[str] = field(default_factory=list)
    """The verdicts whose answer came."""
    asked: list[str] = field(default_factory=list)

    def random(self, what: str) -> Random:
        return Random(f"{what} {self.seed}")  # noqa: S311 - the same at every run

    @property
    def verdict(self) -> str:
        return list(VERDICTS)[self.seed % len(VERDICTS)]

    @property
    def editor_lives(self) -> bool:
        """Whether the editor outlives the server; else the next one opens what was saved."""
        return self.seed % 5 != 0

    @property
    def file(self) -> Path:
        return self.folder / "a.py"

    @property
    def uri(self) -> str:
        return self.file.as_uri()

    @property
    def env(self) -> dict[str, str]:
        home = str(self.folder)
        return os.environ | dict.fromkeys(("HOME", "XDG_STATE_HOME", "LOCALAPPDATA"), home)

    def save(self, client: Client) -> None:
        self.file.write_bytes(client.documents[self.uri].text.encode())

    async def begin(self, client: Client, text: str) -> None:
        client.settings = {"spyhop": {"url": self.url}}
        await client.initialize()
        client.open(self.uri, text)

    async def live(self, client: Client) -> None:
        """Have the document edited and speak a verdict, saving it now and then."""
        await self.begin(client, TEXT)
        range_ = {"start": position(TEXT, 0), "end": position(TEXT, len(TEXT))}
        argument = {"uri": self.uri, "range": range_, "instruction": "times ten"}
        await client.command("spyhop.edit", argument)
        await client.message("workspace/applyEdit")
        await client.lenses(self.uri)
        if self.seed % 3 == 0:
            self.save(client)
        for command, hunk in VERDICTS[self.verdict]:
            name = command.removeprefix("spyhop.")
            self.asked.append(name)
            await client.command(command, {"editId": "1", "hunkId": hunk})
            self.answered.append(name)
        await client.lenses(self.uri)
        self.save(client)

    async def die(self) -> str:
        """Live until the kill, and return the text that the editor, or the disk, has then."""
        self.file.write_bytes(TEXT.encode())
        async with dying(self.env) as client:
            client.last_message = self.killed_at
            living = asyncio.create_task(self.live(client))
            death = asyncio.create_task(client.process.wait())
            await asyncio.wait({living, death}, return_when=asyncio.FIRST_COMPLETED)
        living.cancel()
        await asyncio.gather(living, death, return_exceptions=True)
        document = client.documents.get(self.uri)
        if document is None or not self.editor_lives:
            return self.file.read_bytes().decode()
        return document.text

    async def check(self, text: str) -> None:
        """See what the next server makes of the text."""
        assert text in {TEXT, EDITED, HALF}
        async with serving(env=self.env) as client:
            await self.begin(client, text)
            hunks = {
                lens["arguments"][0].get("hunkId") for _, _, lens in await client.lenses(self.uri)
            } - {None}
            assert client.messages("workspace/applyEdit") == []
            if text == TEXT:
                assert hunks == set()
                return
            # A file saved before a verdict that the editor did not outlive is settled all the same.
            if "accept" not in self.asked and (self.editor_lives or not self.asked):
                assert hunks == ({"1", "2"} if text == EDITED else {"2"})
            if "accept" in self.answered:
                assert hunks <= ({"1"} if text == EDITED else set())
            for hunk in sorted(hunks):
                await client.command("spyhop.reject", {"editId": "1", "hunkId": hunk})
            expected = {frozenset("12"): TEXT, frozenset("2"): TEXT, frozenset("1"): HALF}
            now = client.documents[self.uri].text
            assert now == expected.get(frozenset(hunks), text)
            assert await client.lenses(self.uri) == []


# A hundred servers are started, one after another where there is one core.
@pytest.mark.timeout(600)
async def test_whenever_the_server_is_killed_the_document_is_whole_and_the_choice_remains(
    tmp_path: Path,
) -> None:
    with ScriptedOllama([reply(ANSWER)]) as ollama:
        lengths: dict[str, int] = {}
        for seed in range(len(VERDICTS)):
            case = Case(seed, tmp_path / f"whole-{seed}", ollama.url)
            case.folder.mkdir()
            async with dying(case.env) as client:
                await case.live(client)
            lengths[case.verdict] = client.messages_so_far
        turns = asyncio.Semaphore(AT_ONCE)

        async def run(seed: int) -> str:
            case = Case(seed, tmp_path / str(seed), ollama.url)
            case.folder.mkdir()
            case.killed_at = case.random("kill").randint(1, lengths[case.verdict])
            async with turns:
                text = await case.die()
                try:
                    await case.check(text)
                except AssertionError as error:
                    return f"{case} {text!r}: {error}"
            return ""

        failures = await asyncio.gather(*(run(seed) for seed in range(KILLS)))
    assert [it for it in failures if it] == []
