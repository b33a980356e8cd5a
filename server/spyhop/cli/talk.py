"""A chat at the terminal: what the user types, and the answers as they come."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from rich.text import Text as Styled

from spyhop.assist.chat.blocks import blocks_in
from spyhop.assist.chat.service import ChatService
from spyhop.assist.reading import Thinking
from spyhop.cli.console import ProgressView, Screen, write_bytes
from spyhop.cli.edit import take
from spyhop.cli.keys import answer_key
from spyhop.cli.review import review
from spyhop.cli.workspace import CommandWorkspace
from spyhop.core.anchors import apply_all
from spyhop.core.diff import diff
from spyhop.core.lines import split_lines
from spyhop.core.visible import visible
from spyhop.errors import SpyhopError, UsageError
from spyhop.models.router import Router
from spyhop.prompting.library import Library

_PROMPT: Final = "> "


@dataclass
class Talk:
    """A chat with a user at a terminal, or with a pipe."""

    service: ChatService
    router: Router
    workspace: CommandWorkspace
    library: Library
    screen: Screen
    chat_id: str
    show_thinking: bool
    answer: dict[str, Any] = field(default_factory=dict)
    """The last answer's turn."""
    _asked: asyncio.Task[None] | None = None
    """Asks for the answer; the loop keeps only weak references."""

    def carry(self, runner: asyncio.Runner, message: str, prompt: str) -> bool:
        """Ask what is to be asked first, then what the user types.

        Returns whether the answer is one, where nobody is there to ask on.

        Raises:
            SpyhopError: nothing is asked, or it cannot be.
        """
        if message or prompt:
            runner.run(self.ask(message, prompt))
            if not self.screen.interactive:
                return bool(self.answer.get("state") == "done")
        elif not self.screen.interactive:
            raise UsageError("no-question")
        else:
            self.help()
        while (line := self._typed()) is not None:
            if line.strip():
                try:
                    self._obey(runner, line.strip())
                except SpyhopError as error:
                    self.screen.fail(error)
        return True

    def help(self) -> None:
        """Tell what can be typed."""
        names = ", /".join(preset.name for preset in self.library.presets())
        self.screen.tell("chat-help", prompts=names)

    async def ask(self, text: str, prompt: str = "") -> None:
        """Send a message and show its answer."""
        await self._show("send", text=text, prompt=prompt)

    async def retry(self) -> None:
        """Have the last answer given anew.

        Raises:
            UsageError: there is none.
        """
        if not self.answer:
            raise UsageError("chat-nothing-to-retry")
        await self._show("retry", turnId=self.answer["id"])

    async def apply(self, number: int) -> None:
        """Propose a code block of the last answer where it belongs.

        Raises:
            SpyhopError: there is no such block, or nothing comes of it.
        """
        if not self.answer:
            raise UsageError("chat-no-block", number=number)
        params = {"chatId": self.chat_id, "turnId": self.answer["id"], "block": number - 1}
        applied = await self.service.call("apply", params)
        for warning in applied["warnings"]:
            self.screen.caution(warning)
        if applied["state"] == "ask":
            places = ", ".join(_place(it) for it in applied["places"])
            key = "chat-places" if places else "chat-no-place"
            self.screen.tell(key, places=places)

    async def aclose(self) -> None:
        """End the service."""
        await self.service.aclose()
        await self.router.aclose()

    def _typed(self) -> str | None:
        """Return the next line that the user types; None once they leave."""
        with suppress(ImportError):
            import readline  # noqa: F401, PLC0415 - not there on Windows; it gives input() a history
        while True:
            try:
                return input(_PROMPT)
            except EOFError:
                self.screen.out.print()
                return None
            except KeyboardInterrupt:
                self.screen.out.print()

    def _obey(self, runner: asyncio.Runner, line: str) -> None:
        word, _, rest = line.partition(" ")
        name = word.removeprefix("/")
        if word == "/apply":
            runner.run(self.apply(int(rest) if rest.strip().isdecimal() else 1))
            self._review()
        elif word == "/retry":
            runner.run(self.retry())
        elif word.startswith("/") and name in {it.name for it in self.library.presets()}:
            runner.run(self.ask(rest.strip(), name))
        elif word.startswith("/") and "/" not in name:
            self.help()
        else:
            runner.run(self.ask(line))

    def _review(self) -> None:
        """Ask about each hunk that was proposed, and write those that are taken."""
        proposed, self.workspace.proposed = self.workspace.proposed, None
        if proposed is None:
            return
        file, hunks = proposed
        text = file.source.text
        old = split_lines(text)
        whole = diff(text, apply_all(text, [hunk.change for hunk in hunks]))
        taken = review(self.screen, file.shown, old, whole, self.screen.out.input)
        take(file, old, taken, self.screen)

    async def _show(self, method: str, **params: Any) -> None:
        """Make a request that begins an answer, and show that as it comes."""
        seq = self.service.seq
        sent = await self.service.call(method, {"chatId": self.chat_id, **params})
        view = ProgressView(self.screen, show_thinking=self.show_thinking)
        try:
            with view.watching(), answer_key(self._answer_now if self.screen.interactive else None):
                await self._follow(seq, sent["turnId"], view)
        except asyncio.CancelledError:
            # The user has pressed Ctrl-C: what has come stays, and the chat goes on.
            await self.service.call("stop", {"chatId": self.chat_id})
            self.answer = await self._turn(sent["turnId"])
            self.screen.out.print()
            self.screen.tell("chat-stopped")
            if not self.screen.interactive:
                raise

    def _answer_now(self) -> None:
        async def answer() -> None:
            with suppress(UsageError):
                await self.service.call("answerNow", {"chatId": self.chat_id})

        self._asked = asyncio.get_running_loop().create_task(answer())

    async def _follow(self, seq: int, turn_id: str, view: ProgressView) -> None:
        shown = False
        async with aclosing(self.service.follow(seq)) as events:
            async for event in events:
                match event:
                    case {"kind": "notice", "turnId": id_, "message": message} if id_ == turn_id:
                        view.note(message)
                    case {"kind": "thought", "turnId": id_} if id_ == turn_id:
                        if event["canAnswerNow"] and self.screen.interactive:
                            view.hint()
                        view.show(Thinking(event["tokens"], event["seconds"], event["text"]))
                    case {"kind": "thoughtEnded", "turnId": id_, "thought": thought} if (
                        id_ == turn_id
                    ):
                        view.stop()
                        if self.screen.err.is_terminal:
                            seconds, tokens = int(thought["seconds"]), thought["tokens"]
                            line = self.screen.say("chat-thought", seconds=seconds, tokens=tokens)
                            self.screen.err.print(Styled(line, style="dim"))
                    case {"kind": "text", "turnId": id_, "text": text} if id_ == turn_id:
                        view.stop()
                        self._print(text)
                        shown = True
                    case {"kind": "turnChanged", "turn": turn} if (
                        turn["id"] == turn_id and turn["state"] != "streaming"
                    ):
                        view.stop()
                        self.answer = turn
                        self._end(turn, shown=shown)
                        return

    def _end(self, turn: dict[str, Any], *, shown: bool) -> None:
        if shown:
            self._print("\n")
        for warning in turn["warnings"]:
            self.screen.caution(warning)
        if turn["error"]:
            self.screen.blame(turn["error"])
        if self.screen.interactive and blocks_in(turn["text"]):
            self.help()

    def _print(self, text: str) -> None:
        shown = visible(text) if self.screen.out.is_terminal else text
        write_bytes(shown.encode("utf-8", "replace"))

    async def _turn(self, turn_id: str) -> dict[str, Any]:
        opened = await self.service.call("open", {"chatId": self.chat_id})
        return next((it for it in opened["turns"] if it["id"] == turn_id), {})


def _place(place: dict[str, Any]) -> str:
    start, end = place["range"]["start"] + 1, place["range"]["end"]
    return f"{place['path']}:{start}" + (f"-{end}" if end > start else "")
