"""Code blocks of answers: applied to files as edits are, put into new files, or at the cursor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from spyhop.assist.answer import offer_of
from spyhop.assist.chat.attaching import found
from spyhop.assist.chat.placing import Placing, Why, place_block
from spyhop.assist.chat.port import LiveText, Proposed, Workspace
from spyhop.assist.chat.protocol import Applied, ApplyParams, NewFileParams, OfBlock, Place
from spyhop.assist.edit import faults_of
from spyhop.assist.material import material_for
from spyhop.core.code_names import file_above, file_in_first_line, file_in_info, matching
from spyhop.core.fences import (
    Block,
    Closed,
    Code,
    FenceScanner,
    Opened,
    Prose,
    fence_for,
)
from spyhop.core.lines import common_end, end_of, is_blank, split_lines
from spyhop.core.positions import Source, Span
from spyhop.errors import NoEdit, SpyhopError, UsageError
from spyhop.languages import info_string
from spyhop.messages import Notice
from spyhop.sessions.chats.conversation import Conversation
from spyhop.sessions.chats.values import Lines, Turn

Runner: TypeAlias = Callable[..., Awaitable[Any]]
_TITLE: Final = 60


@dataclass(frozen=True, slots=True)
class Found:
    """A code block of an answer, and the lines of prose above it."""

    block: Block
    above: tuple[str, ...]

    @property
    def code(self) -> list[str]:
        """Its lines, without one that only names the file."""
        lines = self.block.lines
        return lines[1:] if lines and file_in_first_line(lines[0]) else lines


class Blocks:
    """What can be done with code blocks; ``run`` carries out, elsewhere, what takes long."""

    def __init__(self, workspace: Workspace, run: Runner) -> None:
        self._workspace = workspace
        self._run = run

    async def apply(
        self, conversation: Conversation, params: ApplyParams
    ) -> tuple[Applied, list[Notice]]:
        """Propose a block where it belongs, or tell where it may; never guess.

        Raises:
            SpyhopError: the block, or the file, is not there; nothing usable is in it.
        """
        it = block_of(conversation, params)
        if params.place is not None:
            live = await self._workspace.read(params.place.uri)
            if live is None:
                raise UsageError("file-missing", path=params.place.uri)
            lines = params.place.range
            place = _place(live, lines, "attached")
        else:
            places, is_certain = await self._places(conversation, params, it)
            if not is_certain:
                return Applied(state="ask", places=tuple(places)), []
            place = places[0]
            live = await self._workspace.read(place.uri)
            if live is None:
                raise UsageError("file-missing", path=place.path)
            lines = place.range
        proposed = await self._run(proposal_of, it, live, lines)
        await self._workspace.propose(proposed)
        return Applied(state="proposed", places=(place,)), [*proposed.warnings]

    async def new_file(self, conversation: Conversation, params: NewFileParams) -> str:
        """Make a file with a block in it and return its URI.

        Raises:
            UsageError: there is such a file, or the path leads out of the workspace.
        """
        it = block_of(conversation, params)
        text = "".join(it.code)
        end = "" if not text or end_of(text) else "\n"
        return await self._workspace.create(params.path, text + end)

    async def insert(self, conversation: Conversation, params: OfBlock) -> None:
        """Put a block where the cursor is.

        Raises:
            SpyhopError: nobody knows where that is.
        """
        await self._workspace.insert("".join(block_of(conversation, params).code))

    async def _places(
        self, conversation: Conversation, params: OfBlock, it: Found
    ) -> tuple[list[Place], bool]:
        files, is_named = await self._files(conversation, params, it)
        offered: list[Place] = []
        certain: list[Place] = []
        for live in files:
            attached = _attached(conversation, params, live)
            placing: Placing = await self._run(
                place_block, it.code, live.language, live.source, attached
            )
            places = [_place(live, spot.lines, spot.why) for spot in placing.spots]
            offered += places
            if placing.is_certain:
                certain.append(places[0])
        if len(certain) == 1 and (is_named or len(files) == 1 or certain[0].why != "alike"):
            rest = [place for place in offered if place != certain[0]]
            return [certain[0], *rest], True
        return [*certain, *(it for it in offered if it not in certain)], False

    async def _files(
        self, conversation: Conversation, params: OfBlock, it: Found
    ) -> tuple[list[LiveText], bool]:
        """Return the files that a block may be for, and whether the answer names its file."""
        attached = _attached_uris(conversation, params)
        lines = it.block.lines
        for name in (
            file_in_info(it.block.info),
            file_in_first_line(lines[0]) if lines else None,
            file_above(it.above),
        ):
            if name is None:
                continue
            uris = dict(await self._workspace.uris())
            named = [uri for uri, path in uris.items() if path in matching(name, [*uris.values()])]
            meant = [uri for uri in named if uri in attached] or named
            if meant:
                return await self._read(meant), True
            if name in {file_in_info(it.block.info), file_in_first_line(lines[0])}:
                # It is a new file.
                return [], True
        return await self._read(attached or await self._workspace.open_uris()), False

    async def _read(self, uris: Sequence[str]) -> list[LiveText]:
        files: list[LiveText] = []
        for uri in dict.fromkeys(uris):
            try:
                live = await self._workspace.read(uri)
            except SpyhopError:
                continue
            if live is not None:
                files.append(live)
        return files


def block_of(conversation: Conversation, params: OfBlock) -> Found:
    """Return a code block of an answer.

    Raises:
        UsageError: there is none of this number.
    """
    blocks = blocks_in(conversation.turn(params.turn_id).text)
    if params.block >= len(blocks):
        raise UsageError("chat-no-block", number=params.block + 1)
    return blocks[params.block]


def blocks_in(answer: str) -> list[Found]:
    """Return the code blocks of an answer, in order."""
    scanner = FenceScanner()
    blocks: list[Found] = []
    prose: list[str] = []
    for event in [*scanner.feed(answer), *scanner.finish()]:
        match event:
            case Prose(text):
                prose.append(text)
            case Opened(info, fence):
                blocks.append(Found(Block(info, fence=fence), tuple(prose)))
                prose = []
            case Code(text):
                blocks[-1].block.lines.append(text)
            case Closed():
                blocks[-1].block.closed = True
    return blocks


def proposal_of(it: Found, live: LiveText, lines: Lines) -> Proposed:
    """Return what a block proposes for lines of a file; takes long for a long file.

    What an edit's answer goes through, it goes through.

    Raises:
        NoEdit: it is nothing that can be taken.
    """
    source = live.source
    count = end_line(source)
    first, end = min(lines.start, count), min(max(lines.start, lines.end), count)
    span = source.lines_span(first, end - 1) if end > first else _before(source, first)
    material = material_for(source, span, live.path, live.language, "")
    code = it.code
    if all(map(is_blank, code)):
        raise NoEdit("no-edit-empty")
    text = "".join(code)
    fence = fence_for(text)
    closing = "" if end_of(code[-1]) else "\n"
    answer = f"{fence}{info_string(live.language)}\n{text}{closing}{fence}\n"
    offer = offer_of(answer, material)
    new = list(offer.lines)
    warnings = [notice for notice in offer.notices if notice.key != "warn-unfenced"]
    if faults := faults_of(new, material):
        warnings.append(Notice.of("warn-syntax", line=faults[0].line + 1, text=faults[0].text))
    base = split_lines(source.text[span.start : span.end])
    if not base and first == count and first:
        first, base, new = _behind_last_line(source, first, new)
    title = next((line.strip() for line in code if not is_blank(line)), "")[:_TITLE]
    return Proposed(live.uri, source, first, tuple(base), tuple(new), title, tuple(warnings))


def end_line(source: Source) -> int:
    """Return how many lines an editor would number: a final newline begins none."""
    return source.line_count - (not source.line(source.line_count - 1))


def _before(source: Source, line: int) -> Span:
    start = source.line_span(line).start
    return Span(start, start)


def _behind_last_line(
    source: Source, first: int, new: Sequence[str]
) -> tuple[int, list[str], list[str]]:
    """Return new lines behind the last one, set apart, as a change of the last line."""
    last = source.line(first - 1)
    end = common_end(source.text)
    ended = last if end_of(last) else last + end
    gap = [] if is_blank(last) else [end]
    lines = [line if end_of(line) else line + end for line in new]
    return first - 1, [last], [ended, *gap, *lines]


def _place(live: LiveText, lines: Lines, why: Why) -> Place:
    first_line = live.source.line(lines.start).strip()[:_TITLE] if lines.end > lines.start else ""
    return Place(uri=live.uri, path=live.path, range=lines, why=why, first_line=first_line)


def _messages_before(conversation: Conversation, params: OfBlock) -> list[Turn]:
    """Return the user's turns before an answer, the last one first."""
    before: list[Turn] = []
    for turn in conversation.turns:
        if turn.id == params.turn_id:
            break
        if turn.role == "user":
            before.append(turn)
    return before[::-1]


def _attached_uris(conversation: Conversation, params: OfBlock) -> list[str]:
    """Return the files of the last message before an answer that had any."""
    for turn in _messages_before(conversation, params):
        if uris := [it.uri for it in turn.attachments if it.uri]:
            return list(dict.fromkeys(uris))
    return []


def _attached(conversation: Conversation, params: OfBlock, live: LiveText) -> list[Lines]:
    """Return where the lines of a file that were shown stand now, each once."""
    spots: list[Lines] = []
    for turn in _messages_before(conversation, params):
        for it in turn.attachments:
            if it.uri == live.uri and it.kind == "selection" and it.range is not None:
                now = found(it.text, live.source.text, it.range)
                if now is not None and now not in spots:
                    spots.append(now)
        if spots:
            break
    return spots
